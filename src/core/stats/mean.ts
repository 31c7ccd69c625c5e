/**
 * Means (cost, calls, shares of failed tasks): both arms are cut off at a cap that was fixed before the stage, and the bet is
 * on the block's sessions, one factor each. STATISTICS sections 1 and 3.
 */
import {
  absorbBaseline,
  type Baseline,
  baselineMoments,
  type History,
  leastBaseline,
  openBaseline,
} from "./baseline.js";
import { failShifts, passSteps } from "./grid.js";
import { clamp } from "./logistic.js";
import { leastLogGrowth, type Moments, momentsOf } from "./moments.js";
import {
  advanceProcess,
  type Bets,
  type Gains,
  horizonReach,
  openProcess,
  type Process,
  type Targets,
} from "./process.js";

/**
 * `relative`: margin and tolerance are shares of the stable mean (0.2 is 20 % more); `absolute`: units of the metric.
 * `cap` is where both arms are cut off, in units of the metric: stable's 99th percentile in history, or 1 for shares.
 */
export interface MeanConfig {
  readonly scale: "relative" | "absolute";
  readonly margin: number;
  readonly tolerance: number;
  readonly cap: number;
  readonly targets: Targets;
  readonly planned: number | null;
  readonly history: History | null;
}

/** Plain JSON: the settings that bets need, the bets' log-values and the stable baseline. */
export interface MeanState {
  readonly kind: "mean";
  readonly scale: "relative" | "absolute";
  readonly margin: number;
  readonly tolerance: number;
  readonly cap: number;
  readonly targets: Targets;
  readonly process: Process;
  readonly baseline: Baseline;
}

/**
 * One arm's sessions in a block: their values, or a histogram (each value counted so many times), or, where the source
 * has neither, the moments of values already cut off at the cap.
 */
export type Sample =
  | { readonly kind: "values"; readonly values: readonly number[] }
  | { readonly kind: "histogram"; readonly values: readonly number[]; readonly counts: readonly number[] }
  | ({ readonly kind: "moments" } & Moments);

export interface MeanBlock {
  readonly canary: Sample;
  readonly stable: Sample;
}

/** A mean metric that has seen nothing. Throws RangeError for a cap that is not positive or a negative margin or tolerance. */
export function openMean(config: MeanConfig): MeanState {
  const { scale, margin, tolerance, cap, targets } = config;
  if (!(cap > 0 && Number.isFinite(cap))) throw new RangeError(`The cap of a mean is a positive number, not ${cap}.`);
  if (!(margin >= 0 && tolerance >= 0))
    throw new RangeError(`Margin ${margin} and tolerance ${tolerance} may not be negative.`);
  return {
    kind: "mean",
    scale,
    margin,
    tolerance,
    cap,
    targets,
    process: openProcess({ planned: config.planned, passHorizon: true }),
    baseline: openBaseline(config.history),
  };
}

/** The values that a bet may read: unknown ones (NaN) left out, none below 0. Infinity stays, and is cut off at the cap. */
export function soundSample(sample: Sample): Sample {
  if (sample.kind === "moments") return sample;
  if (sample.kind === "values") {
    if (sample.values.every((value) => value >= 0)) return sample;
    return {
      kind: "values",
      values: sample.values.filter((value) => !Number.isNaN(value)).map((value) => Math.max(value, 0)),
    };
  }
  const kept = [...sample.values.entries()].filter(
    ([index, value]) => !Number.isNaN(value) && (sample.counts[index] ?? 0) > 0,
  );
  return {
    kind: "histogram",
    values: kept.map(([, value]) => Math.max(value, 0)),
    counts: kept.map(([index]) => sample.counts[index] ?? 0),
  };
}

/** How many sessions a sample holds. */
export function sampleSize(sample: Sample): number {
  if (sample.kind === "moments") return sample.count;
  if (sample.kind === "values") return sample.values.length;
  return sample.counts.reduce((sum, count) => sum + count, 0);
}

/** The state after a block. `late`: the block belongs to an earlier stage and speaks for FAIL alone. */
export function absorbMean(state: MeanState, block: MeanBlock, late = false): MeanState {
  const canary = soundSample(block.canary);
  const stable = soundSample(block.stable);
  const sizes = { canary: sampleSize(canary), stable: sampleSize(stable) };
  const ready = state.baseline.sessions >= leastBaseline && sizes.canary > 0 && sizes.stable > 0;
  const seen = momentsOf(stable, (value) => Math.min(value, state.cap));
  return {
    ...state,
    process: advanceProcess(state.process, ready ? meanGains(state, { canary, stable }, sizes) : null, {
      canary: sizes.canary,
      late,
    }),
    baseline: absorbBaseline(state.baseline, { sessions: seen.count, sum: seen.sum, squares: seen.squares }),
  };
}

/** A side of the bet: the canary's values moved onto the boundary, and where they can lie. */
interface Boundary {
  readonly canary: Sample;
  readonly low: number;
  readonly high: number;
}

/** Canary values, cut off and moved by the shift so that "mean at most stable's" is the boundary. */
function onBoundary(state: MeanState, canary: Sample, shift: number): Boundary {
  const { cap, scale } = state;
  if (scale === "relative") {
    // Moments were cut off before they were divided; the values' range only gets smaller by it.
    const move =
      canary.kind === "moments" ? (x: number) => x / (1 + shift) : (x: number) => Math.min(x / (1 + shift), cap);
    return { canary: moved(canary, { factor: 1 / (1 + shift), offset: 0 }, move), low: 0, high: cap };
  }
  return {
    canary: moved(canary, { factor: 1, offset: -shift }, (x) => Math.min(x, cap) - shift),
    low: -shift,
    high: cap - shift,
  };
}

function moved(
  sample: Sample,
  line: { readonly factor: number; readonly offset: number },
  move: (x: number) => number,
): Sample {
  if (sample.kind !== "moments") return { ...sample, values: sample.values.map(move) };
  const { factor, offset } = line;
  return {
    kind: "moments",
    count: sample.count,
    sum: factor * sample.sum + offset * sample.count,
    squares: factor ** 2 * sample.squares + 2 * factor * offset * sample.sum + offset ** 2 * sample.count,
  };
}

function meanGains(
  state: MeanState,
  block: MeanBlock,
  sizes: { readonly canary: number; readonly stable: number },
): Gains {
  const { mean, variance } = baselineMoments(state.baseline);
  // Stable values that never vary leave no spread to measure a bet by; next to none makes the bet as large as it may be.
  const spread = Math.max(Math.sqrt(variance), 1e-9 * state.cap);
  const capped = state.cap;
  const stable =
    block.stable.kind === "moments"
      ? block.stable
      : { ...block.stable, values: block.stable.values.map((x) => Math.min(x, capped)) };
  const shared = { state, sizes, mean, spread, stable };
  return {
    fail: failBets({ ...shared, boundary: onBoundary(state, block.canary, state.tolerance) }),
    pass: passBets({ ...shared, boundary: onBoundary(state, block.canary, state.margin) }),
  };
}

interface Side {
  readonly state: MeanState;
  readonly sizes: { readonly canary: number; readonly stable: number };
  readonly mean: number;
  readonly spread: number;
  readonly stable: Sample;
  readonly boundary: Boundary;
}

function reachOf(side: Side, current: number | null, target: number): number | null {
  if (current === null) return null;
  return horizonReach({ process: side.state.process, current, target, variance: side.spread ** 2, ...side.sizes });
}

function failBets(side: Side): Bets {
  const { mean, spread, state } = side;
  const reach = reachOf(side, state.process.fail.horizon, state.targets.fail);
  return {
    grid: failShifts.map((h) => betOn(side, mean + 0.3 * h * spread, 1)),
    horizon: reach === null ? null : betOn(side, mean + clamp(reach, 0.006 * spread, 0.3 * spread), 1),
  };
}

function passBets(side: Side): Bets {
  const { mean, state } = side;
  const unit = state.scale === "relative" ? (mean * state.margin) / (1 + state.margin) : state.margin;
  const reach = reachOf(side, state.process.pass.horizon, state.targets.pass);
  return {
    grid: passSteps.map((k) => betOn(side, mean - k * unit, -1)),
    horizon: reach === null ? null : betOn(side, mean - clamp(reach, 0.3 * unit, 3 * unit), -1),
  };
}

/** No losing factor falls below 1 - this. */
const deepestLoss = 0.75;

/** ln of the block's e-value for a bet that the canary's mean, on the boundary, is `target`; `side`: 1 for FAIL, -1 for PASS. */
function betOn(side: Side, target: number, direction: 1 | -1): number {
  const { sizes, boundary, spread, stable } = side;
  const ratio = sizes.canary / sizes.stable;
  const centre = clamp(
    (sizes.canary * target + sizes.stable * side.mean) / (sizes.canary + sizes.stable),
    boundary.low,
    boundary.high,
  );
  const wanted = (target - centre) / (spread * spread);
  if (!(wanted * direction > 0)) return 0;
  // FAIL loses on small canary and large stable values, PASS on the opposite.
  const losing =
    direction > 0
      ? Math.max(centre - boundary.low, ratio * (side.state.cap - centre))
      : Math.max(boundary.high - centre, ratio * centre);
  if (boundary.canary.kind === "moments" || stable.kind === "moments") {
    const arms = { canary: momentsOf(boundary.canary), stable: momentsOf(stable) };
    return leastLogGrowth({ ...arms, centre, wanted, losing, ratio });
  }
  const size = Math.min(Math.abs(wanted), deepestLoss / Math.max(losing, Number.MIN_VALUE));
  const bet = direction * size;
  return logGrowth(boundary.canary, bet, centre) + logGrowth(stable, -ratio * bet, centre);
}

/** The sum of ln(1 + bet * (value - centre)) over a sample. */
function logGrowth(sample: Exclude<Sample, { readonly kind: "moments" }>, bet: number, centre: number): number {
  let sum = 0;
  for (const [index, value] of sample.values.entries()) {
    const count = sample.kind === "histogram" ? (sample.counts[index] ?? 0) : 1;
    sum += count * Math.log1p(bet * (value - centre));
  }
  return sum;
}
