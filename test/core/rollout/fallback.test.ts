/** The fallback in the journal's fold, in what is wanted and in what is decided. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Route } from "../../../src/core/model/route.js";
import { noWeight } from "../../../src/core/model/units.js";
import { clockOf, decide } from "../../../src/core/rollout/decide.js";
import { want } from "../../../src/core/rollout/want.js";
import { judgeByCounts } from "../../../src/testing/simulation/counting.js";
import { type Seen, see } from "../../support/seen.js";
import { type Teller, tell } from "../../support/told.js";

const minute = 60_000;
const ramping = (): Teller => tell().adopted("a1").started("b1").judged(0, "pass").shifted(500);
const switched = (told: Teller, on: boolean): Teller =>
  told.event({ kind: "fallback-switched", on, because: "a reason" }, "ada@example.com");
/** What is wanted is put in force. */
const settled = (told: Teller): Teller => {
  const route = want(told.state);
  if (route === null) return told;
  return told.event({ kind: "shift-begun", route }).event({ kind: "shift-done" });
};
const on = (told: Teller): Teller => settled(switched(told, true));

test("what stops the clock counts once: a pause stops `until`, the fallback `hold` as well", () => {
  const words = fc.array(fc.constantFrom("pause", "resume", "on", "off", "wait"), { maxLength: 24 });
  fc.assert(
    fc.property(words, fc.integer({ min: 0, max: 30 }), (said, after) => {
      const told = ramping();
      const began = told.now;
      const stopped = { paused: false, on: false };
      let [pausedFor, unservedFor] = [0, 0];
      const pass = (until: number, from: number): void => {
        if (stopped.paused || stopped.on) pausedFor += until - from;
        if (stopped.on) unservedFor += until - from;
      };
      for (const word of said) {
        const from = told.now;
        if (word === "wait") told.after(7);
        if (word === "pause" || word === "resume") told.said(word);
        if (word === "on" || word === "off") switched(told, word === "on");
        pass(told.now, from);
        if (word === "pause" || word === "resume") stopped.paused = word === "pause";
        if (word === "on" || word === "off") stopped.on = word === "on";
      }
      const { state } = told;
      const now = told.now + after * minute;
      pass(now, told.now);
      if (state.rollout === null) throw new Error("the rollout is under way");
      expect(clockOf(state, state.rollout, now as never)).toMatchObject({ since: began, pausedFor, unservedFor });
      expect(state.fallback !== null).toBe(stopped.on);
    }),
  );
});

test("the wanted route is what it was, no more than was confirmed, and the fallback", () => {
  const told = ramping();
  const before = want(told.state);
  expect(want(switched(told, true).state)).toEqual({ ...before, fallback: true });
  expect(want(switched(told, false).state)).toEqual(before);
  const passed = switched(ramping().judged(2, "pass"), true);
  expect(want(passed.state)).toMatchObject({ weight: 500, fallback: true });
  expect(want(switched(passed, false).state)).toMatchObject({ weight: 5_000, fallback: false });
});

test("it is on since the first time, by whom it was said then; recovering and adopting keep what was found", () => {
  const told = switched(tell().adopted("a1"), true);
  const since = told.now;
  const again = told.event({ kind: "fallback-switched", on: true, because: "another" }, "bob@example.com");
  expect(again.state.fallback).toEqual({ since, by: "ada@example.com", because: "a reason" });
  const { stable, target } = again.state;
  if (stable === null || target === null) throw new Error("it is adopted");
  const recovered = { kind: "recovered", stable, target, why: "lost" } as const;
  expect(again.event(recovered).state.fallback).toBeNull();
  expect(again.event({ ...recovered, fallback: true }).state.fallback).toMatchObject({ because: "lost" });
});

test("a weight that nobody is routed by has not taken force", () => {
  const told = on(ramping().said("promote"));
  expect(told.state.rollout).toMatchObject({ course: "promoting", confirmed: 500, stage: 2 });
  const { rollout } = settled(switched(told, false)).state;
  expect(rollout).toMatchObject({ confirmed: 10_000, stage: rollout?.stages.length });
});

describe("decided is", () => {
  const byHand = (told: Teller, change: Partial<Route> = {}): Route => ({
    ...(told.state.inForce as Route),
    fallback: true,
    ...change,
  });
  type Case = readonly [name: string, told: () => Teller, seen: (told: Teller) => Seen, decided: object];
  const rest = (): Teller => tell().adopted("a1");
  const glass = { shownEpoch: 2 };
  const found = { kind: "note", event: { kind: "drift-found", fallback: true } };
  const cases: readonly Case[] = [
    [
      "the shift to it",
      () => switched(ramping(), true),
      () => ({}),
      { kind: "act", route: { fallback: true, weight: 500 } },
    ],
    ["a wait while it is on", () => on(ramping()), () => ({}), { kind: "wait", code: "rollout/fallback-on" }],
    [
      "a wait behind all stages too",
      () => on(ramping().judged(2, "pass").shifted(5_000).judged(4, "pass").shifted(10_000)),
      () => ({}),
      { kind: "wait", code: "rollout/fallback-on" },
    ],
    [
      "the failing gate's entry, all the same",
      () => on(ramping()),
      () => ({ health: "worse" }),
      { kind: "note", event: { kind: "gate-judged", verdict: { result: "fail" } } },
    ],
    [
      "the way back behind it",
      () => on(ramping()).judged(2, "fail"),
      () => ({}),
      { kind: "act", route: { fallback: true, weight: 0, canary: null } },
    ],
    [
      "the end of that way",
      () => settled(on(ramping()).judged(2, "fail")),
      () => ({}),
      { kind: "note", event: { kind: "rollout-finished", outcome: "rolled-back" } },
    ],
    [
      "the way out of it, where a window holds back the rise",
      () => switched(on(ramping().judged(2, "pass")), false),
      () => ({ watchOnly: true }),
      { kind: "act", route: { fallback: false, weight: 500 } },
    ],
    [
      "a report of one by hand without a canary",
      rest,
      (told) => ({ live: byHand(told), onDrift: "report" }),
      { kind: "wait", code: "drift/reported" },
    ],
    [
      "its correction where the agent says so",
      rest,
      (told) => ({ live: byHand(told) }),
      { kind: "act", code: "drift/corrected", route: { fallback: false } },
    ],
    ["to keep one by hand that took a canary's traffic", ramping, (told) => ({ live: byHand(told) }), found],
    ["to keep one by broken glass", rest, (told) => ({ live: byHand(told), ...glass }), found],
    [
      "to keep one by broken glass in doubt",
      () => ramping().begun(500),
      (told) => ({ live: byHand(told), ...glass }),
      found,
    ],
    [
      "to overtake doubt where nobody broke any",
      () => ramping().begun(500),
      (told) => ({ live: byHand(told) }),
      { kind: "act", route: { fallback: false } },
    ],
    [
      "the shift to it where drift is only reported: a person's word for everybody waits for no other",
      () => switched(rest(), true),
      (told) => ({ live: { ...(told.state.inForce as Route), stable: "r-else" as never }, onDrift: "report" }),
      { kind: "act", route: { fallback: true } },
    ],
    [
      "a report of one that somebody ended by hand",
      () => on(rest()),
      (told) => ({ live: byHand(told, { fallback: false }), onDrift: "report" }),
      { kind: "wait", code: "drift/reported" },
    ],
    [
      "to try it where the target cannot be read and nobody can have lowered a canary",
      () => switched(rest(), true),
      () => ({ live: "unreachable" }),
      { kind: "act", route: { fallback: true, weight: noWeight } },
    ],
    [
      "to wait where somebody can",
      () => switched(ramping(), true),
      () => ({ live: "unreachable" }),
      { kind: "wait", code: "target/unreachable" },
    ],
  ];
  test.each(cases)("%s", (_, told, seen, decided) => {
    const teller = told();
    const { state } = teller;
    expect(decide(state, see(state, seen(teller)), judgeByCounts)).toMatchObject(decided);
  });
});

test("what was found by broken glass and is said to end does not come back", () => {
  const told = ramping();
  const live = { ...(told.state.inForce as Route), fallback: true };
  const off = switched(told.event({ kind: "drift-found", live, fallback: true }), false);
  expect(off.state.rollout?.paused).toBeNull();
  const decided = decide(off.state, see(off.state, { live, shownEpoch: 2 }), judgeByCounts);
  expect(decided).toMatchObject({ kind: "act", route: { fallback: false, weight: 500 } });
});
