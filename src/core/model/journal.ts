// The journal: one for each agent, append-only, the only truth. State is its fold.

import type { Floor, FloorBreach } from "./floor.js";
import type { Evidence, Stage, Verdict } from "./gate.js";
import type { ComponentChange } from "./revision.js";
import type { Route, RoutingRule } from "./route.js";
import type { SessionSpec, SourceSpec, TargetSpec } from "./spec.js";
import type { AgentId, Digest, Instant, RevisionId, RolloutId } from "./units.js";

export type Command = "pause" | "resume" | "proceed" | "promote" | "abort" | "correct" | "retry";
export type StateEdit = "renamed" | "unlocked" | "imported";
export type Outcome = "promoted" | "rolled-back" | "withdrawn";
export type TurnCause = "undecided" | "withdrawn";

/** Why a rollout exists: the spec asks for it, the spec went back, or a person did. Only `spec` passes gates. */
export type RolloutOrigin = "spec" | "restore" | "undo";

/** What is frozen with a rollout when it starts. */
export interface RolloutStart {
  readonly id: RolloutId;
  readonly origin: RolloutOrigin;
  readonly because: string;
  readonly canary: RevisionId;
  readonly stages: readonly Stage[];
  readonly changes: readonly ComponentChange[];
  /** Step -> value of the changes that came as overrides: what promotion has to fold. */
  readonly overrides: Readonly<Record<string, string>>;
  /** Step -> what the registry said of it then, for the steps in `overrides`. */
  readonly bases: Readonly<Record<string, string>>;
  /** 1, and one more for each retry after a fail. */
  readonly attempt: number;
  readonly algo: RoutingRule;
  readonly salt: string;
  readonly session: SessionSpec;
  readonly runbook: string | null;
  readonly target: TargetSpec;
  /** Journals of before there was a choice have the embedded one. */
  readonly source: SourceSpec;
  /** Journals that were written before there were floors have none. */
  readonly floors: readonly Floor[];
}

/** Who wrote an entry, and with which plan. */
export interface EventHead {
  readonly at: Instant;
  readonly by: string;
  readonly plan: Digest | null;
}

export type Event = EventHead & EventBody;
export type EventBody =
  | {
      readonly kind: "agent-adopted";
      readonly stable: RevisionId;
      readonly from: "live" | "registry";
      readonly why: string;
      readonly target: TargetSpec;
      /** What was found live has its fallback on, and keeps it. */
      readonly fallback?: true;
    }
  | ({ readonly kind: "rollout-started" } & RolloutStart)
  /** A pass leaves the gate, a fail turns the rollout. Written when it moves something. */
  | {
      readonly kind: "gate-judged";
      readonly rollout: RolloutId;
      readonly stage: number;
      readonly verdict: Verdict;
      readonly evidence: Evidence;
    }
  /** A gate left without a pass: a reviewed skip or policy, which goes by what it `judged`. A person's is `commanded`. */
  | {
      readonly kind: "gate-exempted";
      readonly rollout: RolloutId;
      readonly stage: number;
      readonly exemption: "skip" | "policy";
      readonly because: string;
      readonly judged?: Judgement;
    }
  | { readonly kind: "shift-begun"; readonly route: Route }
  | { readonly kind: "shift-done" }
  /**
   * Somebody took traffic from the canary behind our back: the rollout pauses and is never raised without `resume`. `fallback`: somebody
   * switched it on, and it is on from now; a canary that keeps its weight behind it is not paused.
   */
  | { readonly kind: "drift-found"; readonly live: Route; readonly fallback?: true }
  | {
      readonly kind: "rollout-turned";
      readonly rollout: RolloutId;
      readonly cause: TurnCause;
      readonly because: string;
      /** What `undecided` goes by. */
      readonly judged?: Judgement;
    }
  /** An arm is below a floor. The canary's breach alone turns its rollout; stable's is an incident, and moves nothing. `rollout`: the one under way. */
  | ({ readonly kind: "floor-breached"; readonly rollout: RolloutId | null } & FloorBreach)
  | { readonly kind: "rollout-finished"; readonly rollout: RolloutId; readonly outcome: Outcome }
  | { readonly kind: "commanded"; readonly command: Command; readonly why: string; readonly incident?: string }
  | { readonly kind: "approved"; readonly revision: RevisionId }
  /** A person's word: everybody goes to the fallback, until a person says otherwise. */
  | { readonly kind: "fallback-switched"; readonly on: boolean; readonly because: string }
  /** The spec no longer has the overrides that a promotion came from, and agrees with stable: they were folded. */
  | { readonly kind: "overrides-settled" }
  | { readonly kind: "operation-begun"; readonly operation: Operation }
  | { readonly kind: "operation-done"; readonly id: string; readonly result: string }
  | { readonly kind: "operation-failed"; readonly id: string; readonly because: string }
  /**
   * `fallback`: the target has it on, and keeps it. `held`: no canary was live, so that whether what the spec asks for was turned back
   * before is lost: a person starts what comes next.
   */
  | {
      readonly kind: "recovered";
      readonly stable: RevisionId;
      readonly why: string;
      readonly target: TargetSpec;
      readonly fallback?: true;
      readonly held?: true;
    }
  | { readonly kind: "agent-retired" }
  /** A person's hand in the store itself. `from`: the former name, for `renamed`; else null. */
  | {
      readonly kind: "state-edited";
      readonly edit: StateEdit;
      readonly from: string | null;
      readonly because: string;
    }
  /** A run was ended on the spot by a second signal: what it had begun is open, and the next apply sees to it. */
  | { readonly kind: "interrupted"; readonly signal: Signal };

/** What a policy went by when a gate's time was over. Entries that were written before this was recorded have none. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly evidence: Evidence;
}

export type Signal = "SIGINT" | "SIGTERM";

/** An effect that is not a set: it carries an id and is looked up before it is repeated. */
export interface Operation {
  readonly id: string;
  readonly kind: "baseline";
  readonly agent: AgentId;
  readonly revision: RevisionId;
  readonly rollout: RolloutId;
}

export interface Entry {
  readonly serial: number;
  readonly event: Event;
}

export interface Journal<State> {
  /** Born with the journal; two lineages are never compared. */
  readonly lineage: string;
  readonly epoch: number;
  /** How many entries; orders writes within a lineage. 0: the store does not know the agent. */
  readonly serial: number;
  /** The fold up to some serial, a cache; null: fold from the beginning. */
  readonly snapshot: { readonly serial: number; readonly state: State } | null;
  /** The entries behind the snapshot. */
  readonly entries: readonly Entry[];
}
