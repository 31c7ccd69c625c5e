// Seeded sessions of six metrics that hang together, as the blocks of a health gate see them.

import type { HealthMemory } from "../../src/core/gate/health-memory.js";
import { absorbHealth, openHealth } from "../../src/core/gate/kinds/health.js";
import type { Evidence, GateClock, HealthGate } from "../../src/core/model/gate.js";
import type { Block, BlockArm, MetricName, MetricRule, Sample } from "../../src/core/model/metric.js";
import type { Duration, Instant, RevisionId, RolloutId, Weight } from "../../src/core/model/units.js";
import { gaussian, seeded } from "../core/stats/enumerate.js";

export const metricNames: readonly MetricName[] = [
  "task_success_rate",
  "mean_llm_calls",
  "mean_cost_usd",
  "checkpoint_trigger_rate",
  "rollback_rate",
  "p95_latency_sec",
];

export const hours = (count: number): Duration => (count * 3_600_000) as Duration;
/** On the 5-minute grid. */
export const start = 1_800_000_000_000 as Instant;
export const atHour = (count: number): Instant => (start + hours(count)) as Instant;

/** Margins as the spec has them by default, tolerance half of a rate's margin and all of the others'. */
export function ruleOf(metric: MetricName, margin?: number, tolerance?: number): MetricRule {
  const kind = metric.startsWith("mean") || metric.startsWith("p95") ? "relative" : "points";
  const value = margin ?? (kind === "relative" ? 0.2 : metric === "rollback_rate" ? 0.02 : 0.05);
  const tolerated = tolerance ?? (kind === "relative" ? value : value / 2);
  return { metric, margin: { kind, value }, tolerance: { kind, value: tolerated } };
}

export function healthGate(parts: Partial<HealthGate> = {}): HealthGate {
  return {
    kind: "health",
    name: "canary",
    skip: null,
    hold: hours(1),
    until: hours(48),
    undecided: "hold",
    prove: ["task_success_rate"],
    metrics: metricNames.map((metric) => ruleOf(metric)),
    alpha: 0.05,
    beta: 0.05,
    staleAfter: hours(3),
    minSessions: 20,
    ...parts,
  };
}

/** How an arm behaves: its share of failed sessions, and a factor on its calls, cost and latency. */
export interface Behaviour {
  readonly failures: number;
  readonly checkpoints?: number;
  readonly calls?: number;
  readonly cost?: number;
  readonly latency?: number;
}

export type SessionValues = Readonly<Record<MetricName, number>>;

/** One session. Hard sessions fail, call more, cost more and take longer, so the metrics go together. */
function session(random: () => number, behaviour: Behaviour): SessionValues {
  const hardness = gaussian(random);
  const of = (factor: number, spread: number): number =>
    factor * Math.exp(spread * (0.8 * hardness + 0.6 * gaussian(random)));
  const { failures, checkpoints = 0.1, calls = 1, cost = 1, latency = 1 } = behaviour;
  // A threshold on a normal value fails with the wanted probability.
  const failed = normalTail(0.8 * hardness + 0.6 * gaussian(random)) < failures;
  return {
    task_success_rate: failed ? 1 : 0,
    mean_llm_calls: Math.ceil(of(8 * calls, 0.5)),
    mean_cost_usd: of(0.4 * cost, 0.9),
    checkpoint_trigger_rate: normalTail(0.6 * hardness + 0.8 * gaussian(random)) < checkpoints ? 1 : 0,
    rollback_rate: random() < 0.05 ? 1 : 0,
    p95_latency_sec: of(30 * latency, 0.7),
  };
}

/** P(Z > z) by the logistic approximation of Page (1977), good to 0.0002: enough to draw with. */
function normalTail(z: number): number {
  return 1 / (1 + Math.exp(z * (1.5976 + 0.070566 * z * z)));
}

function armOf(sessions: readonly SessionValues[], silent = 0): BlockArm {
  const samples = Object.fromEntries(
    metricNames.map((metric): [string, Sample] => {
      const values = sessions.map((each) => each[metric]);
      if (metric.endsWith("_rate"))
        return [metric, { kind: "rate", sessions: values.length, bad: values.reduce((sum, bad) => sum + bad, 0) }];
      return [metric, { kind: "values", values }];
    }),
  );
  return { sessions: sessions.length + silent, silent, samples: samples as BlockArm["samples"] };
}

function draw(random: () => number, count: number, behaviour: Behaviour): readonly SessionValues[] {
  return Array.from({ length: count }, () => session(random, behaviour));
}

export interface Traffic {
  readonly seed: number;
  readonly weight: number;
  readonly stable: Behaviour;
  readonly canary: Behaviour;
  readonly blocks: number;
  readonly sessionsPerBlock: number;
  /** Milliseconds; 5 minutes by default. */
  readonly length?: number;
  readonly from?: Instant;
}

/** The blocks of one weight; which session is a canary's is drawn by the weight. */
export function trafficOf(traffic: Traffic): readonly Block[] {
  const random = seeded(traffic.seed);
  const length = traffic.length ?? 300_000;
  const from = traffic.from ?? start;
  return Array.from({ length: traffic.blocks }, (_, index): Block => {
    let canary = 0;
    for (let k = 0; k < traffic.sessionsPerBlock; k += 1) if (random() * 10_000 < traffic.weight) canary += 1;
    return {
      start: (from + index * length) as Instant,
      end: (from + (index + 1) * length) as Instant,
      weight: traffic.weight as Weight,
      stable: armOf(draw(random, traffic.sessionsPerBlock - canary, traffic.stable)),
      canary: armOf(draw(random, canary, traffic.canary)),
    };
  });
}

export const good: Behaviour = { failures: 0.27 };

export function historyOf(
  behaviour: Behaviour,
  count = 500,
  seed = 99,
): Readonly<Record<MetricName, readonly number[]>> {
  const sessions = draw(seeded(seed), count, behaviour);
  return Object.fromEntries(
    metricNames.map((metric) => [metric, sessions.map((each) => each[metric])]),
  ) as unknown as Readonly<Record<MetricName, readonly number[]>>;
}

export const emptyHistory = Object.fromEntries(metricNames.map((metric) => [metric, []])) as unknown as Readonly<
  Record<MetricName, readonly number[]>
>;

export function opened(gate: HealthGate, history = historyOf(good), horizon = 500): HealthMemory {
  return openHealth({ rollout: "rollout-1" as RolloutId, gate, stage: 2, horizon, history });
}

export function absorbed(memory: HealthMemory, gate: HealthGate, blocks: readonly Block[]): HealthMemory {
  return blocks.reduce((so, block) => absorbHealth(so, gate, block), memory);
}

export function evidenceOf(
  memory: HealthMemory,
  parts: Partial<Extract<Evidence, { kind: "health" }>> = {},
): Extract<Evidence, { kind: "health" }> {
  return { kind: "health", memory, alarms: [], completedOnly: false, ...parts };
}

export function clockAt(now: Instant, since: Instant = start): GateClock {
  return { now, since, pausedFor: 0 as Duration, canary: `r-${"c".repeat(64)}` as RevisionId };
}
