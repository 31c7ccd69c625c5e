/** Whole rollouts, 5 % then 50 %, with six metrics that hang together: hard sessions fail, call more, cost more and take longer. */
import {
  type Accumulator,
  absorbBlock,
  enterAccumulatorStage,
  type JudgedMetric,
  metricWeights,
  openAccumulator,
} from "../../src/core/stats/accumulator.js";
import { drawBinomial, drawNormal, drawPoisson, type Random, seededRandom } from "../../src/core/stats/draws.js";
import type { MetricBlock } from "../../src/core/stats/metric-evidence.js";
import { normalCdf, normalQuantile } from "../../src/core/stats/normal.js";
import { absorbSketch } from "../../src/core/stats/quantile-sketch.js";
import { level } from "./method.js";
import { tickMs, ticksPerHour } from "./scene.js";

const sessionsPerHour = 1000;
const stageHours = 24;
const shares = [0.05, 0.5];

const names = ["task_success_rate", "calls", "cost", "checkpoint_trigger_rate", "rollback_rate", "latency"] as const;
type Name = (typeof names)[number];
type Session = Readonly<Record<Name, number>>;

const failures = 0.1;

/** One session: a normal hardness runs through everything. */
function session(random: Random, rate: number): Session {
  const hardness = drawNormal(random);
  const mixed = (weight: number): number => weight * hardness + Math.sqrt(1 - weight * weight) * drawNormal(random);
  return {
    task_success_rate: Number(normalCdf(mixed(0.7)) > 1 - rate),
    calls: Math.ceil(8 * Math.exp(0.5 * mixed(0.7))),
    cost: 0.4 * Math.exp(mixed(0.8)),
    checkpoint_trigger_rate: Number(mixed(0.5) > checkpointEdge),
    rollback_rate: Number(random() < 0.05),
    latency: 30 * Math.exp(0.8 * mixed(0.7)),
  };
}
const checkpointEdge = normalQuantile(0.9);

const history: readonly Session[] = (() => {
  const random = seededRandom(77);
  return Array.from({ length: 2000 }, () => session(random, failures));
})();

/** Tolerances: 0, the strictest choice; or the defaults, half of a rate's margin and all of the others'. */
export type Strictness = "strict" | "default";

function judgedMetrics(strictness: Strictness): readonly JudgedMetric[] {
  const weights = metricWeights(names, "task_success_rate");
  return names.map((name) => ({ name, weight: weights.get(name) ?? 0, config: configOf(name, strictness) }));
}

function configOf(name: Name, strictness: Strictness): JudgedMetric["config"] {
  const isDefault = strictness === "default";
  const values = history.map((each) => each[name]);
  if (name === "latency") return { kind: "quantile", q: 0.95, margin: 0.25, tolerance: isDefault ? 0.25 : 0 };
  const known = (cap: number): { readonly sessions: number; readonly mean: number; readonly variance: number } => {
    const capped = values.map((value) => Math.min(value, cap));
    const mean = capped.reduce((sum, value) => sum + value, 0) / capped.length;
    const variance = capped.reduce((sum, value) => sum + (value - mean) ** 2, 0) / capped.length;
    return { sessions: 500, mean, variance };
  };
  if (name !== "calls" && name !== "cost") {
    const margin = name === "rollback_rate" ? 0.02 : 0.05;
    return { kind: "rate", margin, tolerance: isDefault ? margin / 2 : 0, history: known(1) };
  }
  const cap = [...values].sort((a, b) => a - b)[1979] ?? 0;
  const tolerance = isDefault ? 0.2 : 0;
  const tail = { margin: 0.02, tolerance: isDefault ? 0.02 : 0 };
  return { kind: "mean", scale: "relative", margin: 0.2, tolerance, cap, tail, history: known(cap) };
}

export function openSix(strictness: Strictness): Accumulator {
  const opened = openAccumulator({
    alpha: level,
    beta: level,
    enteredAt: 0,
    planned: plannedOf(0),
    laterStages: shares.length - 1,
    metrics: judgedMetrics(strictness),
  });
  const taught = opened.metrics.map((metric) => {
    const { evidence } = metric;
    if (evidence.kind !== "quantile") return metric;
    const sketch = absorbSketch(
      evidence.main.sketch,
      history.map(({ latency }) => latency),
    );
    return { ...metric, evidence: { ...evidence, main: { ...evidence.main, sketch } } };
  });
  return { ...opened, metrics: taught };
}

function plannedOf(stage: number): number {
  return Math.round(sessionsPerHour * (shares[stage] ?? 0) * stageHours);
}

export type Block = Parameters<typeof absorbBlock>[1];

/** One tick's block. `drop`: points of task success that the canary lacks. */
export function drawSix(
  random: Random,
  at: { readonly tick: number; readonly share: number; readonly drop: number },
): Block {
  const count = drawPoisson(random, sessionsPerHour / ticksPerHour);
  const canaries = drawBinomial(random, count, at.share);
  const canary = Array.from({ length: canaries }, () => session(random, failures + at.drop));
  const stable = Array.from({ length: count - canaries }, () => session(random, failures));
  const metrics = Object.fromEntries(names.map((name) => [name, metricBlock(name, canary, stable)]));
  return {
    start: at.tick * tickMs,
    end: (at.tick + 1) * tickMs,
    canary: { sessions: canary.length, silent: 0 },
    stable: { sessions: stable.length, silent: 0 },
    metrics,
  };
}

function metricBlock(name: Name, canary: readonly Session[], stable: readonly Session[]): MetricBlock {
  const of = (sessions: readonly Session[]): readonly number[] => sessions.map((each) => each[name]);
  const isValue = name === "calls" || name === "cost" || name === "latency";
  if (isValue)
    return {
      kind: "values",
      canary: { kind: "values", values: of(canary) },
      stable: { kind: "values", values: of(stable) },
    };
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    kind: "rate",
    counts: {
      canary: canary.length,
      stable: stable.length,
      canaryBad: sum(of(canary)),
      stableBad: sum(of(stable)),
    },
  };
}

/** How a whole rollout ended, after how many ticks and canary sessions. */
export interface Course {
  readonly end: "promoted" | "rolled back" | "open";
  readonly ticks: number;
  readonly canary: number;
}

export interface RolloutPlay {
  readonly strictness: Strictness;
  readonly drop: number;
  /** Least ticks at each weight, before a pass counts. */
  readonly hold: number;
  /** Ticks after which the rollout is left open. */
  readonly most: number;
}

/** A stage is left when task success is proven within its margin and its hold is over. A fail ends the rollout. */
export function playRollout(random: Random, play: RolloutPlay): Course {
  let memory = openSix(play.strictness);
  let stage = 0;
  let entered = 0;
  let canary = 0;
  for (let tick = 0; tick < play.most; tick += 1) {
    const block = drawSix(random, { tick, share: shares[stage] ?? 0, drop: play.drop });
    memory = absorbBlock(memory, block);
    canary += block.canary.sessions;
    if (memory.failed !== null) return { end: "rolled back", ticks: tick + 1, canary };
    const [primary] = memory.metrics;
    const proven = primary?.evidence.provenAt !== null && memory.sessions.canary >= 20;
    if (!proven || tick + 1 - entered < play.hold) continue;
    stage += 1;
    entered = tick + 1;
    if (stage >= shares.length) return { end: "promoted", ticks: tick + 1, canary };
    memory = enterAccumulatorStage(memory, {
      enteredAt: (tick + 1) * tickMs,
      planned: plannedOf(stage),
      laterStages: shares.length - 1 - stage,
    });
  }
  return { end: "open", ticks: play.most, canary };
}

/** Ticks and canary sessions until the first weight alone has failed the canary. */
export function playFail(
  random: Random,
  play: { readonly strictness: Strictness; readonly drop: number; readonly most: number },
): Course {
  let memory = openSix(play.strictness);
  let canary = 0;
  for (let tick = 0; tick < play.most; tick += 1) {
    const block = drawSix(random, { tick, share: shares[0] ?? 0, drop: play.drop });
    memory = absorbBlock(memory, block);
    canary += block.canary.sessions;
    if (memory.failed !== null) return { end: "rolled back", ticks: tick + 1, canary };
  }
  return { end: "open", ticks: play.most, canary };
}
