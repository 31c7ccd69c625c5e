/** One look, at most one thing to do. */
import { describe, expect, test } from "vitest";
import type { Decision } from "../../../src/core/model/decision.js";
import { day, type Instant } from "../../../src/core/model/units.js";
import { decide } from "../../../src/core/rollout/decide.js";
import { judgeByCounts } from "../../../src/testing/simulation/counting.js";
import { revisionId } from "../../../src/testing/simulation/wish.js";
import { type Seen, see } from "../../support/seen.js";
import { breachOf, start, type Teller, tell, wishOf } from "../../support/told.js";

/** What is decided, in a line: `act b1 500`, `note gate-judged 2 fail`, `wait gate/canary-waits`. */
function summary(decision: Decision): string {
  if (decision.kind === "act") {
    const { canary, weight } = decision.route;
    return canary === null ? "act stable" : `act ${wishOf(canary)} ${weight}`;
  }
  if (decision.kind === "wait") return `wait ${decision.code}`;
  if (decision.kind !== "note") return decision.kind;
  const { event } = decision;
  if (event.kind === "gate-judged") return `note ${event.kind} ${event.stage} ${event.verdict.result}`;
  if (event.kind === "gate-exempted") return `note ${event.kind} ${event.stage} ${event.exemption}`;
  if (event.kind === "floor-breached") return `note ${event.kind} ${event.arm}${event.both ? " both" : ""}`;
  if (event.kind === "rollout-turned") return `note ${event.kind} ${event.cause}`;
  if (event.kind === "rollout-finished") return `note ${event.kind} ${event.outcome}`;
  if (event.kind === "drift-found") return `note ${event.kind} ${event.live.weight}`;
  return `note ${event.kind}`;
}

function check(told: Teller, seen: Seen, expected: string): void {
  const { state } = told;
  expect(summary(decide(state, see(state, seen), judgeByCounts))).toBe(expected);
}

type Case = readonly [name: string, told: () => Teller, seen: Seen, expected: string];

const adopted = (): Teller => tell().adopted("a1");
const ramping = (): Teller => adopted().started("b1").judged(0, "pass").shifted(500);
const passed = (): Teller => ramping().judged(2, "pass");
const careful = (): Teller =>
  adopted()
    .started("b1", { strategy: { ramp: "careful" } })
    .judged(0, "pass")
    .judged(1, "pass");

const today = Math.floor(start / day) * day;
const stableBreach = breachOf("stable", { revision: revisionId("a1"), since: today });
const canaryBreach = breachOf("canary", { revision: revisionId("b1"), since: today });
const bothBreaches = [stableBreach, canaryBreach].map((breach) => ({ ...breach, both: true }));

const floors: readonly Case[] = [
  ["stable breaches its floor, without a rollout", adopted, { floors: [stableBreach] }, "note floor-breached stable"],
  ["it is told once a day", () => adopted().breached("stable"), { floors: [stableBreach] }, "rest"],
  [
    "and again on the next",
    () => adopted().breached("stable"),
    { floors: [{ ...stableBreach, since: (today + day) as Instant }] },
    "note floor-breached stable",
  ],
  [
    "another stable revision is told of itself",
    () => adopted().breached("stable"),
    { floors: [{ ...stableBreach, revision: revisionId("b1") }] },
    "note floor-breached stable",
  ],
  ["the canary breaches it", ramping, { after: 30, floors: [canaryBreach] }, "note floor-breached canary"],
  [
    "the canary's goes first",
    ramping,
    { after: 30, floors: [stableBreach, canaryBreach] },
    "note floor-breached canary",
  ],
  ["a failing gate goes first", ramping, { health: "worse", floors: [canaryBreach] }, "note gate-judged 2 fail"],
  ["both arms", ramping, { after: 30, floors: bothBreaches }, "note floor-breached stable both"],
  [
    "told, it blocks nothing",
    () => ramping().breached("stable", true).breached("canary", true),
    { floors: bothBreaches },
    "note gate-judged 2 pass",
  ],
  ["a pause does not stop it", () => ramping().said("pause"), { floors: [canaryBreach] }, "note floor-breached canary"],
  ["a canary that turned goes back", () => ramping().breached("canary"), { floors: [canaryBreach] }, "act stable"],
];

const forward: readonly Case[] = [
  ["an agent that nobody adopted", () => tell(), {}, "rest"],
  [
    "adopted, not put in force",
    () =>
      tell().event({
        kind: "agent-adopted",
        stable: revisionId("a1"),
        from: "live",
        why: "",
        target: { kind: "snapshot", path: "x" },
      }),
    {},
    "act stable",
  ],
  ["between rollouts", adopted, {}, "rest"],
  ["the eval gate passes", () => adopted().started("b1"), {}, "note gate-judged 0 pass"],
  ["it fails", () => adopted().started("e1"), {}, "note gate-judged 0 fail"],
  ["there is no eval", () => adopted().started("f1"), {}, "wait gate/eval-waits"],
  ["nothing was gathered for it", () => adopted().started("b1"), { evals: {} }, "wait gate/eval-waits"],
  ["the first weight", () => adopted().started("b1").judged(0, "pass"), {}, "act b1 500"],
  ["on hold", ramping, { after: 30 }, "wait gate/canary-waits"],
  ["the hold is over", ramping, {}, "note gate-judged 2 pass"],
  ["a fail does not wait for the hold", ramping, { after: 30, health: "worse" }, "note gate-judged 2 fail"],
  ["nothing is known of the canary", ramping, { health: "silent" }, "wait gate/canary-waits"],
  ["the metrics are away", ramping, { health: "unreadable" }, "wait gate/canary-waits"],
  ["the next weight", passed, {}, "act b1 5000"],
  ["a fail comes before the next weight", passed, { health: "worse" }, "note gate-judged 2 fail"],
  [
    "behind all stages",
    () => passed().shifted(5_000).judged(4, "pass").shifted(10_000),
    {},
    "note rollout-finished promoted",
  ],
  [
    "promoted, the last route is cleaned up",
    () => passed().shifted(5_000).judged(4, "pass").shifted(10_000).finished("promoted"),
    {},
    "act stable",
  ],
  [
    "the deployment does not serve yet",
    () =>
      adopted()
        .started("b1", { strategy: { ramp: "careful" } })
        .judged(0, "pass"),
    { ready: {} },
    "wait gate/ready-waits",
  ],
  ["no approval", careful, {}, "wait gate/approval-waits"],
  [
    "an approval",
    () => careful().event({ kind: "approved", revision: revisionId("b1") }),
    {},
    "note gate-judged 2 pass",
  ],
  [
    "an approval of another revision",
    () => careful().event({ kind: "approved", revision: revisionId("b2") }),
    {},
    "wait gate/approval-waits",
  ],
  [
    "outside the window",
    () => careful().said("proceed").shifted(500).judged(4, "pass"),
    { open: false },
    "wait gate/window-waits",
  ],
  [
    "a fail outside the window",
    () => careful().said("proceed").shifted(500).judged(4, "pass"),
    { open: false, health: "worse" },
    "note gate-judged 4 fail",
  ],
  [
    "a gate that is skipped",
    () => adopted().started("b1", { strategy: { ramp: "skipping" } }),
    {},
    "note gate-exempted 0 skip",
  ],
  [
    "a skipped health gate keeps its hold",
    () =>
      adopted()
        .started("b1", { strategy: { ramp: "skipping" } })
        .exempted(0)
        .shifted(500),
    { after: 30 },
    "wait gate/skipped",
  ],
  [
    "and no longer",
    () =>
      adopted()
        .started("b1", { strategy: { ramp: "skipping" } })
        .exempted(0)
        .shifted(500),
    {},
    "note gate-exempted 2 skip",
  ],
];

const undecided = (policy: "hold" | "rollback" | "proceed"): Teller =>
  adopted()
    .started("b1", { strategy: { undecided: policy } })
    .judged(0, "pass")
    .shifted(500);
const over = { after: 300 };

const people: readonly Case[] = [
  ["paused", () => ramping().said("pause"), {}, "wait rollout/paused"],
  ["paused behind a gate", () => passed().said("pause"), {}, "wait rollout/paused"],
  ["a failing canary while paused", () => ramping().said("pause"), { health: "worse" }, "note gate-judged 2 fail"],
  ["resumed behind a gate", () => passed().said("pause").said("resume"), {}, "act b1 5000"],
  [
    "a pause stops the end of the time",
    () => undecided("rollback").after(30).said("pause").after(200).said("resume"),
    { after: 100, health: "silent" },
    "wait gate/canary-waits",
  ],
  ["aborted", () => ramping().said("abort"), {}, "act stable"],
  ["aborted before any traffic", () => adopted().started("b1").said("abort"), {}, "note rollout-finished rolled-back"],
  ["aborted behind all stages", () => ramping().said("promote").shifted(10_000).said("abort"), {}, "act stable"],
  ["back from an abort", () => ramping().said("abort").shifted(0), {}, "note rollout-finished rolled-back"],
  ["back from a withdrawal", () => ramping().turned("withdrawn").shifted(0), {}, "note rollout-finished withdrawn"],
  ["promoted by a person", () => ramping().said("promote"), {}, "act b1 10000"],
  ["a fail outranks a promote", () => ramping().said("promote"), { health: "worse" }, "note gate-judged 2 fail"],
  ["undecided holds", () => undecided("hold"), { ...over, health: "a little worse" }, "wait gate/canary-undecided"],
  [
    "undecided rolls back",
    () => undecided("rollback"),
    { ...over, health: "a little worse" },
    "note rollout-turned undecided",
  ],
  [
    "undecided goes on where a policy says so",
    () => undecided("proceed"),
    { ...over, health: "a little worse" },
    "note gate-exempted 2 policy",
  ],
  [
    "a policy needs its sessions",
    () => undecided("proceed"),
    { ...over, health: "silent" },
    "wait gate/canary-undecided",
  ],
  [
    "evidence that is not there decides nothing",
    () => undecided("rollback"),
    { ...over, health: "unreadable" },
    "wait gate/canary-undecided",
  ],
];

const firstDoubt = (): Teller => adopted().started("b1").judged(0, "pass").begun(500);
const doubt: readonly Case[] = [
  ["doubt is overtaken by what is wanted now", () => passed().begun(5_000), {}, "act b1 5000"],
  [
    "also when the target happens to look right",
    () => passed().begun(5_000),
    { live: passed().route(5_000) },
    "act b1 5000",
  ],
  ["after an abort that is nothing", () => passed().begun(5_000).said("abort"), {}, "act stable"],
  ["after a pause, what was confirmed", () => passed().begun(5_000).said("pause"), {}, "act b1 500"],
  [
    "a fail is seen before doubt puts more on the canary",
    () => passed().begun(5_000),
    { health: "worse" },
    "note gate-judged 2 fail",
  ],
  ["with an invalid spec doubt raises nothing", () => passed().begun(5_000), { watchOnly: true }, "act b1 500"],
  [
    "what others lowered in the middle is not raised by doubt",
    () => passed().begun(5_000),
    { live: ramping().route(100) },
    "note drift-found 100",
  ],
  ["nor what they took away", () => passed().begun(5_000), { live: "empty" }, "note drift-found 0"],
  [
    "but anything between the two may be ours",
    () => passed().begun(5_000),
    { live: ramping().route(2_500) },
    "act b1 5000",
  ],
  ["a first shift in doubt", firstDoubt, { live: ramping().route(0) }, "act b1 500"],
  [
    "that a person has answered by breaking the glass",
    firstDoubt,
    { live: ramping().route(0), shownEpoch: 2 },
    "note drift-found 0",
  ],
  [
    "and stays where they left it",
    () => firstDoubt().drifted(0),
    { live: ramping().route(0), shownEpoch: 2 },
    "act stable",
  ],
  [
    "a target that cannot be read is not raised blindly",
    () => passed().begun(5_000),
    { live: "unreachable" },
    "wait target/unreachable",
  ],
  [
    "nor set again to what somebody may have lowered",
    () => ramping().said("correct"),
    { live: "unreachable" },
    "wait target/unreachable",
  ],
  ["but lowered it is", () => passed().begun(5_000).said("pause"), { live: "unreachable" }, "act b1 500"],
  ["and all the way back", () => passed().begun(5_000).said("abort"), { live: "unreachable" }, "act stable"],
  [
    "what was noted is not noted again",
    () => passed().begun(5_000).drifted(100),
    { live: ramping().route(100), shownEpoch: 2 },
    "act b1 100",
  ],
  ["a person puts the target in doubt", () => ramping().said("correct"), {}, "act b1 500"],
  [
    "and what others lowered stays lowered",
    () => ramping().said("correct"),
    { live: ramping().route(100) },
    "note drift-found 100",
  ],
];

const drift: readonly Case[] = [
  ["somebody lowered the canary", ramping, { live: ramping().route(100) }, "note drift-found 100"],
  ["somebody took it away", ramping, { live: ramping().route(0) }, "note drift-found 0"],
  ["the target is empty", ramping, { live: "empty" }, "note drift-found 0"],
  ["it stays where others left it", () => ramping().drifted(100), {}, "wait rollout/paused"],
  ["until a person resumes", () => ramping().drifted(100).said("resume"), {}, "act b1 500"],
  ["somebody raised the canary", ramping, { live: ramping().route(5_000) }, "act b1 500"],
  ["and that is only reported", ramping, { live: ramping().route(5_000), onDrift: "report" }, "wait drift/reported"],
  [
    "a fail under reported drift",
    ramping,
    { live: ramping().route(5_000), onDrift: "report", health: "worse" },
    "note gate-judged 2 fail",
  ],
  [
    "on the way back every drift is corrected",
    () => ramping().said("abort").shifted(0),
    { live: "foreign", onDrift: "report" },
    "act stable",
  ],
  ["somebody else's content", ramping, { live: "foreign" }, "act b1 500"],
  ["a canary between rollouts", adopted, { live: ramping().route(500) }, "act stable"],
  ["another journal's route", ramping, { lineage: "another" }, "wait state/lost"],
  ["the target cannot be read", ramping, { live: "unreachable" }, "wait target/unreachable"],
  ["nothing waits for it on the way back", () => ramping().said("abort"), { live: "unreachable" }, "act stable"],
];

const watching: readonly Case[] = [
  ["no gate is left", ramping, { watchOnly: true }, "wait rollout/watch-only"],
  ["nothing is raised", passed, { watchOnly: true }, "wait rollout/watch-only"],
  ["a promote waits", () => ramping().said("promote"), { watchOnly: true }, "wait rollout/watch-only"],
  ["a fail rolls back", ramping, { watchOnly: true, health: "worse" }, "note gate-judged 2 fail"],
  ["an abort goes on", () => ramping().said("abort"), { watchOnly: true }, "act stable"],
  [
    "what serves everybody is promoted",
    () => ramping().said("promote").shifted(10_000),
    { watchOnly: true },
    "note rollout-finished promoted",
  ],
  [
    "a person's undo goes on",
    () => adopted().promoted("b1").started("a1", { origin: "undo" }),
    { watchOnly: true },
    "act a1 10000",
  ],
  [
    "also where the one it leaves is not cleaned up yet",
    () => ramping().said("promote").shifted(10_000).finished("promoted").started("a1", { origin: "undo" }),
    { watchOnly: true },
    "act a1 10000",
  ],
  [
    "a restore waits",
    () => adopted().promoted("b1").started("a1", { origin: "restore" }),
    { watchOnly: true },
    "wait rollout/watch-only",
  ],
  [
    "also where the one it leaves is not cleaned up yet, a restore waits",
    () => ramping().said("promote").shifted(10_000).finished("promoted").started("a1", { origin: "restore" }),
    { watchOnly: true },
    "wait rollout/watch-only",
  ],
];

describe("forward", () => {
  test.each(forward)("%s", (_, told, seen, expected) => check(told(), seen, expected));
});
describe("people and policies", () => {
  test.each(people)("%s", (_, told, seen, expected) => check(told(), seen, expected));
});
describe("doubt", () => {
  test.each(doubt)("%s", (_, told, seen, expected) => check(told(), seen, expected));
});
describe("drift", () => {
  test.each(drift)("%s", (_, told, seen, expected) => check(told(), seen, expected));
});
describe("with an invalid spec", () => {
  test.each(watching)("%s", (_, told, seen, expected) => check(told(), seen, expected));
});

describe("floors", () => {
  test.each(floors)("%s", (_, told, seen, expected) => check(told(), seen, expected));
});

test("a hold names its earliest end", () => {
  const { state } = ramping();
  const decision = decide(state, see(state, { after: 30 }), judgeByCounts);
  expect(decision.kind === "wait" ? decision.until : null).toBe((state.rollout?.weightSince ?? 0) + 3_600_000);
});
