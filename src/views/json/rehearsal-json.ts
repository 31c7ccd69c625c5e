// Rehearsals of a ramp, as JSON for programs.

import type { BacktestView, RehearsedLeg, SimulatedScenario, SimulationView, TypicalHours } from "../view.js";
import { instantJson, type JsonObject, weightJson } from "./plain-values.js";

export function simulationJson(view: SimulationView): JsonObject {
  return {
    agent: view.agent,
    seed: view.seed,
    ...(view.unit === undefined ? {} : { unit: view.unit }),
    sessions_per_hour: view.sessionsPerHour,
    task_success_rate: 1 - view.failures,
    notes: view.notes,
    ramp: view.legs.map(legJson),
    scenarios: view.scenarios.map(scenarioJson),
    interrupted: view.interrupted,
    saved_to: view.savedTo,
  };
}

export function backtestJson(view: BacktestView): JsonObject {
  const { end } = view;
  return {
    agent: view.agent,
    stable: { revision: view.stable.revision, sessions: view.stable.sessions },
    canary: { revision: view.canary.revision, sessions: view.canary.sessions },
    from: instantJson(view.from),
    to: instantJson(view.to),
    notes: view.notes,
    ramp: view.legs.map(legJson),
    steps: view.steps.map(({ at, weight, because }) => ({ at: instantJson(at), weight: weightJson(weight), because })),
    end: {
      kind: end.kind,
      at: instantJson(end.at),
      hours: end.hours,
      weight: weightJson(end.weight),
      because: end.because,
    },
    rivals: view.rivals.map(({ name, rollback }) => ({
      name,
      rollback:
        rollback === null ? null : { at: instantJson(rollback.at), hours: rollback.hours, because: rollback.because },
    })),
  };
}

function legJson({ weight, gate, holdHours, untilHours, skipped }: RehearsedLeg): JsonObject {
  return { weight: weightJson(weight), gate, hold_hours: holdHours, until_hours: untilHours, skipped };
}

function scenarioJson(scenario: SimulatedScenario): JsonObject {
  return {
    name: scenario.name,
    drop: scenario.drop,
    onset_hours: scenario.onsetHours,
    runs: scenario.runs,
    promoted: scenario.promoted,
    unproven: scenario.unproven,
    rolled_back: scenario.rolledBack,
    waits: scenario.waits,
    hours_to_promotion: typicalJson(scenario.hoursToPromotion),
    hours_to_rollback: typicalJson(scenario.hoursToRollback),
    canary_sessions: scenario.canarySessions,
    harmed: scenario.harmed,
    curve: scenario.curve.map(({ hour, promoted, rolledBack, waits }) => ({
      hour,
      promoted,
      rolled_back: rolledBack,
      waits,
    })),
  };
}

function typicalJson(typical: TypicalHours): JsonObject | null {
  return typical === null ? null : { median: typical.median, p90: typical.p90 };
}
