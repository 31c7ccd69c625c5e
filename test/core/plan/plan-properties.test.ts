/** What holds for every plan. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { PlannedAction } from "../../../src/core/model/plan.js";
import { canonicalJson } from "../../../src/core/model/revision.js";
import type { AgentId, Digest, Duration, Instant } from "../../../src/core/model/units.js";
import { plan, planAgent } from "../../../src/core/plan/plan.js";
import type { Situation } from "../../../src/core/plan/situation.js";
import { anyRecipe, situationFrom } from "../../support/any-situation.js";
import { situationOf } from "../../support/situation.js";
import { type Teller, tell } from "../../support/told.js";

const ramping = (): Teller => tell().adopted("a1").started("b1").judged(0, "pass").shifted(500);

function planned(situation: Situation): PlannedAction {
  return planAgent({ situation, epoch: 1, forecast: [] });
}

/** The same with the keys of every object in another order. */
function shuffled<T>(value: T): T {
  if (Array.isArray(value)) return value.map(shuffled) as T;
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).reverse();
  return Object.fromEntries(fields.map(([key, field]) => [key, shuffled(field)])) as T;
}

test("the same situation gives the same bytes, in whatever order its keys stand", () => {
  fc.assert(
    fc.property(anyRecipe, (recipe) => {
      const situation = situationFrom(recipe);
      const action = canonicalJson(planned(situation));
      expect(canonicalJson(planned(situation))).toBe(action);
      expect(JSON.stringify(planned(situation))).toBe(JSON.stringify(planned(situation)));
      expect(canonicalJson(planned(shuffled(situation)))).toBe(action);
    }),
  );
});

test("every action names its share of sessions, whole and within bounds, and every hold its code", () => {
  fc.assert(
    fc.property(anyRecipe, (recipe) => {
      const situation = situationFrom(recipe);
      const { kind, code, weightFrom, weightTo, because } = planned(situation);
      for (const weight of [weightFrom, weightTo])
        expect(Number.isInteger(weight) && weight >= 0 && weight <= 10_000).toBe(true);
      if (kind === "hold") expect(code).not.toBeNull();
      expect(because).not.toBe("");
    }),
  );
});

test("a plan lists its actions riskiest first, then by name", () => {
  const at = (told: Teller, name: string, health: "worse" | "as good"): Situation => {
    const situation = situationOf(told, "b1", { seen: { health } });
    return { ...situation, agent: name as AgentId };
  };
  const situations = [
    at(ramping(), "sales", "as good"),
    at(tell().adopted("a1"), "support", "as good"),
    at(tell().adopted("a1"), "billing", "as good"),
    at(ramping(), "research", "worse"),
  ];
  const made = plan(
    situations.map((situation) => ({ situation, epoch: 1, forecast: [] })),
    { spec: "sha256:0" as Digest, now: 1_000 as Instant, life: 500 as Duration },
  );
  expect(made.actions.map(({ agent, kind }) => `${kind} ${agent}`)).toEqual([
    "rollback research",
    "advance sales",
    "start billing",
    "start support",
  ]);
  expect([made.madeAt, made.validUntil]).toEqual([1_000, 1_500]);
});
