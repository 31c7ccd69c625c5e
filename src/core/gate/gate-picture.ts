// A health gate's memory as a picture: each metric's estimate and interval over time, its limits, and what happened meanwhile.

import type { HealthGate, Verdict } from "../model/gate.js";
import type { GatePicture, MetricPicture, PictureMoment, PicturePoint } from "../model/gate-picture.js";
import type { WeightChange } from "../model/route.js";
import type { Instant } from "../model/units.js";
import { accumulatorOf, courseOf, fitsGate } from "./health-accumulator.js";
import { primaryMetric } from "./health-config.js";
import { type Finding, findHealth } from "./health-finding.js";
import type { HealthMemory } from "./health-memory.js";
import { pointOf, type TrailPoint } from "./health-trail.js";

export interface PictureInput {
  readonly gate: HealthGate;
  readonly memory: HealthMemory;
  /** Every weight that took force, ascending in time. */
  readonly weights: readonly WeightChange[];
  /** Verdicts of the rollout's health gates that moved something, or would now; ascending in time. */
  readonly verdicts: readonly { readonly at: Instant; readonly gate: string; readonly result: Verdict["result"] }[];
}

/** Null where there is nothing to draw: no block yet, a memory that belongs to another gate, or one that kept no trail. */
export function gatePicture({ gate, memory, weights, verdicts }: PictureInput): GatePicture | null {
  const trail = courseOf(memory).trail;
  if (!fitsGate(memory, gate) || trail === undefined) return null;
  const points = withNewest(trail.points, memory);
  const findings = findHealth(memory, gate, false);
  const suspect = findings.reading.failed?.suspect ?? null;
  const metrics = findings.metrics
    .map((finding) => metricPicture(finding, { points, suspect }))
    .filter((metric) => metric.points.length > 0);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || metrics.length === 0) return null;
  const moments = momentsOf(weights, verdicts);
  const from = Math.min(weights[0]?.at ?? first.at, first.at);
  const to = Math.max(last.at, ...moments.map(({ at }) => at));
  return { rollout: memory.rollout, gate: gate.name, from: from as Instant, to: to as Instant, moments, metrics };
}

/** What was counted since the last point that was kept. */
function withNewest(points: readonly TrailPoint[], memory: HealthMemory): readonly TrailPoint[] {
  const { weight } = courseOf(memory);
  const newest = weight === null ? null : pointOf(accumulatorOf(memory), weight);
  const isNewer = newest !== null && newest.at > (points.at(-1)?.at ?? Number.NEGATIVE_INFINITY);
  return isNewer ? [...points, newest] : points;
}

function momentsOf(weights: PictureInput["weights"], verdicts: PictureInput["verdicts"]): GatePicture["moments"] {
  const moments: PictureMoment[] = weights.map(({ at, weight }) => ({ kind: "weight", at, weight }));
  for (const { at, gate, result } of verdicts)
    if (result !== "wait") moments.push({ kind: "verdict", at, gate, result });
  return moments.sort((a, b) => a.at - b.at);
}

function metricPicture(
  { metric, rule, scale, state, asked, approximate }: Finding,
  seen: { readonly points: readonly TrailPoint[]; readonly suspect: string | null },
): MetricPicture {
  const worse = metric === primaryMetric ? "down" : "up";
  const sign = worse === "down" ? -1 : 1;
  // A quantile is shown by the sessions above it, and its margin is a share of the quantile itself.
  const limit = (value: number): number | null => (scale === "exceedance" ? null : sign * value);
  const points = seen.points.flatMap(({ at, weight, metrics }): readonly PicturePoint[] => {
    const interval = metrics[metric];
    if (interval === undefined) return [];
    const [estimate, low, high] = interval;
    return [{ at, weight, ...turned(sign, { estimate, low, high }) }];
  });
  const proven = metric === seen.suspect ? "worse" : state;
  const { tolerance, margin } = rule;
  return {
    metric,
    scale,
    worse,
    tolerance: limit(tolerance.value),
    margin: limit(margin.value),
    state: proven,
    asked,
    approximate,
    points,
  };
}

/** From badness to the metric's own direction; a zero has no sign. */
function turned(
  sign: 1 | -1,
  { estimate, low, high }: Pick<PicturePoint, "estimate" | "low" | "high">,
): Pick<PicturePoint, "estimate" | "low" | "high"> {
  if (sign === 1) return { estimate, low, high };
  return { estimate: 0 - estimate, low: 0 - high, high: 0 - low };
}
