/** Everything that a step is decided by, for tests: the spec wishes something, the journal was told, the world was seen. */
import { components } from "../../src/core/model/revision.js";
import type { Situation } from "../../src/core/plan/situation.js";
import { judgeByCounts } from "../../src/testing/simulation/counting.js";
import { type Declared, type Strategy, specOf } from "../../src/testing/simulation/strategy.js";
import { agent, content, revisionId, type Wish, wishes } from "../../src/testing/simulation/wish.js";
import { type Seen, see } from "./seen.js";
import { steps, type Teller } from "./told.js";

export interface Around {
  readonly seen?: Seen;
  readonly strategy?: Partial<Strategy>;
  /** Somebody sits at the terminal. */
  readonly person?: boolean;
}

const revisions = Object.fromEntries(wishes.map((wish) => [revisionId(wish), components(content(wish))]));

/** `declared`: what the spec asks for, with the planning model `a` in the registry unless said; null: it has no such agent. */
export function situationOf(told: Teller, declared: Declared | Wish | null, around: Around = {}): Situation {
  const { state } = told;
  const wish = typeof declared === "string" ? { wish: declared, registry: "a" } : declared;
  return {
    agent,
    spec: wish === null ? null : specOf(wish, { ...steps, ...around.strategy }),
    state,
    serial: told.entries.length,
    revisions,
    sight: see(state, around.seen ?? {}),
    judge: judgeByCounts,
    person: around.person ?? false,
  };
}
