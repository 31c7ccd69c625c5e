// Where a gate's metrics have been: a few points of the whole rollout, kept beside the memory so that a verdict can be drawn from the
// journal alone. It is for display: no test reads it, and a memory without one is judged the same.

import type { MetricName } from "../model/metric.js";
import type { Instant, Weight } from "../model/units.js";
import type { Accumulator } from "../stats/accumulator.js";
import { shownEvidence } from "./health-interval.js";

/** More points than this are thinned to every second one. */
export const mostTrailPoints = 32;

/** Plain JSON. */
export interface Trail {
  /** Counted blocks from one point to the next; doubles whenever points are thinned. */
  readonly spacing: number;
  /** Blocks counted since the last point. */
  readonly skipped: number;
  /** Ascending in time. */
  readonly points: readonly TrailPoint[];
}
export interface TrailPoint {
  /** End of the block that was counted last. */
  readonly at: Instant;
  readonly weight: Weight;
  /** Estimate, low and high of what `shownEvidence` said then, to six digits; metrics of which nothing was known are absent. */
  readonly metrics: Readonly<Partial<Record<MetricName, readonly [number, number, number]>>>;
}

export const noTrail: Trail = { spacing: 1, skipped: 0, points: [] };

/** The trail after one more counted block; only every so many cost a point. */
export function trailAfter(trail: Trail, accumulator: Accumulator, weight: Weight): Trail {
  const skipped = trail.skipped + 1;
  return skipped < trail.spacing ? { ...trail, skipped } : marked(trail, accumulator, weight);
}

/** The trail with a point for what a weight ends with, which the next weight's counts could no longer tell. */
export function trailAtEnd(trail: Trail, accumulator: Accumulator, weight: Weight): Trail {
  const known = trail.points.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  return (accumulator.watermark ?? Number.NEGATIVE_INFINITY) > known ? marked(trail, accumulator, weight) : trail;
}

function marked({ spacing, points }: Trail, accumulator: Accumulator, weight: Weight): Trail {
  const point = pointOf(accumulator, weight);
  if (point === null) return { spacing, skipped: 0, points };
  const all = [...points, point];
  if (all.length <= mostTrailPoints) return { spacing, skipped: 0, points: all };
  // The newest stays whatever its place: the line ends where the evidence does.
  const kept = all.filter((_, index) => index % 2 === 0 || index === all.length - 1);
  return { spacing: spacing * 2, skipped: 0, points: kept };
}

/** What an accumulator shows now; null before its first block. */
export function pointOf(accumulator: Accumulator, weight: Weight): TrailPoint | null {
  const { watermark } = accumulator;
  if (watermark === null) return null;
  const metrics: Partial<Record<MetricName, readonly [number, number, number]>> = {};
  for (const { name, evidence } of accumulator.metrics) {
    const interval = shownEvidence(name as MetricName, evidence);
    if (interval === null) continue;
    const { estimate, low, high } = interval;
    metrics[name as MetricName] = [sixDigits(estimate), sixDigits(low), sixDigits(high)];
  }
  return { at: watermark as Instant, weight, metrics };
}

/** Enough for any picture, and a third of the text. A zero has no sign: JSON would not keep it. */
function sixDigits(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(6));
}
