// A health gate's memory as what the statistics keep, and back. The only place that knows how the plain data is laid out.

import type { HealthGate } from "../model/gate.js";
import type { Block, MetricName } from "../model/metric.js";
import type { RoutingUnit } from "../model/route.js";
import type { Json, RolloutId, Weight } from "../model/units.js";
import {
  type Accumulator,
  absorbBlock,
  enterAccumulatorStage,
  openAccumulator,
  type StagePlan,
} from "../stats/accumulator.js";
import { type MetricEvidence, openMetric } from "../stats/metric-evidence.js";
import { absorbSketch } from "../stats/quantile-sketch.js";
import { bothSamples, isComparable, judgedBlock, mergeBlocks, soundBlock, standsAlone } from "./health-block.js";
import { configurationText, judgedMetrics, type StableValues } from "./health-config.js";
import type { HealthMemory } from "./health-memory.js";
import { methodOf, suitedBlock, totalsMetric } from "./health-method.js";
import { retargetMetric } from "./health-retarget.js";
import { sampleCount } from "./health-sample.js";
import { noTrail, type Trail, trailAfter, trailAtEnd } from "./health-trail.js";

/** Sessions of both arms. */
export interface ArmCounts {
  readonly canary: number;
  readonly stable: number;
}

/** Sessions with a value of a metric; why it was missing last; and, where the last block was left out for its shape, what the source did. */
interface Reported extends ArmCounts {
  readonly missing: string | null;
  readonly turned?: string;
}

/** What is kept beside the metrics. Plain JSON. */
export interface HealthCourse {
  readonly accumulator: Omit<Accumulator, "metrics">;
  readonly weights: Readonly<Partial<Record<MetricName, number>>>;
  /** Sessions too few to be judged by themselves; null: none. */
  readonly pending: Block | null;
  /** The weight that is counted now, null before its first block; and the one before it, whose last blocks may still come. */
  readonly weight: Weight | null;
  readonly earlier: Weight | null;
  /** From the first to the last block of this weight, in ms. */
  readonly span: { readonly start: number; readonly end: number } | null;
  /** Sessions of this weight that have a value of each metric, and why a metric was missing last. */
  readonly reported: Readonly<Partial<Record<MetricName, Reported>>>;
  /** Sessions of this weight, judged or waiting to be; and those of them without any task record. */
  readonly sessions: ArmCounts;
  readonly silent: ArmCounts;
  /** Sessions of this weight that name no user, where the unit is the user. Absent: none. */
  readonly userless?: number;
  /** For pictures alone. Memories of before there were any have none. */
  readonly trail?: Trail;
}

/** What is kept of the blocks of one weight. */
type Tally = Pick<HealthCourse, "span" | "reported" | "sessions" | "silent" | "userless">;
const noCounts: ArmCounts = { canary: 0, stable: 0 };
const noTally: Tally = { span: null, reported: {}, sessions: noCounts, silent: noCounts };

export interface Opening {
  readonly rollout: RolloutId;
  readonly gate: HealthGate;
  readonly stage: number;
  readonly horizon: number;
  readonly history: StableValues;
  /** The session where it is left out. */
  readonly unit?: RoutingUnit;
}

/** Every block is late until the first one of the stage's own weight shows when it began. */
const notBegun = Number.MAX_SAFE_INTEGER;

/** Later starts that are kept for the stages behind a gate; how many there will be is not known here. */
function laterStages(gate: HealthGate): number {
  return gate.name === "full" ? 0 : 2;
}

/** A memory before its first block. */
export function openedMemory({ rollout, gate, stage, horizon, history, unit }: Opening): HealthMemory {
  const plan: StagePlan = { enteredAt: 0, planned: horizon, laterStages: laterStages(gate) };
  const { alpha, beta } = gate;
  const opened = openAccumulator({ ...plan, alpha, beta, metrics: judgedMetrics(gate, history) });
  const metrics = opened.metrics.map((metric) => ({
    ...metric,
    evidence: taught(metric.evidence, history[metric.name as MetricName]),
  }));
  const course: Omit<HealthCourse, "accumulator" | "weights"> = {
    ...noTally,
    pending: null,
    weight: null,
    earlier: null,
    trail: noTrail,
  };
  const counting = unit === undefined || unit === "session" ? {} : { unit };
  const base = { rollout, ...counting, configuration: configurationText(gate), stage, watermark: null, horizon };
  return packed({ ...base, metrics: {}, shared: null }, { ...opened, metrics }, course);
}

/** Where a quantile lies is known from history too: oldest values first, so that they fade as they would have. */
function taught(evidence: MetricEvidence, history: readonly number[]): MetricEvidence {
  if (evidence.kind !== "quantile") return evidence;
  const values = [...history].reverse().filter((value) => Number.isFinite(value) && value >= 0);
  let { sketch } = evidence.main;
  for (let from = 0; from < values.length; from += 100) sketch = absorbSketch(sketch, values.slice(from, from + 100));
  return { ...evidence, main: { ...evidence.main, sketch } };
}

/** The statistics' own view of a memory, whose configuration fits. */
export function accumulatorOf(memory: HealthMemory): Accumulator {
  const { accumulator, weights } = courseOf(memory);
  const metrics = Object.entries(weights).map(([name, weight]) => ({
    name,
    weight: weight ?? 0,
    evidence: memory.metrics[name as MetricName] as unknown as MetricEvidence,
  }));
  return { ...accumulator, metrics };
}

export function courseOf(memory: HealthMemory): HealthCourse {
  return memory.shared as unknown as HealthCourse;
}

/** Whether the memory was opened for this gate: another configuration voids it. */
export function fitsGate(memory: HealthMemory, gate: HealthGate): boolean {
  return memory.configuration === configurationText(gate);
}

function packed(
  memory: HealthMemory,
  accumulator: Accumulator,
  course: Omit<HealthCourse, "accumulator" | "weights">,
): HealthMemory {
  const { metrics, ...rest } = accumulator;
  const weights = Object.fromEntries(metrics.map(({ name, weight }) => [name, weight]));
  const shared: HealthCourse = { ...course, accumulator: rest, weights };
  return {
    ...memory,
    metrics: Object.fromEntries(metrics.map(({ name, evidence }) => [name, evidence as unknown as Json])),
    shared: shared as unknown as Json,
  };
}

/** The memory at a new stage: every pass starts anew, fails run on, and blocks of the weight before it are late. */
export function enteredMemory(
  memory: HealthMemory,
  entry: { readonly gate: HealthGate; readonly stage: number; readonly horizon: number },
): HealthMemory {
  const { gate, stage, horizon } = entry;
  const course = courseOf(memory);
  const flushed = course.pending === null ? accumulatorOf(memory) : absorbed(memory, course.pending, course);
  const plan: StagePlan = { enteredAt: notBegun, planned: horizon, laterStages: laterStages(gate) };
  const entered = enterAccumulatorStage(flushed, plan);
  const metrics = entered.metrics.map((metric) => {
    const rule = gate.metrics.find((candidate) => candidate.metric === metric.name);
    return rule === undefined ? metric : { ...metric, evidence: retargetMetric(metric.evidence, rule, gate.beta) };
  });
  return packed(
    { ...memory, stage, horizon, configuration: configurationText(gate) },
    { ...entered, beta: gate.beta, metrics },
    {
      ...noTally,
      pending: null,
      weight: null,
      earlier: course.weight ?? course.earlier,
      trail: trailBehind(course, flushed),
    },
  );
}

/**
 * The memory as the next rollout of the same canary takes it over. No block of the former rollout can still come, so that the next
 * one may begin at the weight at which this one ended.
 */
export function handedOnMemory(memory: HealthMemory, rollout: RolloutId): HealthMemory {
  const course = courseOf(memory);
  const flushed = course.pending === null ? accumulatorOf(memory) : absorbed(memory, course.pending, course);
  return packed({ ...memory, rollout }, flushed, {
    ...noTally,
    pending: null,
    weight: null,
    earlier: null,
    trail: noTrail,
  });
}

function absorbed(memory: HealthMemory, block: Block, course: HealthCourse): Accumulator {
  const accumulator = accumulatorOf(memory);
  const enteredAt = course.weight === null ? notBegun : accumulator.stage.enteredAt;
  return absorbBlock({ ...accumulator, stage: { ...accumulator.stage, enteredAt } }, judgedBlock(block));
}

/** The memory after a block, which is counted once: one that ends at or before the watermark changes nothing. */
export function memoryAfter(memory: HealthMemory, gate: HealthGate, raw: Block): HealthMemory {
  if (memory.watermark !== null && raw.end <= memory.watermark) return memory;
  if (!isComparable(raw)) return { ...memory, watermark: raw.end };
  const sound = soundBlock(raw);
  const ready = withMethods(atWeight(memory, sound), gate, sound);
  const counted = { ...ready, watermark: sound.end };
  const course = courseOf(counted);
  const { block, turned } = suitedBlock(sound, accumulatorOf(counted).metrics);
  const waiting = course.pending === null ? block : mergeBlocks(course.pending, block);
  const isLate = course.weight === null;
  const next = isLate ? course : { ...course, ...tallied(course, block, turned) };
  if (!standsAlone(waiting)) return packed(counted, accumulatorOf(counted), { ...next, pending: waiting });
  const accumulator = absorbed(counted, waiting, course);
  const trail = trailAfter(course.trail ?? noTrail, accumulator, waiting.weight);
  return packed(counted, accumulator, { ...next, pending: null, trail });
}

/** The memory ready for a block of this weight: what waits of another weight is judged as it is, for weights never mix. */
function atWeight(memory: HealthMemory, block: Block): HealthMemory {
  const course = courseOf(memory);
  if (block.weight === course.weight || (course.weight === null && block.weight === course.earlier)) return memory;
  const flushed = course.pending === null ? accumulatorOf(memory) : absorbed(memory, course.pending, course);
  // A weight that was not announced, as when a memory is made again from all blocks, is a stage of its own.
  const isSurprise = course.weight !== null;
  const plan = { ...flushed.stage, enteredAt: block.start };
  const begun = isSurprise ? enterAccumulatorStage(flushed, plan) : { ...flushed, stage: plan };
  const { weight } = block;
  const trail = trailBehind(course, flushed);
  return packed(memory, begun, { ...noTally, pending: null, weight, earlier: course.weight, trail });
}

/** The trail up to the end of the weight that was counted. */
function trailBehind(course: HealthCourse, flushed: Accumulator): Trail {
  const weight = course.weight ?? course.earlier;
  const trail = course.trail ?? noTrail;
  return weight === null ? trail : trailAtEnd(trail, flushed, weight);
}

/** The memory with the metrics that begin in this block judged by the method that the source can feed. */
function withMethods(memory: HealthMemory, gate: HealthGate, block: Block): HealthMemory {
  const accumulator = accumulatorOf(memory);
  const course = courseOf(memory);
  const { planned } = accumulator.stage;
  const metrics = accumulator.metrics.map((metric) => {
    const rule = gate.metrics.find((candidate) => candidate.metric === metric.name);
    if (rule === undefined || methodOf(metric.evidence, rule.metric, course.pending) !== null) return metric;
    const config = totalsMetric(rule, metric.evidence, bothSamples(block, rule.metric));
    if (config === null) return metric;
    const { alpha, beta } = gate;
    return { ...metric, evidence: openMetric(config, { weight: metric.weight, alpha, beta }, planned) };
  });
  const isSame = metrics.every((metric, index) => metric === accumulator.metrics[index]);
  return isSame ? memory : packed(memory, { ...accumulator, metrics }, course);
}

type Turned = ReturnType<typeof suitedBlock>["turned"];

function tallied(course: HealthCourse, block: Block, turned: Turned): Tally {
  const reported = { ...course.reported };
  for (const name of Object.keys(course.weights) as MetricName[]) {
    const { canary, stable } = bothSamples(block, name);
    const before = reported[name] ?? { ...noCounts, missing: null };
    const missing = [canary, stable].find((sample) => sample.kind === "missing");
    reported[name] = {
      ...plus(before, { canary: sampleCount(canary), stable: sampleCount(stable) }),
      missing: missing?.kind === "missing" ? missing.because : before.missing,
      ...(turned[name] === undefined ? {} : { turned: turned[name] }),
    };
  }
  const { canary, stable } = block;
  return {
    span: { start: course.span?.start ?? block.start, end: block.end },
    reported,
    sessions: plus(course.sessions, { canary: canary.sessions, stable: stable.sessions }),
    silent: plus(course.silent, { canary: canary.silent, stable: stable.silent }),
    ...(block.userless === undefined ? {} : { userless: (course.userless ?? 0) + block.userless }),
  };
}

function plus(first: ArmCounts, second: ArmCounts): ArmCounts {
  return { canary: first.canary + second.canary, stable: first.stable + second.stable };
}
