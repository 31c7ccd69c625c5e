// Where agents stand, as JSON for programs.

import type { Floor } from "../../core/model/floor.js";
import type { AgentState, Rollout } from "../../core/model/state.js";
import { phaseOf } from "../phase.js";
import type { AgentStatus, ArmFigures, StatusView } from "../view.js";
import { drawnJson, pictureJson } from "./picture-json.js";
import {
  changeJson,
  diagnosticJson,
  instantJson,
  type JsonObject,
  routeJson,
  secondsJson,
  stageJson,
  weightJson,
} from "./plain-values.js";
import { actionJson } from "./plan-json.js";

export function statusJson(view: StatusView): JsonObject {
  return {
    at: instantJson(view.now),
    agents: view.agents.map(agentJson),
    drawn: view.drawn.map(drawnJson),
    warnings: view.warnings.map(diagnosticJson),
  };
}

function agentJson(status: AgentStatus): JsonObject {
  const { agent, state, action, target, floors, stable, canary, window, problem } = status;
  return {
    agent,
    phase: phaseOf(state).replace(" ", "-"),
    problem,
    stable: state.stable,
    previous: state.previous?.revision ?? null,
    in_force: state.inForce === null ? null : routeJson(state.inForce),
    in_doubt: state.inDoubt,
    fallback: fallbackJson(state.fallback),
    rollout: state.rollout === null ? null : rolloutJson(state.rollout),
    target: { name: target.name, shows: target.shows, as_wanted: target.asWanted },
    next: action === null ? null : actionJson(action),
    rejected: state.rejected.map(rejectionJson),
    floors: floors.map((floor) => ({ ...floor, breaches: breachesJson(floor, state) })),
    unfolded: { ...state.unfolded },
    finished: state.finished.map(({ id, canary: revision, outcome, at }) => ({
      id,
      canary: revision,
      outcome,
      at: instantJson(at),
    })),
    picture: pictureJson(status.picture),
    metrics: { window, stable: armJson(stable), canary: armJson(canary) },
  };
}

function fallbackJson(fallback: AgentState["fallback"]): JsonObject | null {
  return fallback === null ? null : { ...fallback, since: instantJson(fallback.since) };
}

function breachesJson(floor: Floor, { breaches }: AgentState): readonly JsonObject[] {
  const told = breaches.filter(({ metric }) => metric === floor.metric);
  return told.map(({ arm, revision, since, incident }) => ({ arm, revision, since: instantJson(since), incident }));
}

function rejectionJson({
  changes,
  rollout,
  revision,
  incident,
  at,
  because,
}: AgentState["rejected"][number]): JsonObject {
  return { changes: changes.map(changeJson), rollout, revision, incident, at: instantJson(at), because };
}

function rolloutJson(rollout: Rollout): JsonObject {
  const { paused, turned } = rollout;
  return {
    id: rollout.id,
    origin: rollout.origin,
    canary: rollout.canary,
    course: rollout.course,
    attempt: rollout.attempt,
    stage: rollout.stage,
    stages: rollout.stages.map(stageJson),
    since: instantJson(rollout.since),
    started_at: instantJson(rollout.startedAt),
    weight: weightJson(rollout.confirmed),
    weight_since: instantJson(rollout.weightSince),
    paused: paused === null ? null : { since: instantJson(paused.since), because: paused.because },
    paused_for: secondsJson(rollout.pausedFor),
    turned:
      turned === null
        ? null
        : { cause: turned.cause, because: turned.because, stage: turned.stage, at: instantJson(turned.at) },
    exemptions: rollout.exemptions.map(({ stage, kind, because, by }) => ({ stage, kind, because, by })),
    changes: rollout.changes.map(changeJson),
    runbook: rollout.runbook,
  };
}

/** Metrics that were not measured are null, never 0. */
export function armJson(arm: ArmFigures | null): JsonObject | null {
  if (arm === null) return null;
  const { revision, tasks, sessions, values } = arm;
  return { revision, tasks, sessions, values: { ...values } };
}
