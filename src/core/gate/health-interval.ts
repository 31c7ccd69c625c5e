// The always-valid interval of a metric in the units of its margin: what sentences say, figures hold and pictures show.

import type { MetricPicture } from "../model/gate-picture.js";
import type { MetricName, MetricRule } from "../model/metric.js";
import type { MetricEvidence } from "../stats/metric-evidence.js";
import type { Interval } from "../stats/normal-mixture.js";
import { metricInterval } from "../stats/reading.js";
import { metricKinds, scaleOf } from "./health-config.js";

export type ShownScale = MetricPicture["scale"];

/** What a rule's metric is shown in. */
export function displayScale(rule: MetricRule): ShownScale {
  const kind = metricKinds[rule.metric];
  if (kind === "quantile") return "exceedance";
  if (kind === "rate") return "points";
  return scaleOf(rule.margin) === "relative" ? "relative" : "units";
}

/** Badness, canary minus stable; as a share of stable's mean for relative margins. Null where it is not known, or no share of anything. */
export function shownInterval(
  interval: Interval | null,
  as: { readonly scale: ShownScale; readonly stable: number | null },
): Interval | null {
  if (interval === null) return null;
  const { estimate, low, high } = interval;
  switch (as.scale) {
    case "relative": {
      const { stable } = as;
      if (stable === null || !(stable > 0)) return null;
      return { estimate: estimate / stable, low: Math.max(low / stable, -1), high: high / stable };
    }
    case "units":
      return interval;
    case "points":
    case "exceedance":
      return { estimate, low: Math.max(low, -1), high: Math.min(high, 1) };
  }
}

/** What a metric's evidence shows at this moment. */
export function shownEvidence(metric: MetricName, evidence: MetricEvidence): Interval | null {
  const { count, sum } = evidence.arms.stable;
  return shownInterval(metricInterval(evidence), {
    scale: evidenceScale(metric, evidence),
    stable: count > 0 ? sum / count : null,
  });
}

/** The same as `displayScale`, from what the evidence was opened with. */
function evidenceScale(metric: MetricName, evidence: MetricEvidence): ShownScale {
  const kind = metricKinds[metric];
  if (kind === "quantile") return "exceedance";
  if (kind === "rate") return "points";
  return relativeEvidence(evidence) ? "relative" : "units";
}

function relativeEvidence(evidence: MetricEvidence): boolean {
  switch (evidence.kind) {
    case "mean":
      return (evidence.main ?? evidence.waiting?.config)?.scale === "relative";
    case "totals":
      return evidence.config.scale === "relative";
    case "rate":
    case "quantile":
      return false;
  }
}
