// Input that is odd, empty or broken never breaks a gate, never passes a canary and never fails one.
import { describe, expect, it } from "vitest";
import {
  type Accumulator,
  absorbBlock,
  combinedLogE,
  type JudgedBlock,
  type JudgedMetric,
  openAccumulator,
} from "../../../src/core/stats/accumulator.js";
import { blockStandsAlone } from "../../../src/core/stats/block-rule.js";
import { absorbFloor, floorBreached, floorLogE, openFloor } from "../../../src/core/stats/floor.js";
import type { Sample } from "../../../src/core/stats/mean.js";
import { openMean } from "../../../src/core/stats/mean.js";
import type { MetricBlock } from "../../../src/core/stats/metric-evidence.js";
import { openQuantile } from "../../../src/core/stats/quantile.js";
import { absorbRate, openRate } from "../../../src/core/stats/rate.js";
import { readAccumulator } from "../../../src/core/stats/reading.js";
import { sampleRatioLogE } from "../../../src/core/stats/sample-ratio.js";

const minute = 60_000;

const metrics: readonly JudgedMetric[] = [
  { name: "success", weight: 0.5, config: { kind: "rate", margin: 0.05, tolerance: 0.025, history: null } },
  {
    name: "cost",
    weight: 0.25,
    config: {
      kind: "mean",
      scale: "relative",
      margin: 0.2,
      tolerance: 0.2,
      cap: 6,
      tail: { margin: 0.02, tolerance: 0.01 },
      history: null,
    },
  },
  { name: "latency", weight: 0.25, config: { kind: "quantile", q: 0.95, margin: 0.25, tolerance: 0.25 } },
];

const opened = openAccumulator({ enteredAt: 0, planned: 400, laterStages: 1, alpha: 0.05, beta: 0.05, metrics });

interface Arms {
  readonly canary: number;
  readonly stable: number;
}
const values = (count: number, value: number): Sample => ({
  kind: "values",
  values: new Array<number>(count).fill(value),
});

function blockOf(index: number, arms: Arms, said: Readonly<Record<string, MetricBlock>>): JudgedBlock {
  return {
    start: index * 5 * minute,
    end: (index + 1) * 5 * minute,
    canary: { sessions: arms.canary, silent: 0 },
    stable: { sessions: arms.stable, silent: 0 },
    metrics: said,
  };
}

/** Bad sessions, cost and latency of each arm's sessions. */
interface Look {
  readonly arms: Arms;
  readonly bad: Arms;
  readonly value: Arms;
}

function said({ arms, bad, value }: Look): Readonly<Record<string, MetricBlock>> {
  const amounts: MetricBlock = {
    kind: "values",
    canary: values(arms.canary, value.canary),
    stable: values(arms.stable, value.stable),
  };
  return {
    success: { kind: "rate", counts: { ...arms, canaryBad: bad.canary, stableBad: bad.stable } },
    cost: amounts,
    latency: amounts,
  };
}

function played(look: Look, blocks = 60): Accumulator {
  let state = opened;
  for (let k = 0; k < blocks; k += 1) state = absorbBlock(state, blockOf(k, look.arms, said(look)));
  return state;
}

const both = (canary: number, stable: number): Arms => ({ canary, stable });
const usual = both(5, 95);

function verdicts(state: Accumulator): { readonly failed: string | null; readonly passed: readonly string[] } {
  const reading = readAccumulator(state, 0.05);
  const finite = [reading.logFail, ...reading.metrics.flatMap(({ logFail, logPass }) => [logFail, logPass])].every(
    Number.isFinite,
  );
  expect(finite).toBe(true);
  expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  return {
    failed: reading.failed?.suspect ?? null,
    passed: reading.metrics.filter(({ passed }) => passed).map(({ name }) => name),
  };
}

describe("arms", () => {
  it.each([
    ["no stable traffic", both(40, 0)],
    ["no canary traffic", both(0, 95)],
    ["no traffic", both(0, 0)],
  ])("%s: nothing is decided", (_, arms) => {
    expect(verdicts(played({ arms, bad: both(0, 0), value: both(1, 1) }))).toEqual({ failed: null, passed: [] });
  });

  it("no blocks at all: nothing is decided, and nothing is known", () => {
    expect(verdicts(opened)).toEqual({ failed: null, passed: [] });
    expect(readAccumulator(opened, 0.05).metrics.map(({ interval }) => interval)).toEqual([null, null, null]);
  });

  it("metrics that no block knows wait, and keep nobody from being judged", () => {
    let state = opened;
    for (let k = 0; k < 60; k += 1) {
      state = absorbBlock(
        state,
        blockOf(k, usual, { success: { kind: "rate", counts: { ...usual, canaryBad: 5, stableBad: 9 } } }),
      );
    }
    expect(verdicts(state)).toEqual({ failed: "success", passed: [] });
  });
});

describe("outcomes that never vary", () => {
  it("all successes: no fail; rare enough to be proven, a pass", () => {
    const { failed, passed } = verdicts(played({ arms: usual, bad: both(0, 0), value: both(1, 1) }, 120));
    expect(failed).toBeNull();
    expect(passed).toContain("success");
  });

  it("all failures in both arms: no fail, for the canary is no worse", () => {
    expect(verdicts(played({ arms: usual, bad: both(5, 95), value: both(1, 1) }, 120)).failed).toBeNull();
  });

  it("all failures on the canary alone: a fail", () => {
    expect(verdicts(played({ arms: usual, bad: both(5, 0), value: both(1, 1) })).failed).toBe("success");
  });

  it("constant costs in both arms: no fail", () => {
    const { failed, passed } = verdicts(played({ arms: usual, bad: both(0, 0), value: both(2, 2) }, 150));
    expect(failed).toBeNull();
    expect(passed).toContain("cost");
  });

  it("constant costs that are half as high again on the canary: a fail", () => {
    const state = played({ arms: usual, bad: both(0, 9), value: both(3, 2) }, 150);
    expect(verdicts(state).failed).not.toBeNull();
    expect(readAccumulator(state, 0.05).metrics.find(({ name }) => name === "cost")?.provenWorse).toBe(true);
  });

  it("costs that are always 0 decide nothing of cost", () => {
    const { failed, passed } = verdicts(played({ arms: usual, bad: both(0, 0), value: both(0, 0) }, 120));
    expect(failed).toBeNull();
    expect(passed).not.toContain("cost");
  });
});

describe("values that are odd", () => {
  it.each([
    ["huge outliers in both arms", 1e300, 1e300],
    ["infinite values in both arms", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ["negative values in both arms", -5, -5],
    ["unknown values in both arms", Number.NaN, Number.NaN],
    ["unknown values on the canary", Number.NaN, 1],
    ["unknown values on stable", 1, Number.NaN],
  ])("%s: finite, and no fail", (_, canary, stable) => {
    expect(verdicts(played({ arms: usual, bad: both(0, 0), value: both(canary, stable) })).failed).toBeNull();
  });

  it("unknown values never pass", () => {
    const { passed } = verdicts(played({ arms: usual, bad: both(0, 0), value: both(Number.NaN, 1) }, 200));
    expect(passed).toEqual(["success"]);
  });

  it("one outlier on stable does not buy the canary a pass", () => {
    const once = absorbBlock(opened, blockOf(0, usual, said({ arms: usual, bad: both(0, 9), value: both(1, 1e12) })));
    expect(verdicts(once)).toEqual({ failed: null, passed: [] });
  });

  it.each<[string, MetricBlock]>([
    ["more bad sessions than sessions", { kind: "rate", counts: { canary: 1, stable: 1, canaryBad: 2, stableBad: 0 } }],
    ["a negative count", { kind: "rate", counts: { canary: -1, stable: 1, canaryBad: 0, stableBad: 0 } }],
    ["NaN", { kind: "rate", counts: { canary: Number.NaN, stable: 1, canaryBad: 0, stableBad: 0 } }],
    [
      "an infinite count",
      { kind: "rate", counts: { canary: 1, stable: Number.POSITIVE_INFINITY, canaryBad: 0, stableBad: 0 } },
    ],
    ["the wrong kind", { kind: "values", canary: values(1, 1), stable: values(1, 1) }],
  ])("a block with %s is left out and counted", (_, block) => {
    const state = absorbBlock(opened, blockOf(0, usual, { success: block }));
    expect(readAccumulator(state, 0.05).metrics[0]?.unsound).toBe(1);
    expect(combinedLogE(state)).toBeCloseTo(0, 12);
    expect(state.watermark).toBe(5 * minute);
  });

  it.each<[string, Sample]>([
    ["a histogram whose counts do not fit", { kind: "histogram", values: [1, 2], counts: [1] }],
    ["a histogram with negative counts", { kind: "histogram", values: [1], counts: [-1] }],
    ["moments that are no numbers", { kind: "moments", count: 3, sum: Number.NaN, squares: 1 }],
  ])("%s is left out and counted", (_, sample) => {
    const state = absorbBlock(
      opened,
      blockOf(0, usual, { cost: { kind: "values", canary: sample, stable: values(95, 1) } }),
    );
    expect(readAccumulator(state, 0.05).metrics[1]?.unsound).toBe(1);
  });

  it("a clock that jumps: a block that ends before the last one changes nothing", () => {
    const state = played({ arms: usual, bad: both(0, 9), value: both(1, 1) }, 5);
    expect(absorbBlock(state, blockOf(2, usual, said({ arms: usual, bad: both(5, 0), value: both(1, 1) })))).toBe(
      state,
    );
    const later = absorbBlock(state, blockOf(1e6, usual, said({ arms: usual, bad: both(0, 9), value: both(1, 1) })));
    expect(later.restarts.used).toBe(1);
  });
});

describe("settings that make no sense are refused with their reason", () => {
  const targets = { fail: 3, pass: 3 };
  it.each([
    [
      "a rate's margin of 5",
      () => openRate({ margin: 5, tolerance: 0, targets, planned: null, history: null }),
      "The margin of a rate",
    ],
    [
      "a negative tolerance",
      () => openRate({ margin: 0.1, tolerance: -0.1, targets, planned: null, history: null }),
      "The tolerance of a rate",
    ],
    [
      "a cap of 0",
      () => openMean({ scale: "absolute", margin: 0, tolerance: 0, cap: 0, targets, planned: null, history: null }),
      "positive",
    ],
    [
      "a negative margin of a mean",
      () => openMean({ scale: "absolute", margin: -1, tolerance: 0, cap: 1, targets, planned: null, history: null }),
      "negative",
    ],
    [
      "a negative margin of a quantile",
      () => openQuantile({ q: 0.95, margin: -1, tolerance: 0, targets, planned: null }),
      "negative",
    ],
    ["a floor of 100 %", () => openFloor({ limit: 0, level: 0.001 }), "The limit of a floor"],
    [
      "an impossible block",
      () =>
        absorbRate(openRate({ margin: 0.1, tolerance: 0, targets, planned: null, history: null }), {
          canary: 1,
          stable: 1,
          canaryBad: 3,
          stableBad: 0,
        }),
      "impossible",
    ],
    [
      "an impossible floor block",
      () => absorbFloor(openFloor({ limit: 0.2, level: 0.001 }), { at: 0, sessions: 1, bad: 2 }),
      "impossible",
    ],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});

describe("floors", () => {
  const hour = 60 * minute;

  it("prove a breach, and are quiet within the limit", () => {
    let bad = openFloor({ limit: 0.2, level: 0.001 });
    let good = bad;
    for (let k = 0; k < 12; k += 1) {
      bad = absorbFloor(bad, { at: k * 5 * minute, sessions: 50, bad: 16 });
      good = absorbFloor(good, { at: k * 5 * minute, sessions: 50, bad: 10 });
    }
    expect(floorBreached(bad)).toBe(true);
    expect(floorBreached(good)).toBe(false);
  });

  it("start anew after 24 hours", () => {
    let state = openFloor({ limit: 0.2, level: 0.001 });
    for (let k = 0; k < 24; k += 1) state = absorbFloor(state, { at: k * hour, sessions: 50, bad: 16 });
    expect(floorBreached(state)).toBe(true);
    state = absorbFloor(state, { at: 24 * hour, sessions: 0, bad: 0 });
    expect(floorLogE(state)).toBeCloseTo(0, 12);
    expect(state).toMatchObject({ since: 24 * hour, sessions: 0, bad: 0 });
  });
});

it("a block stands alone by its counts: both arms present, and enough of them for the split", () => {
  expect(blockStandsAlone({ canary: 1, stable: 39, share: 0.05 })).toBe(true);
  expect(blockStandsAlone({ canary: 1, stable: 38, share: 0.05 })).toBe(false);
  expect(blockStandsAlone({ canary: 0, stable: 390, share: 0.05 })).toBe(false);
  expect(blockStandsAlone({ canary: 390, stable: 0, share: 0.5 })).toBe(false);
});

it("a share of 0 or 1 has no sample ratio", () => {
  expect(sampleRatioLogE({ canary: 5, stable: 5, share: 0 })).toBe(0);
  expect(sampleRatioLogE({ canary: 5, stable: 5, share: 1 })).toBe(0);
});
