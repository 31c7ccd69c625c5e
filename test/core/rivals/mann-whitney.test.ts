// The shift between two series, against all pairwise differences and its own symmetries.
import { expect, it } from "vitest";
import { mannWhitneyShift } from "../../../src/core/rivals/mann-whitney.js";

/** The shifts at which the test of x - shift against y changes, worked out over all pairs. */
function allPairs(x: readonly number[], y: readonly number[]): readonly number[] {
  return x.flatMap((a) => y.map((b) => a - b)).sort((a, b) => a - b);
}

it("the estimate is the median of all pairwise differences (Hodges and Lehmann)", () => {
  const x = [1.1, 3.7, 2.9, 8.2, 4.4];
  const y = [0.3, 2.2, 5.1, 1.9, 0.7];
  const differences = allPairs(x, y);
  const shift = mannWhitneyShift(x, y, 0.95);
  expect(shift.estimate).toBeCloseTo(differences[12] ?? Number.NaN, 6);
  expect(shift.low).toBeLessThan(shift.estimate);
  expect(shift.high).toBeGreaterThan(shift.estimate);
  expect(differences.some((difference) => Math.abs(difference - shift.low) < 1e-6)).toBe(true);
});

it("moves with its first series, and turns round with their order", () => {
  const x = Array.from({ length: 60 }, (_, index) => ((index * 37) % 61) / 10);
  const y = Array.from({ length: 50 }, (_, index) => ((index * 29) % 53) / 10);
  const shift = mannWhitneyShift(x, y, 0.98);
  const moved = mannWhitneyShift(
    x.map((value) => value + 2),
    y,
    0.98,
  );
  const turned = mannWhitneyShift(y, x, 0.98);
  expect(moved.low - shift.low).toBeCloseTo(2, 6);
  expect(moved.high - shift.high).toBeCloseTo(2, 6);
  expect(turned.low).toBeCloseTo(-shift.high, 6);
  expect(turned.estimate).toBeCloseTo(-shift.estimate, 6);
});

it("is next to 0 where most values of both are equal, and above it only where the rest says so", () => {
  const every = (step: number): readonly number[] =>
    Array.from({ length: 120 }, (_, index) => (index % step === 0 ? 0.25 : 0));
  const alike = mannWhitneyShift(every(8), every(9), 0.98);
  expect(alike.low).toBeLessThan(0);
  expect(alike.low).toBeCloseTo(0, 6);
  expect(alike.high).toBeGreaterThan(0);
  expect(alike.high).toBeCloseTo(0, 6);
  const more = mannWhitneyShift(every(3), every(12), 0.98);
  expect(more.low).toBeGreaterThan(0.25 * more.estimate);
  expect(more.high).toBeCloseTo(0, 6);
});
