/** The benchmark of the gates measures what it says: its streams, its oracle, and its goals. The numbers themselves are its own business. */
import { expect, test } from "vitest";
import { seededRandom } from "../../src/core/stats/draws.js";
import { race } from "../../tooling/bench-stats/detection.js";
import { rivalRollback, Watcher } from "../../tooling/bench-stats/false-decisions.js";
import { playMethod } from "../../tooling/bench-stats/method.js";
import { sessionOracle, TickOracle } from "../../tooling/bench-stats/oracle.js";
import {
  atLeast,
  atMost,
  goalsTable,
  markdownOf,
  mean,
  median,
  quantileEstimate,
  ratioOf,
  shareOf,
  textOf,
  worstState,
} from "../../tooling/bench-stats/report.js";
import { type Arm, healthy, type Scene, type SceneTick, worseBy } from "../../tooling/bench-stats/scene.js";
import { rateScene, rateScenes, standardScene, valueScenes } from "../../tooling/bench-stats/scenes.js";
import { playRollout } from "../../tooling/bench-stats/six-metrics.js";

function firstTicks(scene: Scene, count: number, effect = healthy): readonly SceneTick[] {
  const ticks: SceneTick[] = [];
  for (const tick of scene.ticks(seededRandom(5), effect)) {
    ticks.push(tick);
    if (ticks.length >= count) break;
  }
  return ticks;
}

const sizeOf = (arm: Arm): number => (arm.kind === "counts" ? arm.sessions : arm.values.length);
const badOf = (arm: Arm): number => (arm.kind === "counts" ? arm.bad : 0);
const total = (ticks: readonly SceneTick[], of: (tick: SceneTick) => number): number =>
  ticks.reduce((sum, tick) => sum + of(tick), 0);

test.each(rateScenes.map((scene) => [scene.name, scene] as const))("stream: %s", (_, scene) => {
  const ticks = firstTicks(scene, 288, worseBy(scene.margin));
  const canary = total(ticks, (tick) => sizeOf(tick.canary));
  const stable = total(ticks, (tick) => sizeOf(tick.stable));
  expect((canary + stable) / 24 / scene.sessionsPerHour).toBeCloseTo(1, 0);
  expect(ticks.every(({ canary: arm }) => badOf(arm) <= sizeOf(arm))).toBe(true);
  const worse =
    total(ticks, (tick) => badOf(tick.canary)) / canary - total(ticks, (tick) => badOf(tick.stable)) / stable;
  const error = Math.sqrt((0.25 * scene.before.mean + 0.02) / Math.min(canary, stable));
  // Under drift the weight of the hours differs between the arms where the split changes with them.
  if (scene.share(0) === scene.share(13)) expect(Math.abs(worse - scene.margin)).toBeLessThan(5 * error);
});

test.each(valueScenes.map((scene) => [scene.name, scene] as const))("stream: %s", (_, scene) => {
  const ticks = firstTicks(scene, 12);
  expect(total(ticks, (tick) => sizeOf(tick.canary))).toBeGreaterThan(20);
  expect(scene.before.cap).toBeGreaterThan(scene.before.mean);
  expect(ticks.every(({ seen }) => seen.baseline.kind === "values" && seen.canary.kind === "values")).toBe(true);
});

test("the oracle needs about ln(1 / level) over the divergence of its rates", () => {
  const [truth, other] = [0.15, 0.1];
  const divergence = truth * Math.log(truth / other) + (1 - truth) * Math.log((1 - truth) / (1 - other));
  const random = seededRandom(2);
  const sessions = Array.from({ length: 2000 }, () => sessionOracle(random, { truth, other }, 0.05));
  const ideal = Math.log(20) / divergence;
  expect(mean(sessions)).toBeGreaterThan(0.95 * ideal);
  expect(mean(sessions)).toBeLessThan(1.1 * ideal);
});

test("an oracle that looks after ticks stops counting once it has decided", () => {
  const oracle = new TickOracle({ truth: 0.2, other: 0.1 }, 0.05);
  const tick = (bad: number): SceneTick => {
    const [one] = firstTicks(standardScene, 1);
    if (one === undefined) throw new Error("there is a tick");
    return { ...one, canary: { kind: "counts", sessions: 10, bad } };
  };
  oracle.look(tick(0));
  expect(oracle.decided).toBeNull();
  for (const bad of [10, 10, 10]) oracle.look(tick(bad));
  expect(oracle.decided).toBe(20);
});

test("a race is run on the same sessions, and the oracle wins it on average", () => {
  const settings = { scene: standardScene, direction: "fail", worse: 0.1, tolerance: 0, runs: 150, seed: 3 } as const;
  const run = race(settings);
  expect(mean(run.atTicks)).toBeLessThan(mean(run.ours));
  expect(mean(run.ours) / mean(run.atTicks)).toBeLessThan(2);
  expect(race(settings)).toEqual(run);
});

test("a pass is counted once for each weight", () => {
  const scene = rateScene({
    name: "two weights",
    stable: 0.1,
    margin: 0.2,
    share: (hour) => (hour < 6 ? 0.2 : 0.5),
  });
  const played = playMethod(scene, { random: seededRandom(1), effect: healthy, tolerance: 0, ticks: 144, until: null });
  expect(played).toMatchObject({ stages: 2, stagesPassed: 2, fail: null });
});

test("a rival sees what came in", () => {
  const watcher = new Watcher();
  for (const tick of firstTicks(standardScene, 96, worseBy(0.5))) watcher.see(tick);
  expect(rivalRollback("flagger", standardScene, watcher.seen)).toBe(60);
  expect(rivalRollback("argo", standardScene, watcher.seen)).toBe(48);
});

test("whole rollouts end, a bad one rolled back", () => {
  const play = { strictness: "default", hold: 12, most: 400 } as const;
  expect(playRollout(seededRandom(4), { ...play, drop: 0 }).end).toBe("promoted");
  expect(playRollout(seededRandom(4), { ...play, drop: 0.4 }).end).toBe("rolled back");
});

test("a goal is missed where chance does not explain it", () => {
  expect([3, 6, 12].map((hits) => atMost(shareOf(hits, 60), 0.05))).toEqual(["reached", "open", "missed"]);
  expect([58, 56, 40].map((hits) => atLeast(shareOf(hits, 60), 0.95))).toEqual(["reached", "open", "missed"]);
  expect(worstState(["reached", "open", "missed"])).toBe("missed");
  expect(worstState(["reached", "open"])).toBe("open");
});

test("estimates have their intervals, and quantiles count runs that never decided", () => {
  const values = Array.from({ length: 400 }, (_, index) => index + 1);
  expect(quantileEstimate(values, 0.5)).toMatchObject({ value: 200 });
  expect(quantileEstimate(values, 0.5).most).toBeCloseTo(220, -1);
  const ratio = ratioOf(
    values.map((value) => 2 * value),
    values,
  );
  expect(ratio.value).toBe(2);
  expect(ratio.least).toBeCloseTo(2 - 1.96 * 2 * Math.sqrt(2 / 3 / 400), 2);
  expect(median([3, Number.POSITIVE_INFINITY, 1])).toBe(3);
});

test("a missed goal is printed as missed", () => {
  const table = goalsTable([
    { name: "a", wanted: "at most 1", measured: "2", state: "missed" },
    { name: "b", wanted: "at most 1", measured: "0", state: "reached" },
    { name: "c", wanted: "at most 1", measured: "1.1", state: "open" },
  ]);
  const part = { tables: [table], goals: [] };
  expect(textOf(part)).toMatch(
    /1 of 3 reached\. 1 too close[\s\S]*^a .* NOT reached$[\s\S]*^b .* reached$[\s\S]*^c .* too close to tell$/m,
  );
  expect(markdownOf(part)).toContain("| a | at most 1 | 2 | NOT reached |");
});
