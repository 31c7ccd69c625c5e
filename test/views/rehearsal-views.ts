// Rehearsals, as the commands answer with them.

import type { AgentId, Weight } from "../../src/core/model/units.js";
import type { SimulatedScenario, SimulationView, View } from "../../src/views/view.js";

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

export const rehearsalViews: readonly (readonly [name: string, view: View])[] = [
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
