// The rules of other tools on streams that are worked out by hand.
import { describe, expect, it } from "vitest";
import { measured, type RivalArm, type RivalSettings, type RivalTick } from "../../../src/core/rivals/rival.js";
import { rivalNames, rivalRules } from "../../../src/core/rivals/rivals.js";

const minutes = 5;
const tickMs = minutes * 60_000;

function share(count: number, bad: number): RivalArm {
  return { kind: "sums", count, sum: bad, squares: bad };
}

/** One tick for each pair of bad sessions of 10, canary and stable. */
function streamOf(pairs: readonly (readonly [canary: number, stable: number])[], count = 10): readonly RivalTick[] {
  return pairs.map(([canary, stable], index) => ({
    at: (index + 1) * tickMs,
    metrics: {
      success: { canary: share(count, canary), stable: share(count, stable), baseline: share(count, stable) },
    },
  }));
}

const settings: RivalSettings = {
  metrics: [{ name: "success", reads: "mean", reference: 0.1, limit: 0.15 }],
  windowTicks: 2,
};
const bad = [2, 1] as const;
const good = [1, 1] as const;
const repeat = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);

describe("fixed ranges", () => {
  it("flagger rolls back at the fifth window outside, which need not follow each other", () => {
    const pairs = [bad, bad, good, good, ...repeat(8, bad)];
    expect(rivalRules.flagger(settings, streamOf(pairs))).toEqual({
      at: 12 * tickMs,
      because: "5 failed checks, the last one of success",
    });
    expect(rivalRules.flagger(settings, streamOf(pairs.slice(0, 11)))).toBeNull();
  });

  it("argo rolls back at the fourth failed measurement of one metric", () => {
    expect(rivalRules.argo(settings, streamOf(repeat(20, bad)))?.at).toBe(8 * tickMs);
    expect(rivalRules.argo(settings, streamOf(repeat(20, good)))).toBeNull();
  });

  it("a window without data is neutral", () => {
    const empty = streamOf(repeat(20, [0, 0] as const), 0);
    for (const name of rivalNames) expect([name, rivalRules[name](settings, empty)]).toEqual([name, null]);
  });

  it("nothing is checked before the first window is full", () => {
    const slow = { ...settings, windowTicks: 12 };
    const first = streamOf(repeat(11, [10, 0] as const));
    for (const name of rivalNames) expect([name, rivalRules[name](slow, first)]).toEqual([name, null]);
  });
});

describe("kayenta", () => {
  const noisy = (index: number): number => (index * 7) % 4;

  it("waits for fifty points, and rolls back what lies clearly above", () => {
    const pairs = Array.from({ length: 80 }, (_, index) => [3 + noisy(index), noisy(index + 3)] as const);
    expect(rivalRules.kayenta(settings, streamOf(pairs))?.at).toBe(50 * tickMs);
    expect(rivalRules.kayenta(settings, streamOf(pairs.slice(0, 49)))).toBeNull();
  });

  it("lets equal arms pass, also those of which most points are equal", () => {
    const pairs = Array.from({ length: 80 }, (_, index) => [noisy(index), noisy(index + 1)] as const);
    expect(rivalRules.kayenta(settings, streamOf(pairs))).toBeNull();
    const rare = Array.from({ length: 80 }, (_, index) => [index % 9 === 0 ? 1 : 0, index % 11 === 0 ? 1 : 0] as const);
    expect(rivalRules.kayenta(settings, streamOf(rare))).toBeNull();
  });

  it("asks the interval to clear a quarter of the estimate", () => {
    const value = (index: number): number => ((index * 37) % 61) / 10;
    const shifted = (shift: number): readonly RivalTick[] =>
      Array.from({ length: 80 }, (_, index): RivalTick => {
        const arm = (of: number): RivalArm => ({ kind: "values", values: [of] });
        const baseline = arm(value(index + 5));
        const arms = { canary: arm(shift + value(index)), stable: baseline, baseline };
        return { at: (index + 1) * tickMs, metrics: { success: arms } };
      });
    const last = { ...settings, windowTicks: 80 };
    // At 0.8 the interval begins at 0.1, above no shift and below 0.2.
    expect(rivalRules.kayenta(last, shifted(0.8))).toBeNull();
    expect(rivalRules.kayenta(last, shifted(1.2))?.because).toBe("score 0: success high");
  });

  it("does not see a canary that is lower", () => {
    const pairs = Array.from({ length: 80 }, (_, index) => [noisy(index), 4 + noisy(index)] as const);
    expect(rivalRules.kayenta(settings, streamOf(pairs))).toBeNull();
  });
});

describe("a fixed test, looked at after every tick", () => {
  it("rolls back at the first look at which z exceeds 1.96", () => {
    // After n ticks: 2n of 10n against n of 10n, so z = 0.1 sqrt(n) / sqrt((0.16 + 0.09) / (10 - 1 / n)).
    const found = rivalRules.fixed(settings, streamOf(repeat(40, bad)));
    const first = Array.from({ length: 40 }, (_, index) => index + 1).find((n) => {
      const variance = (0.16 + 0.09) / (10 * n - 1);
      return 0.1 / Math.sqrt(variance) > 1.959963984540054;
    });
    expect(found?.at).toBe((first ?? 0) * tickMs);
  });

  it("compares a quantile by the share of sessions above stable's known one", () => {
    const slow = streamOf(repeat(60, [0, 0] as const)).map((tick): RivalTick => {
      const stable: RivalArm = { kind: "values", values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 21] };
      const canary: RivalArm = { kind: "values", values: [1, 2, 3, 4, 5, 6, 7, 18, 19, 21] };
      return { at: tick.at, metrics: { success: { canary, stable, baseline: stable } } };
    });
    const p95: RivalSettings = {
      metrics: [{ name: "success", reads: "p95", reference: 10, limit: 12 }],
      windowTicks: 2,
    };
    expect(rivalRules.fixed(p95, slow)?.because).toBe("success is worse, z = 1.97");
  });
});

it("windows are read as means or as 95th percentiles", () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  const arm: RivalArm = { kind: "values", values };
  expect(measured([arm], "p95")).toBe(95);
  expect(measured([arm], "mean")).toBe(50.5);
  expect(measured([share(10, 1), share(30, 5)], "mean")).toBe(0.15);
  expect(measured([], "p95")).toBeNull();
});
