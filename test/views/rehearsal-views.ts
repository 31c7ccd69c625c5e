// Rehearsals, as the commands answer with them.

import type { AgentId, RevisionId, Weight } from "../../src/core/model/units.js";
import type { BacktestView, SimulatedScenario, SimulationView, View } from "../../src/views/view.js";
import { at, stableId } from "./samples.js";

const curve = (promoted: number, rolledBack: number, waits: number): SimulatedScenario["curve"] =>
  [0, 0.5, 1].map((part) => ({
    hour: 96 * part,
    promoted: promoted * part,
    rolledBack: rolledBack * part,
    waits: waits * part,
  }));

const healthy: SimulatedScenario = {
  name: "as good as stable",
  drop: 0,
  onsetHours: 0,
  runs: 500,
  promoted: 488,
  unproven: 12,
  rolledBack: 3,
  waits: 9,
  hoursToPromotion: { median: 48, p90: 55.25 },
  hoursToRollback: { median: 9.1, p90: 30 },
  canarySessions: 12_600,
  harmed: 0,
  curve: curve(0.976, 0.006, 0.018),
};

const simulation: SimulationView = {
  kind: "simulation",
  agent: "support" as AgentId,
  seed: 1,
  sessionsPerHour: 1000,
  failures: 0.1,
  notes: [
    "Traffic is as given, task success measured; both stay as they are.",
    "Taken as passed, at once: eval, approval.",
  ],
  legs: [
    { weight: 500 as Weight, gate: "canary", holdHours: 24, untilHours: 48, skipped: false },
    { weight: 5000 as Weight, gate: "full", holdHours: 0.5, untilHours: 48, skipped: true },
  ],
  scenarios: [
    healthy,
    {
      ...healthy,
      name: "10 pp worse after 12 h",
      drop: 0.1,
      onsetHours: 12,
      promoted: 0,
      unproven: 0,
      rolledBack: 500,
      waits: 0,
      hoursToPromotion: null,
      hoursToRollback: { median: 17.5, p90: 19.2 },
      canarySessions: 875,
      harmed: 27.4,
      curve: curve(0, 1, 0),
    },
  ],
  interrupted: false,
  savedTo: "ramp.svg",
};

export const simulationView = simulation;

const backtest: BacktestView = {
  kind: "backtest",
  agent: "support" as AgentId,
  stable: { revision: stableId, sessions: 1204 },
  canary: { revision: "opus-4-6" as RevisionId, sessions: 598 },
  from: at("2026-11-20T08:00:00Z"),
  to: at("2026-11-23T08:00:00Z"),
  legs: simulation.legs,
  notes: ["Completed sessions only: sessions are not recorded by themselves."],
  steps: [
    { at: at("2026-11-20T08:00:00Z"), weight: 500 as Weight, because: "the canary's first session" },
    { at: at("2026-11-21T08:05:00Z"), weight: 5000 as Weight, because: "task_success_rate 0.905 vs 0.902, proven" },
  ],
  end: {
    kind: "rolled-back",
    at: at("2026-11-21T11:20:00Z"),
    hours: 27.25,
    weight: 5000 as Weight,
    because: "task_success_rate 0.861 vs 0.902, drop 4.1 pp [2.6, 5.7] > tolerance 2.5 pp",
  },
  rivals: [
    {
      name: "flagger",
      rollback: { at: at("2026-11-20T13:00:00Z"), hours: 5, because: "5 failed checks, the last one of mean_cost_usd" },
    },
    { name: "kayenta", rollback: null },
  ],
};
const ended = (end: Partial<BacktestView["end"]>): BacktestView => ({
  ...backtest,
  end: { ...backtest.end, ...end },
  rivals: [],
});

export const rehearsalViews: readonly (readonly [name: string, view: View])[] = [
  ["backtest", backtest],
  ["backtest-promoted", ended({ kind: "promoted", weight: 10_000 as Weight })],
  ["backtest-open", ended({ kind: "open", because: "no session of this weight has been seen yet" })],
  ["backtest-waits", ended({ kind: "waits" })],
  ["simulation", simulation],
  [
    "simulation-interrupted",
    {
      ...simulation,
      scenarios: [{ ...healthy, runs: 488, rolledBack: 0, waits: 0, unproven: 0 }],
      interrupted: true,
      savedTo: null,
    },
  ],
];
