/**
 * How fast evidence grows, in nats for each session of both arms: what the forecast in a plan is made of (STATISTICS
 * section 8).
 */
import { bisectFalling } from "./bisect.js";
import { coinDivergence } from "./divergence.js";
import { reverseProjection } from "./reverse-projection.js";

/** `share`: the canary's share of the sessions; rates of bad outcomes; `shift`: tolerance for FAIL, margin for PASS. */
export interface RateGrowth {
  readonly share: number;
  readonly canary: number;
  readonly stable: number;
  readonly shift: number;
}

/** Nats for each session, for a rate whose true values are the given ones. */
export function rateGrowth(world: RateGrowth): number {
  const { share, canary, stable, shift } = world;
  const weights = { canary: share, stable: 1 - share };
  if (!(share > 0 && share < 1) || stable + shift >= 1) return 0;
  const nearest = reverseProjection(weights, { canary, stable, shift });
  return weights.canary * coinDivergence(canary, nearest + shift) + weights.stable * coinDivergence(stable, nearest);
}

/** Nats for each session, for a mean that is `effect` away from the boundary; `sd`: of the values, cut off at the cap. */
export function meanGrowth(world: { readonly share: number; readonly effect: number; readonly sd: number }): number {
  const { share, effect, sd } = world;
  return (share * (1 - share) * (effect / sd) ** 2) / 2;
}

/** The smallest rise of a rate above stable that grows by at least `growth` a session against `shift`; null if none does. */
export function riseWithGrowth(world: Omit<RateGrowth, "canary"> & { readonly growth: number }): number | null {
  const { share, stable, shift, growth } = world;
  const most = 1 - stable;
  const at = (rise: number): number => rateGrowth({ share, canary: stable + rise, stable, shift });
  if (at(most) < growth) return null;
  return bisectFalling((rise) => growth - at(rise), shift, most);
}

/** The smallest margin that a canary as good as stable proves with at least `growth` a session; null if none does. */
export function marginWithGrowth(world: {
  readonly share: number;
  readonly stable: number;
  readonly growth: number;
}): number | null {
  const { share, stable, growth } = world;
  // The margin has to leave room below 1, or there is no boundary to prove anything about.
  const most = 1 - stable - 1e-6;
  const at = (margin: number): number => rateGrowth({ share, canary: stable, stable, shift: margin });
  if (!(most > 0) || at(most) < growth) return null;
  return bisectFalling((margin) => growth - at(margin), 0, most);
}
