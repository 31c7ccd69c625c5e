// What the engine sees before a step, and what it may decide: at most one thing.

import type { FloorBreach } from "./floor.js";
import type { Evidence } from "./gate.js";
import type { EventBody, Operation } from "./journal.js";
import type { LiveState, Route } from "./route.js";
import type { Instant } from "./units.js";

/** One look at the world. Evidence that was not gathered is absent, and absent is missing. */
export interface Sight {
  readonly now: Instant;
  /** Of our own journal. */
  readonly lineage: string;
  /** Of our own store: a target that shows a higher one was changed by a person who broke the glass. */
  readonly epoch: number;
  readonly live: LiveState;
  readonly onDrift: "correct" | "report";
  /** Watch and roll back, raise nothing: the spec is invalid or has another agent's error. */
  readonly watchOnly: boolean;
  /** Eval evidence by revision. */
  readonly evals: Readonly<Record<string, Evidence>>;
  /** Evidence of the health gate at this index of the rollout's stages. */
  readonly health: { readonly stage: number; readonly evidence: Evidence } | null;
  /** Readiness by revision. */
  readonly ready: Readonly<Record<string, Evidence>>;
  /** Window evidence by index of the stage. */
  readonly windows: Readonly<Record<number, Evidence>>;
  /** Every breach of a floor that is proven, whether it was told or not. */
  readonly floors: readonly FloorBreach[];
}

/** `code` and `hint` say why it waits and what a person could run. */
export type Decision = { readonly because: string; readonly code: string | null; readonly hint: string | null } & (
  | { readonly kind: "act"; readonly route: Route }
  | { readonly kind: "note"; readonly event: EventBody }
  | { readonly kind: "operate"; readonly operation: Operation }
  /** `until`: the earliest time at which waiting alone could change it; null: only evidence or a person can. */
  | { readonly kind: "wait"; readonly until: Instant | null }
  | { readonly kind: "rest" }
);
