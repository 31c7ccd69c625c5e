/**
 * The block e-value for rates: the likelihood of an alternative pair of rates against its reverse information projection
 * on the line "canary = stable + shift" (Turner, Ly, Grünwald, arXiv 2106.02693; STATISTICS sections 1 and 2).
 */
import { bisectFalling } from "./bisect.js";

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

/** The stable rate of the point on the boundary that is nearest to the pair; the canary's is `shift` more. */
export function reverseProjection(weights: ArmWeights, pair: RatePair): number {
  const { canary, stable, shift } = pair;
  if (shift === 0) return (weights.canary * canary + weights.stable * stable) / (weights.canary + weights.stable);
  const slope = (t: number): number =>
    (weights.canary * (canary - t - shift)) / ((t + shift) * (1 - t - shift)) +
    (weights.stable * (stable - t)) / (t * (1 - t));
  return bisectFalling(slope, 1e-12, 1 - shift - 1e-12);
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
