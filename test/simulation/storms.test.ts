/** Seeds draw strategies, people, drift, clocks and weather; twins share one journal touch by touch. */
import { expect, test, vi } from "vitest";
import type { Case } from "../../src/testing/simulation/case.js";
import { soundGates } from "../../src/testing/simulation/gates.js";
import { simulate } from "../../src/testing/simulation/simulate.js";
import { drawStorm } from "../../src/testing/simulation/storm.js";
import { drawn, failuresOf, patience } from "./failures.js";

vi.setConfig({ testTimeout: patience });

test("300 storms", async () => {
  expect(await failuresOf(drawn("storm", 300))).toEqual([]);
});

test("120 pairs of twins", async () => {
  expect(await failuresOf(drawn("twins", 120))).toEqual([]);
});

test("150 storms and 80 pairs of twins in which the fallback is switched", async () => {
  const storms = drawn("storm", 150).map((of) => ({ ...of, switches: true as const }));
  const twins = drawn("twins", 80).map((of) => ({ ...of, switches: true as const }));
  expect(await failuresOf([...storms, ...twins] as readonly Case[])).toEqual([]);
});

test("30 storms under the gates of production", async () => {
  expect(await failuresOf(drawn("storm", 30), soundGates)).toEqual([]);
});

test("the same seed gives the same journal, byte for byte", async () => {
  for (const twins of [false, true]) {
    for (let seed = 0; seed < 5; seed++) {
      const [one, two] = [await simulate(drawStorm(seed, { twins })), await simulate(drawStorm(seed, { twins }))];
      expect(JSON.stringify(one.entries)).toBe(JSON.stringify(two.entries));
      expect(one.entries.length).toBeGreaterThan(3);
    }
  }
});

test("storms are bad: everything that can happen does", async () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 120; seed++) {
    for (const { event } of (await simulate(drawStorm(seed))).entries) {
      seen.add(event.kind);
      if (event.kind === "rollout-finished") seen.add(event.outcome);
      if (event.kind === "rollout-started") seen.add(event.origin);
    }
  }
  const outcomes = ["promoted", "rolled-back", "withdrawn", "spec", "restore", "undo"];
  expect([...seen]).toEqual(expect.arrayContaining([...outcomes, "drift-found", "gate-exempted", "rollout-turned"]));
});
