/**
 * The block e-value for rates: the likelihood of an alternative pair of rates against its reverse information projection
 * on the line "canary = stable + shift" (Turner, Ly, Grünwald, arXiv 2106.02693; STATISTICS sections 1 and 2).
 */
/** The pair of bad-outcome rates that is bet on, and the shift that separates canary from stable on the boundary. */
export interface RatePair {
  readonly canary: number;
  readonly stable: number;
  readonly shift: number;
}

/** Sessions and bad outcomes of both arms; bad sums may be fractions, each session's share lying in [0, 1]. */
export interface RateCounts {
  readonly canary: number;
  readonly stable: number;
  readonly canaryBad: number;
  readonly stableBad: number;
}

/** How much each arm counts: sessions of a block, or shares of the traffic. */
export interface ArmWeights {
  readonly canary: number;
  readonly stable: number;
}

/** Halvings alone would find the point in some 60 steps; Newton's takes five or six. */
const mostSteps = 80;

/** The stable rate of the point on the boundary that is nearest to the pair; the canary's is `shift` more. */
export function reverseProjection(weights: ArmWeights, pair: RatePair): number {
  const { canary, stable, shift } = pair;
  const middle = (weights.canary * (canary - shift) + weights.stable * stable) / (weights.canary + weights.stable);
  if (shift === 0) return middle;
  let low = 1e-12;
  let high = 1 - shift - 1e-12;
  let t = Math.min(Math.max(middle, low), high);
  for (let step = 0; step < mostSteps; step += 1) {
    const ofCanary = pull(weights.canary, canary, t + shift);
    const ofStable = pull(weights.stable, stable, t);
    const value = ofCanary.value + ofStable.value;
    if (value > 0) low = t;
    else high = t;
    const newton = t - value / (ofCanary.slope + ofStable.slope);
    // The sum falls, so a step that leaves the bracket is replaced by half of it.
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= 1e-16 || next === t) return next;
    t = next;
  }
  return t;
}

/** How strongly an arm pulls the point towards its own rate, and how that changes along the boundary. */
function pull(weight: number, rate: number, at: number): { readonly value: number; readonly slope: number } {
  const spread = at * (1 - at);
  const value = (weight * (rate - at)) / spread;
  return { value, slope: -weight / spread - (value * (1 - 2 * at)) / spread };
}

/**
 * ln of the block's e-value, 0 where an arm is empty. It tests "canary at most stable + shift" when the pair lies above
 * the boundary (canary - shift > stable) and "canary at least stable + shift" when it lies below; the caller sees to that.
 */
export function rateBlockLogE(counts: RateCounts, pair: RatePair): number {
  if (counts.canary === 0 || counts.stable === 0) return 0;
  const stable = reverseProjection(counts, pair);
  const canary = stable + pair.shift;
  return (
    counts.canaryBad * Math.log(pair.canary / canary) +
    (counts.canary - counts.canaryBad) * Math.log((1 - pair.canary) / (1 - canary)) +
    counts.stableBad * Math.log(pair.stable / stable) +
    (counts.stable - counts.stableBad) * Math.log((1 - pair.stable) / (1 - stable))
  );
}
