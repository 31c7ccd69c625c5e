// What was recorded, as JSON for programs.

import { unreachable } from "../../core/diagnostic/invariant.js";
import type { Incident } from "../../core/model/incident.js";
import type { Entry, Event } from "../../core/model/journal.js";
import type { HistoryView, IncidentsView, IncidentView } from "../view.js";
import { drawnJson, pictureJson } from "./picture-json.js";
import {
  changeJson,
  instantJson,
  type JsonObject,
  routeJson,
  stageJson,
  verdictJson,
  weightJson,
} from "./plain-values.js";

export function historyJson(view: HistoryView): JsonObject {
  return {
    agents: view.agents.map(({ agent, entries }) => ({
      agent,
      entries: entries.map(({ entry, what }) => entryJson(entry, what)),
    })),
  };
}

function entryJson({ serial, event }: Entry, what: string): JsonObject {
  const { at, by, plan, kind } = event;
  return { serial, at: instantJson(at), by, plan, kind, what, ...bodyJson(event) };
}

/** What an entry says beside its head; evidence stays in the journal. */
function bodyJson(event: Event): JsonObject {
  switch (event.kind) {
    case "agent-adopted":
      return { stable: event.stable, from: event.from, why: event.why, ...fallbackJson(event) };
    case "rollout-started":
      return {
        rollout: event.id,
        origin: event.origin,
        canary: event.canary,
        stages: event.stages.map(stageJson),
        changes: event.changes.map(changeJson),
        attempt: event.attempt,
      };
    case "gate-judged":
      return { rollout: event.rollout, stage: event.stage, verdict: verdictJson(event.verdict) };
    case "gate-exempted":
      return { rollout: event.rollout, stage: event.stage, exemption: event.exemption, because: event.because };
    case "shift-begun":
      return { route: routeJson(event.route) };
    case "drift-found":
      return { live: routeJson(event.live), ...fallbackJson(event) };
    case "floor-breached":
      return breachJson(event);
    case "rollout-turned":
      return { rollout: event.rollout, cause: event.cause, because: event.because };
    case "rollout-finished":
      return { rollout: event.rollout, outcome: event.outcome };
    case "commanded":
      return { command: event.command, why: event.why };
    case "approved":
      return { revision: event.revision };
    case "fallback-switched":
      return { on: event.on, because: event.because };
    case "operation-begun":
      return { operation: event.operation.id, revision: event.operation.revision };
    case "operation-done":
      return { operation: event.id, result: event.result };
    case "operation-failed":
      return { operation: event.id, because: event.because };
    case "recovered":
      return { stable: event.stable, why: event.why, ...fallbackJson(event) };
    case "state-edited":
      return { edit: event.edit, from: event.from, because: event.because };
    case "interrupted":
      return { signal: event.signal };
    case "shift-done":
    case "overrides-settled":
    case "agent-retired":
      return {};
    default:
      return unreachable(event);
  }
}

function fallbackJson({ fallback }: { readonly fallback?: true }): JsonObject {
  return fallback ? { fallback } : {};
}

function breachJson(event: Extract<Event, { kind: "floor-breached" }>): JsonObject {
  const { rollout, arm, revision, metric, since, both, because, figures } = event;
  return { rollout, arm, revision, metric, since: instantJson(since), both, because, figures };
}

export function incidentsJson(view: IncidentsView): JsonObject {
  return { incidents: view.incidents.map(incidentJson) };
}

export function incidentViewJson(view: IncidentView): JsonObject {
  const { incident, drawn } = view;
  return {
    incident: incidentJson(incident),
    picture: pictureJson(incident.picture),
    drawn: drawn.map(drawnJson),
  };
}

function incidentJson(incident: Incident): JsonObject {
  return {
    id: incident.id,
    agent: incident.agent,
    at: instantJson(incident.at),
    rollout: incident.rollout,
    outcome: incident.outcome,
    canary: incident.canary,
    back_to: incident.from,
    weight: weightJson(incident.weight),
    because: incident.because,
    gate: incident.gate,
    verdict: incident.verdict === null ? null : verdictJson(incident.verdict),
    changes: incident.changes.map(changeJson),
    runbook: incident.runbook,
    plan: incident.plan,
    by: incident.by,
    timeline: incident.timeline.map(({ at, what }) => ({ at: instantJson(at), what })),
  };
}
