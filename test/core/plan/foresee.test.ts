/** One pass played forward in values alone. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Route } from "../../../src/core/model/route.js";
import { type Foreseen, followsMove, foresee, moves, stepsAtMost } from "../../../src/core/plan/foresee.js";
import { next } from "../../../src/core/plan/next.js";
import type { Situation } from "../../../src/core/plan/situation.js";
import { revisionId, type Wish } from "../../../src/testing/simulation/wish.js";
import { anyRecipe, situationFrom } from "../../support/any-situation.js";
import { type Around, situationOf } from "../../support/situation.js";
import { breachOf, type Teller, tell, wishOf } from "../../support/told.js";

/** What a pass writes, step by step: `rollout-started, gate-judged, shift 500`. */
function summary({ events, shifts, operations, last }: Foreseen): string {
  const parts = [
    ...events.map(({ kind }) => kind),
    ...shifts.map(({ weight }) => `shift ${weight}`),
    ...operations.map(({ kind }) => kind),
  ];
  return `${parts.join(", ")}${parts.length > 0 ? "; " : ""}then ${last.kind}${"code" in last && last.code !== null ? ` ${last.code}` : ""}`;
}

const adopted = (): Teller => tell().adopted("a1");
const ramping = (): Teller => adopted().started("b1").judged(0, "pass").shifted(500);

const table: readonly (readonly [string, () => Teller, Wish | null, Around, string])[] = [
  ["nothing", adopted, "a1", {}, "then rest"],
  [
    "an adoption ends the pass, once its route is in force",
    () => tell(),
    "b1",
    { person: true },
    "agent-adopted, shift 0; then note",
  ],
  [
    "a start goes to its first weight",
    adopted,
    "b1",
    {},
    "rollout-started, gate-judged, shift 500; then wait gate/canary-waits",
  ],
  ["an advance", ramping, "b1", {}, "gate-judged, shift 5000; then wait gate/full-waits"],
  [
    "a promotion, with all that follows",
    () => ramping().judged(2, "pass").shifted(5_000),
    "b1",
    {},
    "gate-judged, rollout-finished, shift 10000, shift 0, baseline; then rest",
  ],
  [
    "a rollback",
    ramping,
    "b1",
    { seen: { health: "worse" } },
    "gate-judged, rollout-finished, shift 0; then wait rollout/rejected-change",
  ],
  [
    "a supersede takes the old canary down first",
    ramping,
    "b2",
    { strategy: { onNewRevision: "supersede" }, seen: { after: 30 } },
    "rollout-started, shift 0; then note",
  ],
  [
    "a canary below its floor",
    ramping,
    "b1",
    { seen: { after: 30, floors: [breachOf("canary", { revision: revisionId("b1"), since: 0 })] } },
    "floor-breached, rollout-finished, shift 0; then wait rollout/rejected-change",
  ],
  [
    "an advance, whatever stable's floor says",
    ramping,
    "b1",
    { seen: { floors: [breachOf("stable", { revision: revisionId("a1"), since: 0 })] } },
    "floor-breached, gate-judged, shift 5000; then wait gate/full-waits",
  ],
  ["a withdrawal", ramping, "a1", { seen: { after: 30 } }, "rollout-turned, rollout-finished, shift 0; then rest"],
  [
    "a lowered canary",
    ramping,
    "b1",
    { seen: { live: ramping().route(100) } },
    "drift-found; then wait rollout/paused",
  ],
];

describe("a pass foresees", () => {
  test.each(table)("%s", (...[, told, declared, around, expected]) => {
    expect(summary(foresee(situationOf(told(), declared, around)))).toBe(expected);
  });
});

/** The same agent after the pass, at the same time, with the target showing what was put in force. */
function afterPass(situation: Situation, { state, events, shifts, operations }: Foreseen): Situation {
  const { sight } = situation;
  const entries = events.length + 2 * shifts.length + 2 * operations.length;
  const live: Situation["sight"]["live"] =
    state.inForce === null || shifts.length === 0
      ? sight.live
      : { ...serving, route: state.inForce, lineage: sight.lineage, observedAt: sight.now };
  return { ...situation, state, serial: situation.serial + entries, sight: { ...sight, live, health: null } };
}
const serving = { kind: "serving", fence: { epoch: 1, serial: 1 }, served: {} } as const;

test("applying plans while no time passes comes to an empty or a holding plan", () => {
  fc.assert(
    fc.property(anyRecipe, (recipe) => {
      let situation = situationFrom(recipe);
      for (let pass = 0; pass < 8; pass++) {
        const foreseen = foresee(situation);
        const isDone = foreseen.events.length + foreseen.shifts.length + foreseen.operations.length === 0;
        if (isDone) {
          expect(["rest", "wait"]).toContain(foreseen.last.kind);
          return;
        }
        situation = afterPass(situation, foreseen);
      }
      expect.fail("plans go on and on");
    }),
    { numRuns: 300 },
  );
});

test("a pass makes one weight change, and leaves one weight stage behind at the most", () => {
  const weightsBehind = (state: Situation["state"]): number =>
    state.rollout?.stages.slice(0, state.rollout.stage).filter(({ kind }) => kind === "weight").length ?? 0;
  const share = ({ stable, canary, weight }: Route): string =>
    canary === null || weight === 10_000 ? `all ${wishOf(canary ?? stable)}` : `${wishOf(canary)} ${weight}`;
  fc.assert(
    fc.property(anyRecipe, (recipe) => {
      const situation = situationFrom(recipe);
      const { shifts, state } = foresee(situation);
      const before = situation.state.inForce;
      const shares = [...(before === null ? [] : [before]), ...shifts].map(share);
      expect(shares.filter((now, index) => index > 0 && now !== shares[index - 1]).length).toBeLessThanOrEqual(1);
      if (state.rollout !== null && state.rollout.id === situation.state.rollout?.id)
        expect(weightsBehind(state) - weightsBehind(situation.state)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 300 },
  );
});

test("steps are few", () => {
  fc.assert(
    fc.property(anyRecipe, (recipe) => {
      const situation = situationFrom(recipe);
      const { events, shifts, operations } = foresee(situation);
      expect(events.length + shifts.length + operations.length).toBeLessThan(stepsAtMost / 2);
    }),
  );
});

test("bookkeeping follows a weight change, another change does not", () => {
  const at = situationOf(ramping().judged(2, "pass"), "b1");
  const raise = next(at);
  expect(moves(at.state, raise)).toBe(true);
  expect(followsMove(at.state, raise)).toBe(false);
  const over = situationOf(ramping().said("promote").shifted(10_000).finished("promoted"), "b1");
  const cleanUp = next(over);
  expect(moves(over.state, cleanUp)).toBe(false);
  expect(followsMove(over.state, cleanUp)).toBe(true);
});
