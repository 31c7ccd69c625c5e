/** The real program, killed at its effects and started again: nothing is lost, nothing doubled. `npm run chaos` visits every touch. */
import { describe, expect, test } from "vitest";
import { everyKill, isClean, type Job, report } from "../../tooling/chaos/campaign.js";
import {
  doubtForgotten,
  effectBeforeIntent,
  entryTwice,
  noLookup,
  type Sabotage,
} from "../../tooling/chaos/sabotage.js";
import type { SceneName } from "../../tooling/chaos/scenes.js";
import { type Calm, calmOf, trial } from "../../tooling/chaos/trial.js";
import { useStage } from "../support/chaos.js";

const stage = useStage();

/** What is worth a process each: an intent and its effect, a way back, a person's word. */
const heart = {
  advance: /^(?:store\.append shift-begun|target\.act)$/,
  rollback: /^target\.act$/,
  recover: /^(?:store\.append recovered|target\.act)$/,
  "fallback-on": /^(?:store\.append (?:fallback-switched|shift-begun)|target\.act)$/,
} as const;

const calms = new Map<SceneName, Promise<Calm>>();

/** A scene's calm run, made once. */
function calmIn(name: SceneName): Promise<Calm> {
  const made = calms.get(name) ?? calmOf(stage.scene(name));
  calms.set(name, made);
  return made;
}

/** A kill right after each touch of these doors. */
function jobsAt(calm: Calm, doors: RegExp): readonly Job[] {
  return everyKill(calm).effects.filter(({ kills: [kill] }) => {
    if (kill === undefined || !("trouble" in kill) || typeof kill.at !== "number") return false;
    return kill.trouble === "kill-after" && doors.test(calm.touches[kill.at - 1] ?? "");
  });
}

async function failuresOf(jobs: readonly Job[]): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const job of jobs) {
    const verdict = await trial(job.calm, job.kills);
    if (!isClean(verdict)) failures.push(report(job, verdict));
  }
  return failures;
}

test.each([
  ["advance", 2],
  ["rollback", 1],
  ["recover", 2],
  ["fallback-on", 3],
] as const)("%s: killed right after an effect, and before its end is recorded", async (name, count) => {
  const calm = await calmIn(name);
  const jobs = jobsAt(calm, heart[name]);
  expect(jobs).toHaveLength(count);
  expect(await failuresOf(jobs)).toEqual([]);
});

test("promote: killed between the commit of the baseline and its record", async () => {
  const calm = await calmIn("promote");
  const jobs = jobsAt(calm, /^git update-ref$/);
  expect(calm.tally).toMatchObject({ "commit of support-4-baseline": 1, "operation-done": 1, "overrides-settled": 1 });
  expect(jobs).toHaveLength(1);
  expect(await failuresOf(jobs)).toEqual([]);
});

test("killed three times in a row, at an intent, at an effect and at an instant", async () => {
  const calm = await calmIn("advance");
  const verdict = await trial(calm, [
    { at: "store.append shift-begun", trouble: "kill-after" },
    { at: "disk.rename", nth: 2, trouble: "kill-before" },
    { afterMs: 60 },
  ]);
  expect(verdict.kills).toBe(3);
  expect([...verdict.lost, ...verdict.doubled, ...verdict.wrong]).toEqual([]);
});

describe("a guarantee that is broken on purpose is reported", () => {
  test.each<readonly [Sabotage, Job["kills"], "lost" | "doubled" | "wrong", RegExp]>([
    [
      effectBeforeIntent,
      [{ at: "target.act", trouble: "kill-after" }],
      "wrong",
      /^the target shows 50 % .* which no intent in the journal has$/,
    ],
    [doubtForgotten, [{ at: "target.act", trouble: "kill-after" }], "wrong", /^the shift of entry \d+ has no end$/],
  ])("$name", async (sabotage, kills, where, expected) => {
    const calm = await calmIn("advance");
    const scene = await stage.broken("advance", sabotage);
    const verdict = await trial({ ...calm, scene }, kills);
    expect(verdict[where]).toContainEqual(expect.stringMatching(expected));
  });

  test(noLookup.name, async () => {
    const calm = await calmIn("promote");
    const scene = await stage.broken("promote", noLookup);
    const { wrong } = await trial({ ...calm, scene }, [{ at: "git update-ref", trouble: "kill-after" }]);
    expect(wrong).toEqual([expect.stringMatching(/^the checkout differs in .*, and after a calm run in $/)]);
  });

  test(entryTwice.name, async () => {
    const calm = await calmIn("rollback");
    const scene = await stage.broken("rollback", entryTwice);
    const { doubled } = await trial({ ...calm, scene }, [{ at: "target.act", trouble: "kill-after" }]);
    expect(doubled).toContain("rollout-finished: 2 in place of 1");
  });
});
