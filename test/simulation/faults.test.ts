/** Every scene in calm weather; every single fault and every nasty pair in the scenes that have all kinds of effects. */
import { describe, expect, test, vi } from "vitest";
import type { Case } from "../../src/testing/simulation/case.js";
import { soundGates } from "../../src/testing/simulation/gates.js";
import { type SceneName, sceneIn, sceneNames } from "../../src/testing/simulation/scenes.js";
import { type Report, simulate } from "../../src/testing/simulation/simulate.js";
import { failuresOf, pairsOf, patience, singlesOf } from "./failures.js";
import { pinned, pinnedInProduction } from "./pinned-seeds.js";

vi.setConfig({ testTimeout: patience });

/** How the rollouts of a journal went, each with its canary: `b1 promoted`. */
function courseOf({ entries }: Report): string {
  const course: string[] = [];
  let canary = "";
  for (const { event } of entries) {
    if (event.kind === "rollout-started") {
      if (canary !== "") course.push(`${canary} superseded`);
      canary = event.canary.slice(2, 4);
    }
    if (event.kind === "rollout-finished") {
      course.push(`${canary} ${event.outcome}`);
      canary = "";
    }
  }
  if (canary !== "") course.push(`${canary} under way`);
  return course.join(", ");
}

const courses: Readonly<Record<SceneName, string>> = {
  promotion: "b1 promoted",
  rollback: "c1 rolled-back",
  abort: "b1 rolled-back",
  withdraw: "b1 withdrawn",
  supersede: "b1 superseded, b2 promoted",
  queue: "b1 promoted, b2 promoted",
  "supersede by a rejected change": "c1 rolled-back, b1 withdrawn",
  "two stages": "b1 promoted",
  "every gate": "b1 promoted",
  "closed window": "b1 promoted",
  "stable falls below its floor": "b1 promoted",
  "skipped gates": "b1 promoted",
  pause: "b1 promoted",
  fallback: "b1 promoted",
  "the fallback for less than a hold": "b1 promoted",
  "the fallback is on when a change comes": "b1 promoted",
  "a canary fails and the fallback goes on": "c1 rolled-back",
  "the fallback and a pause": "b1 promoted",
  "undone under the fallback": "b1 promoted, a1 promoted",
  "the fallback between an intent and its effect": "b1 promoted",
  "the fallback by somebody's hand": "b1 promoted",
  "the fallback by breaking the glass": "",
  "the fallback of a stranger": "",
  "pause of a failing canary": "c1 rolled-back",
  "a person pulls the canary": "b1 promoted",
  "the canary is gone": "b1 under way",
  "a person breaks the glass": "b1 promoted",
  "the glass is broken between an intent and its effect": "b1 under way",
  "the target is deleted": "b1 under way",
  "others raise the canary": "b1 promoted",
  "a stranger's canary": "",
  "reported drift": "b1 promoted",
  "foreign content": "b1 promoted",
  proceed: "d1 under way",
  promote: "b1 promoted",
  "undecided rolls back": "d1 rolled-back",
  "undecided holds": "d1 under way",
  "a policy proceeds": "a4 promoted",
  "no metrics at the end of the time": "b1 promoted",
  "metrics stop": "b1 promoted",
  "fold and restore": "b1 promoted, a1 promoted",
  "override removed": "b1 promoted",
  undo: "b1 promoted, a1 promoted",
  "a restore is aborted": "b1 promoted, a1 rolled-back",
  retry: "c1 rolled-back, c1 rolled-back",
  "part of a rejected set": "c3 rolled-back, a3 rolled-back",
  "a failing eval": "",
  "no eval": "",
  "the spec breaks": "b1 promoted",
  "a failing canary under a broken spec": "c1 rolled-back",
  "the agent leaves": "b1 withdrawn",
  "gone and back": "c1 rolled-back",
  "a deaf target": "b1 promoted",
  "nobody adopts": "",
  "passes come often": "b1 promoted",
  "an approval of another revision": "b1 superseded, b2 under way",
  "an abort between an intent and its effect": "b1 rolled-back",
  "an abort between an effect and its end": "b1 rolled-back",
  "a pause between an intent and its effect": "b1 promoted",
  "the canary is pulled between an intent and its effect": "b1 promoted",
  "a twin wakes after an abort": "b1 rolled-back",
  "a twin wakes after a promotion": "b1 promoted",
};

describe("in calm weather", () => {
  test.each(sceneNames)("%s", async (scene) => {
    const report = await simulate(sceneIn(scene));
    expect(report.breach).toBeNull();
    expect(courseOf(report)).toBe(courses[scene]);
  });
});

test("the same scenes hold under the gates of production", async () => {
  // A canary that reports nothing is an alarm in production, and an alarm holds where the counting gates let the policy speak.
  const told = sceneNames.filter((scene) => scene !== "undecided rolls back");
  const calm = told.map((scene): Case => ({ kind: "calm", scene }));
  expect(await failuresOf(calm, soundGates)).toEqual([]);
});

test.each(["promotion", "rollback", "stable falls below its floor", "fallback"] as const)(
  "every single fault of a %s",
  async (scene) => {
    const cases = await singlesOf(scene);
    expect(cases.length).toBeGreaterThan(200);
    expect(await failuresOf(cases)).toEqual([]);
  },
);

test("every pair of the nastiest faults of a withdrawal", async () => {
  const cases = await pairsOf("withdraw");
  expect(cases.length).toBeGreaterThan(400);
  expect(await failuresOf(cases)).toEqual([]);
});

test("cases that failed once hold", async () => {
  expect(await failuresOf(pinned)).toEqual([]);
  expect(await failuresOf(pinnedInProduction, soundGates)).toEqual([]);
});
