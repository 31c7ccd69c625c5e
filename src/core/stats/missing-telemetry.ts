/**
 * Sessions of which no task record arrived. Where they are more, or fewer, on the canary than on stable, every other metric
 * may be painted better than it is: hold and alert, never roll back (STATISTICS section 6).
 */
import { logMixture } from "./log-sum-exp.js";
import { logE } from "./process.js";
import { absorbRate, openRate, type RateState } from "./rate.js";
import type { RateCounts } from "./reverse-projection.js";

/** Above this log e-value telemetry is missing unevenly. */
export const missingTelemetryThreshold = Math.log(1 / 0.001);

/** Plain JSON: the two directions as two rates. */
export interface MissingTelemetryState {
  readonly more: RateState;
  readonly fewer: RateState;
}

/** Nothing seen yet. `tolerance`: a difference of so much (0.01 is one point) is nobody's business. */
export function openMissingTelemetry(tolerance: number): MissingTelemetryState {
  const targets = { fail: missingTelemetryThreshold, pass: missingTelemetryThreshold };
  const opened = openRate({ margin: 0, tolerance, targets, planned: null, history: null });
  return { more: opened, fewer: opened };
}

/** The state after a block; the bad outcomes of `counts` are sessions without metrics. */
export function absorbMissingTelemetry(state: MissingTelemetryState, counts: RateCounts): MissingTelemetryState {
  const measured = {
    canary: counts.canary,
    stable: counts.stable,
    canaryBad: counts.canary - counts.canaryBad,
    stableBad: counts.stable - counts.stableBad,
  };
  return { more: absorbRate(state.more, counts), fewer: absorbRate(state.fewer, measured) };
}

/** ln of the e-value against "telemetry is missing alike in both arms", both directions together. */
export function missingTelemetryLogE(state: MissingTelemetryState): number {
  return logMixture([0.5, 0.5], [logE(state.more).fail, logE(state.fewer).fail]);
}
