// The proposal: what would happen to each agent now, why, and when the rest could happen.

import type { Stage, Verdict } from "./gate.js";
import type { ComponentChange } from "./revision.js";
import type { RoutingUnit } from "./route.js";
import type { AgentId, Digest, Instant, RevisionId, Weight } from "./units.js";

/** Riskiest first: the order of every listing. */
export const plannedKinds = [
  "rollback",
  "withdraw",
  "restore",
  "repair",
  "promote",
  "advance",
  "start",
  "adopt",
  "retire",
  "supersede",
  "hold",
  "none",
] as const;
export type PlannedKind = (typeof plannedKinds)[number];

/** The situation that an action was planned for: another one makes the plan stale. `serial` counts only entries that change something. */
export interface Basis {
  readonly lineage: string;
  readonly epoch: number;
  readonly serial: number;
  /** Fingerprint of the live route. */
  readonly live: string;
}

export interface GateOpinion {
  readonly gate: string;
  readonly stage: number;
  readonly verdict: Verdict;
}

/** What one gate is expected to need at the observed traffic and its weight (hours; null: never, or not known). */
export interface GateForecast {
  readonly gate: string;
  readonly weight: Weight;
  /** What is counted as one; absent: the session. */
  readonly unit?: RoutingUnit;
  /** Units of both arms: sessions, or users, each of whom counts once at a weight. */
  readonly sessionsPerHour: number;
  readonly holdHours: number;
  readonly untilHours: number;
  readonly hoursToPass: { readonly median: number | null; readonly p90: number | null };
  readonly hoursToFail: { readonly median: number | null; readonly p90: number | null };
  /** Smallest drop of task success, as a fraction, seen with 80 % within the stage; null: not known. */
  readonly smallestDrop: number | null;
  /** Sessions that a canary at the margin would reach before it fails (median); null: not known. */
  readonly exposedSessions: number | null;
  readonly warning: string | null;
}

export interface PlannedAction {
  readonly agent: AgentId;
  readonly kind: PlannedKind;
  /** What serves now beside or under the canary, and what is to serve. */
  readonly from: RevisionId | null;
  readonly to: RevisionId | null;
  /** The canary's share of sessions before and after. */
  readonly weightFrom: Weight;
  readonly weightTo: Weight;
  readonly because: string;
  /** Why it holds, as a permanent code: `state/unknown-agent`, `rollout/rejected-change`; null where it does not. */
  readonly code: string | null;
  /** A command that a person could run. */
  readonly hint: string | null;
  /** The earliest time at which waiting alone could change it. */
  readonly earliest: Instant | null;
  readonly opinions: readonly GateOpinion[];
  readonly changes: readonly ComponentChange[];
  readonly warnings: readonly string[];
  /** Where the rollout stands; null without one. */
  readonly progress: {
    readonly rollout: string;
    readonly stage: number;
    readonly stages: readonly Stage[];
    readonly attempt: number;
    readonly paused: boolean;
  } | null;
  /** A newer desired revision that waits for the running rollout. */
  readonly queued: RevisionId | null;
  readonly forecast: readonly GateForecast[];
  readonly basis: Basis;
}

export interface Plan {
  readonly format: 1;
  readonly spec: Digest;
  readonly madeAt: Instant;
  readonly validUntil: Instant;
  readonly actions: readonly PlannedAction[];
}
