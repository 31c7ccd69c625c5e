/** Situations for properties, as recipes: a counterexample is one line. */
import fc from "fast-check";
import type { Situation } from "../../src/core/plan/situation.js";
import { type Wish, wishes } from "../../src/testing/simulation/wish.js";
import type { Health } from "./seen.js";
import { situationOf } from "./situation.js";
import { type Teller, tell } from "./told.js";

const shapes = [
  "adopted",
  "rolled back",
  "promoted",
  "started",
  "at the first weight",
  "behind its gate",
  "in doubt",
  "at the second weight",
  "aborted",
  "paused",
] as const;

export interface Recipe {
  readonly shape: (typeof shapes)[number];
  /** The canary that the journal tells of. */
  readonly canary: Wish;
  readonly declared: Wish | null;
  readonly person: boolean;
  readonly watchOnly: boolean;
  /** Minutes since the newest entry. */
  readonly after: number;
  readonly health: Health;
  readonly onDrift: "correct" | "report";
  readonly onNewRevision: "queue" | "supersede";
}

/** Any agent that a team could have, whatever its spec says and the world shows. */
export const anyRecipe: fc.Arbitrary<Recipe> = fc.record({
  shape: fc.constantFrom(...shapes),
  canary: fc.constantFrom(...wishes.filter((wish) => wish !== "a1")),
  declared: fc.option(fc.constantFrom(...wishes)),
  person: fc.boolean(),
  watchOnly: fc.boolean(),
  after: fc.constantFrom(30, 90, 300),
  health: fc.constantFrom<Health>("as good", "worse", "a little worse", "silent", "unreadable"),
  onDrift: fc.constantFrom("correct", "report"),
  onNewRevision: fc.constantFrom("queue", "supersede"),
});

export function situationFrom(recipe: Recipe): Situation {
  const { shape, canary, declared, person, watchOnly, after, health, onDrift, onNewRevision } = recipe;
  const seen = { after, health, watchOnly, onDrift };
  return situationOf(toldAs(shape, canary), declared, { person, strategy: { onNewRevision, onDrift }, seen });
}

function toldAs(shape: Recipe["shape"], canary: Wish): Teller {
  const adopted = tell().adopted("a1");
  const ramping = (): Teller => adopted.started(canary).judged(0, "pass").shifted(500);
  switch (shape) {
    case "adopted":
      return adopted;
    case "rolled back":
      return adopted.rolledBack(canary);
    case "promoted":
      return adopted.promoted(canary);
    case "started":
      return adopted.started(canary);
    case "at the first weight":
      return ramping();
    case "behind its gate":
      return ramping().judged(2, "pass");
    case "in doubt":
      return ramping().judged(2, "pass").begun(5_000);
    case "at the second weight":
      return ramping().judged(2, "pass").shifted(5_000);
    case "aborted":
      return ramping().said("abort");
    case "paused":
      return ramping().judged(2, "pass").said("pause");
  }
}
