// What a health gate saw over time, as finished values to draw. Made for people's eyes: nothing is decided by it.

import type { MetricName } from "./metric.js";
import type { Instant, RolloutId, Weight } from "./units.js";

/** `proven`: not worse than the margin, as was asked; `not-worse`: the same where nobody asked; both hold for one weight. */
export type FindingState = "proven" | "not-worse" | "undecided" | "worse" | "not-applicable" | "missing";

/** Canary minus stable as the metric is named (a success rate falls when it gets worse), with its always-valid interval. */
export interface PicturePoint {
  readonly at: Instant;
  readonly weight: Weight;
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

export interface MetricPicture {
  readonly metric: MetricName;
  /** `points`: of a rate, as a fraction; `relative`: share of stable's mean; `units`: of the metric; `exceedance`: sessions above stable's quantile. */
  readonly scale: "points" | "relative" | "units" | "exceedance";
  /** Where worse lies. */
  readonly worse: "up" | "down";
  /** In the direction of the points: below 0 where worse is down. Null where the limit is in another unit than the picture. */
  readonly tolerance: number | null;
  readonly margin: number | null;
  readonly state: FindingState;
  /** The gate asks for a pass of it. */
  readonly asked: boolean;
  /** Judged from totals alone: what is promised of it holds approximately. */
  readonly approximate: boolean;
  /** Ascending in time, at most 33; the last is the newest. */
  readonly points: readonly PicturePoint[];
}

export type PictureMoment =
  | { readonly kind: "weight"; readonly at: Instant; readonly weight: Weight }
  | { readonly kind: "verdict"; readonly at: Instant; readonly gate: string; readonly result: "pass" | "fail" };

export interface GatePicture {
  readonly rollout: RolloutId;
  readonly gate: string;
  readonly from: Instant;
  readonly to: Instant;
  /** Ascending in time. */
  readonly moments: readonly PictureMoment[];
  /** Those that have a point at all, in the order of the gate. */
  readonly metrics: readonly MetricPicture[];
}
