// What a health gate says where users are counted.
import { describe, expect, it } from "vitest";
import type { HealthMemory } from "../../../src/core/gate/health-memory.js";
import { handOnHealth, openHealth } from "../../../src/core/gate/kinds/health.js";
import type { Block } from "../../../src/core/model/metric.js";
import type { RolloutId } from "../../../src/core/model/units.js";
import { changed, judged, steady, wide } from "../../support/health-scene.js";
import { absorbed, clockAt, good, historyOf, start, trafficOf } from "../../support/health-traffic.js";

function opened(): HealthMemory {
  const history = historyOf(good);
  return openHealth({ rollout: "rollout-1" as RolloutId, gate: wide, stage: 2, horizon: 500, history, unit: "user" });
}

const traffic = trafficOf(steady);
const of = (blocks: readonly Block[]): HealthMemory => absorbed(opened(), wide, blocks);
/** Blocks in which nobody names a user. */
const nameless = changed(traffic, (arm) => ({ ...arm, sessions: 0, silent: 0, samples: emptied(arm.samples) })).map(
  (block) => ({ ...block, userless: 4 }),
);

function emptied(samples: Block["stable"]["samples"]): Block["stable"]["samples"] {
  const nothing = Object.entries(samples).map(([name, sample]) => [
    name,
    sample.kind === "rate" ? { kind: "rate", sessions: 0, bad: 0 } : { kind: "values", values: [] },
  ]);
  return Object.fromEntries(nothing);
}

describe("sentences", () => {
  it.each<readonly [string, HealthMemory, string, RegExp]>([
    ["nothing yet", opened(), "wait", /^no user has been seen yet$/],
    ["a pass", of(traffic), "pass", /no metric fails; 2\d\d canary users$/],
    [
      "a fail",
      of(trafficOf({ ...steady, canary: { failures: 0.87 } })),
      "fail",
      /\d+ canary and [\d ]+ stable users at this weight$/,
    ],
    [
      "what a pass needs",
      of(traffic.slice(0, 4)),
      "wait",
      /needs about \d+ more users.*more canary users \(\d+ of 20\)/,
    ],
    [
      "a broken split",
      of(trafficOf({ ...steady, weight: 6000 }).map((block) => ({ ...block, weight: steady.weight as never }))),
      "wait",
      /^alarm sample-ratio: the canary got \d+ of 1 440 users/,
    ],
  ])("of %s speak of users", (_, memory, result, sentence) => {
    const verdict = judged(memory);
    expect(verdict.result).toBe(result);
    expect(verdict.because).toMatch(sentence);
    expect(verdict.because.replace("without a user", "")).not.toContain("session");
    expect(verdict.figures).toMatchObject({ unit: "user", without_user: 0 });
  });
});

describe("sessions that name no user", () => {
  it("are shown beside the verdict, and change nothing of it", () => {
    const some = traffic.map((block, index) => (index % 2 === 0 ? { ...block, userless: 3 } : block));
    const verdict = judged(of(some));
    expect(verdict.because).toBe(`${judged(of(traffic)).because}; 216 sessions without a user left out`);
    expect(verdict.figures).toMatchObject({ without_user: 216 });
    expect(judged(of([{ ...(traffic[0] as Block), userless: 1 }])).because).toMatch(
      /; 1 session without a user left out$/,
    );
  });

  it("are never a pass: where nobody names one the gate waits, and says so", () => {
    for (const gate of [wide, { ...wide, prove: [], minSessions: 0 }]) {
      const memory = absorbed(
        openHealth({ rollout: "r" as RolloutId, gate, stage: 2, horizon: 50, history: historyOf(good), unit: "user" }),
        gate,
        nameless,
      );
      const verdict = judged(memory, { gate });
      expect(verdict).toMatchObject({
        result: "wait",
        because: "alarm missing-telemetry: none of 576 sessions names its user, and users are what is counted",
      });
      expect(verdict.figures).toMatchObject({ canary_sessions: 0, without_user: 576, alarms: 1 });
    }
  });

  it("of an earlier weight are not this one's", () => {
    const next = trafficOf({ ...steady, weight: 5000, blocks: 12, from: traffic.at(-1)?.end ?? start });
    const memory = of([...traffic.map((block) => ({ ...block, userless: 1 })), ...next]);
    expect(judged(memory, clockAt(next.at(-1)?.end ?? start)).figures).toMatchObject({ without_user: 0 });
  });
});

it("the unit goes on with the memory, and sessions are counted where it says nothing", () => {
  expect(handOnHealth(of(traffic), "rollout-2" as RolloutId).unit).toBe("user");
  const history = historyOf(good);
  const older = openHealth({ rollout: "r" as RolloutId, gate: wide, stage: 2, horizon: 50, history, unit: "session" });
  expect("unit" in older).toBe(false);
  expect(judged(absorbed(older, wide, traffic)).because).toContain("canary sessions");
});
