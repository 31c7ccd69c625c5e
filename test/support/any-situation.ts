/** Situations for properties. */
import fc from "fast-check";
import { wishes } from "../../src/testing/simulation/wish.js";
import { type Around, situationOf } from "./situation.js";
import { type Teller, tell } from "./told.js";

const anyWish = fc.constantFrom(...wishes);
const anyTold = fc.tuple(anyWish, fc.nat(9)).map(([wish, shape]): Teller => {
  const told = tell().adopted("a1");
  if (shape === 0) return told;
  if (shape === 1) return told.rolledBack(wish);
  if (shape === 2) return told.promoted(wish);
  told.started(wish);
  if (shape > 3) told.judged(0, "pass").shifted(500);
  if (shape > 4) told.judged(2, "pass");
  if (shape > 5) told.begun(5_000);
  if (shape > 6) told.event({ kind: "shift-done" });
  return shape > 7 ? told.said(shape > 8 ? "pause" : "abort") : told;
});
const anyAround = fc.record({
  person: fc.boolean(),
  strategy: fc.record({ onNewRevision: fc.constantFrom("queue", "supersede") }),
  seen: fc.record({
    after: fc.constantFrom(30, 90, 300),
    health: fc.constantFrom("as good", "worse", "a little worse", "silent", "unreadable"),
    watchOnly: fc.boolean(),
    onDrift: fc.constantFrom("correct", "report"),
  }),
}) as fc.Arbitrary<Around>;
/** Any agent that a team could have, whatever its spec says and the world shows. */
export const anySituation = fc
  .tuple(anyTold, fc.option(anyWish), anyAround)
  .map(([told, declared, around]) => situationOf(told, declared, around));
