// Metrics, stages and blocks for tests of the accumulator.

import {
  type Accumulator,
  type JudgedBlock,
  type JudgedMetric,
  openAccumulator,
} from "../../../src/core/stats/accumulator.js";
import type { MetricBlock } from "../../../src/core/stats/metric-evidence.js";

export const minute = 60_000;
export const hour = 60 * minute;
export const stage = { enteredAt: 0, planned: 400, laterStages: 1 };

export const success = {
  kind: "rate",
  margin: 0.05,
  tolerance: 0,
  history: { sessions: 500, mean: 0.1 },
} satisfies JudgedMetric["config"];
export const cost = {
  kind: "mean",
  scale: "relative",
  margin: 0.2,
  tolerance: 0,
  cap: 6,
  tail: { margin: 0.02, tolerance: 0.01 },
  history: { sessions: 500, mean: 1, variance: 0.8 },
} satisfies JudgedMetric["config"];
export const latency = { kind: "quantile", q: 0.95, margin: 0.25, tolerance: 0 } satisfies JudgedMetric["config"];

export function opened(metrics: readonly JudgedMetric[], at = stage): Accumulator {
  return openAccumulator({ ...at, alpha: 0.05, beta: 0.05, metrics });
}

export function blockAt(
  index: number,
  metrics: Readonly<Record<string, MetricBlock>>,
  arms = { canary: 5, stable: 95 },
): JudgedBlock {
  return {
    start: index * 5 * minute,
    end: (index + 1) * 5 * minute,
    canary: { sessions: arms.canary, silent: 0 },
    stable: { sessions: arms.stable, silent: 0 },
    metrics,
  };
}

export function rateBlock(canaryBad: number, stableBad: number, arms = { canary: 5, stable: 95 }): MetricBlock {
  return { kind: "rate", counts: { ...arms, canaryBad, stableBad } };
}

export const alone: readonly JudgedMetric[] = [{ name: "success", weight: 1, config: success }];
