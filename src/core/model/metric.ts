// The agent metrics: their names, kinds and the direction that is bad; margins; and the blocks in which they arrive.

import type { Instant, Weight } from "./units.js";

export type MetricName =
  | "task_success_rate"
  | "mean_llm_calls"
  | "mean_cost_usd"
  | "checkpoint_trigger_rate"
  | "rollback_rate"
  | "p95_latency_sec";

/** `points` is a difference of rates as a fraction (5pp is 0.05); `relative` is a share of stable's value (10% is 0.1). */
export type Margin =
  | { readonly kind: "points"; readonly value: number }
  | { readonly kind: "relative"; readonly value: number };

/** How one metric is judged in a health gate. Margin and tolerance are of one kind, and 0 <= tolerance <= margin. */
export interface MetricRule {
  readonly metric: MetricName;
  readonly margin: Margin;
  readonly tolerance: Margin;
}

/**
 * What one arm of a block says of one metric. The unit is the session, or the user with one value for all of it.
 * `rate`: `bad` is the sum of the sessions' badness, each in [0, 1]; `values`: one value for each session; `histogram`: representatives
 * of buckets and how many sessions lie in each, exact for these representatives; `totals`: what is left of this block's sessions where
 * the source aggregates them, badness for rates, added up within a stage and judged approximately.
 */
export type Sample =
  | { readonly kind: "rate"; readonly sessions: number; readonly bad: number }
  | { readonly kind: "values"; readonly values: readonly number[] }
  | { readonly kind: "histogram"; readonly values: readonly number[]; readonly counts: readonly number[] }
  | { readonly kind: "totals"; readonly sessions: number; readonly sum: number; readonly squares: number }
  | { readonly kind: "missing"; readonly because: string };

export interface BlockArm {
  /** Units: sessions that started in this block, finished or timed out; where the unit is the user, users who are counted in it. */
  readonly sessions: number;
  /** Of them, those without any task record: telemetry that is missing. 0 where sessions are not reported by themselves. */
  readonly silent: number;
  readonly samples: Readonly<Record<MetricName, Sample>>;
}

/**
 * All sessions that started in one cell of the 5-minute UTC grid, cut at weight changes, half-open [start, end), read once when
 * `end` + the session timeout has passed. A cell without any session is not a block. Where the unit is the user, each is counted once at a
 * weight: in the cell of the first session since that weight took force.
 */
export interface Block {
  readonly start: Instant;
  readonly end: Instant;
  /** The canary's planned share while these sessions started. */
  readonly weight: Weight;
  readonly stable: BlockArm;
  readonly canary: BlockArm;
  /** Where the unit is the user: sessions that name none, which are in neither arm. Absent: none. */
  readonly userless?: number;
}
