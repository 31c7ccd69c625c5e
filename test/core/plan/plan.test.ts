/** What a plan says of each situation that a team can be in. */
import { describe, expect, test } from "vitest";
import type { PlannedAction } from "../../../src/core/model/plan.js";
import { planAgent } from "../../../src/core/plan/plan.js";
import type { Situation } from "../../../src/core/plan/situation.js";
import type { Declared } from "../../../src/testing/simulation/strategy.js";
import type { Wish } from "../../../src/testing/simulation/wish.js";
import { type Around, situationOf } from "../../support/situation.js";
import { type Teller, tell, wishOf } from "../../support/told.js";

function planned(situation: Situation): PlannedAction {
  return planAgent({ situation, epoch: 1, forecast: [] });
}

/** `start a1 -> b1, 0 -> 500`, with the code and what is queued behind it. */
function summary({ kind, from, to, weightFrom, weightTo, code, queued }: PlannedAction): string {
  const move = `${kind} ${wishOf(from)} -> ${wishOf(to)}, ${weightFrom} -> ${weightTo}`;
  return `${move}${code === null ? "" : `, ${code}`}${queued === null ? "" : `, ${wishOf(queued)} queued`}`;
}

type Case = readonly [
  name: string,
  told: () => Teller,
  declared: Declared | Wish | null,
  around: Around,
  expected: string,
  /** Parts of the reason and of the warnings, in this order. */
  says: readonly string[],
];

const adopted = (): Teller => tell().adopted("a1");
const ramping = (wish: Wish = "b1"): Teller => adopted().started(wish).judged(0, "pass").shifted(500);
const served = (): Teller => ramping().judged(2, "pass").shifted(5_000).judged(4, "pass").shifted(10_000);
const bumped = (): Teller => adopted().promoted("b1", { override: true });
const folded = (): Teller => bumped().event({ kind: "overrides-settled" });
const undone = (): Teller => folded().started("a1", { origin: "undo" }).shifted(10_000).finished("promoted").shifted(0);
const report: Around = { strategy: { onDrift: "report" }, seen: { onDrift: "report" } };
const drifted = (weight: number): Around => ({ seen: { after: 30, live: ramping().route(weight) } });

const inCalm: readonly Case[] = [
  [
    "a fresh repository, with a person",
    () => tell(),
    "a1",
    { person: true },
    "adopt null -> a1, 0 -> 0",
    ["the registry without overrides"],
  ],
  [
    "a fresh repository, unattended",
    () => tell(),
    "a1",
    {},
    "hold null -> a1, 0 -> 0, state/unknown-agent",
    ["only a person adopts"],
  ],
  [
    "a fresh repository with an override adopts what is without it",
    () => tell(),
    "b1",
    { person: true },
    "adopt null -> a1, 0 -> 0",
    [],
  ],
  ["nothing to do", adopted, "a1", {}, "none a1 -> null, 0 -> 0", ["nothing to do"]],
  ["a bump", adopted, "b1", {}, "start a1 -> b1, 0 -> 500", ["Pass rate 0.9"]],
  [
    "two changes in one revision",
    adopted,
    "b2",
    {},
    "start a1 -> b2, 0 -> 500",
    ["Pass rate", "2 changes travel in one canary", "can't be told apart"],
  ],
  ["a bump whose eval fails", adopted, "e1", {}, "hold a1 -> e1, 0 -> 0, gate/eval-fails", ["Pass rate 0.7"]],
  ["a bump that was not evaluated", adopted, "f1", {}, "hold a1 -> f1, 0 -> 0, gate/eval-waits", ["never evaluated"]],
  [
    "a gate that waits",
    ramping,
    "b1",
    { seen: { after: 30 } },
    "hold a1 -> b1, 500 -> 500, gate/canary-waits",
    ["proven, on hold"],
  ],
  ["a gate that passes", ramping, "b1", {}, "advance a1 -> b1, 500 -> 5000", ["100 sessions"]],
  ["a gate that fails", ramping, "b1", { seen: { health: "worse" } }, "rollback a1 -> b1, 500 -> 0", ["drop 0.300"]],
  [
    "the last gate passes",
    () => ramping().judged(2, "pass").shifted(5_000),
    "b1",
    {},
    "promote a1 -> b1, 5000 -> 10000",
    ["100 sessions"],
  ],
  ["a promotion that is not folded yet", bumped, "b1", {}, "none b1 -> null, 0 -> 0", []],
  [
    "undecided under a policy",
    () => ramping("a4"),
    "a4",
    { strategy: { undecided: "hold" }, seen: { after: 300, health: "a little worse" } },
    "hold a1 -> a4, 500 -> 500, gate/canary-undecided",
    ["its time is over"],
  ],
];

const changing: readonly Case[] = [
  [
    "a prompt changes while a canary runs",
    ramping,
    "b2",
    { seen: { after: 30 } },
    "hold a1 -> b1, 500 -> 500, gate/canary-waits, b2 queued",
    [],
  ],
  [
    "it supersedes where the spec says so",
    ramping,
    "b2",
    { strategy: { onNewRevision: "supersede" }, seen: { after: 30 } },
    "supersede a1 -> b2, 500 -> 0",
    ["2 changes", "evidence of support-4 is thrown away"],
  ],
  [
    "a canary that never had traffic is superseded anyway",
    () => adopted().started("f1"),
    "b1",
    {},
    "supersede a1 -> b1, 0 -> 500",
    [],
  ],
  [
    "the spec goes back while a canary runs",
    ramping,
    "a1",
    { seen: { after: 30 } },
    "withdraw a1 -> b1, 500 -> 0",
    ["no longer asks"],
  ],
  [
    "it goes back when the gate has just passed",
    () => ramping().judged(2, "pass"),
    "a1",
    {},
    "withdraw a1 -> b1, 500 -> 0",
    [],
  ],
  [
    "it goes back when the canary is in doubt",
    () => ramping().judged(2, "pass").begun(5_000),
    "a1",
    {},
    "withdraw a1 -> b1, 500 -> 0",
    [],
  ],
  [
    "it goes back when the canary fails: the failure counts",
    ramping,
    "a1",
    { seen: { health: "worse" } },
    "rollback a1 -> b1, 500 -> 0",
    ["drop 0.300"],
  ],
  [
    "it goes back after others lowered a finished canary",
    () => served().drifted(500).said("resume"),
    "a1",
    {},
    "withdraw a1 -> b1, 500 -> 0",
    ["no longer asks"],
  ],
  [
    "the revert of a bump that was promoted and folded",
    folded,
    { wish: "a1", registry: "a" },
    {},
    "restore b1 -> a1, 0 -> 10000",
    ["one move, no gates"],
  ],
  [
    "that revert, after the time for it",
    folded,
    "a1",
    { seen: { after: 8 * 24 * 60 } },
    "start b1 -> a1, 0 -> 500",
    ["Pass rate"],
  ],
  [
    "an override is taken out and was not folded",
    bumpedAndSettledBaseline,
    "a1",
    {},
    "hold b1 -> a1, 0 -> 0, rollout/override-removed",
    ["taken out without being folded"],
  ],
  [
    "the fold of a promoted override",
    bumpedAndSettledBaseline,
    { wish: "b1", registry: "b" },
    {},
    "none b1 -> null, 0 -> 0",
    ["folded into the registry"],
  ],
  [
    "a promoted override waits for its fold",
    bumpedAndSettledBaseline,
    "b1",
    {},
    "none b1 -> null, 0 -> 0, rollout/override-not-folded",
    ["not folded yet", "planning = planner@b"],
  ],
  [
    "an undo, and a spec that does not agree",
    undone,
    { wish: "b1", registry: "b" },
    {},
    "hold a1 -> b1, 0 -> 0, rollout/rejected-change",
    ["see incident support-1"],
  ],
];

const rejecting: readonly Case[] = [
  [
    "a revision that still holds a rejected change",
    () => adopted().rolledBack("c1"),
    "c1",
    {},
    "hold a1 -> c1, 0 -> 0, rollout/rejected-change",
    ["planning: planner@a -> planner@c", "see incident support-1"],
  ],
  [
    "one that holds it beside something else",
    () => adopted().rolledBack("c1"),
    "c2",
    {},
    "hold a1 -> c2, 0 -> 0, rollout/rejected-change",
    [],
  ],
  ["one without it", () => adopted().rolledBack("c1"), "b1", {}, "start a1 -> b1, 0 -> 500", []],
  [
    "part of a rejected set",
    () => adopted().rolledBack("c3"),
    "a3",
    {},
    "start a1 -> a3, 0 -> 500",
    ["Pass rate", "holds part of what incident support-1 rejected"],
  ],
  ["after a retry", () => adopted().rolledBack("c1").said("retry"), "c1", {}, "start a1 -> c1, 0 -> 500", []],
  [
    "after an aborted restore",
    () => folded().started("a1", { origin: "restore" }).said("abort").finished("rolled-back"),
    "a1",
    {},
    "hold b1 -> a1, 0 -> 0, rollout/rejected-change",
    [],
  ],
];

const elsewhere: readonly Case[] = [
  ["drift is repaired", ramping, "b1", drifted(5_000), "repair a1 -> a1, 500 -> 500", []],
  [
    "drift is reported",
    ramping,
    "b1",
    { ...report, seen: { ...drifted(5_000).seen, onDrift: "report" } },
    "hold a1 -> b1, 500 -> 500, drift/reported",
    ["drift is only reported"],
  ],
  [
    "a lowered canary pauses",
    ramping,
    "b1",
    drifted(100),
    "hold a1 -> b1, 500 -> 100, rollout/paused",
    ["outside of rollout"],
  ],
  [
    "the state is lost",
    () => tell(),
    "a1",
    { person: true, seen: { live: ramping().route(0), lineage: "another" } },
    "hold null -> a1, 0 -> 0, state/lost",
    ["does not know"],
  ],
  [
    "another state's route under a rollout",
    ramping,
    "b1",
    { seen: { lineage: "another" } },
    "hold a1 -> b1, 500 -> 500, state/lost",
    [],
  ],
  [
    "foreign content before adoption",
    () => tell(),
    "a1",
    { person: true, seen: { live: "foreign" } },
    "hold null -> a1, 0 -> 0, state/lost",
    [],
  ],
  [
    "the target cannot be read",
    ramping,
    "b1",
    { seen: { live: "unreachable" } },
    "hold a1 -> b1, 500 -> 500, target/unreachable",
    [],
  ],
  ["an agent left the spec", adopted, null, { person: true }, "retire a1 -> a1, 0 -> 0", ["stable goes on serving"]],
  [
    "an agent left the spec, unattended",
    adopted,
    null,
    {},
    "hold a1 -> a1, 0 -> 0, state/left-spec",
    ["only a person retires"],
  ],
  ["it left while its canary runs", ramping, null, { person: true }, "withdraw a1 -> b1, 500 -> 0", ["left the spec"]],
  ["it left while its canary runs, unattended", ramping, null, {}, "hold a1 -> b1, 500 -> 500, state/left-spec", []],
  ["it left, and its canary fails", ramping, null, { seen: { health: "worse" } }, "rollback a1 -> b1, 500 -> 0", []],
  [
    "the spec has errors",
    ramping,
    null,
    { seen: { watchOnly: true } },
    "hold a1 -> b1, 500 -> 500, rollout/watch-only",
    [],
  ],
  [
    "the spec has errors, and the canary fails",
    ramping,
    null,
    { seen: { watchOnly: true, health: "worse" } },
    "rollback a1 -> b1, 500 -> 0",
    [],
  ],
  [
    "a person's undo under way",
    () => folded().started("a1", { origin: "undo" }),
    { wish: "b1", registry: "b" },
    {},
    "restore b1 -> a1, 0 -> 10000",
    [],
  ],
  ["a paused canary", () => ramping().said("pause"), "b1", {}, "hold a1 -> b1, 500 -> 500, rollout/paused", []],
  [
    "an abort that was not carried out yet",
    () => ramping().said("abort"),
    "b1",
    {},
    "rollback a1 -> b1, 500 -> 0",
    ["a reason"],
  ],
  [
    "a promote that was not carried out yet",
    () => ramping().said("promote"),
    "b1",
    {},
    "promote a1 -> b1, 500 -> 10000",
    ["left unproven (promote by ada@example.com)"],
  ],
  [
    "a shift in doubt",
    () => ramping().said("correct"),
    "b1",
    { seen: { after: 30 } },
    "repair a1 -> a1, 500 -> 500",
    [],
  ],
];

/** Its baseline was committed. */
function bumpedAndSettledBaseline(): Teller {
  return bumped().event({ kind: "operation-done", id: "support-4-baseline", result: "" });
}

function check([, told, declared, around, expected, says]: Case): void {
  const action = planned(situationOf(told(), declared, around));
  expect(summary(action)).toBe(expected);
  const text = [action.because, ...action.warnings].join(" · ");
  for (const part of says) expect(text).toContain(part);
}

for (const [name, cases] of Object.entries({ inCalm, changing, rejecting, elsewhere }))
  describe(name, () => {
    test.each(cases)("%s", (...given) => check(given));
  });
