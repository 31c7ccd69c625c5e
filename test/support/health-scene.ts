// A health gate that is easily passed, traffic for it, and what it says of them.

import type { HealthMemory } from "../../src/core/gate/health-memory.js";
import { judgeHealth } from "../../src/core/gate/kinds/health.js";
import type { Evidence, HealthGate, Verdict } from "../../src/core/model/gate.js";
import type { Block, BlockArm, MetricName, Sample } from "../../src/core/model/metric.js";
import type { Instant } from "../../src/core/model/units.js";
import { atHour, clockAt, evidenceOf, good, healthGate, metricNames, ruleOf, trafficOf } from "./health-traffic.js";

export const wide = healthGate({
  metrics: metricNames.map((metric) => ruleOf(metric, metric.endsWith("_rate") ? 0.1 : 0.5)),
});
/** Twelve hours at 20 %, 120 sessions an hour. */
export const steady = { seed: 3, weight: 2000, stable: good, canary: good, blocks: 144, sessionsPerBlock: 10 };
export const twelveHours = atHour(12);

export type HealthEvidence = Extract<Evidence, { kind: "health" }>;

export function judged(
  memory: HealthMemory,
  at: { readonly gate?: HealthGate; readonly now?: Instant; readonly since?: Instant } = {},
  parts: Partial<HealthEvidence> = {},
): Verdict {
  return judgeHealth(at.gate ?? wide, evidenceOf(memory, parts), clockAt(at.now ?? twelveHours, at.since));
}

/** Every block with something changed. */
export function changed(
  blocks: readonly Block[],
  change: (arm: BlockArm, name: "canary" | "stable") => BlockArm,
): readonly Block[] {
  return blocks.map((block) => ({
    ...block,
    canary: change(block.canary, "canary"),
    stable: change(block.stable, "stable"),
  }));
}
export function withSample(arm: BlockArm, metric: MetricName, sample: Sample): BlockArm {
  return { ...arm, samples: { ...arm.samples, [metric]: sample } };
}

export interface MetricFigures {
  readonly metric: string;
  readonly state: string;
  readonly log_e_fail: number;
  readonly log_e_pass: number;
  readonly stable: number | null;
  readonly canary: number | null;
}
export function metricOf(verdict: Verdict, metric: MetricName): MetricFigures {
  const metrics = verdict.figures.metrics as unknown as readonly MetricFigures[];
  const found = metrics.find((each) => each.metric === metric);
  if (found === undefined) throw new Error(`no figures of ${metric}`);
  return found;
}

/** One block of 40 sessions. */
export function anyBlock(from: Instant, weight = 2000): Block {
  return trafficOf({ ...steady, weight, from, blocks: 1, sessionsPerBlock: 40 })[0] as Block;
}
