// Incidents: every rollback, every undo and every breach of a floor by stable, read out of the journal. Nothing about them is stored anywhere else.

import type { Stage, Verdict } from "../core/model/gate.js";
import type { Entry, Event } from "../core/model/journal.js";
import type { ComponentChange } from "../core/model/revision.js";
import type { AgentState, Rollout } from "../core/model/state.js";
import {
  type AgentId,
  type Digest,
  fullWeight,
  type Instant,
  noWeight,
  type RevisionId,
  type Weight,
} from "../core/model/units.js";
import { fold, unknownAgent } from "../core/rollout/replay.js";

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
}

/** What was seen of the rollout under way when it turned. */
interface Turning {
  readonly event: Event;
  readonly weight: Weight;
}

/** Oldest first. `describe` puts an entry into words; `stages` are those of the rollout that it belongs to. */
export function incidentsOf(
  agent: AgentId,
  entries: readonly Entry[],
  describe: (event: Event, stages: readonly Stage[]) => string,
): readonly Incident[] {
  const incidents: Incident[] = [];
  let state = unknownAgent(agent);
  let turning: Turning | null = null;
  let begun = 0;
  for (const [index, { event }] of entries.entries()) {
    const before = state;
    state = fold(state, event);
    if (event.kind === "rollout-started") {
      begun = index;
      turning = null;
    }
    if (turning === null && state.rollout?.turned) turning = { event, weight: before.rollout?.confirmed ?? noWeight };
    if (state.incidents === before.incidents) continue;
    const stages = before.rollout?.stages ?? [];
    const timeline = entries
      .slice(before.rollout === null ? index : begun, index + 1)
      .map((entry) => ({ at: entry.event.at, what: describe(entry.event, stages) }));
    if (event.kind === "floor-breached") incidents.push(breachOf(before, { event, timeline }));
    if (event.kind === "floor-breached" || before.rollout === null) continue;
    incidents.push(
      incidentOf({
        before,
        rollout: before.rollout,
        after: state,
        turning: turning ?? { event, weight: fullWeight },
        timeline,
      }),
    );
  }
  return incidents;
}

interface Ended {
  readonly before: AgentState;
  readonly rollout: Rollout;
  readonly after: AgentState;
  readonly turning: Turning;
  readonly timeline: Incident["timeline"];
}

/** A rollback takes the canary away; an undo takes away what was stable, and its rollout's canary is what comes back. */
function incidentOf({ before, rollout, after, turning, timeline }: Ended): Incident {
  const undone = rollout.origin === "undo";
  const gate = rollout.turned === null ? null : gateAt(rollout, rollout.turned.stage);
  const byGate = rollout.turned?.cause === "gate" || rollout.turned?.cause === "undecided";
  return {
    id: `${before.agent}-${after.incidents}`,
    agent: before.agent,
    at: timeline.at(-1)?.at ?? turning.event.at,
    rollout: rollout.id,
    outcome: undone ? "undone" : "rolled-back",
    from: undone ? rollout.canary : before.stable,
    canary: undone ? (before.stable ?? rollout.canary) : rollout.canary,
    because: undone ? rollout.because : (rollout.turned?.because ?? "rolled back"),
    gate: byGate ? gate : null,
    verdict: rollout.turned?.verdict ?? null,
    weight: turning.weight,
    changes: rollout.changes,
    runbook: rollout.runbook,
    plan: turning.event.plan,
    by: turning.event.by,
    timeline,
  };
}

/** Stable's weight is what the canary leaves it. */
function breachOf(
  before: AgentState,
  seen: { readonly event: Extract<Event, { kind: "floor-breached" }>; readonly timeline: Incident["timeline"] },
): Incident {
  const { at, by, plan, revision, because, figures, runbook, rollout } = seen.event;
  return {
    id: `${before.agent}-${before.incidents + 1}`,
    agent: before.agent,
    at,
    rollout,
    outcome: "breached",
    from: null,
    canary: revision,
    because,
    gate: null,
    verdict: { result: "fail", because, figures, earliest: null },
    weight: (fullWeight - (before.rollout?.confirmed ?? noWeight)) as Weight,
    changes: [],
    runbook,
    plan,
    by,
    timeline: seen.timeline,
  };
}

/** The gate that stands at the stage, or behind the weight that does. */
function gateAt({ stages }: Rollout, at: number): string | null {
  const gate = stages.slice(at, at + 2).find((stage) => stage.kind === "gate");
  return gate?.kind === "gate" ? gate.gate.name : null;
}
