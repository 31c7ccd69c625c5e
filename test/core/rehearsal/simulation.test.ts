// Seeded ramps on drawn sessions: the same seed plays the same, a worse canary does worse, a late one is found late.
import { expect, it } from "vitest";
import { type Duration, hour, type Weight } from "../../../src/core/model/units.js";
import type { Leg } from "../../../src/core/rehearsal/ramp.js";
import { type Scenario, type SimulatedRun, simulateRun } from "../../../src/core/rehearsal/simulation.js";
import { seededRandom } from "../../../src/core/stats/draws.js";
import { emptyHistory, healthGate, historyOf, hours, ruleOf } from "../../support/health-traffic.js";

const gate = healthGate({ hold: hours(3), until: hours(8), metrics: [ruleOf("task_success_rate", 0.1)] });
const legs: readonly Leg[] = [{ weight: 3000 as Weight, gate, stage: 1 }];
const known = {
  ...emptyHistory,
  task_success_rate: Array.from({ length: 500 }, (_, index) => Number(index % 10 === 0)),
};

function run(seed: number, drop: number, onset = 0, values = emptyHistory): SimulatedRun {
  const scenario: Scenario = { name: "as a test says", drop, onset: onset as Duration };
  return simulateRun({
    ramp: { legs, floors: [], history: known, sessionsPerHour: 300 },
    sessionTimeout: hours(0.5),
    traffic: { sessionsPerHour: 300, failures: 0.1, values },
    scenario,
    random: seededRandom(seed),
  });
}

const seeds = Array.from({ length: 12 }, (_, index) => index + 1);
const endsOf = (runs: readonly SimulatedRun[], kind: SimulatedRun["end"]["kind"]): number =>
  runs.filter(({ end }) => end.kind === kind).length;

it("the same seed plays the same run, another one another", () => {
  expect(run(4, 0.2)).toEqual(run(4, 0.2));
  expect(run(4, 0.2)).not.toEqual(run(5, 0.2));
});

it("a canary as good as stable is promoted, one far beyond the margin rolled back", () => {
  const healthy = seeds.map((seed) => run(seed, 0));
  expect(endsOf(healthy, "promoted")).toBeGreaterThanOrEqual(11);
  expect(healthy.every(({ harmed, hours: taken }) => harmed === 0 && taken >= 3)).toBe(true);
  const bad = seeds.map((seed) => run(seed, 0.3));
  expect(endsOf(bad, "rolled-back")).toBe(12);
  for (const { harmed, canarySessions } of bad) expect(harmed).toBeCloseTo(0.3 * canarySessions, 9);
});

it("what sets in late harms nobody before", () => {
  const late = seeds.map((seed) => run(seed, 0.4, hour));
  const found = late.filter(({ end }) => end.kind === "rolled-back");
  expect(found.length).toBeGreaterThanOrEqual(10);
  for (const { hours: taken, harmed, canarySessions } of found) {
    expect(taken).toBeGreaterThan(1.5);
    expect(harmed).toBeLessThan(0.4 * canarySessions);
  }
});

it("other metrics are drawn from what is known of them", () => {
  const rules = [ruleOf("task_success_rate", 0.1), ruleOf("mean_cost_usd", 0.5), ruleOf("p95_latency_sec", 0.5)];
  const both: readonly Leg[] = [{ weight: 3000 as Weight, gate: { ...gate, metrics: rules }, stage: 1 }];
  const values = historyOf({ failures: 0.1 });
  const { end } = simulateRun({
    ramp: {
      legs: both,
      floors: [],
      history: { ...values, task_success_rate: known.task_success_rate },
      sessionsPerHour: 300,
    },
    sessionTimeout: hours(0.5),
    traffic: { sessionsPerHour: 300, failures: 0.1, values },
    scenario: { name: "healthy", drop: 0, onset: 0 as Duration },
    random: seededRandom(2),
  });
  expect(end.kind).toBe("promoted");
  expect(end.because).toContain("task_success_rate");
});
