import { describe, expect, it } from "vitest";
import {
  type Accumulator,
  absorbBlock,
  combinedLogE,
  enterAccumulatorStage,
  extendAccumulatorStage,
  type JudgedBlock,
  type JudgedMetric,
  metricWeights,
  openAccumulator,
} from "../../../src/core/stats/accumulator.js";
import {
  type MetricBlock,
  meanShare,
  slotCount,
  slotShare,
  startShare,
  tailShare,
} from "../../../src/core/stats/metric-evidence.js";
import { readAccumulator } from "../../../src/core/stats/reading.js";
import { alone, blockAt, cost, hour, latency, minute, opened, rateBlock, stage, success } from "./accumulator-scene.js";
import { binomial, draws, gaussian, seeded } from "./enumerate.js";

describe("weights", () => {
  it("give the primary half, and sum to 1", () => {
    const weights = metricWeights(["cost", "success", "latency"], "success");
    expect(weights.get("success")).toBe(0.5);
    expect(weights.get("cost")).toBe(0.25);
    expect(metricWeights(["success"], "success").get("success")).toBe(1);
    expect(metricWeights(["cost", "calls"], "success").get("calls")).toBe(0.5);
  });

  it("of a metric's components sum to 1: nothing is spent twice", () => {
    expect(startShare + slotCount * slotShare).toBeCloseTo(1, 15);
    expect(meanShare + tailShare).toBeCloseTo(1, 15);
  });

  it("that do not sum to 1 are refused", () => {
    expect(() => opened([{ name: "success", weight: 0.9, config: success }])).toThrow("sum to 1");
    expect(() => openAccumulator({ ...stage, alpha: 0, beta: 0.05, metrics: alone })).toThrow("between 0 and 1");
  });
});

describe("one budget over metrics, time and restarts", () => {
  it("no sequence of blocks favours a fail that is wrong: two metrics that move together, with restarts", () => {
    // Three blocks, six hours apart, every outcome: both metrics read the same outcome, each with its own weight.
    const rate = { canary: 0.2, stable: 0.2 };
    const size = { canary: 2, stable: 3 };
    const start = opened(
      [
        { name: "success", weight: 0.5, config: { ...success, history: { sessions: 500, mean: 0.2 } } },
        { name: "twin", weight: 0.5, config: { ...success, history: { sessions: 500, mean: 0.1 } } },
      ],
      { enteredAt: 0, planned: 20, laterStages: 0 },
    );
    let states: readonly { readonly state: Accumulator; readonly chance: number }[] = [{ state: start, chance: 1 }];
    for (let step = 0; step < 3; step += 1) {
      states = states.flatMap(({ state, chance }) =>
        binomial(size.canary, rate.canary).flatMap((canary) =>
          binomial(size.stable, rate.stable).map((stable) => {
            const said = rateBlock(canary.value, stable.value, size);
            const block = blockAt(step * 72, { success: said, twin: said }, size);
            return { state: absorbBlock(state, block), chance: chance * canary.chance * stable.chance };
          }),
        ),
      );
    }
    const expected = states.reduce((sum, { state, chance }) => sum + chance * Math.exp(combinedLogE(state)), 0);
    expect(states[0]?.state.restarts.used).toBe(2);
    expect(expected).toBeLessThanOrEqual(1 + 1e-12);
    expect(expected).toBeGreaterThan(0.9);
  });

  it("without evidence the combined value is 1, whatever the metrics", () => {
    const metrics = [
      { name: "success", weight: 0.5, config: success },
      { name: "cost", weight: 0.25, config: cost },
      { name: "latency", weight: 0.25, config: latency },
    ];
    expect(Math.abs(combinedLogE(opened(metrics)))).toBeLessThan(1e-12);
  });

  it("a metric that is proven by itself is named, and the suspect is the one that weighs most", () => {
    const metrics = [
      { name: "success", weight: 0.5, config: success },
      { name: "handoff", weight: 0.5, config: success },
    ];
    let state = opened(metrics);
    for (let k = 0; k < 40; k += 1)
      state = absorbBlock(state, blockAt(k, { success: rateBlock(0, 9), handoff: rateBlock(3, 9) }));
    const reading = readAccumulator(state, 0.05);
    expect(reading.suspect).toBe("handoff");
    expect(reading.failed?.suspect).toBe("handoff");
    expect(reading.metrics.map(({ name, provenWorse }) => [name, provenWorse])).toEqual([
      ["success", false],
      ["handoff", true],
    ]);
    expect(reading.failed?.at).toBeLessThan(state.watermark ?? 0);
  });
});

describe("stages", () => {
  const healthy = (state: Accumulator, from: number, count: number): Accumulator => {
    let after = state;
    for (let k = from; k < from + count; k += 1)
      after = absorbBlock(after, blockAt(k, { success: rateBlock(k % 2, 9 + (k % 2)) }));
    return after;
  };

  it("a PASS stays once proven, and ends with its stage", () => {
    // Few sessions were planned, so that the grid proves it: a bet aimed at the stage's end would lock in what it won.
    let state = healthy(opened(alone, { ...stage, planned: 4 }), 0, 240);
    expect(readAccumulator(state, 0.05).metrics[0]?.passed).toBe(true);
    for (let k = 240; k < 260; k += 1) state = absorbBlock(state, blockAt(k, { success: rateBlock(5, 9) }));
    const late = readAccumulator(state, 0.05).metrics[0];
    expect(late?.logPass).toBeLessThan(Math.log(20));
    expect(late?.passed).toBe(true);
    const next = enterAccumulatorStage(state, { enteredAt: 260 * 5 * minute, planned: 3000, laterStages: 0 });
    const fresh = readAccumulator(next, 0.5).metrics[0];
    expect(fresh?.passed).toBe(false);
    expect(fresh?.logPass).toBeCloseTo(0, 12);
    expect(fresh?.logFail).toBeCloseTo(late?.logFail ?? Number.NaN, 12);
    expect(fresh?.arms.canary.count).toBe(0);
    expect(next.sessions).toEqual({ canary: 0, stable: 0 });
  });

  it("a block that started before the stage speaks for FAIL, and neither for PASS nor for the split", () => {
    const entered = enterAccumulatorStage(healthy(opened(alone), 0, 20), {
      enteredAt: 25 * 5 * minute,
      planned: 900,
      laterStages: 0,
    });
    const after = absorbBlock(entered, blockAt(20, { success: rateBlock(4, 9) }));
    expect(combinedLogE(after)).toBeGreaterThan(combinedLogE(entered));
    expect(readAccumulator(after, 0.5).metrics[0]?.logPass).toBeCloseTo(0, 12);
    expect(after.sessions).toEqual({ canary: 0, stable: 0 });
    expect(after.restarts.due).toBe(true);
    expect(absorbBlock(after, blockAt(25, { success: rateBlock(0, 9) })).restarts).toEqual({
      used: 1,
      lastAt: 25 * 5 * minute,
      due: false,
    });
  });

  it("keeps a start for each later stage and takes the others every six hours", () => {
    let state = opened(alone, { enteredAt: 0, planned: 5000, laterStages: 1 });
    const used: number[] = [];
    for (let k = 0; k < 12 * 40; k += 1) {
      state = absorbBlock(state, blockAt(k, { success: rateBlock(0, 9) }));
      if (k % 72 === 0) used.push(state.restarts.used);
    }
    expect(used).toEqual([0, 1, 2, 3, 3, 3, 3]);
    const next = enterAccumulatorStage(state, { enteredAt: 40 * hour, planned: 5000, laterStages: 0 });
    expect(absorbBlock(next, blockAt(480, { success: rateBlock(0, 9) })).restarts.used).toBe(4);
  });

  it("a restart finds a canary that turns bad late sooner than the long start does", () => {
    let state = opened(alone, { enteredAt: 0, planned: 5000, laterStages: 0 });
    for (let k = 0; k < 150; k += 1)
      state = absorbBlock(state, blockAt(k, { success: rateBlock(k % 4 === 0 ? 1 : 0, 9) }));
    for (let k = 150; state.failed === null && k < 400; k += 1)
      state = absorbBlock(state, blockAt(k, { success: rateBlock(1, 9) }));
    const withRestarts = state.failed?.at ?? Number.POSITIVE_INFINITY;
    const evidence = state.metrics[0]?.evidence;
    if (evidence?.kind !== "rate") throw new Error("not a rate");
    expect(evidence.slots.length).toBeGreaterThan(1);
    expect(withRestarts).toBeLessThan(400 * 5 * minute);
    const without = combinedLogE({ metrics: [{ name: "success", weight: 1, evidence: { ...evidence, slots: [] } }] });
    expect(without).toBeLessThan(Math.log(20));
  });

  it("an extended stage moves the horizon out, never in, and keeps its evidence", () => {
    const state = healthy(opened(alone), 0, 30);
    const longer = extendAccumulatorStage(state, 900);
    expect(longer.stage.planned).toBe(900);
    expect(extendAccumulatorStage(longer, 10).stage.planned).toBe(900);
    expect(combinedLogE(longer)).toBe(combinedLogE(state));
    const evidence = extendAccumulatorStage(longer, 10).metrics[0]?.evidence;
    expect(evidence?.kind === "rate" && evidence.main.process.planned).toBe(900);
  });
});

it("a quantile's PASS stays once proven as well", () => {
  const values = (count: number, value: number) => new Array<number>(count).fill(value);
  const latencyBlock = (canary: number): MetricBlock => ({
    kind: "values",
    canary: { kind: "values", values: values(5, canary) },
    stable: { kind: "values", values: [...values(85, 1), 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] },
  });
  let state = opened([{ name: "latency", weight: 1, config: latency }]);
  for (let k = 0; k < 300; k += 1) state = absorbBlock(state, blockAt(k, { latency: latencyBlock(1) }));
  expect(readAccumulator(state, 0.05).metrics[0]?.passed).toBe(true);
  for (let k = 300; k < 330; k += 1) state = absorbBlock(state, blockAt(k, { latency: latencyBlock(40) }));
  const reading = readAccumulator(state, 0.05).metrics[0];
  expect(reading?.logPass).toBeLessThan(Math.log(20));
  expect(reading?.passed).toBe(true);
  expect(state.failed?.suspect).toBe("latency");
});

describe("the memory", () => {
  const random = seeded(3);
  const six: readonly JudgedMetric[] = [
    { name: "success", weight: 0.5, config: success },
    { name: "checkpoint", weight: 0.1, config: success },
    { name: "rollback", weight: 0.1, config: success },
    { name: "calls", weight: 0.1, config: { ...cost, cap: null, history: null } },
    { name: "cost", weight: 0.1, config: cost },
    { name: "latency", weight: 0.1, config: latency },
  ];
  const lognormal = (count: number, sigma: number): MetricBlock & { readonly kind: "values" } => {
    const values = (n: number) => ({
      kind: "values" as const,
      values: Array.from({ length: n }, () => Math.exp(sigma * gaussian(random))),
    });
    return { kind: "values", canary: values(Math.round(count * 0.05)), stable: values(Math.round(count * 0.95)) };
  };
  const full = (index: number): JudgedBlock =>
    blockAt(index, {
      success: rateBlock(draws(random, 5, 0.1), draws(random, 95, 0.1)),
      checkpoint: rateBlock(draws(random, 5, 0.2), draws(random, 95, 0.2)),
      rollback: rateBlock(draws(random, 5, 0.01), draws(random, 95, 0.01)),
      calls: lognormal(100, 0.5),
      cost: lognormal(100, 1),
      latency: lognormal(100, 0.8),
    });

  const numbersIn = (value: unknown): number => {
    if (typeof value === "number") return 1;
    if (typeof value !== "object" || value === null) return 0;
    return Object.values(value).reduce<number>((sum, part) => sum + numbersIn(part), 0);
  };

  it("holds at most 120 numbers for each metric and stage, however much traffic was seen, and survives JSON", () => {
    let state = opened(six, { enteredAt: 0, planned: 5000, laterStages: 0 });
    for (let k = 0; k < 400; k += 1) state = absorbBlock(state, full(k));
    state = enterAccumulatorStage(state, { enteredAt: 400 * 5 * minute, planned: 9000, laterStages: 0 });
    for (let k = 400; k < 500; k += 1) state = absorbBlock(state, full(k));
    expect(state.restarts.used).toBe(4);
    for (const { name, evidence } of state.metrics) expect([name, numbersIn(evidence) <= 120]).toEqual([name, true]);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    const block = full(500);
    expect(absorbBlock(JSON.parse(JSON.stringify(state)), block)).toEqual(absorbBlock(state, block));
  });

  it("updates six metrics after four hundred blocks at the cost of after ten", () => {
    let state = opened(six, { enteredAt: 0, planned: 5000, laterStages: 0 });
    const blocks = Array.from({ length: 400 }, (_, k) => full(k));
    const early = blocks.slice(0, 10).reduce(absorbBlock, state);
    state = blocks.reduce(absorbBlock, state);
    expect(state.failed).toBeNull();
    // The quickest of many, in turn: whatever else the machine does slows both.
    const quickest = [Infinity, Infinity];
    const next = full(400);
    for (let round = 0; round < 100; round += 1) {
      for (const [at, from] of [early, state].entries()) {
        const begun = performance.now();
        absorbBlock(from, next);
        quickest[at] = Math.min(quickest[at] ?? Infinity, performance.now() - begun);
      }
    }
    expect((quickest[1] ?? Infinity) / (quickest[0] ?? 0)).toBeLessThan(3);
  });

  it("counts a block once", () => {
    const state = absorbBlock(opened(alone), blockAt(3, { success: rateBlock(2, 9) }));
    expect(absorbBlock(state, blockAt(3, { success: rateBlock(2, 9) }))).toBe(state);
    expect(absorbBlock(state, blockAt(1, { success: rateBlock(2, 9) }))).toBe(state);
  });

  it("learns the cap of a mean from 200 stable sessions, and bets from then on", () => {
    let state = opened([{ name: "calls", weight: 1, config: { ...cost, cap: null, history: null } }]);
    for (let k = 0; k < 2; k += 1) state = absorbBlock(state, blockAt(k, { calls: lognormal(100, 1) }));
    expect(readAccumulator(state, 0.05).metrics[0]?.limit).toBeNull();
    state = absorbBlock(state, blockAt(2, { calls: lognormal(100, 1) }));
    const cap = readAccumulator(state, 0.05).metrics[0]?.limit ?? 0;
    expect(cap).toBeGreaterThan(Math.exp(1.3));
    expect(cap).toBeLessThan(Math.exp(4));
    const triple = lognormal(100, 1);
    const values = triple.canary.kind === "values" ? triple.canary.values.map((value) => 20 + value) : [];
    for (let k = 3; k < 30; k += 1)
      state = absorbBlock(state, blockAt(k, { calls: { ...triple, canary: { kind: "values", values } } }));
    expect(state.failed?.suspect).toBe("calls");
  });

  it("a few runaway sessions that the cap hides are found by the tail", () => {
    const steady = new Array<number>(95).fill(0).map((_, k) => 0.5 + (k % 10) / 10);
    const canary = [0.5, 0.7, 0.9, 1.1, 1.3];
    let state = opened([{ name: "cost", weight: 1, config: { ...cost, margin: 2, tolerance: 2 } }], {
      ...stage,
      planned: 2000,
    });
    for (let k = 0; state.failed === null && k < 300; k += 1) {
      // One canary session in ten costs 400 times as much; with the cap at 6 the capped mean is within its tolerance.
      const values = k % 2 === 0 ? [...canary.slice(1), 400] : canary;
      state = absorbBlock(
        state,
        blockAt(k, {
          cost: { kind: "values", canary: { kind: "values", values }, stable: { kind: "values", values: steady } },
        }),
      );
    }
    expect(state.failed?.suspect).toBe("cost");
    const evidence = state.metrics[0]?.evidence;
    if (evidence?.kind !== "mean" || evidence.main === null) throw new Error("not a mean");
    expect(evidence.main.process.fail.grid.every((value) => value < 3)).toBe(true);
  });
});
