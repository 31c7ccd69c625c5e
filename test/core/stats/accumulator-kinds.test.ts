import { describe, expect, it } from "vitest";
import {
  absorbBlock,
  combinedLogE,
  enterAccumulatorStage,
  type JudgedMetric,
} from "../../../src/core/stats/accumulator.js";
import type { MetricBlock } from "../../../src/core/stats/metric-evidence.js";
import { readAccumulator } from "../../../src/core/stats/reading.js";

import { alone, blockAt, cost, hour, opened, rateBlock, stage } from "./accumulator-scene.js";

describe("a mean and its tail", () => {
  it("are both asked for a PASS", () => {
    let state = opened([{ name: "cost", weight: 1, config: cost }], { ...stage, planned: 2000 });
    const stable = new Array<number>(95).fill(0).map((_, k) => 0.5 + (k % 10) / 10);
    for (let k = 0; k < 250; k += 1) {
      // Cheap, but for one session in fifty that costs ten times the cap: the mean is proven, the tail is not.
      const values = k % 10 === 0 ? [0.2, 0.2, 0.2, 0.2, 60] : [0.2, 0.2, 0.2, 0.2, 0.2];
      state = absorbBlock(
        state,
        blockAt(k, {
          cost: { kind: "values", canary: { kind: "values", values }, stable: { kind: "values", values: stable } },
        }),
      );
    }
    const evidence = state.metrics[0]?.evidence;
    expect(evidence?.provenAt).not.toBeNull();
    expect(evidence?.tailProvenAt).toBeNull();
    const reading = readAccumulator(state, 0.05).metrics[0];
    expect(reading?.passed).toBe(false);
    expect(reading?.logPass).toBeLessThan(Math.log(20));
  });
});

describe("totals alone", () => {
  const totals = (canaryBad: number, count: number): MetricBlock => ({
    kind: "totals",
    canary: { count, sum: canaryBad, squares: canaryBad },
    stable: { count: 19 * count, sum: 1.9 * count, squares: 1.9 * count },
  });
  const rough: readonly JudgedMetric[] = [
    {
      name: "success",
      weight: 1,
      config: { kind: "totals", of: "rate", scale: "absolute", margin: 0.05, tolerance: 0, unit: 1 },
    },
  ];

  it("wait until there are enough of them, then fail what is worse, and say that they are approximate", () => {
    const few = absorbBlock(opened(rough), blockAt(0, { success: totals(29, 100) }));
    expect(combinedLogE(few)).toBeCloseTo(0, 12);
    const many = absorbBlock(few, blockAt(1, { success: totals(120, 600) }));
    expect(many.failed?.suspect).toBe("success");
    expect(readAccumulator(many, 0.05).metrics[0]?.approximate).toBe(true);
  });

  it("pass what is as good, in their own stage only", () => {
    const good = absorbBlock(opened(rough), blockAt(0, { success: totals(140, 1400) }));
    expect(readAccumulator(good, 0.05).metrics[0]?.passed).toBe(true);
    const next = enterAccumulatorStage(good, { enteredAt: hour, planned: 400, laterStages: 0 });
    expect(readAccumulator(next, 0.5).metrics[0]?.passed).toBe(false);
    expect(combinedLogE(next)).toBeCloseTo(combinedLogE(good), 12);
  });
});

describe("alarms", () => {
  it("a split that is not the planned one is an alarm, and no fail", () => {
    let state = opened(alone);
    for (let k = 0; k < 60; k += 1)
      state = absorbBlock(
        state,
        blockAt(k, { success: rateBlock(1, 9, { canary: 10, stable: 90 }) }, { canary: 10, stable: 90 }),
      );
    expect(readAccumulator(state, 0.05).sampleRatio.alarm).toBe(true);
    expect(readAccumulator(state, 0.1).sampleRatio.alarm).toBe(false);
    expect(state.failed).toBeNull();
  });

  it.each([
    ["more", 3, 5],
    ["fewer", 0, 40],
  ])("telemetry that is missing %s often on the canary is an alarm, and no fail", (_, canarySilent, stableSilent) => {
    let state = opened(alone);
    for (let k = 0; k < 80; k += 1) {
      const block = blockAt(k, { success: rateBlock(0, 9) });
      state = absorbBlock(state, {
        ...block,
        canary: { sessions: 5, silent: canarySilent },
        stable: { sessions: 95, silent: stableSilent },
      });
    }
    expect(readAccumulator(state, 0.05).missingTelemetry.alarm).toBe(true);
    expect(state.failed).toBeNull();
  });

  it("telemetry that is missing alike is none", () => {
    let state = opened(alone);
    for (let k = 0; k < 80; k += 1) {
      const block = blockAt(k, { success: rateBlock(0, 9) });
      state = absorbBlock(state, {
        ...block,
        canary: { sessions: 5, silent: 1 },
        stable: { sessions: 95, silent: 19 },
      });
    }
    expect(readAccumulator(state, 0.05).missingTelemetry.alarm).toBe(false);
  });
});
