/**
 * Quantiles such as p95 latency: what share of the canary's sessions lies above stable's past quantile, against stable's own
 * share. Where exactly that quantile lies costs or wins sessions, and never validity. STATISTICS section 4.
 */
import { absorbBaseline, type Baseline, baselineRate, openBaseline } from "./baseline.js";
import { expit, logit } from "./logistic.js";
import { advanceProcess, type Bets, openProcess, type Process, type Targets } from "./process.js";
import { absorbSketch, openSketch, type QuantileSketch, sketchQuantile } from "./quantile-sketch.js";
import { checkRateCounts, failBets } from "./rate.js";
import { rateBlockLogE } from "./reverse-projection.js";

/** PASS bets, in log-odds below stable's share of sessions above the quantile. */
const passShifts: readonly number[] = [0.25, 0.5, 1];

/** The baseline starts as if so many stable sessions had been seen, 1 - q of them above the quantile. */
const pseudoSessions = 50;

/** `margin` and `tolerance` are relative: with 0.25 the canary's sessions are held against 1.25 times stable's quantile. */
export interface QuantileConfig {
  readonly q: number;
  readonly margin: number;
  readonly tolerance: number;
  readonly targets: Targets;
  readonly planned: number | null;
}

/** Plain JSON: settings, the bets' log-values, stable's share above the quantile, and the sketch of stable's past values. */
export interface QuantileState {
  readonly kind: "quantile";
  readonly margin: number;
  readonly tolerance: number;
  readonly targets: Targets;
  readonly process: Process;
  readonly baseline: Baseline;
  readonly sketch: QuantileSketch;
}

/** A block's values in units of the metric; unknown values (NaN) are left out. */
export interface QuantileBlock {
  readonly canary: readonly number[];
  readonly stable: readonly number[];
}

/** Sessions of both arms; of them above stable's past quantile, which for the canary is first raised by tolerance and by margin. */
export interface Exceedances {
  readonly canary: number;
  readonly stable: number;
  readonly stableAbove: number;
  readonly canaryAboveTolerance: number;
  readonly canaryAboveMargin: number;
}

/** A quantile metric that has seen nothing. Throws RangeError for q outside (0, 1) or a negative margin or tolerance. */
export function openQuantile(config: QuantileConfig): QuantileState {
  const { q, margin, tolerance, targets } = config;
  if (!(margin >= 0 && tolerance >= 0))
    throw new RangeError(`Margin ${margin} and tolerance ${tolerance} may not be negative.`);
  return {
    kind: "quantile",
    margin,
    tolerance,
    targets,
    process: openProcess({ planned: config.planned, passHorizon: false }),
    baseline: openBaseline({ sessions: pseudoSessions, mean: 1 - q, variance: 0 }),
    sketch: openSketch(q),
  };
}

/** The state after a block of values, counted or not: until a quantile is known, a block teaches the sketch and proves nothing. */
export function absorbQuantile(state: QuantileState, block: QuantileBlock, late = false): QuantileState {
  const counts = countExceedances(state, block);
  const judged = counts === null ? state : absorbExceedances(state, counts, late);
  return { ...judged, sketch: absorbSketch(state.sketch, block.stable) };
}

/** Exceedances with the quantile that was held against, and how many canary sessions lie above it as it is. */
export interface CountedExceedances extends Exceedances {
  readonly limit: number;
  readonly canaryAbove: number;
}

/** How many of a block's sessions lie above the quantile known before it; null while none is known. */
export function countExceedances(state: QuantileState, block: QuantileBlock): CountedExceedances | null {
  const limit = sketchQuantile(state.sketch);
  if (limit === null) return null;
  const known = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
  const above = (values: readonly number[], edge: number): number =>
    values.reduce((sum, value) => sum + (value > edge ? 1 : 0), 0);
  return {
    canary: known(block.canary),
    stable: known(block.stable),
    limit,
    stableAbove: above(block.stable, limit),
    canaryAbove: above(block.canary, limit),
    canaryAboveTolerance: above(block.canary, (1 + state.tolerance) * limit),
    canaryAboveMargin: above(block.canary, (1 + state.margin) * limit),
  };
}

/** The state after a block of which the exceedances were counted already; its sketch stays as it is. */
export function absorbExceedances(state: QuantileState, counts: Exceedances, late = false): QuantileState {
  const { canary, stable, stableAbove } = counts;
  const arms = { canary, stable, stableBad: stableAbove };
  const tolerated = { ...arms, canaryBad: counts.canaryAboveTolerance };
  const margin = { ...arms, canaryBad: counts.canaryAboveMargin };
  checkRateCounts(tolerated);
  checkRateCounts(margin);
  const rate = baselineRate(state.baseline);
  const { process, targets } = state;
  const gains = {
    fail: failBets({ process, counts: tolerated, stable: rate, shift: 0, target: targets.fail }),
    pass: passBets(rate, margin),
  };
  return {
    ...state,
    process: advanceProcess(process, gains, { canary, late }),
    baseline: absorbBaseline(state.baseline, { sessions: stable, sum: stableAbove, squares: stableAbove }),
  };
}

function passBets(stable: number, counts: Parameters<typeof rateBlockLogE>[0]): Bets {
  const from = logit(stable);
  return {
    grid: passShifts.map((shift) => rateBlockLogE(counts, { canary: expit(from - shift), stable, shift: 0 })),
    horizon: null,
  };
}
