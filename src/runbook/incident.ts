// Incidents: every rollback, every undo and every breach of a floor by stable, read out of the journal. Nothing about them is stored anywhere else.

import { gatePicture } from "../core/gate/gate-picture.js";
import type { Stage } from "../core/model/gate.js";
import type { GatePicture } from "../core/model/gate-picture.js";
import type { Incident } from "../core/model/incident.js";
import type { Entry, Event } from "../core/model/journal.js";
import type { AgentState, Rollout } from "../core/model/state.js";
import { type AgentId, day, fullWeight, noWeight, type Weight } from "../core/model/units.js";
import { fold, unknownAgent } from "../core/rollout/replay.js";

/** What was seen of the rollout under way when it turned. */
interface Turning {
  readonly event: Event;
  readonly weight: Weight;
}
type Judged = Extract<Event, { readonly kind: "gate-judged" }>;

/** Oldest first. `describe` puts an entry into words; `stages` are those of the rollout that it belongs to. */
export function incidentsOf(
  agent: AgentId,
  entries: readonly Entry[],
  describe: (event: Event, stages: readonly Stage[]) => string,
): readonly Incident[] {
  const incidents: { readonly incident: Incident; readonly index: number }[] = [];
  let state = unknownAgent(agent);
  let turning: Turning | null = null;
  let begun = 0;
  let judged: readonly Judged[] = [];
  for (const [index, { event }] of entries.entries()) {
    const before = state;
    state = fold(state, event);
    if (event.kind === "rollout-started") {
      begun = index;
      turning = null;
      judged = [];
    }
    if (event.kind === "gate-judged" && event.evidence.kind === "health") judged = [...judged, event];
    if (turning === null && state.rollout?.turned) turning = { event, weight: before.rollout?.confirmed ?? noWeight };
    if (state.incidents === before.incidents) continue;
    const stages = before.rollout?.stages ?? [];
    const timeline = entries
      .slice(before.rollout === null ? index : begun, index + 1)
      .map((entry) => ({ at: entry.event.at, what: describe(entry.event, stages) }));
    const picture = pictureOf(before.rollout, judged);
    const { rollout } = before;
    if (event.kind === "floor-breached")
      incidents.push({ index, incident: breachOf(before, { event, timeline, picture }) });
    if (event.kind === "floor-breached" || rollout === null) continue;
    const seen = turning ?? { event, weight: fullWeight };
    incidents.push({
      index,
      incident: incidentOf({ before, rollout, after: state, turning: seen, timeline, picture }),
    });
  }
  return incidents.map(({ incident, index }, nth) => {
    const after = entries.slice(index + 1, incidents[nth + 1]?.index ?? entries.length);
    const answers = switchesAfter(incident, after).map((event) => ({ at: event.at, what: describe(event, []) }));
    return answers.length === 0 ? incident : { ...incident, timeline: [...incident.timeline, ...answers] };
  });
}

/** The fallback that goes on within a day of an incident belongs to what was done about it, until it goes off again. */
function switchesAfter({ at }: Incident, entries: readonly Entry[]): readonly Event[] {
  const switches = entries
    .map(({ event }) => event)
    .filter((event) => event.kind === "fallback-switched" || (event.kind === "drift-found" && event.fallback));
  let isOn = false;
  return switches.filter((event) => {
    const isOff = event.kind === "fallback-switched" && !event.on;
    const belongs = isOff ? isOn : event.at - at <= day;
    isOn = belongs && !isOff;
    return belongs;
  });
}

/** What the newest of the judged gates carries, with the verdicts of all of them. */
function pictureOf(rollout: Rollout | null, judged: readonly Judged[]): GatePicture | null {
  const last = judged.at(-1);
  const stage = rollout?.stages[last?.stage ?? -1];
  if (rollout === null || last?.evidence.kind !== "health") return null;
  if (stage?.kind !== "gate" || stage.gate.kind !== "health") return null;
  const verdicts = judged.map(({ at, stage: index, verdict: { result } }) => ({
    at,
    gate: gateAt(rollout, index) ?? "",
    result,
  }));
  const weights = rollout.history.filter(({ at }) => at <= last.at);
  return gatePicture({ gate: stage.gate, memory: last.evidence.memory, weights, verdicts });
}

interface Ended {
  readonly before: AgentState;
  readonly rollout: Rollout;
  readonly after: AgentState;
  readonly turning: Turning;
  readonly timeline: Incident["timeline"];
  readonly picture: GatePicture | null;
}

/** A rollback takes the canary away; an undo takes away what was stable, and its rollout's canary is what comes back. */
function incidentOf({ before, rollout, after, turning, timeline, picture }: Ended): Incident {
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
    picture,
  };
}

/** Stable's weight is what the canary leaves it. */
function breachOf(
  before: AgentState,
  seen: { readonly event: Extract<Event, { kind: "floor-breached" }> } & Pick<Incident, "timeline" | "picture">,
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
    picture: seen.picture,
  };
}

/** The gate that stands at the stage, or behind the weight that does. */
function gateAt({ stages }: Rollout, at: number): string | null {
  const gate = stages.slice(at, at + 2).find((stage) => stage.kind === "gate");
  return gate?.kind === "gate" ? gate.gate.name : null;
}
