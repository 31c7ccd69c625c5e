/** Rates: one session is one unit, good or bad (or a share in [0, 1] that was bad). STATISTICS sections 1 and 2. */
import { absorbBaseline, type Baseline, baselineRate, leastBaseline, openBaseline } from "./baseline.js";
import { failShifts, passSteps } from "./grid.js";
import { clamp, clampRate, expit, logit, rateFloor } from "./logistic.js";
import {
  advanceProcess,
  type Bets,
  type Gains,
  horizonReach,
  openProcess,
  type Process,
  type Targets,
} from "./process.js";
import { type RateCounts, rateBlockLogE } from "./reverse-projection.js";

/** `margin` and `tolerance` are absolute: 0.05 is five points. `planned`: canary sessions of the stage, null if unknown. */
export interface RateConfig {
  readonly margin: number;
  readonly tolerance: number;
  readonly targets: Targets;
  readonly planned: number | null;
  readonly history: { readonly sessions: number; readonly mean: number } | null;
}

/** Plain JSON: the settings that bets need, the bets' log-values and the stable baseline. */
export interface RateState {
  readonly kind: "rate";
  readonly margin: number;
  readonly tolerance: number;
  readonly targets: Targets;
  readonly process: Process;
  readonly baseline: Baseline;
}

/** A rate metric that has seen nothing. Throws RangeError for a margin or tolerance outside [0, 1). */
export function openRate(config: RateConfig): RateState {
  for (const [name, value] of [
    ["margin", config.margin],
    ["tolerance", config.tolerance],
  ] as const) {
    if (!(value >= 0 && value < 1))
      throw new RangeError(`The ${name} of a rate is a fraction from 0 to below 1, not ${value}.`);
  }
  const { margin, tolerance, targets, history } = config;
  return {
    kind: "rate",
    margin,
    tolerance,
    targets,
    process: openProcess({ planned: config.planned, passHorizon: true }),
    baseline: openBaseline(history === null ? null : { ...history, variance: 0 }),
  };
}

/** Throws RangeError unless the counts are possible: finite, not negative, no more bad outcomes than sessions. */
export function checkRateCounts(counts: RateCounts): void {
  const { canary, stable, canaryBad, stableBad } = counts;
  const possible = canaryBad >= 0 && canaryBad <= canary && stableBad >= 0 && stableBad <= stable;
  if (!possible || !Number.isFinite(canary + stable)) {
    throw new RangeError(
      `A block of ${canary} canary sessions with ${canaryBad} bad and ${stable} stable sessions with ${stableBad} bad is impossible.`,
    );
  }
}

/** The state after a block. `late`: the block belongs to an earlier stage and speaks for FAIL alone. */
export function absorbRate(state: RateState, counts: RateCounts, late = false): RateState {
  checkRateCounts(counts);
  const stable = baselineRate(state.baseline);
  const gains = state.baseline.sessions < leastBaseline ? null : rateGains(state, counts, stable);
  return {
    ...state,
    process: advanceProcess(state.process, gains, { canary: counts.canary, late }),
    baseline: absorbBaseline(state.baseline, {
      sessions: counts.stable,
      sum: counts.stableBad,
      squares: counts.stableBad,
    }),
  };
}

function rateGains(state: RateState, counts: RateCounts, stable: number): Gains {
  const { process, targets } = state;
  return {
    fail: failBets({ process, counts, stable, shift: state.tolerance, target: targets.fail }),
    pass: passBets({ process, counts, stable, margin: state.margin, target: targets.pass }),
  };
}

/** What the FAIL bets of a rate need to know; `shift` is the tolerance. */
export interface FailAim {
  readonly process: Process;
  readonly counts: RateCounts;
  readonly stable: number;
  readonly shift: number;
  readonly target: number;
}

/** What a block adds to the FAIL bets on a rate. */
export function failBets(aim: FailAim): Bets {
  const { process, counts, stable, shift } = aim;
  const edge = stable + shift;
  const from = logit(edge);
  const gain = (canary: number): number =>
    // A bet that does not lie above the boundary would bet for the canary, and prove a fail of a good one.
    canary - shift > stable ? rateBlockLogE(counts, { canary, stable, shift }) : 0;
  const reach = reachOf(aim, edge, process.fail.horizon);
  const inside = clampRate(edge);
  return {
    grid: failShifts.map((h) => gain(expit(from + h))),
    horizon: reach === null ? null : gain(expit(from + clamp(reach / (inside * (1 - inside)), 0.02, 1))),
  };
}

function passBets(aim: Omit<FailAim, "shift"> & { readonly margin: number }): Bets {
  const { process, counts, stable, margin } = aim;
  const edge = stable + margin;
  const gain = (wanted: number): number => {
    const canary = Math.min(Math.max(wanted, stable / 2), 1 - rateFloor);
    return rateBlockLogE(counts, { canary, stable, shift: margin });
  };
  const reach = reachOf(aim, edge, process.pass.horizon);
  return {
    grid: passSteps.map((k) => gain(edge - k * margin)),
    horizon: reach === null ? null : gain(edge - clamp(reach, 0.3 * margin, 3 * margin)),
  };
}

function reachOf(aim: Omit<FailAim, "shift">, edge: number, current: number | null): number | null {
  if (current === null) return null;
  const inside = clampRate(edge);
  const { process, target, counts } = aim;
  const variance = inside * (1 - inside);
  return horizonReach({ process, current, target, variance, canary: counts.canary, stable: counts.stable });
}
