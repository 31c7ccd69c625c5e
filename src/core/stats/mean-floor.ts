/**
 * The limit of a mean, such as cost or calls, on one arm: a one-sample betting process against "the mean is at most the limit"
 * (STATISTICS sections 3 and 6; I. Waudby-Smith, A. Ramdas, "Estimating means of bounded random variables by betting",
 * arXiv 2010.09686). Values are cut off first, which never makes a mean larger: what is proven of the cut values holds of all.
 */
import { logMixture } from "./log-sum-exp.js";

/**
 * Values are cut off at so many limits. One session then wins at most ln(1 + 0.75 * 9) = 2.05, so that no single one proves a
 * breach at a level below 1/8; a smaller cut would hide breaches that sit in a long tail.
 */
const capInLimits = 10;

/**
 * What the bets stake on each session, in shares of the limit: 0.75 and down by 2^-0.75 each. A session of value 0 leaves at
 * least 0.25 of what was there. The small bets find a mean a few percent too high, the large ones one that has doubled.
 */
const stakes: readonly number[] = Array.from({ length: 8 }, (_, j) => 0.75 * 2 ** (-0.75 * j));
const shares: readonly number[] = stakes.map(() => 1 / stakes.length);

/** Plain JSON. `limit` in the metric's unit; `sum`: of the values as they came; `capped`: of the values cut off. */
export interface MeanFloorState {
  readonly limit: number;
  readonly level: number;
  readonly bets: readonly number[];
  readonly sessions: number;
  readonly sum: number;
  readonly capped: number;
}

/** A limit that has seen nothing. Throws RangeError unless the limit is positive and the level lies in (0, 1). */
export function openMeanFloor({ limit, level }: { readonly limit: number; readonly level: number }): MeanFloorState {
  if (!(limit > 0 && Number.isFinite(limit)))
    throw new RangeError(`The limit of a mean is a positive number, not ${limit}.`);
  if (!(level > 0 && level < 1)) throw new RangeError(`The level of a floor lies between 0 and 1, not at ${level}.`);
  return { limit, level, bets: stakes.map(() => 0), sessions: 0, sum: 0, capped: 0 };
}

/** Where values are cut off, in the metric's unit. */
export function meanFloorCap({ limit }: Pick<MeanFloorState, "limit">): number {
  return capInLimits * limit;
}

/**
 * The state after one arm's sessions of a block: one known value, at least 0, for each; or as many sessions of each value as `counts`
 * says. Throws RangeError for others.
 */
export function absorbMeanFloor(
  state: MeanFloorState,
  values: readonly number[],
  counts: readonly number[] | null = null,
): MeanFloorState {
  const cap = meanFloorCap(state);
  const bets = [...state.bets];
  let { sum, capped, sessions } = state;
  for (const [at, value] of values.entries()) {
    const times = counts === null ? 1 : (counts[at] ?? 0);
    if (!(value >= 0 && times >= 0)) throw new RangeError(`${times} sessions of ${value} are impossible.`);
    const cut = Math.min(value, cap);
    sum += times * value;
    capped += times * cut;
    sessions += times;
    const gain = cut / state.limit - 1;
    for (const [index, stake] of stakes.entries()) bets[index] = (bets[index] ?? 0) + times * Math.log1p(stake * gain);
  }
  return { ...state, bets, sessions, sum, capped };
}

/** ln of the e-value against "the mean is within its limit". */
export function meanFloorLogE(state: MeanFloorState): number {
  return logMixture(shares, state.bets);
}
