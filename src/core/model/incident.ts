// The record of a rollback, an undo, or a breach of a floor by stable: read out of the journal, stored nowhere else.

import type { Verdict } from "./gate.js";
import type { GatePicture } from "./gate-picture.js";
import type { ComponentChange } from "./revision.js";
import type { AgentId, Digest, Instant, RevisionId, Weight } from "./units.js";

export interface Incident {
  /** `support-1`: the number is counted by the journal's own replay. */
  readonly id: string;
  readonly agent: AgentId;
  /** When it was over. */
  readonly at: Instant;
  /** Null for a breach while no rollout was under way. */
  readonly rollout: string | null;
  /** `breached`: stable is below a floor, and nothing was moved. */
  readonly outcome: "rolled-back" | "undone" | "breached";
  /** What serves again; null for a breach. */
  readonly from: RevisionId | null;
  /** What was taken away; for a breach the stable revision, which goes on serving. */
  readonly canary: RevisionId;
  readonly because: string;
  /** The gate that failed or stayed undecided; null where a person decided. */
  readonly gate: string | null;
  readonly verdict: Verdict | null;
  /** The share of sessions that it had when it was turned back. */
  readonly weight: Weight;
  readonly changes: readonly ComponentChange[];
  readonly runbook: string | null;
  /** The plan under which it was turned back. */
  readonly plan: Digest | null;
  readonly by: string;
  readonly timeline: readonly { readonly at: Instant; readonly what: string }[];
  /** What the last health gate that was judged had seen; null where none was, or its record is older than such pictures. */
  readonly picture: GatePicture | null;
}
