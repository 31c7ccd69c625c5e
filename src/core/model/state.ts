// What the journal says of an agent. Never merged with what the target says.

import type { FloorBreach } from "./floor.js";
import type { Approval, Stage, Verdict } from "./gate.js";
import type { Operation, Outcome, RolloutStart } from "./journal.js";
import type { ComponentChange } from "./revision.js";
import type { Route, WeightChange } from "./route.js";
import type { TargetSpec } from "./spec.js";
import type { AgentId, Duration, Instant, RevisionId, RolloutId, Weight } from "./units.js";

export interface AgentState {
  readonly agent: AgentId;
  /** The time of the newest entry. It never goes back, whatever the clocks of those who wrote did. */
  readonly asOf: Instant;
  /** Where its traffic was last split: what a rollout under way, or an agent that left the spec, still uses. */
  readonly target: TargetSpec | null;
  /** What all traffic rests on; null before adoption. */
  readonly stable: RevisionId | null;
  /** Where undo leads, and when it was left. */
  readonly previous: {
    readonly revision: RevisionId;
    readonly leftAt: Instant;
    readonly changes: readonly ComponentChange[];
  } | null;
  /** The one under way. */
  readonly rollout: Rollout | null;
  /** The route last read back from the target after our own shift; null before the first. */
  readonly inForce: Route | null;
  /** The shift whose end has not been written yet. */
  readonly pending: Route | null;
  /** The target must be set again: a shift's end was never written, or a person asked. */
  readonly inDoubt: boolean;
  readonly rejected: readonly Rejection[];
  /** Step -> value promoted as an override and not folded into the registry yet. */
  readonly unfolded: Readonly<Record<string, string>>;
  /** Step -> what the registry said of it when the rollout that promoted its override began. */
  readonly unfoldedBases: Readonly<Record<string, string>>;
  readonly approvals: readonly Approval[];
  readonly operations: readonly PendingOperation[];
  readonly finished: readonly FinishedRollout[];
  /** Retries of a rejected change: how many attempts a change has had. */
  readonly attempts: readonly { readonly changes: readonly ComponentChange[]; readonly count: number }[];
  /** The breaches of floors told so far: the last day of each arm, revision and metric. */
  readonly breaches: readonly ToldBreach[];
  /** Numbers incidents: `support-1`. */
  readonly incidents: number;
  readonly retired: boolean;
  /** It was recovered, and what was rejected before is lost: a person starts the next rollout. Absent: no. */
  readonly held?: true;
  /** The branch on which the fold of what was promoted waits to be merged. Absent: on none. */
  readonly foldBranch?: string;
  /** Everybody goes to the fallback, and nobody to a revision; null: it is off. */
  readonly fallback: FallbackOn | null;
  /** When it was switched off last: there is nothing to be counted from before. Null: it never was. */
  readonly fallbackEndedAt: Instant | null;
}

export interface FallbackOn {
  readonly since: Instant;
  readonly by: string;
  readonly because: string;
}

export type Course = "forward" | "promoting" | "aborting";
export interface Rollout extends RolloutStart {
  readonly startedAt: Instant;
  readonly course: Course;
  readonly paused: { readonly since: Instant; readonly because: string } | null;
  /** Index of the stage that the rollout stands at; `stages.length` when all are behind. */
  readonly stage: number;
  /** When this stage was entered. */
  readonly since: Instant;
  /** When the last weight took force; null before the first. */
  readonly weightSince: Instant | null;
  /** The last weight of this rollout that was read back. */
  readonly confirmed: Weight;
  /** Every weight that took force, ascending in time. */
  readonly history: readonly WeightChange[];
  /** Time spent paused, or with the fallback on, since the last weight took force: what is over of it. */
  readonly pausedFor: Duration;
  /** The part of it with the fallback on. */
  readonly unservedFor: Duration;
  /** Why it turned; null on the way forward. */
  readonly turned: Turn | null;
  readonly exemptions: readonly Exemption[];
  readonly passed: readonly { readonly stage: number; readonly verdict: Verdict; readonly at: Instant }[];
}
export interface Turn {
  readonly cause: "gate" | "floor" | "undecided" | "withdrawn" | "person";
  readonly because: string;
  readonly verdict: Verdict | null;
  readonly stage: number;
  readonly at: Instant;
}
export interface Exemption {
  readonly stage: number;
  readonly kind: "skip" | "policy" | "proceed" | "promote";
  readonly because: string;
  readonly by: string;
}

/** A change that was rolled back. It stays rejected until `retry`, or until it is gone from the spec. */
export interface Rejection {
  readonly changes: readonly ComponentChange[];
  readonly rollout: RolloutId;
  readonly revision: RevisionId;
  readonly incident: string;
  readonly at: Instant;
  readonly because: string;
}

/** `incident`: null for the canary's, whose rollback has one. */
export interface ToldBreach extends Pick<FloorBreach, "arm" | "revision" | "metric" | "since"> {
  readonly incident: string | null;
}

export interface PendingOperation {
  readonly operation: Operation;
  readonly begun: boolean;
  readonly failures: number;
  readonly because: string | null;
  /** When it failed last; null: it has not. */
  readonly failedAt: Instant | null;
}

export interface FinishedRollout {
  readonly id: RolloutId;
  readonly canary: RevisionId;
  readonly outcome: Outcome | "superseded";
  readonly at: Instant;
  /** A gate proved the canary worse: its evidence is spent, and a retry starts afresh. */
  readonly failed: boolean;
}

/** The stage that a rollout stands at; null when all are behind. */
export function currentStage(rollout: Rollout): Stage | null {
  return rollout.stages[rollout.stage] ?? null;
}
