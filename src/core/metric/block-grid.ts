// The fixed 5-minute UTC grid, cut at weight changes: which block a session belongs to follows from its start alone.

import type { WeightChange } from "../model/route.js";
import { type Instant, minute, type Weight } from "../model/units.js";

export const gridStep = 5 * minute;

export interface Cell {
  readonly start: Instant;
  readonly end: Instant;
  readonly weight: Weight;
}

/** The weight that was in force at the instant; null before the first cut. `cuts` ascend in time. */
export function cutOf(instant: Instant, cuts: readonly WeightChange[]): WeightChange | null {
  return cuts.findLast(({ at }) => at <= instant) ?? null;
}

/** The cell that holds the instant, half-open [start, end); null before the first cut. `cuts` ascend in time. */
export function cellOf(instant: Instant, cuts: readonly WeightChange[]): Cell | null {
  const later = cuts.findIndex(({ at }) => at > instant);
  const index = later === -1 ? cuts.length - 1 : later - 1;
  const cut = cuts[index];
  if (cut === undefined) return null;
  const onGrid = Math.floor(instant / gridStep) * gridStep;
  return {
    start: Math.max(onGrid, cut.at) as Instant,
    end: Math.min(onGrid + gridStep, cuts[index + 1]?.at ?? Infinity) as Instant,
    weight: cut.weight,
  };
}
