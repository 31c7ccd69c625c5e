/** State is the fold of the journal. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AgentState } from "../../../src/core/model/state.js";
import { replay, unknownAgent } from "../../../src/core/rollout/replay.js";
import { simulate } from "../../../src/testing/simulation/simulate.js";
import { drawStorm } from "../../../src/testing/simulation/storm.js";
import { agent } from "../../../src/testing/simulation/wish.js";
import { type Teller, tell, wishOf } from "../../support/told.js";

/** What a state says, in a line. */
function summary(state: AgentState): string {
  const { stable, previous, rollout, inForce, pending, inDoubt, rejected, operations } = state;
  const parts = [`stable ${wishOf(stable)}`];
  if (previous !== null) parts.push(`previous ${wishOf(previous.revision)}`);
  if (rollout !== null) parts.push(`${rollout.course} ${wishOf(rollout.canary)} at ${rollout.stage}`);
  if (rollout?.paused) parts.push("paused");
  if (rollout?.turned) parts.push(`turned by ${rollout.turned.cause}`);
  if (rollout !== null && rollout.confirmed > 0) parts.push(`confirmed ${rollout.confirmed}`);
  if (inForce !== null) parts.push(`in force ${inForce.weight}`);
  if (inDoubt) parts.push(`doubt${pending === null ? "" : ` ${pending.weight}`}`);
  if (rejected.length > 0)
    parts.push(`rejected ${rejected.map(({ changes }) => changes.map(({ to }) => to).join("+")).join(", ")}`);
  if (operations.length > 0) parts.push(`owes ${operations.map(({ operation }) => operation.id).join(", ")}`);
  return parts.join(" · ");
}

function check(told: Teller, expected: string): void {
  expect(summary(told.state)).toBe(expected);
}

const base = "stable a1";
const table: readonly (readonly [name: string, told: () => Teller, expected: string])[] = [
  ["adopted", () => tell().adopted("a1"), `${base} · in force 0`],
  ["started", () => tell().adopted("a1").started("b1"), `${base} · forward b1 at 0 · in force 0`],
  [
    "a gate is left by its pass",
    () => tell().adopted("a1").started("b1").judged(0, "pass"),
    `${base} · forward b1 at 1 · in force 0`,
  ],
  [
    "a wait moves nothing",
    () => tell().adopted("a1").started("b1").judged(0, "wait"),
    `${base} · forward b1 at 0 · in force 0`,
  ],
  [
    "a pass of another stage moves nothing",
    () => tell().adopted("a1").started("b1").judged(2, "pass"),
    `${base} · forward b1 at 0 · in force 0`,
  ],
  [
    "an intent is doubt",
    () => tell().adopted("a1").started("b1").judged(0, "pass").begun(500),
    `${base} · forward b1 at 1 · in force 0 · doubt 500`,
  ],
  [
    "an end settles it",
    () => tell().adopted("a1").started("b1").judged(0, "pass").shifted(500),
    `${base} · forward b1 at 2 · confirmed 500 · in force 500`,
  ],
  [
    "a fail turns, at any stage",
    () => tell().adopted("a1").started("b1").judged(0, "pass").shifted(500).judged(2, "fail"),
    `${base} · aborting b1 at 2 · turned by gate · confirmed 500 · in force 500`,
  ],
  [
    "a canary below its floor turns",
    () => tell().adopted("a1").started("b1").judged(0, "pass").shifted(500).breached("canary"),
    `${base} · aborting b1 at 2 · turned by floor · confirmed 500 · in force 500`,
  ],
  [
    "a breach of stable, or of both arms, moves nothing",
    () => tell().adopted("a1").started("b1").judged(0, "pass").shifted(500).breached("stable").breached("canary", true),
    `${base} · forward b1 at 2 · confirmed 500 · in force 500`,
  ],
  [
    "the first reason stays",
    () => tell().adopted("a1").started("b1").said("abort").judged(0, "fail"),
    `${base} · aborting b1 at 0 · turned by person · in force 0`,
  ],
  [
    "an abort outranks a promote",
    () => tell().adopted("a1").started("b1").said("abort").said("promote"),
    `${base} · aborting b1 at 0 · turned by person · in force 0`,
  ],
  [
    "and what is behind all stages",
    () => tell().adopted("a1").started("b1").said("promote").shifted(10_000).said("abort"),
    `${base} · aborting b1 at 6 · turned by person · confirmed 10000 · in force 10000`,
  ],
  [
    "a promote has no stages before it",
    () => tell().adopted("a1").started("b1").said("promote"),
    `${base} · promoting b1 at 0 · in force 0`,
  ],
  [
    "nothing is left while paused",
    () => tell().adopted("a1").started("b1").said("pause").judged(0, "pass"),
    `${base} · forward b1 at 0 · paused · in force 0`,
  ],
  [
    "a person leaves a gate",
    () => tell().adopted("a1").started("b1").said("proceed"),
    `${base} · forward b1 at 1 · in force 0`,
  ],
  [
    "and no weight",
    () => tell().adopted("a1").started("b1").said("proceed").said("proceed"),
    `${base} · forward b1 at 1 · in force 0`,
  ],
  [
    "what others lowered pauses",
    () => tell().adopted("a1").started("b1").judged(0, "pass").shifted(500).drifted(100),
    `${base} · forward b1 at 2 · paused · confirmed 100 · in force 100`,
  ],
  [
    "a promotion",
    () => tell().adopted("a1").promoted("b1"),
    "stable b1 · previous a1 · in force 0 · owes support-4-baseline",
  ],
  ["a rollback rejects", () => tell().adopted("a1").rolledBack("c1"), `${base} · in force 0 · rejected planner@c`],
  [
    "a withdrawal does not",
    () => tell().adopted("a1").started("b1").turned("withdrawn").finished("withdrawn"),
    `${base} · in force 0`,
  ],
  ["a retry lifts it", () => tell().adopted("a1").rolledBack("c1").said("retry"), `${base} · in force 0`],
  [
    "a start supersedes in one entry",
    () => tell().adopted("a1").started("b1").judged(0, "pass").shifted(500).started("b2"),
    `${base} · forward b2 at 0 · in force 500`,
  ],
  [
    "an undo rejects what it left",
    () => tell().adopted("a1").promoted("b1").started("a1", { origin: "undo" }).shifted(10_000).finished("promoted"),
    "stable a1 · previous b1 · in force 10000 · rejected planner@b",
  ],
  [
    "an aborted restore is rejected, or it would start again by itself",
    () =>
      tell().adopted("a1").promoted("b1").started("a1", { origin: "restore" }).said("abort").finished("rolled-back"),
    "stable b1 · previous a1 · in force 0 · rejected planner@a · owes support-4-baseline",
  ],
  [
    "an aborted undo is not",
    () => tell().adopted("a1").promoted("b1").started("a1", { origin: "undo" }).said("abort").finished("rolled-back"),
    "stable b1 · previous a1 · in force 0 · owes support-4-baseline",
  ],
  [
    "a baseline is owed for what serves, and for nothing before it",
    () => tell().adopted("a1").promoted("b1").promoted("b2"),
    "stable b2 · previous b1 · in force 0 · owes support-17-baseline",
  ],
  [
    "what was rejected stays so when an agent comes back",
    () => tell().adopted("a1").rolledBack("c1").event({ kind: "agent-retired" }).adopted("a1"),
    `${base} · in force 0 · rejected planner@c`,
  ],
  ["a person may put the target in doubt", () => tell().adopted("a1").said("correct"), `${base} · in force 0 · doubt`],
];

describe("a journal is read as", () => {
  test.each(table)("%s", (_, told, expected) => check(told(), expected));
});

test("time never goes back, whatever the clocks of those who wrote", () => {
  const late = tell().adopted("a1").started("b1").judged(0, "pass").shifted(500).said("pause");
  const paused = late.state.asOf;
  const { state } = late.after(-60).said("resume");
  expect(state.asOf).toBe(paused);
  expect(state.rollout?.pausedFor).toBe(0);
});

test("a pause stops the clock of the weight in force, and only from when it took force", () => {
  const told = tell()
    .adopted("a1")
    .started("b1")
    .judged(0, "pass")
    .shifted(500)
    .after(9)
    .said("pause")
    .after(29)
    .said("resume");
  expect(told.state.rollout?.pausedFor).toBe(30 * 60_000);
  expect(told.judged(2, "pass").shifted(5_000).state.rollout?.pausedFor).toBe(0);
});

test("replaying a prefix and then the rest equals replaying all", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), async (seed, share) => {
      const { entries } = await simulate(drawStorm(seed));
      const cut = Math.floor(entries.length * share);
      const prefix = replay(agent, entries.slice(0, cut));
      expect(replay(agent, entries.slice(cut), prefix)).toEqual(replay(agent, entries));
      const throughJson = JSON.parse(JSON.stringify(prefix)) as AgentState;
      expect(replay(agent, entries.slice(cut), throughJson)).toEqual(replay(agent, entries));
    }),
    { numRuns: 25 },
  );
});

test("an unknown agent has nothing", () => {
  expect(replay(agent, [])).toEqual(unknownAgent(agent));
});
