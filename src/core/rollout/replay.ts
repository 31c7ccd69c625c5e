// State is the fold of the journal: same journal, same state.

import { unreachable } from "../diagnostic/invariant.js";
import type { Command, Entry, Event, RolloutStart } from "../model/journal.js";
import type { ComponentChange } from "../model/revision.js";
import type { AgentState, Exemption, FinishedRollout, PendingOperation, Rollout, Turn } from "../model/state.js";
import { currentStage } from "../model/state.js";
import { type AgentId, type Duration, fullWeight, type Instant, noWeight, type Weight } from "../model/units.js";
import { baselineBranch, notFolded } from "./baseline-branch.js";
import { afterPause, unstopped } from "./stopped-clock.js";
import { onSince, switched } from "./switched-fallback.js";

/** How many finished rollouts, approvals and exemptions a state remembers; the journal remembers all. */
const remembered = 50;

export function unknownAgent(agent: AgentId): AgentState {
  return {
    agent,
    asOf: 0 as Instant,
    target: null,
    stable: null,
    previous: null,
    rollout: null,
    inForce: null,
    pending: null,
    inDoubt: false,
    rejected: [],
    unfolded: {},
    unfoldedBases: {},
    approvals: [],
    operations: [],
    finished: [],
    attempts: [],
    breaches: [],
    incidents: 0,
    retired: false,
    fallback: null,
    fallbackEndedAt: null,
  };
}

/** Replaying a prefix and then the rest equals replaying all of it. */
export function replay(agent: AgentId, entries: readonly Entry[], from: AgentState = unknownAgent(agent)): AgentState {
  return entries.reduce((state, entry) => fold(state, entry.event), from);
}

/** The state after one more event. An event that no longer applies (another rollout's, a stage already left) changes nothing. */
export function fold(state: AgentState, event: Event): AgentState {
  const at = Math.max(event.at, state.asOf) as Instant;
  return { ...folded(state, at === event.at ? event : { ...event, at }), asOf: at };
}

function folded(state: AgentState, event: Event): AgentState {
  switch (event.kind) {
    case "agent-adopted":
      return adopted(state, event);
    case "rollout-started":
      return started(state, event, event);
    case "gate-judged":
    case "gate-exempted":
      return gateLeft(state, event);
    case "floor-breached":
      return breached(state, event);
    case "shift-begun":
      return { ...state, pending: event.route, inDoubt: true };
    case "shift-done":
      return shiftDone(state, event);
    case "drift-found":
      return driftFound(state, event);
    case "rollout-turned": {
      if (state.rollout?.id !== event.rollout) return state;
      const { cause, because, at } = event;
      return turned(state, { cause, because, verdict: null, stage: state.rollout.stage, at });
    }
    case "rollout-finished":
      return state.rollout?.id === event.rollout ? finished(state, state.rollout, event) : state;
    case "commanded":
      return commanded(state, event, event.command);
    case "approved":
      return {
        ...state,
        approvals: [...state.approvals, { revision: event.revision, by: event.by, at: event.at }].slice(-remembered),
      };
    case "fallback-switched":
      return switched(state, event);
    case "overrides-settled":
      return { ...withoutFold(state), unfolded: {}, unfoldedBases: {} };
    case "operation-done":
      return operationDone(state, event);
    case "operation-begun":
    case "operation-failed":
      return { ...state, operations: operated(state.operations, event) };
    case "recovered":
      return recovered(state, event);
    case "agent-retired":
      return { ...state, retired: true };
    case "state-edited":
      // What is live was set under another name, or perhaps behind this state's back: it is set again.
      return event.edit === "unlocked" || state.stable === null || state.retired ? state : { ...state, inDoubt: true };
    case "interrupted":
      return state;
    default:
      return unreachable(event);
  }
}

/** What was rejected stays rejected when an agent comes back. */
function adopted(
  { agent, incidents, finished, rejected, attempts }: AgentState,
  event: Extract<Event, { kind: "agent-adopted" }>,
): AgentState {
  const { stable, target } = event;
  const fallback = event.fallback ? onSince(event, event.why) : null;
  return { ...unknownAgent(agent), incidents, finished, rejected, attempts, stable, target, fallback };
}

/** What the journal knew of a way is lost with what was lost of it. */
function recovered(state: AgentState, event: Extract<Event, { kind: "recovered" }>): AgentState {
  const { stable, target, why } = event;
  const fallback = event.fallback ? onSince(event, why) : null;
  const anew = { rollout: null, inForce: null, pending: null, inDoubt: true, retired: false };
  return { ...state, ...anew, target, stable, fallback, ...(event.held ? { held: true } : {}) };
}

function started(state: AgentState, start: RolloutStart, event: Event): AgentState {
  const superseded: readonly FinishedRollout[] = state.rollout
    ? [{ id: state.rollout.id, canary: state.rollout.canary, outcome: "superseded", at: event.at, failed: false }]
    : [];
  const { id, origin, because, canary, stages, changes, overrides, bases = {}, attempt, ...rest } = start;
  const { algo, salt, session, runbook, target, source = { kind: "embedded" }, floors = [] } = rest;
  const rollout: Rollout = {
    ...{
      id,
      origin,
      because,
      canary,
      stages,
      changes,
      overrides,
      bases,
      attempt,
      algo,
      salt,
      session,
      runbook,
      target,
      source,
      floors,
    },
    startedAt: event.at,
    course: "forward",
    paused: null,
    stage: 0,
    since: event.at,
    weightSince: null,
    confirmed: noWeight,
    history: [],
    pausedFor: 0 as Duration,
    unservedFor: 0 as Duration,
    turned: null,
    exemptions: [],
    passed: [],
  };
  const { held: _, ...unheld } = state;
  return { ...unheld, target, rollout, finished: [...state.finished, ...superseded].slice(-remembered) };
}

function gateLeft(state: AgentState, event: Extract<Event, { kind: "gate-judged" | "gate-exempted" }>): AgentState {
  const rollout = state.rollout;
  if (rollout === null || rollout.id !== event.rollout || rollout.course === "aborting") return state;
  if (event.kind === "gate-judged" && event.verdict.result === "fail") {
    const { verdict, stage, at } = event;
    return turned(state, { cause: "gate", because: verdict.because, verdict, stage, at });
  }
  if (event.stage !== rollout.stage || currentStage(rollout)?.kind !== "gate") return state;
  if (rollout.paused !== null || state.fallback !== null) return state;
  const next = { ...rollout, stage: rollout.stage + 1, since: event.at };
  if (event.kind === "gate-exempted") {
    const exemption: Exemption = { stage: event.stage, kind: event.exemption, because: event.because, by: event.by };
    return { ...state, rollout: { ...next, exemptions: [...rollout.exemptions, exemption] } };
  }
  if (event.verdict.result !== "pass") return state;
  return {
    ...state,
    rollout: { ...next, passed: [...rollout.passed, { stage: event.stage, verdict: event.verdict, at: event.at }] },
  };
}

/** Stable's breach is an incident of its own; the canary's has the rollback's, and where both arms breached it is none. */
function breached(state: AgentState, event: Extract<Event, { kind: "floor-breached" }>): AgentState {
  const { arm, revision, metric, since, both, because, figures, at } = event;
  const incidents = state.incidents + (arm === "stable" ? 1 : 0);
  const incident = arm === "stable" ? `${state.agent}-${incidents}` : null;
  const others = state.breaches.filter(
    (told) => told.arm !== arm || told.revision !== revision || told.metric !== metric,
  );
  const told = { arm, revision, metric, since, incident };
  const next = { ...state, incidents, breaches: [...others, told].slice(-remembered) };
  if (arm === "stable" || both || state.rollout === null || state.rollout.id !== event.rollout) return next;
  const verdict = { result: "fail" as const, because, figures, earliest: null };
  return turned(next, { cause: "floor", because, verdict, stage: state.rollout.stage, at });
}

/** An abort is final for its rollout: what turned once stays turned for its first reason. */
function turned(state: AgentState, turn: Turn): AgentState {
  if (state.rollout === null || state.rollout.course === "aborting") return state;
  return { ...state, rollout: { ...state.rollout, course: "aborting", paused: null, turned: turn } };
}

function shiftDone(state: AgentState, event: Event): AgentState {
  const route = state.pending;
  if (route === null) return state;
  const settled: AgentState = { ...state, inForce: route, pending: null, inDoubt: false };
  const rollout = state.rollout;
  if (rollout === null) return settled;
  if (route.rollout !== rollout.id) return { ...settled, rollout: { ...rollout, confirmed: noWeight } };
  const stage = currentStage(rollout);
  // A weight that nobody is routed by has not taken force.
  const promoted = rollout.course === "promoting" && route.weight === fullWeight && !route.fallback;
  const arrived =
    rollout.course === "forward" && !route.fallback && stage?.kind === "weight" && stage.weight === route.weight;
  const inForce: Rollout = { ...rollout, confirmed: route.weight, history: route.history };
  if (!promoted && !arrived) return { ...settled, rollout: inForce };
  const next = promoted ? rollout.stages.length : rollout.stage + 1;
  return {
    ...settled,
    rollout: { ...inForce, stage: next, since: event.at, weightSince: event.at, ...unstopped },
  };
}

/** Why the fallback is on that was found on at the target, or switched on by breaking the glass. */
export const switchedOutside = "the fallback was switched on outside of rollout";

/** Why a rollout is paused whose canary was lowered at the target, or by breaking the glass. */
export const takenOutside = "traffic was taken from the canary outside of rollout";

function driftFound(state: AgentState, event: Extract<Event, { kind: "drift-found" }>): AgentState {
  const { live, at } = event;
  const { rollout } = state;
  // An open shift lies under the epoch of the glass that was broken since: it lands no more, and doubt is overtaken as ever.
  const found = event.fallback ? { fallback: state.fallback ?? onSince(event, switchedOutside), pending: null } : {};
  const seen: AgentState = { ...state, ...found, inForce: live };
  if (rollout === null) return seen;
  const weight = (live.canary === rollout.canary ? live.weight : noWeight) as Weight;
  if (event.fallback && (weight >= rollout.confirmed || rollout.course === "aborting")) return seen;
  return {
    ...seen,
    rollout: {
      ...rollout,
      paused: rollout.paused ?? { since: at, because: takenOutside },
      confirmed: Math.min(rollout.confirmed, weight) as Weight,
      history: [...rollout.history, { at, weight }],
    },
  };
}

function finished(
  state: AgentState,
  rollout: Rollout,
  event: Extract<Event, { kind: "rollout-finished" }>,
): AgentState {
  const { outcome, at } = event;
  const failed = rollout.turned?.verdict?.result === "fail";
  const record: FinishedRollout = { id: rollout.id, canary: rollout.canary, outcome, at, failed };
  const over: AgentState = { ...state, rollout: null, finished: [...state.finished, record].slice(-remembered) };
  if (event.outcome === "promoted") return promoted(over, rollout, event);
  if (event.outcome === "withdrawn" || rollout.origin === "undo") return over;
  return rejecting(over, rollout, {
    changes: rollout.changes,
    revision: rollout.canary,
    at: event.at,
    because: rollout.turned?.because ?? "rolled back",
  });
}

function promoted(state: AgentState, rollout: Rollout, event: Event): AgentState {
  if (state.stable === null) return state;
  const steps = new Set(rollout.changes.map((change) => change.component));
  const kept = (unfolded: AgentState["unfolded"]): AgentState["unfolded"] =>
    Object.fromEntries(Object.entries(unfolded).filter(([step]) => !steps.has(`step:${step}`)));
  const next: AgentState = {
    ...withoutFold(state),
    stable: rollout.canary,
    previous: { revision: state.stable, leftAt: event.at, changes: rollout.changes },
    unfolded: { ...kept(state.unfolded), ...rollout.overrides },
    unfoldedBases: { ...kept(state.unfoldedBases), ...rollout.bases },
    operations: baselineOperation(state.agent, rollout),
  };
  if (rollout.origin !== "undo") return next;
  const undone = rollout.changes.map(
    (change): ComponentChange => ({ component: change.component, from: change.to, to: change.from }),
  );
  return rejecting(next, rollout, {
    changes: undone,
    revision: state.stable,
    at: event.at,
    because: "undone by a person",
  });
}

/** A baseline that an earlier promotion still owed is of no use any more. */
function baselineOperation(agent: AgentId, rollout: Rollout): readonly PendingOperation[] {
  if (rollout.origin !== "spec") return [];
  const operation = {
    id: `${rollout.id}-baseline`,
    kind: "baseline" as const,
    agent,
    revision: rollout.canary,
    rollout: rollout.id,
  };
  return [{ operation, begun: false, failures: 0, because: null, failedAt: null }];
}

function rejecting(
  state: AgentState,
  rollout: Rollout,
  rejection: Omit<AgentState["rejected"][number], "incident" | "rollout">,
): AgentState {
  const incidents = state.incidents + 1;
  const incident = `${state.agent}-${incidents}`;
  return { ...state, incidents, rejected: [...state.rejected, { ...rejection, rollout: rollout.id, incident }] };
}

function commanded(state: AgentState, event: Extract<Event, { kind: "commanded" }>, command: Command): AgentState {
  if (command === "correct") return { ...state, inDoubt: true };
  if (command === "retry") return retried(state, event.incident ?? null);
  const rollout = state.rollout;
  if (rollout === null || rollout.course === "aborting") return state;
  const change = (fields: Partial<Rollout>): AgentState => ({ ...state, rollout: { ...rollout, ...fields } });
  switch (command) {
    case "pause":
      return rollout.paused === null ? change({ paused: { since: event.at, because: event.why } }) : state;
    case "resume": {
      if (rollout.paused === null) return state;
      return { ...state, rollout: afterPause(rollout, state.fallback, event.at) };
    }
    case "proceed": {
      if (currentStage(rollout)?.kind !== "gate") return state;
      const exemption: Exemption = { stage: rollout.stage, kind: "proceed", because: event.why, by: event.by };
      return change({ stage: rollout.stage + 1, since: event.at, exemptions: [...rollout.exemptions, exemption] });
    }
    case "promote": {
      const exemption: Exemption = { stage: rollout.stage, kind: "promote", because: event.why, by: event.by };
      return change({ course: "promoting", paused: null, exemptions: [...rollout.exemptions, exemption] });
    }
    case "abort":
      return turned(state, { cause: "person", because: event.why, verdict: null, stage: rollout.stage, at: event.at });
    default:
      return unreachable(command);
  }
}

/** Lifts the rejection of one incident; null: all of them. */
function retried(state: AgentState, incident: string | null): AgentState {
  const lifted = state.rejected.filter((rejection) => incident === null || rejection.incident === incident);
  const counts = new Map(state.attempts.map((attempt) => [JSON.stringify(attempt.changes), attempt]));
  for (const { changes } of lifted) {
    const key = JSON.stringify(changes);
    counts.set(key, { changes, count: (counts.get(key)?.count ?? 1) + 1 });
  }
  return {
    ...state,
    rejected: state.rejected.filter((rejection) => !lifted.includes(rejection)),
    attempts: [...counts.values()].slice(-remembered),
  };
}

function withoutFold({ foldBranch: _, ...state }: AgentState): AgentState {
  return state;
}

/** What it did says on which branch. */
function operationDone(state: AgentState, event: Extract<Event, { kind: "operation-done" }>): AgentState {
  const done = state.operations.find(({ operation }) => operation.id === event.id)?.operation;
  const next = { ...state, operations: operated(state.operations, event) };
  if (done === undefined || Object.keys(state.unfolded).length === 0) return next;
  const branch = baselineBranch(done);
  const isThere = event.result.includes(` on ${branch}`) || event.result.includes(`/${branch}`);
  return isThere && !event.result.includes(notFolded) ? { ...next, foldBranch: branch } : next;
}

function operated(
  operations: readonly PendingOperation[],
  event: Extract<Event, { kind: "operation-begun" | "operation-done" | "operation-failed" }>,
): readonly PendingOperation[] {
  const id = event.kind === "operation-begun" ? event.operation.id : event.id;
  if (event.kind === "operation-done") return operations.filter((pending) => pending.operation.id !== id);
  return operations.map((pending) => {
    if (pending.operation.id !== id) return pending;
    if (event.kind === "operation-begun") return { ...pending, begun: true };
    return { ...pending, begun: false, failures: pending.failures + 1, because: event.because, failedAt: event.at };
  });
}
