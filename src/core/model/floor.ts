// Floors: what either arm has to keep to, whatever the other one does.

import type { FloorState } from "../stats/floor.js";
import type { MeanFloorState } from "../stats/mean-floor.js";
import type { Figures } from "./gate.js";
import type { MetricName } from "./metric.js";
import type { Instant, RevisionId } from "./units.js";

/**
 * The limit of one metric: the least of one that is bad when it falls, the most of one that is bad when it rises. Rates are
 * fractions between 0 and 1 (a floor of 80 % is 0.8); calls, dollars and seconds stand in the metric's own unit, above 0.
 */
export type Floor =
  | { readonly metric: FallingMetric; readonly least: number }
  | { readonly metric: RisingMetric; readonly most: number };

type FallingMetric = "task_success_rate";
export type RisingMetric = Exclude<MetricName, FallingMetric>;

/** One arm is proven to be beyond a floor. */
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
  /** What it was judged from. Entries that were written before this was recorded have none. */
  readonly evidence?: FloorEvidence;
}

/** All that a breach follows from. */
export interface FloorEvidence {
  /** As it was configured when it was breached. */
  readonly floor: Floor;
  /** The arm's, as it was when it proved the breach. */
  readonly count: FloorCount;
  /** The other arm's, where it proved a breach of the same floor on the same day; else null. */
  readonly other: FloorCount | null;
}

/**
 * What is counted of one arm against one floor: plain data. `share`: of sessions that are bad, or for a quantile of those beyond the
 * limit, of which no more than 1 - q may be (5 % for a 95th percentile). `mean`: the sessions' own values.
 */
export type FloorCount =
  | { readonly kind: "share"; readonly state: FloorState }
  | { readonly kind: "mean"; readonly state: MeanFloorState };
