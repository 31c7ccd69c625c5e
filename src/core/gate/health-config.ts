// How the rules of a health gate become the settings of its accumulators.

import type { HealthGate } from "../model/gate.js";
import type { Margin, MetricName, MetricRule } from "../model/metric.js";
import { type JudgedMetric, metricWeights } from "../stats/accumulator.js";
import type { History } from "../stats/baseline.js";
import type { MetricConfig } from "../stats/metric-evidence.js";
import { sampleQuantile } from "../stats/quantile-sketch.js";

/** Stable's session values before the rollout, newest first. Rates: badness in [0, 1]. */
export type StableValues = Readonly<Record<MetricName, readonly number[]>>;

export const primaryMetric: MetricName = "task_success_rate";

/** `rate`: badness in [0, 1] for each session; `mean` and `quantile`: one value for each session, of which more is worse. */
export const metricKinds: Readonly<Record<MetricName, "rate" | "mean" | "quantile">> = {
  task_success_rate: "rate",
  mean_llm_calls: "mean",
  mean_cost_usd: "mean",
  checkpoint_trigger_rate: "rate",
  rollback_rate: "rate",
  p95_latency_sec: "quantile",
};

/** Which quantile `p95_latency_sec` is. */
export const quantileOf = 0.95;

/** Accumulators of another format are void, as those of another gate are. */
const format = 1;

/** What the accumulators depend on, as one text: margins, tolerances, levels and the metrics that are asked for a pass. */
export function configurationText(gate: HealthGate): string {
  const metrics = [...gate.metrics]
    .sort((a, b) => (a.metric < b.metric ? -1 : 1))
    .map(({ metric, margin, tolerance }) => [metric, margin.kind, margin.value, tolerance.value]);
  const { alpha, beta } = gate;
  return JSON.stringify({ format, alpha, beta, prove: [...gate.prove].sort(), metrics });
}

/** Half of the false-rollback budget is for task success, the other metrics share the other half. */
export function judgedMetrics(gate: HealthGate, history: StableValues): readonly JudgedMetric[] {
  const weights = metricWeights(
    gate.metrics.map(({ metric }) => metric),
    primaryMetric,
  );
  return gate.metrics.map((rule) => ({
    name: rule.metric,
    weight: weights.get(rule.metric) ?? 0,
    config: configOf(rule, history[rule.metric]),
  }));
}

/** Margin and tolerance as the numbers that the methods ask for. */
export function limitsOf(rule: MetricRule): { readonly margin: number; readonly tolerance: number } {
  return { margin: rule.margin.value, tolerance: rule.tolerance.value };
}

/** A mean's tail may grow by two points; it is tolerated as far as the mean's own margin is. */
const tailMargin = 0.02;

export function tailLimitsOf(rule: MetricRule): { readonly margin: number; readonly tolerance: number } {
  const { margin, tolerance } = limitsOf(rule);
  return { margin: tailMargin, tolerance: margin > 0 ? tailMargin * (tolerance / margin) : 0 };
}

export function scaleOf(margin: Margin): "relative" | "absolute" {
  return margin.kind === "relative" ? "relative" : "absolute";
}

function configOf(rule: MetricRule, history: readonly number[]): MetricConfig {
  const values = history.filter((value) => Number.isFinite(value) && value >= 0);
  const kind = metricKinds[rule.metric];
  switch (kind) {
    case "rate":
      return { kind, ...limitsOf(rule), history: historyOf(values, 1) };
    case "quantile":
      return { kind, q: quantileOf, ...limitsOf(rule) };
    case "mean": {
      const cap = capOf(values);
      const scale = scaleOf(rule.margin);
      const known = cap === null ? null : historyOf(values, cap);
      return { kind, scale, ...limitsOf(rule), cap, tail: tailLimitsOf(rule), history: known };
    }
  }
}

/** Fewer values of history say too little about where the largest hundredth begins. */
const leastForCap = 20;

/** Stable's 99th percentile, fixed before the stage; the largest value where that is 0; null where history does not know it. */
function capOf(values: readonly number[]): number | null {
  if (values.length < leastForCap) return null;
  const cap = sampleQuantile(values, 0.99);
  if (cap > 0) return cap;
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  return largest > 0 ? largest : null;
}

function historyOf(values: readonly number[], cap: number): History | null {
  if (values.length === 0) return null;
  const capped = values.map((value) => Math.min(value, cap));
  const mean = capped.reduce((sum, value) => sum + value, 0) / capped.length;
  const variance = capped.reduce((sum, value) => sum + (value - mean) ** 2, 0) / capped.length;
  return { sessions: capped.length, mean, variance };
}
