import { describe, expect, it } from "vitest";
import {
  absorbSketch,
  openSketch,
  type QuantileSketch,
  sampleQuantile,
  sketchQuantile,
} from "../../../src/core/stats/quantile-sketch.js";
import { gaussian, seeded } from "./enumerate.js";

/** A stream of lognormal values in blocks of 80, around a middle that may move. */
function streamed(sketch: QuantileSketch, blocks: number, middle: (block: number) => number): QuantileSketch {
  const random = seeded(11);
  let state = sketch;
  for (let block = 0; block < blocks; block += 1) {
    const values = Array.from({ length: 80 }, () => middle(block) * Math.exp(0.8 * gaussian(random)));
    state = absorbSketch(state, values);
  }
  return state;
}

const p95 = Math.exp(0.8 * 1.6448536269514722);

describe("a running quantile", () => {
  it("is unknown until 40 values were seen", () => {
    const thirty = absorbSketch(
      openSketch(0.95),
      Array.from({ length: 39 }, (_, k) => k + 1),
    );
    expect(sketchQuantile(thirty)).toBeNull();
    expect(sketchQuantile(absorbSketch(thirty, [40]))).toBeGreaterThan(30);
  });

  it("comes close to the true one, whatever the scale", () => {
    for (const middle of [1e-6, 1, 3e7]) {
      const value = sketchQuantile(streamed(openSketch(0.95), 100, () => middle));
      expect(Math.abs((value ?? 0) / (middle * p95) - 1)).toBeLessThan(0.06);
    }
  });

  it("follows a stream that moves by a factor of 50 either way", () => {
    for (const factor of [50, 0.02]) {
      const value = sketchQuantile(streamed(openSketch(0.95), 400, (block) => (block < 200 ? 1 : factor)));
      expect(Math.abs((value ?? 0) / (factor * p95) - 1)).toBeLessThan(0.08);
    }
  });

  it("is not moved by outliers, zeros or unknown values", () => {
    const calm = streamed(openSketch(0.95), 50, () => 1);
    const odd = absorbSketch(calm, [1e300, Number.POSITIVE_INFINITY, 0, -4, Number.NaN]);
    expect(Math.abs((sketchQuantile(odd) ?? 0) / (sketchQuantile(calm) ?? 1) - 1)).toBeLessThan(0.03);
    expect(absorbSketch(calm, [Number.NaN])).toBe(calm);
  });

  it("stays small, and survives JSON", () => {
    const long = streamed(openSketch(0.95), 300, () => 1);
    expect(JSON.parse(JSON.stringify(long))).toEqual(long);
    expect(long.early).toHaveLength(0);
    expect(long.weights).toHaveLength(28);
  });

  it("loses no weight when its buckets move", () => {
    const wandering = streamed(openSketch(0.95), 200, (block) => 1.1 ** Math.abs(100 - block));
    const total = (wandering.weights ?? []).reduce((sum, weight) => sum + weight, wandering.below + wandering.above);
    // The first 80 values were laid out at once; of every later block, 2^(-80 / 1400) is kept.
    const kept = 2 ** (-80 / 1400);
    expect(total).toBeCloseTo((80 * (1 - kept ** 200)) / (1 - kept), 6);
  });

  it("takes a stream of nothing but zeros", () => {
    const zeros = absorbSketch(openSketch(0.95), new Array<number>(100).fill(0));
    expect(Number.isFinite(sketchQuantile(zeros))).toBe(true);
    expect(Number.isFinite(sketchQuantile(streamed(zeros, 300, () => 1)))).toBe(true);
  });

  it("refuses a quantile outside (0, 1)", () => {
    expect(() => openSketch(1)).toThrow("between 0 and 1");
  });
});

// Type 7 of R 4.3's quantile().
it.each([
  [[1, 2, 3, 4], 0.5, 2.5],
  [[4, 1, 3, 2, 10], 0.95, 8.8],
  [[7], 0.95, 7],
])("the quantile of %j at %d", (values, q, wanted) => {
  expect(sampleQuantile(values, q)).toBeCloseTo(wanted, 12);
});
