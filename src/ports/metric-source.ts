// The door to what agents did.

import type { Block, MetricName } from "../core/model/metric.js";
import type { RoutingUnit, WeightChange } from "../core/model/route.js";
import { type AgentId, type Duration, hour, type Instant, type RevisionId } from "../core/model/units.js";

export interface BlockQuery {
  readonly agent: AgentId;
  readonly stable: RevisionId;
  readonly canary: RevisionId;
  /** What counts as one. `user`: all sessions of a user that started in a cell give one value, and each user counts once at a weight. */
  readonly unit: RoutingUnit;
  /** Only blocks that end after this; null: from the first cut. */
  readonly after: Instant | null;
  /** When each weight took force, ascending. Nothing before the first cut is answered. */
  readonly cuts: readonly WeightChange[];
  readonly sessionTimeout: Duration;
  readonly now: Instant;
}

export interface BlockAnswer {
  /** Closed blocks alone (end + session timeout <= now), ascending, disjoint. */
  readonly blocks: readonly Block[];
  /** Tasks since the first cut that report a revision which is neither stable nor canary. */
  readonly unrouted: readonly { readonly revision: string; readonly tasks: number }[];
  /** Tasks since the first cut whose session was routed to another revision than the task reports. */
  readonly mismatched: number;
  /** The newest record of this agent, of any kind; null when there is none. */
  readonly newest: Instant | null;
  /** Sessions are not reported by themselves: unfinished ones cannot be seen. */
  readonly completedOnly: boolean;
}

/** Display figures of one revision over a window: absent is unknown. */
export interface WindowFigures {
  readonly tasks: number;
  readonly sessions: number;
  readonly values: Readonly<Record<MetricName, number | null>>;
}

export interface HistoryQuery {
  readonly agent: AgentId;
  readonly stable: RevisionId;
  readonly before: Instant;
  readonly unit: RoutingUnit;
}

/** What is known of the stable revision before a rollout: where baselines, caps and quantiles start from. */
export interface StableHistory {
  /** Units of the agent, of any revision: sessions that started in the 24 hours before `before`, or the different users who started one. */
  readonly sessionsLastDay: number;
  /** How much of these 24 hours the agent has been known to the source: less for a young agent, 0 before its first session. */
  readonly observed: Duration;
  /** Values of the stable revision's units before `before`, newest first, of at most 2000 sessions. Rates: badness in [0, 1]. */
  readonly samples: Readonly<Record<MetricName, readonly number[]>>;
}

/** Over less than an hour, traffic is not told from chance. */
const leastObserved = hour;

/** The agent's traffic over the part of the day in which it was there. */
export function sessionsPerHour({ sessionsLastDay, observed }: StableHistory): number {
  return sessionsLastDay / (Math.max(observed, leastObserved) / hour);
}

export interface MetricSource {
  /** A window without data has no block: missing, never zero. Throws a `Fault` when the source cannot be read. */
  blocks(query: BlockQuery, signal: AbortSignal): Promise<BlockAnswer>;
  /** Half-open [from, to). */
  figures(
    query: { readonly agent: AgentId; readonly revision: RevisionId; readonly from: Instant; readonly to: Instant },
    signal: AbortSignal,
  ): Promise<WindowFigures>;
  history(query: HistoryQuery, signal: AbortSignal): Promise<StableHistory>;
}
