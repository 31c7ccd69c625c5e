/** Engines broken on purpose: each fault is noticed, where it is written here that it is, by the checker that is written here. */
import { expect, test } from "vitest";
import { type Case, scenarioOf } from "../../src/testing/simulation/case.js";
import { hunt } from "../../src/testing/simulation/hunt.js";
import { sabotages } from "../../src/testing/simulation/sabotage.js";
import type { SceneName } from "../../src/testing/simulation/scenes.js";
import { simulate } from "../../src/testing/simulation/simulate.js";

/** A scene in calm weather, or one with a crash after its effect of this number. */
type Where = SceneName | readonly [scene: SceneName, effect: number];

const verdicts = "verdicts follow again from the recorded evidence";
const lowered = "what others lowered is not raised without a person";
const readBack = "a shift ends when its own engine has read it back";
const finishes = "a rollout finishes once, when its traffic says so";
const rejected = "a rejected change never starts by itself";
const operations = "an operation is begun when it is owed and done once";
const oneByOne = "stages are left one by one, by evidence or a recorded exemption";
const failing = "a failing canary is turned at the next look";

const noticed: Readonly<Record<string, readonly [where: Where, checker: string]>> = {
  "doubt is forgotten": [["abort", 7], "doubt is overtaken before anything else is settled"],
  "a doubted shift is redone as it was": ["a restore is aborted", "nothing gives traffic to a canary that turned"],
  "a doubted shift that shows is taken as done": [["promotion", 8], readBack],
  "the target is never looked at": ["a person pulls the canary", lowered],
  "an abort is not final": ["rollback", "the target shows what is wanted"],
  "a pause has no effect": ["pause", "nothing is raised while paused"],
  "the canary is raised under the fallback": [
    "undone under the fallback",
    "nothing is raised, started or left while the fallback is on",
  ],
  "the fallback ends by itself": ["fallback", "the fallback is switched by people alone"],
  "an engine switches the fallback": ["fallback", "the fallback is switched by people alone"],
  "a fallback by broken glass is not taken over": [
    "the fallback by breaking the glass",
    "a fallback that was switched on by breaking the glass stays on",
  ],
  "time under the fallback counts": ["the fallback for less than a hold", verdicts],
  "a paused canary is not watched": ["pause of a failing canary", failing],
  "the next stage's weight is put in force": ["promotion", "the canary gets no more than the stages reached allow"],
  "what others lowered is raised again": ["a person pulls the canary", lowered],
  "a supersede takes two entries": ["supersede", finishes],
  "a rejected change is started again": ["rollback", rejected],
  "a restore does not ask what was rejected": ["undo", rejected],
  "an invalid spec raises": ["the spec breaks", "with an invalid spec nothing is raised, started or left"],
  "the schedule adopts and retires": ["nobody adopts", "only a person adopts, retires, approves and commands"],
  "a reverted spec does not withdraw": ["withdraw", "a canary that the spec no longer asks for is not raised"],
  "a policy does not wait for the end of the time": ["proceed", oneByOne],
  "a policy does not record what it went by": ["a policy proceeds", verdicts],
  "a rollout is promoted before it serves everybody": ["promotion", finishes],
  "a rollback finishes before its shift": ["rollback", finishes],
  "the first gate is left out": ["promotion", "one canary at a time, and each for a reason"],
  "a pass goes on after its weight change": ["supersede", "a pass makes one weight change"],
  "the newest entry is not read": ["promotion", "a snapshot is the fold of its entries"],
  "a gate is passed twice": ["promotion", oneByOne],
  "missing evidence passes": ["proceed", verdicts],
  "a failing gate is ignored": ["rollback", failing],
  "time alone passes a gate": ["proceed", verdicts],
  "a hold is not waited for": ["passes come often", verdicts],
  "evidence of an earlier stage counts": ["passes come often", verdicts],
  "an approval of anything will do": ["an approval of another revision", verdicts],
  "blocks are counted twice": ["pause", "evidence holds no more sessions than its stage served"],
  "a shift ends without being read back": ["promotion", readBack],
  "the target is touched before the intent is recorded": ["promotion", "the intent is recorded before its effect"],
  "the store does not compare": ["an abort between an intent and its effect", readBack],
  "an operation is repeated without a look": [["promotion", 19], operations],
  "an operation is noted and not performed": ["promotion", operations],
  "a shift has the fence of the one before": ["promotion", "the intent is recorded before its effect"],
  "the target has no fence": ["a twin wakes after an abort", "fences only rise at the target"],
};

function caseOf(where: Where): Case {
  if (typeof where === "string") return { kind: "calm", scene: where };
  const [scene, effect] = where;
  return { kind: "effects", scene, at: [{ effect, trouble: "crash-after" }] };
}

test("every sabotage is listed here", () => {
  expect(Object.keys(noticed).sort()).toEqual(sabotages.map(({ name }) => name).sort());
});

test.each(sabotages)("$name", async (sabotage) => {
  const [where, checker] = noticed[sabotage.name] ?? ["promotion", "nobody"];
  const caught = await hunt(sabotage, [caseOf(where)]);
  expect(caught?.report.breach?.checker).toBe(checker);
});

test("the same cases hold when nothing is broken", async () => {
  for (const [where] of Object.values(noticed)) {
    const { breach } = await simulate(scenarioOf(caseOf(where)));
    expect(breach).toBeNull();
  }
});
