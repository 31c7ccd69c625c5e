// What a proxy keeps of a route comes back whole, in a line that it cannot misread.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { RevisionId, RolloutId, Weight } from "../../../src/core/model/units.js";
import { readSplitLine, splitLine } from "../../../src/core/routing/split-line.js";

const text = fc.oneof(fc.constantFrom("", "-", "%", "%2D", "a|b", "a b"), fc.string({ unit: "grapheme" }));
const split = fc.record({
  route: fc.record({
    rollout: fc.option(text as fc.Arbitrary<RolloutId>),
    algo: fc.constant("murmur3-32" as const),
    salt: text,
    stable: text as fc.Arbitrary<RevisionId>,
    canary: fc.option(text as fc.Arbitrary<RevisionId>),
    weight: fc.integer({ min: 0, max: 10_000 }) as fc.Arbitrary<Weight>,
    previous: fc.option(text as fc.Arbitrary<RevisionId>),
    fallback: fc.boolean(),
  }),
  lineage: text,
  fence: fc.record({ epoch: fc.nat(), serial: fc.nat() }),
});

test("a line gives back what it was made of, in eleven fields of which none is empty and none has a space", () => {
  fc.assert(
    fc.property(split, (one) => {
      const line = splitLine(one);
      expect(readSplitLine(line)).toEqual(one);
      expect(line).toMatch(/^([!-{}~]+\|){10}[!-{}~]+$/);
    }),
  );
});

test("anything else is no line of ours", () => {
  fc.assert(fc.property(fc.string(), (line) => readSplitLine(line) === null));
});
