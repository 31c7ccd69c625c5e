// Plans and what was applied of them, as JSON for programs.

import type { GateForecast, PlannedAction } from "../../core/model/plan.js";
import { changesAnything, exposure, movement, tally } from "../planned-words.js";
import type { AppliedAgent, ApplyView, PlanView } from "../view.js";
import { drawnJson, pictureJson } from "./picture-json.js";
import {
  changeJson,
  diagnosticJson,
  instantJson,
  type JsonObject,
  secondsJson,
  stageJson,
  verdictJson,
  weightJson,
} from "./plain-values.js";

export function planJson(view: PlanView): JsonObject {
  const { plan } = view;
  const { before, after } = exposure(plan);
  return {
    digest: view.digest,
    spec: plan.spec,
    made_at: instantJson(plan.madeAt),
    valid_until: instantJson(plan.validUntil),
    saved_to: view.savedTo,
    changes: changesAnything(plan),
    summary: Object.fromEntries(tally(plan)),
    exposed: { before: percentOf(before), after: percentOf(after) },
    actions: plan.actions.map(actionJson),
    pictures: Object.entries(view.pictures).map(([agent, picture]) => ({ agent, picture: pictureJson(picture) })),
    drawn: view.drawn.map(drawnJson),
    warnings: view.warnings.map(diagnosticJson),
  };
}

/** Percent with at most four decimals: an average of weights need not be a weight. */
function percentOf(fraction: number): number {
  return Math.round(fraction * 1_000_000) / 10_000;
}

export function actionJson(action: PlannedAction): JsonObject {
  const { from, to } = movement(action);
  const { progress } = action;
  return {
    agent: action.agent,
    action: action.kind,
    from,
    to,
    weight_from: weightJson(action.weightFrom),
    weight_to: weightJson(action.weightTo),
    because: action.because,
    code: action.code,
    hint: action.hint,
    earliest: instantJson(action.earliest),
    gates: action.opinions.map(({ gate, stage, verdict }) => ({ gate, stage, ...verdictJson(verdict) })),
    changes: action.changes.map(changeJson),
    warnings: action.warnings,
    rollout:
      progress === null
        ? null
        : {
            id: progress.rollout,
            stage: progress.stage,
            stages: progress.stages.map(stageJson),
            attempt: progress.attempt,
            paused: progress.paused,
          },
    queued: action.queued,
    forecast: action.forecast.map(forecastJson),
    basis: { ...action.basis },
  };
}

function forecastJson(forecast: GateForecast): JsonObject {
  return {
    gate: forecast.gate,
    weight: weightJson(forecast.weight),
    ...(forecast.unit === undefined ? {} : { unit: forecast.unit }),
    sessions_per_hour: forecast.sessionsPerHour,
    hold: secondsJson(forecast.holdHours * 3_600_000),
    until: secondsJson(forecast.untilHours * 3_600_000),
    hours_to_pass: { ...forecast.hoursToPass },
    hours_to_fail: { ...forecast.hoursToFail },
    smallest_drop: forecast.smallestDrop,
    exposed_sessions: forecast.exposedSessions,
    warning: forecast.warning,
  };
}

export function applyJson(view: ApplyView): JsonObject {
  return {
    at: instantJson(view.now),
    interrupted: view.interrupted,
    agents: view.agents.map(appliedJson),
    warnings: view.warnings.map(diagnosticJson),
  };
}

function appliedJson(applied: AppliedAgent): JsonObject {
  const { agent, planned, done, after, rolledBack, incidents } = applied;
  return {
    agent,
    planned: actionJson(planned),
    done: done.map(({ at, what }) => ({ at: instantJson(at), what })),
    after: { kind: after.kind, because: after.because, hint: after.hint, earliest: instantJson(after.earliest) },
    rolled_back: rolledBack,
    incident: incidents.at(-1) ?? null,
    incidents: [...incidents],
  };
}
