import type { Entry } from "../../src/core/model/journal.js";
import { type Teller, tell as teller } from "../../test/support/told.js";

/** A journal of so many entries: one rollout after the other is promoted, rolled back, or drifts and is paused on its way. */
export function tell(size: number): readonly Entry[] {
  const journal = teller().adopted("a1");
  const [promote, turnBack, drift] = [
    (told: Teller) => told.promoted(told.entries.length % 2 === 0 ? "b1" : "a1"),
    (told: Teller) => told.rolledBack("b2"),
    (told: Teller) =>
      told.started("b3").judged(0, "pass").shifted(500).drifted(0).said("abort").finished("rolled-back"),
  ];
  for (let turn = 0; journal.entries.length < size; turn++) [promote, turnBack, drift][turn % 3]?.(journal);
  return journal.entries.slice(0, size);
}
