/** What a plan says while an arm is below its floor. */
import { expect, test } from "vitest";
import type { FloorBreach } from "../../../src/core/model/floor.js";
import { day } from "../../../src/core/model/units.js";
import { planAgent } from "../../../src/core/plan/plan.js";
import { revisionId, type Wish } from "../../../src/testing/simulation/wish.js";
import { type Around, situationOf } from "../../support/situation.js";
import { breachOf, start, type Teller, tell, wishOf } from "../../support/told.js";

type Case = readonly [
  name: string,
  told: () => Teller,
  declared: Wish,
  around: Around,
  expected: string,
  says: readonly string[],
];

const adopted = (): Teller => tell().adopted("a1");
const ramping = (): Teller => adopted().started("b1").judged(0, "pass").shifted(500);
const below = (arm: "stable" | "canary", both = false): FloorBreach => ({
  ...breachOf(arm, { revision: revisionId(arm === "stable" ? "a1" : "b1"), since: Math.floor(start / day) * day }),
  both,
});

const table: readonly Case[] = [
  [
    "stable is below its floor, and nothing else is to do",
    adopted,
    "a1",
    { seen: { floors: [below("stable")] } },
    "none a1 -> null, 0 -> 0",
    ["stable breached its floor: stable is below"],
  ],
  [
    "it was told",
    () => adopted().breached("stable"),
    "a1",
    { seen: { floors: [below("stable")] } },
    "none a1 -> null, 0 -> 0",
    ["stable breached its floor: stable is below (incident support-1)"],
  ],
  [
    "a rise is explained by its gate, whatever stable's floor says",
    ramping,
    "b1",
    { seen: { floors: [below("stable")] } },
    "advance a1 -> b1, 500 -> 5000",
    ["stable breached its floor"],
  ],
  [
    "the canary is below it",
    ramping,
    "b1",
    { seen: { after: 30, floors: [below("canary")] } },
    "rollback a1 -> b1, 500 -> 0",
    ["canary is below"],
  ],
  [
    "both arms are",
    ramping,
    "b1",
    { seen: { after: 30, floors: [below("stable", true), below("canary", true)] } },
    "hold a1 -> b1, 500 -> 500, gate/canary-waits",
    ["stable breached its floor"],
  ],
];

test.each(table)("%s", (...[, told, declared, around, expected, says]) => {
  const situation = situationOf(told(), declared, around);
  const { kind, from, to, weightFrom, weightTo, code, because, warnings } = planAgent({
    situation,
    epoch: 1,
    forecast: [],
  });
  const move = `${kind} ${wishOf(from)} -> ${wishOf(to)}, ${weightFrom} -> ${weightTo}`;
  expect(code === null ? move : `${move}, ${code}`).toBe(expected);
  for (const part of says) expect([because, ...warnings].join(" · ")).toContain(part);
});
