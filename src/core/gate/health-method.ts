// Which method judges a metric: the exact one wherever the source shows sessions, and the approximate one where it shows totals alone.

import type { Block, BlockArm, MetricName, MetricRule, Sample } from "../model/metric.js";
import type { Accumulator } from "../stats/accumulator.js";
import type { MetricEvidence, TotalsMetric } from "../stats/metric-evidence.js";
import { bothSamples } from "./health-block.js";
import { limitsOf, metricKinds, scaleOf } from "./health-config.js";
import { sampleCount } from "./health-sample.js";

export type Method = "exact" | "totals";
type Pair = { readonly canary: Sample; readonly stable: Sample };

/** How a metric is judged, from the first block that said something of it to the end of the rollout; null before that block. */
export function methodOf(evidence: MetricEvidence, metric: MetricName, pending: Block | null): Method | null {
  if (evidence.kind === "totals") return "totals";
  const { arms, past } = evidence;
  if (arms.canary.count + arms.stable.count > 0 || past.information > 0) return "exact";
  return pending === null ? null : methodIn(bothSamples(pending, metric));
}

/** What the samples of both arms can feed; null where they say nothing, or the two arms differ. */
function methodIn({ canary, stable }: Pair): Method | null {
  const methods = [canary, stable].filter((sample) => sampleCount(sample) > 0).map(methodFor);
  return methods.length > 0 && methods.every((method) => method === methods[0]) ? (methods[0] ?? null) : null;
}

function methodFor(sample: Sample): Method {
  return sample.kind === "totals" ? "totals" : "exact";
}

/** The settings of a metric of which the first block shows totals; null where it does not. */
export function totalsMetric(rule: MetricRule, evidence: MetricEvidence, samples: Pair): TotalsMetric | null {
  const of = metricKinds[rule.metric];
  if (of === "quantile" || methodIn(samples) !== "totals") return null;
  const cap = evidence.kind === "mean" ? (evidence.main?.cap ?? null) : null;
  return { kind: "totals", of, scale: scaleOf(rule.margin), ...limitsOf(rule), unit: of === "rate" ? 1 : cap };
}

/**
 * The block without what does not suit the metric's method: the two are never mixed, and the metric waits for the shape in which the
 * source began. `turned` says of which metrics that was the case.
 */
export function suitedBlock(
  block: Block,
  metrics: Accumulator["metrics"],
): { readonly block: Block; readonly turned: Readonly<Partial<Record<MetricName, string>>> } {
  const turned: Partial<Record<MetricName, string>> = {};
  const replaced: Record<"canary" | "stable", Partial<Record<MetricName, Sample>>> = { canary: {}, stable: {} };
  for (const { name, evidence } of metrics) {
    const metric = name as MetricName;
    const method: Method = evidence.kind === "totals" ? "totals" : "exact";
    const both = bothSamples(block, metric);
    const odd = [both.canary, both.stable].find((sample) => sampleCount(sample) > 0 && methodFor(sample) !== method);
    if (odd !== undefined) turned[metric] = turnedText(method);
    for (const arm of ["canary", "stable"] as const) {
      if (odd !== undefined) replaced[arm][metric] = { kind: "missing", because: turnedText(method) };
      else if (both[arm].kind !== "missing" && methodFor(both[arm]) !== method) {
        replaced[arm][metric] = emptyFor(metric, method);
      }
    }
  }
  const suited = (name: "canary" | "stable"): BlockArm => ({
    ...block[name],
    samples: { ...block[name].samples, ...replaced[name] },
  });
  return { block: { ...block, canary: suited("canary"), stable: suited("stable") }, turned };
}

function turnedText(method: Method): string {
  return method === "totals"
    ? "the source answered totals when it began, and counts or values now: the two are not mixed"
    : "the source answered counts or values when it began, and totals now: the two are not mixed";
}

/** An arm without sessions in the shape that the other arm has. */
function emptyFor(metric: MetricName, method: Method): Sample {
  if (method === "totals") return { kind: "totals", sessions: 0, sum: 0, squares: 0 };
  return metricKinds[metric] === "rate" ? { kind: "rate", sessions: 0, bad: 0 } : { kind: "values", values: [] };
}
