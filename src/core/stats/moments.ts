/** What is left of a sample when its values are dropped, and what can still be proven with it. */

/** Number of sessions, sum and sum of squares of their values. */
export interface Moments {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

type Countable =
  | { readonly kind: "values"; readonly values: readonly number[] }
  | { readonly kind: "histogram"; readonly values: readonly number[]; readonly counts: readonly number[] }
  | ({ readonly kind: "moments" } & Moments);

/** The moments of a sample; `change` is applied to each value first and does nothing to a sample that is moments already. */
export function momentsOf(sample: Countable, change: (value: number) => number = (value) => value): Moments {
  if (sample.kind === "moments") return { count: sample.count, sum: sample.sum, squares: sample.squares };
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (const [index, raw] of sample.values.entries()) {
    const times = sample.kind === "histogram" ? (sample.counts[index] ?? 0) : 1;
    const value = change(raw);
    count += times;
    sum += times * value;
    squares += times * value * value;
  }
  return { count, sum, squares };
}

/** A losing factor of a bet on moments stays at or above 1 - this. */
const deepestLoss = 0.75;

/** (ln(1 - c) + c) / c^2, the curvature of the inequality of Fan, Grama and Liu: ln(1 + y) >= y + y^2 * this for y >= -c. */
function fanGramaLiuCurvature(c: number): number {
  if (c < 1e-4) return -0.5 - c / 3;
  return (Math.log1p(-c) + c) / (c * c);
}

/** A bet on a block of which only moments are known; `losing` is the largest loss of one session for a bet of 1. */
export interface MomentBet {
  readonly canary: Moments;
  readonly stable: Moments;
  readonly centre: number;
  readonly wanted: number;
  readonly losing: number;
  readonly ratio: number;
}

function spreadAround(moments: Moments, centre: number): { readonly sum: number; readonly squares: number } {
  return {
    sum: moments.sum - moments.count * centre,
    squares: Math.max(moments.squares - 2 * centre * moments.sum + moments.count * centre * centre, 0),
  };
}

/** Of twenty sizes up to the largest, the one whose bound grows most if the alternative is true: size * effect + curvature * size^2. */
function bestMomentBet(largest: number, bet: MomentBet): { readonly size: number; readonly curvature: number } {
  let best = { size: 0, curvature: 0, growth: 0 };
  for (let step = 1; step <= 20; step += 1) {
    const size = (largest * step) / 20;
    const curvature = fanGramaLiuCurvature(Math.min(size * bet.losing, deepestLoss));
    const growth = size * Math.abs(bet.wanted) + curvature * size * size;
    if (growth > best.growth) best = { size, curvature, growth };
  }
  return best;
}

/**
 * A lower bound of the block's log e-value, hence valid wherever the e-value is (STATISTICS section 3). The bet is made smaller
 * than with values in hand, because the inequality punishes squares more than the logarithm does.
 */
export function leastLogGrowth(bet: MomentBet): number {
  const largest = deepestLoss / Math.max(bet.losing, Number.MIN_VALUE);
  const { size, curvature } = bestMomentBet(Math.min(Math.abs(bet.wanted), largest), bet);
  const lambda = Math.sign(bet.wanted) * size;
  const canary = spreadAround(bet.canary, bet.centre);
  const stable = spreadAround(bet.stable, bet.centre);
  return (
    lambda * canary.sum -
    bet.ratio * lambda * stable.sum +
    curvature * (lambda ** 2 * canary.squares + (bet.ratio * lambda) ** 2 * stable.squares)
  );
}
