/** What traffic should be follows from the journal alone. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { replay } from "../../../src/core/rollout/replay.js";
import { activeHealthGate, routeFrom, want } from "../../../src/core/rollout/want.js";
import { simulate } from "../../../src/testing/simulation/simulate.js";
import { drawStorm } from "../../../src/testing/simulation/storm.js";
import { agent } from "../../../src/testing/simulation/wish.js";
import { start, type Teller, tell, wishOf } from "../../support/told.js";

/** `a1`, or `a1, b1 500`. */
function check(told: Teller, expected: string | null, mayRaise = true): void {
  const route = want(told.state, mayRaise);
  const canary = route?.canary ?? null;
  expect(route && `${wishOf(route.stable)}${canary === null ? "" : `, ${wishOf(canary)} ${route.weight}`}`).toBe(
    expected,
  );
}

const ramping = (): Teller => tell().adopted("a1").started("b1").judged(0, "pass").shifted(500);
const passed = (): Teller => ramping().judged(2, "pass");

describe("wanted is", () => {
  test.each<readonly [string, () => Teller, string | null]>([
    ["nothing before adoption", () => tell(), null],
    ["stable", () => tell().adopted("a1"), "a1"],
    ["stable, before the first gate is left", () => tell().adopted("a1").started("b1"), "a1"],
    ["the first weight behind it", () => tell().adopted("a1").started("b1").judged(0, "pass"), "a1, b1 500"],
    ["that weight at its gate", ramping, "a1, b1 500"],
    ["the next one behind the gate", passed, "a1, b1 5000"],
    ["everything behind all", () => passed().shifted(5_000).judged(4, "pass").shifted(10_000), "a1, b1 10000"],
    ["everything where a person said so", () => ramping().said("promote"), "a1, b1 10000"],
    ["nothing once it turned", () => ramping().judged(2, "fail"), "a1"],
    ["nothing after an abort behind all stages", () => ramping().said("promote").shifted(10_000).said("abort"), "a1"],
    ["what was confirmed while paused", () => passed().said("pause"), "a1, b1 500"],
    ["what was confirmed while paused, also in doubt", () => passed().begun(5_000).said("pause"), "a1, b1 500"],
    ["what others left", () => ramping().drifted(100), "a1, b1 100"],
    ["the stage again when a person resumes", () => ramping().drifted(100).said("resume"), "a1, b1 500"],
    ["nothing of a superseded canary", () => ramping().started("b2"), "a1"],
  ])("%s", (_, told, expected) => check(told(), expected));

  test("no more than was confirmed where nothing may be raised", () => {
    check(passed().begun(5_000), "a1, b1 500", false);
    check(tell().adopted("a1").started("b1").judged(0, "pass").begun(500), "a1", false);
    check(ramping().judged(2, "fail"), "a1", false);
  });
});

test("what was stable before stays servable, unless a person has undone it", () => {
  const promoted = tell().adopted("a1").promoted("b1");
  expect(wishOf(want(promoted.state)?.previous ?? null)).toBe("a1");
  const undone = promoted.started("a1", { origin: "undo" }).shifted(10_000).finished("promoted");
  expect(want(undone.state)).toMatchObject({ stable: undone.state.stable, previous: null });
  expect(want(undone.said("retry").state)?.previous).toBe(undone.state.previous?.revision);
});

test("a weight is added to the history once", () => {
  const route = want(passed().state);
  const put = route && routeFrom(route, start);
  expect(put?.history.map(({ weight }) => weight)).toEqual([500, 5_000]);
  expect(put && routeFrom(put, start)).toEqual(put);
});

test("exactly one health gate watches a weight, until the rollout turns", () => {
  const watching = (told: Teller): number | null => told.state.rollout && activeHealthGate(told.state.rollout);
  expect(watching(tell().adopted("a1").started("b1").judged(0, "pass"))).toBe(null);
  expect(watching(ramping())).toBe(2);
  expect(watching(passed())).toBe(2);
  expect(watching(passed().begun(5_000))).toBe(2);
  expect(watching(passed().shifted(5_000))).toBe(4);
  expect(watching(passed().shifted(5_000).judged(4, "pass").shifted(10_000))).toBe(null);
  expect(watching(ramping().judged(2, "fail"))).toBe(null);
  const skipping = tell()
    .adopted("a1")
    .started("b1", { strategy: { ramp: "skipping" } })
    .exempted(0)
    .shifted(500);
  expect(watching(skipping)).toBe(null);
});

test("splits are whole, and name only stable and the canary under way", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const { entries } = await simulate(drawStorm(seed));
      entries.forEach((_, index) => {
        const state = replay(agent, entries.slice(0, index + 1));
        const route = want(state);
        if (route === null) return;
        expect(Number.isInteger(route.weight) && route.weight >= 0 && route.weight <= 10_000).toBe(true);
        expect(route.stable).toBe(state.stable);
        expect(route.canary === null).toBe(route.weight === 0);
        if (route.canary !== null) expect(route.canary).toBe(state.rollout?.canary);
      });
    }),
    { numRuns: 20 },
  );
});
