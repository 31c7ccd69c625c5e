/**
 * What a health gate remembers of a whole rollout, all metrics together: small plain JSON, one update for each block, and the
 * same blocks give the same memory. One false-rollback budget covers all metrics and all time; a PASS belongs to one stage.
 * STATISTICS section 6.
 */
import { logMixture } from "./log-sum-exp.js";
import { absorbMetric, enterMetricStage, extendMetricStage, restartMetric } from "./metric-absorb.js";
import { type MetricBlock, type MetricConfig, type MetricEvidence, openMetric, slotCount } from "./metric-evidence.js";
import { metricLogE } from "./metric-log-e.js";
import { absorbMissingTelemetry, type MissingTelemetryState, openMissingTelemetry } from "./missing-telemetry.js";

/** How long before a later start is due, in milliseconds. */
const restartMs = 6 * 60 * 60 * 1000;

/** `weight`: the metric's share of the false-rollback budget; all of them sum to 1. */
export interface JudgedMetric {
  readonly name: string;
  readonly weight: number;
  readonly config: MetricConfig;
}

/** A stage as it is entered: when its weight took force (ms), canary sessions planned for it, how many stages come after it. */
export interface StagePlan {
  readonly enteredAt: number;
  readonly planned: number;
  readonly laterStages: number;
}

export interface AccumulatorConfig extends StagePlan {
  readonly alpha: number;
  readonly beta: number;
  readonly metrics: readonly JudgedMetric[];
}

/** The block at which FAIL was proven (its end, ms), with the log e-value and the metric that weighs most. */
export interface ProvenFail {
  readonly at: number;
  readonly logE: number;
  readonly suspect: string;
}

/** Plain JSON. */
export interface Accumulator {
  readonly alpha: number;
  readonly beta: number;
  readonly stage: StagePlan;
  /** End of the last block taken in (ms): a block that does not end after it was taken in already. */
  readonly watermark: number | null;
  /** Starts that were reserved for later and are used up, when the last start was (ms), and whether the stage's own is due. */
  readonly restarts: { readonly used: number; readonly lastAt: number | null; readonly due: boolean };
  readonly metrics: readonly { readonly name: string; readonly weight: number; readonly evidence: MetricEvidence }[];
  /** The first proof of FAIL; it stays. */
  readonly failed: ProvenFail | null;
  /** Sessions of this stage, for the sample ratio; and sessions without telemetry, of the whole rollout. */
  readonly sessions: { readonly canary: number; readonly stable: number };
  readonly telemetry: MissingTelemetryState;
}

/** One arm of a block: its sessions, and how many of them sent no telemetry. */
export interface ArmSessions {
  readonly sessions: number;
  readonly silent: number;
}

/** A matured block, [start, end) in ms; a metric that it does not know is absent. */
export interface JudgedBlock {
  readonly start: number;
  readonly end: number;
  readonly canary: ArmSessions;
  readonly stable: ArmSessions;
  readonly metrics: Readonly<Record<string, MetricBlock>>;
}

/** Half of the budget for the primary metric, the rest in equal parts; equal parts where the primary is not among them. */
export function metricWeights(names: readonly string[], primary: string): ReadonlyMap<string, number> {
  const alone = names.length === 1 || !names.includes(primary);
  const other = alone ? 1 / names.length : 0.5 / (names.length - 1);
  return new Map(names.map((name) => [name, !alone && name === primary ? 0.5 : other]));
}

/** A rollout's memory before its first block. Throws RangeError for levels outside (0, 1) or weights that do not sum to 1. */
export function openAccumulator(config: AccumulatorConfig): Accumulator {
  const { alpha, beta, enteredAt, planned, laterStages } = config;
  for (const level of [alpha, beta]) {
    if (!(level > 0 && level < 1)) throw new RangeError(`A level lies between 0 and 1, not at ${level}.`);
  }
  const sum = config.metrics.reduce((total, { weight }) => total + weight, 0);
  if (!(Math.abs(sum - 1) < 1e-9) || config.metrics.some(({ weight }) => !(weight > 0))) {
    throw new RangeError(`The weights of the metrics are above 0 and sum to 1, not to ${sum}.`);
  }
  return {
    alpha,
    beta,
    stage: { enteredAt, planned, laterStages },
    watermark: null,
    restarts: { used: 0, lastAt: null, due: false },
    metrics: config.metrics.map(({ name, weight, config: metric }) => ({
      name,
      weight,
      evidence: openMetric(metric, { weight, alpha, beta }, planned),
    })),
    failed: null,
    sessions: { canary: 0, stable: 0 },
    telemetry: openMissingTelemetry(0),
  };
}

/**
 * A stage begins: every PASS starts anew, FAIL keeps its evidence, and one of the reserved starts is taken with the stage's
 * first block. The same call carries a rollout's evidence over to a later rollout of the same candidate.
 */
export function enterAccumulatorStage(accumulator: Accumulator, stage: StagePlan): Accumulator {
  return {
    ...accumulator,
    stage,
    restarts: { ...accumulator.restarts, due: true },
    metrics: accumulator.metrics.map((metric) => ({
      ...metric,
      evidence: enterMetricStage(metric.evidence, stage.planned),
    })),
    sessions: { canary: 0, stable: 0 },
  };
}

/** The stage lasts longer than planned: its horizon moves out, its evidence stays. */
export function extendAccumulatorStage(accumulator: Accumulator, planned: number): Accumulator {
  const stage = { ...accumulator.stage, planned: Math.max(accumulator.stage.planned, planned) };
  return {
    ...accumulator,
    stage,
    metrics: accumulator.metrics.map((metric) => ({
      ...metric,
      evidence: extendMetricStage(metric.evidence, stage.planned),
    })),
  };
}

/** The memory after a block. A block that was taken in already changes nothing; one that began before the stage is late. */
export function absorbBlock(accumulator: Accumulator, block: JudgedBlock): Accumulator {
  if (accumulator.watermark !== null && block.end <= accumulator.watermark) return accumulator;
  const late = block.start < accumulator.stage.enteredAt;
  const ready = restartIfDue(accumulator, block, late);
  const metrics = ready.metrics.map((metric) => {
    const said = block.metrics[metric.name];
    if (said === undefined) return metric;
    return { ...metric, evidence: absorbMetric(metric.evidence, said, { end: block.end, late }) };
  });
  const { canary, stable } = block;
  const after: Accumulator = {
    ...ready,
    metrics,
    watermark: block.end,
    sessions: late
      ? ready.sessions
      : { canary: ready.sessions.canary + canary.sessions, stable: ready.sessions.stable + stable.sessions },
    telemetry: absorbMissingTelemetry(ready.telemetry, {
      canary: canary.sessions,
      stable: stable.sessions,
      canaryBad: canary.silent,
      stableBad: stable.silent,
    }),
  };
  return after.failed === null ? { ...after, failed: provenFail(after, block.end) } : after;
}

/**
 * Later starts catch a canary that turns bad late. There are four: one is kept for each stage that is still to come, the
 * others are taken every six hours. When they are taken depends on the clock alone, never on outcomes.
 */
function restartIfDue(accumulator: Accumulator, block: JudgedBlock, late: boolean): Accumulator {
  const { used, lastAt, due } = accumulator.restarts;
  if (late) return accumulator;
  if (lastAt === null) return { ...accumulator, restarts: { used, lastAt: block.start, due: false } };
  const kept = Math.min(accumulator.stage.laterStages, slotCount - used);
  const byClock = block.start - lastAt >= restartMs && used < slotCount - kept;
  if (!(due && used < slotCount) && !byClock) return { ...accumulator, restarts: { used, lastAt, due: false } };
  return {
    ...accumulator,
    restarts: { used: used + 1, lastAt: block.start, due: false },
    metrics: accumulator.metrics.map((metric) => ({ ...metric, evidence: restartMetric(metric.evidence) })),
  };
}

/** ln of the combined FAIL e-value: current values, averaged by weight, valid however the metrics hang together. */
export function combinedLogE({ metrics }: Pick<Accumulator, "metrics">): number {
  return logMixture(
    metrics.map(({ weight }) => weight),
    metrics.map(({ evidence }) => metricLogE(evidence).fail),
  );
}

/** The metric that weighs most in the combined value. */
export function suspectOf({ metrics }: Pick<Accumulator, "metrics">): string | null {
  let suspect: { readonly name: string; readonly value: number } | null = null;
  for (const { name, weight, evidence } of metrics) {
    const value = Math.log(weight) + metricLogE(evidence).fail;
    if (suspect === null || value > suspect.value) suspect = { name, value };
  }
  return suspect?.name ?? null;
}

function provenFail(accumulator: Accumulator, at: number): ProvenFail | null {
  const logE = combinedLogE(accumulator);
  if (!(logE >= Math.log(1 / accumulator.alpha))) return null;
  return { at, logE, suspect: suspectOf(accumulator) ?? "" };
}
