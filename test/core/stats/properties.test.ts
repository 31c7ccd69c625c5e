import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { absorbMean, openMean } from "../../../src/core/stats/mean.js";
import { logE } from "../../../src/core/stats/process.js";
import { absorbQuantile, openQuantile } from "../../../src/core/stats/quantile.js";
import { absorbRate, openRate, type RateState } from "../../../src/core/stats/rate.js";
import type { RateCounts } from "../../../src/core/stats/reverse-projection.js";

const targets = { fail: Math.log(20), pass: Math.log(20) };
const near = 1e-9;

const counts: fc.Arbitrary<RateCounts> = fc
  .record({
    canary: fc.integer({ min: 0, max: 30 }),
    stable: fc.integer({ min: 0, max: 120 }),
    a: fc.double({ min: 0, max: 1, noNaN: true }),
    b: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ canary, stable, a, b }) => ({
    canary,
    stable,
    canaryBad: Math.round(a * canary),
    stableBad: Math.round(b * stable),
  }));

const config = fc.record({
  margin: fc.double({ min: 0.005, max: 0.4, noNaN: true }),
  share: fc.constantFrom(0, 0.5, 1),
  planned: fc.constantFrom(null, 50, 400),
  sessions: fc.constantFrom(0, 40, 300),
  mean: fc.double({ min: 0, max: 1, noNaN: true }),
});

function openedRate(given: {
  margin: number;
  share: number;
  planned: number | null;
  sessions: number;
  mean: number;
}): RateState {
  const { margin, share, planned, sessions, mean } = given;
  return openRate({ margin, tolerance: share * margin, planned, targets, history: { sessions, mean } });
}

const absorbed = (state: RateState, blocks: readonly RateCounts[]): RateState =>
  blocks.reduce((so, block) => absorbRate(so, block), state);

describe("rates", () => {
  it("the last block: one more bad canary session never helps the canary", () => {
    fc.assert(
      fc.property(config, fc.array(counts, { maxLength: 12 }), counts, (given, blocks, last) => {
        fc.pre(last.canaryBad < last.canary);
        const before = absorbed(openedRate(given), blocks);
        const better = logE(absorbRate(before, last));
        const worse = logE(absorbRate(before, { ...last, canaryBad: last.canaryBad + 1 }));
        expect(worse.fail).toBeGreaterThanOrEqual(better.fail - near);
        expect(worse.pass).toBeLessThanOrEqual(better.pass + near);
      }),
      { numRuns: 300 },
    );
  });

  it("any block: a worse canary never does better, where no bet is aimed at the stage's end", () => {
    fc.assert(
      fc.property(config, fc.array(counts, { minLength: 1, maxLength: 12 }), fc.nat(11), (given, blocks, place) => {
        const index = place % blocks.length;
        const changed = blocks.map((block, at) => (at === index ? { ...block, canaryBad: block.canary } : block));
        const opened = openedRate({ ...given, planned: null });
        const better = logE(absorbed(opened, blocks));
        const worse = logE(absorbed(opened, changed));
        expect(worse.fail).toBeGreaterThanOrEqual(better.fail - near);
        expect(worse.pass).toBeLessThanOrEqual(better.pass + near);
      }),
      { numRuns: 300 },
    );
  });

  it("every number stays finite, and the state survives JSON, whatever comes", () => {
    fc.assert(
      fc.property(config, fc.array(counts, { maxLength: 25 }), (given, blocks) => {
        const state = absorbed(openedRate(given), blocks);
        const copy: RateState = JSON.parse(JSON.stringify(state));
        expect(Number.isFinite(logE(state).fail) && Number.isFinite(logE(state).pass)).toBe(true);
        expect(logE(absorbed(copy, blocks))).toEqual(logE(absorbed(state, blocks)));
      }),
      { numRuns: 200 },
    );
  });

  it("absorbing changes nothing in the state that it was given", () => {
    fc.assert(
      fc.property(config, counts, (given, block) => {
        const state = openedRate(given);
        const before = JSON.stringify(state);
        absorbRate(state, block);
        expect(JSON.stringify(state)).toBe(before);
      }),
      { numRuns: 50 },
    );
  });
});

const values = (max: number) => fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { maxLength: max });
const samples = fc.record({ canary: values(8), stable: values(30) });
const sample = (list: readonly number[]) => ({ kind: "values" as const, values: list });

describe("means and quantiles", () => {
  it("a canary session that costs more never helps the canary", () => {
    fc.assert(
      fc.property(
        samples,
        fc.double({ min: 0, max: 60, noNaN: true }),
        fc.double({ min: 0, max: 60, noNaN: true }),
        fc.constantFrom("relative" as const, "absolute" as const),
        (block, a, b, scale) => {
          const opened = openMean({
            scale,
            margin: 0.2,
            tolerance: 0.1,
            cap: 20,
            targets,
            planned: 100,
            history: { sessions: 300, mean: 5, variance: 30 },
          });
          const add = (value: number) =>
            logE(absorbMean(opened, { canary: sample([...block.canary, value]), stable: sample(block.stable) }));
          const cheap = add(Math.min(a, b));
          const dear = add(Math.max(a, b));
          expect(dear.fail).toBeGreaterThanOrEqual(cheap.fail - near);
          expect(dear.pass).toBeLessThanOrEqual(cheap.pass + near);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("a slower canary session never helps the canary", () => {
    const learned = absorbQuantile(openQuantile({ q: 0.95, margin: 0.25, tolerance: 0.25, targets, planned: 100 }), {
      canary: [],
      stable: Array.from({ length: 100 }, (_, k) => k + 1),
    });
    fc.assert(
      fc.property(
        samples,
        fc.double({ min: 0, max: 300, noNaN: true }),
        fc.double({ min: 0, max: 300, noNaN: true }),
        (block, a, b) => {
          const add = (value: number) =>
            logE(absorbQuantile(learned, { canary: [...block.canary, value], stable: block.stable }));
          const fast = add(Math.min(a, b));
          const slow = add(Math.max(a, b));
          expect(slow.fail).toBeGreaterThanOrEqual(fast.fail - near);
          expect(slow.pass).toBeLessThanOrEqual(fast.pass + near);
        },
      ),
      { numRuns: 300 },
    );
  });
});
