import { describe, expect, it } from "vitest";
import { betOnUnits, type PairedRule, pairedProof, type ScoredItem } from "../../../src/core/stats/item-bets.js";
import { regressionSeen, sdWithRepeats, unitsNeeded } from "../../../src/core/stats/items-needed.js";
import { gaussian, seeded } from "./enumerate.js";

const rule: PairedRule = { maxRegression: 0.05, minScore: 0.2, alpha: 0.01, beta: 0.05 };

/** Pass/fail items of two runs of a flaky set: a difference in 28 % of them (sd 0.53), `drop` more of it downwards. */
function flaky(random: () => number, count: number, drop: number): readonly ScoredItem[] {
  return Array.from({ length: count }, () => {
    const draw = random();
    if (draw < 0.14 + drop / 2) return { baseline: 1, candidate: 0, cluster: null };
    if (draw < 0.28) return { baseline: 0, candidate: 1, cluster: null };
    return { baseline: 1, candidate: 1, cluster: null };
  });
}

function graded(random: () => number, count: number, drop: number): readonly ScoredItem[] {
  return Array.from({ length: count }, () => {
    const candidate = Math.min(1, Math.max(0, 0.6 - drop + 0.15 * gaussian(random)));
    return { baseline: 0.6, candidate, cluster: null };
  });
}

function share(runs: number, decision: string, items: (random: () => number) => readonly ScoredItem[]): number {
  const random = seeded(5);
  let hits = 0;
  for (let run = 0; run < runs; run += 1) if (pairedProof(items(random), rule).decision === decision) hits += 1;
  return hits / runs;
}

describe("the eval gate's proof", () => {
  it("passes an unchanged candidate nine times in ten on 1 059 flaky items, and seven in eight on 120 graded ones", () => {
    expect(share(400, "pass", (random) => flaky(random, 1059, 0))).toBeGreaterThan(0.85);
    expect(Math.abs(share(400, "pass", (random) => graded(random, 120, 0)) - 0.86)).toBeLessThan(0.05);
  });

  it("passes a candidate at the margin at most once in twenty", () => {
    expect(share(600, "pass", (random) => flaky(random, 1059, 0.05))).toBeLessThan(0.07);
    expect(share(600, "pass", (random) => graded(random, 140, 0.05))).toBeLessThan(0.07);
  });

  it("fails an unchanged candidate at most once in a hundred, and one that lost 20 points at once", () => {
    expect(share(600, "fail", (random) => flaky(random, 300, 0))).toBeLessThan(0.02);
    expect(share(100, "fail", (random) => graded(random, 140, 0.2))).toBe(1);
  });

  it("asks half of alpha of each way to fail", () => {
    const items = Array.from({ length: 200 }, () => ({ baseline: 0.9, candidate: 0.6, cluster: null }));
    const ask = (values: readonly number[], edge: number, low: number) =>
      betOnUnits(values, { side: "below", edge, low, high: 1, level: rule.alpha / 2, units: 200, start: edge });
    const proof = pairedProof(items, { ...rule, minScore: 0.9 });
    expect(proof.worse).toEqual(
      ask(
        items.map(({ candidate, baseline }) => candidate - baseline),
        0,
        -1,
      ),
    );
    expect(proof.scoreTooLow).toEqual(
      ask(
        items.map(({ candidate }) => candidate),
        0.9,
        0,
      ),
    );
    expect(proof.worse.provenAt).not.toBeNull();
  });

  it("waits where the set is too small to tell", () => {
    const random = seeded(1);
    expect(pairedProof(flaky(random, 30, 0), rule).decision).toBe("wait");
    expect(pairedProof([], rule).decision).toBe("wait");
  });

  it("asks for the score as well: an unchanged candidate below the minimum is a fail", () => {
    const poor = Array.from({ length: 400 }, (_, k) => ({
      baseline: k % 5 === 0 ? 1 : 0,
      candidate: k % 5 === 0 ? 1 : 0,
      cluster: null,
    }));
    const proof = pairedProof(poor, { ...rule, minScore: 0.5 });
    expect(proof.notWorse.provenAt).not.toBeNull();
    expect(proof.scoreTooLow.provenAt).not.toBeNull();
    expect(proof.decision).toBe("fail");
  });

  it("stops betting once proven", () => {
    const good = Array.from({ length: 400 }, () => ({ baseline: 0.7, candidate: 0.9, cluster: null }));
    const short = pairedProof(good, rule).notWorse;
    expect(short.provenAt).toBeLessThan(120);
    expect(short.logE).toBeGreaterThanOrEqual(Math.log(20));
    expect(short.logE).toBeLessThan(Math.log(20) + 0.3);
  });

  it("passes a candidate at the margin at most once in twenty, though its items fail by the cluster", () => {
    const clustered = (random: () => number, cluster: boolean): readonly ScoredItem[] =>
      Array.from({ length: 60 }, (_, index) => {
        const lost = random() < 0.05 ? 1 : 0;
        return Array.from({ length: 10 }, () => ({
          baseline: 1,
          candidate: 1 - lost,
          cluster: cluster ? `${index}` : null,
        }));
      }).flat();
    expect(share(300, "pass", (random) => clustered(random, true))).toBeLessThanOrEqual(0.05 + 0.02);
    expect(share(300, "pass", (random) => clustered(random, false))).toBeGreaterThan(0.1);
  });

  it("items of a cluster are one unit: copies of an item prove nothing more", () => {
    const items = Array.from({ length: 60 }, () => ({ baseline: 0.8, candidate: 0.8, cluster: null }));
    const copied = items.flatMap((item, index) =>
      Array.from({ length: 20 }, () => ({ ...item, cluster: `item ${index}` })),
    );
    const alone = pairedProof(items, rule);
    const together = pairedProof(copied, rule);
    expect(together.notWorse.logE).toBeCloseTo(alone.notWorse.logE, 10);
    expect(
      pairedProof(
        copied.map((item) => ({ ...item, cluster: null })),
        rule,
      ).notWorse.provenAt,
    ).not.toBeNull();
    expect(together.notWorse.provenAt).toBeNull();
  });
});

describe("how large a set has to be", () => {
  it.each([
    [0.15, 133],
    [0.3, 340],
    [0.53, 1059],
  ])("sd %d needs %d items", (sd, items) => {
    expect(unitsNeeded({ sd, unevenness: 1, maxRegression: 0.05, beta: 0.05 })).toBe(items);
    expect(regressionSeen({ units: items, sd, unevenness: 1, beta: 0.05 })).toBeLessThanOrEqual(0.05);
    expect(regressionSeen({ units: items - 1, sd, unevenness: 1, beta: 0.05 })).toBeGreaterThan(0.05);
  });

  it.each([
    ["even clusters of five", [5]],
    ["clusters of one to nine", [1, 9, 2, 8, 5]],
  ] as const)(
    "%s: with as many as are said to be needed an unchanged candidate passes nine times in ten",
    (_, sizes) => {
      const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
      const unevenness = Math.max(...sizes) / mean;
      // What an item's difference is made of: two thirds of its variance is its cluster's. Sums of clusters over their mean size.
      const [shared, own] = [0.15, 0.11];
      const sd = Math.sqrt(
        sizes.reduce((sum, size) => sum + (size * shared) ** 2 + size * own ** 2, 0) / sizes.length / mean ** 2,
      );
      const count = unitsNeeded({ sd, unevenness, maxRegression: 0.05, beta: 0.05 });
      const set = (random: () => number): readonly ScoredItem[] =>
        Array.from({ length: count }, (_, index) => {
          const [size = 1, shift] = [sizes[index % sizes.length], shared * gaussian(random)];
          return Array.from({ length: size }, () => ({
            baseline: 0.6,
            candidate: 0.6 + Math.max(-0.4, Math.min(0.4, shift + own * gaussian(random))),
            cluster: `${index}`,
          }));
        }).flat();
      const passed = share(200, "pass", set);
      expect(passed).toBeGreaterThan(0.85);
      const half = (random: () => number): readonly ScoredItem[] =>
        set(random).filter(({ cluster }) => Number(cluster) < count / 2);
      expect(share(200, "pass", half)).toBeLessThan(passed - 0.15);
    },
  );

  it("no set proves that nothing at all was lost", () => {
    expect(unitsNeeded({ sd: 0.15, unevenness: 1, maxRegression: 0, beta: 0.05 })).toBe(Number.POSITIVE_INFINITY);
    expect(regressionSeen({ units: 0, sd: 0.15, unevenness: 1, beta: 0.05 })).toBe(1);
  });

  it("repeats take away the noise between runs and nothing else", () => {
    expect(sdWithRepeats({ sd: 0.5, noise: 1, repeats: 4 })).toBeCloseTo(0.25, 12);
    expect(sdWithRepeats({ sd: 0.5, noise: 0, repeats: 4 })).toBeCloseTo(0.5, 12);
  });
});
