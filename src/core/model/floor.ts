// Floors: the least that either arm may do, whatever the other one does.

import type { Figures } from "./gate.js";
import type { MetricName } from "./metric.js";
import type { Instant, RevisionId } from "./units.js";

/** `least`: the lowest rate that is allowed, as a fraction between 0 and 1: a floor of 80 % is 0.8. */
export interface Floor {
  readonly metric: MetricName;
  readonly least: number;
}

/** One arm is proven to be below a floor. */
export interface FloorBreach {
  readonly arm: "stable" | "canary";
  readonly revision: RevisionId;
  readonly metric: MetricName;
  /** The beginning of the UTC day whose sessions prove it: a breach is told once a day. */
  readonly since: Instant;
  /** The other arm breached the same floor on the same day: it is not the canary. */
  readonly both: boolean;
  readonly because: string;
  readonly figures: Figures;
  readonly runbook: string | null;
}
