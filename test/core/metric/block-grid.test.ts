import fc from "fast-check";
import { expect, test } from "vitest";
import { cellOf, gridStep } from "../../../src/core/metric/block-grid.js";
import type { Instant, Weight } from "../../../src/core/model/units.js";

const cuts = fc
  .uniqueArray(fc.integer({ min: 0, max: 40 * 60_000 }), { minLength: 1, maxLength: 8 })
  .map((times) =>
    times.sort((a, b) => a - b).map((at, index) => ({ at: at as Instant, weight: (index * 100) as Weight })),
  );
const instants = fc.integer({ min: -10 * 60_000, max: 60 * 60_000 }).map((at) => at as Instant);

test("each instant from the first cut on is in exactly one cell, within one step of the grid and one weight", () => {
  fc.assert(
    fc.property(cuts, instants, (changes, instant) => {
      const cell = cellOf(instant, changes);
      if (cell === null) {
        expect(instant).toBeLessThan(changes[0]?.at ?? Infinity);
        return;
      }
      expect(cell.start <= instant && instant < cell.end).toBe(true);
      expect(Math.floor((cell.end - 1) / gridStep)).toBe(Math.floor(cell.start / gridStep));
      expect(changes.some(({ at }) => at > cell.start && at < cell.end)).toBe(false);
      expect(cell.weight).toBe(changes.findLast(({ at }) => at <= instant)?.weight);
      for (const other of [cell.start, cell.end - 1]) expect(cellOf(other as Instant, changes)).toEqual(cell);
      expect(cellOf(cell.end, changes)?.start).toBe(cell.end);
    }),
  );
});

test("there is no cell without a cut", () => {
  expect(cellOf(0 as Instant, [])).toBe(null);
});
