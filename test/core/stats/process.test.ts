import { describe, expect, it } from "vitest";
import { failWeights, passWeights } from "../../../src/core/stats/grid.js";
import {
  enterStage,
  extendStage,
  horizonReach,
  logE,
  logESince,
  openProcess,
} from "../../../src/core/stats/process.js";
import { absorbQuantile, countExceedances, openQuantile } from "../../../src/core/stats/quantile.js";
import { absorbRate, openRate } from "../../../src/core/stats/rate.js";

const targets = { fail: Math.log(20), pass: Math.log(20) };
const opened = openRate({ margin: 0.05, tolerance: 0, planned: 400, targets, history: { sessions: 300, mean: 0.1 } });
const block = { canary: 10, stable: 90, canaryBad: 3, stableBad: 9 };

const sum = (weights: readonly number[]): number => weights.reduce((total, weight) => total + weight, 0);

describe("bets", () => {
  it("share their wealth completely", () => {
    expect(sum(failWeights)).toBeCloseTo(1, 15);
    expect(sum(passWeights)).toBeCloseTo(1, 15);
  });

  it("counted since a snapshot are worth 1 at the snapshot, and the block's gain after it", () => {
    const first = absorbRate(opened, block);
    const snapshot = first.process.fail.grid;
    const second = absorbRate(first, block);
    expect(logESince(first, snapshot)).toBeCloseTo(0, 12);
    const alone = logESince(
      {
        process: {
          ...second.process,
          fail: {
            ...second.process.fail,
            grid: second.process.fail.grid.map((value, j) => value - (snapshot[j] ?? 0)),
          },
        },
      },
      [],
    );
    expect(logESince(second, snapshot)).toBeCloseTo(alone, 12);
    expect(logESince(second, snapshot)).toBeLessThan(logESince(second, []));
  });

  it("of a stage: PASS starts anew, FAIL goes on, the horizon only moves out", () => {
    const state = absorbRate(opened, block);
    const entered = enterStage(state, 900);
    expect(entered.process.planned).toBe(900);
    expect(entered.process.seen).toBe(0);
    expect(logE(entered).fail).toBe(logE(state).fail);
    expect(logE(entered).pass).toBeCloseTo(0, 12);
    expect(extendStage(entered, 1200).process.planned).toBe(1200);
    expect(extendStage(entered, 100).process.planned).toBe(900);
  });

  it("without a horizon the grid has all the weight, for good", () => {
    const state = openRate({ margin: 0.05, tolerance: 0, planned: null, targets, history: null });
    expect(state.process.fail.horizon).toBeNull();
    expect(enterStage(state, 900).process.planned).toBeNull();
    expect(extendStage(state, 900)).toBe(state);
    expect(Math.abs(logE(state).fail)).toBeLessThan(1e-12);
  });

  it("aim at nothing once enough is proven, or nobody is left to prove it with", () => {
    const process = openProcess({ planned: 100, passHorizon: true });
    const aim = { process, current: 0, target: 3, variance: 0.09, canary: 5, stable: 95 };
    expect(horizonReach(aim)).toBeCloseTo(Math.sqrt((2 * (3 - Math.log(0.35)) * 0.09) / (0.95 * 100)), 12);
    expect(horizonReach({ ...aim, current: 5 })).toBeNull();
    expect(horizonReach({ ...aim, process: { ...process, seen: 100 } })).toBeNull();
    expect(horizonReach({ ...aim, process: { ...process, seen: 99 } })).toBeCloseTo(
      Math.sqrt((2 * (3 - Math.log(0.35)) * 0.09) / (0.95 * 4)),
      12,
    );
    expect(horizonReach({ ...aim, stable: 0 })).toBeNull();
  });
});

describe("baselines", () => {
  it("history speaks for at most 500 sessions", () => {
    const rate = (sessions: number) =>
      openRate({ margin: 0.05, tolerance: 0, planned: null, targets, history: { sessions, mean: 0.1 } });
    expect(rate(1e6).baseline).toEqual(rate(500).baseline);
    expect(rate(100).baseline.sessions).toBe(100);
  });

  it("nothing is bet before 50 stable sessions were seen", () => {
    const fresh = openRate({ margin: 0.05, tolerance: 0, planned: null, targets, history: null });
    const first = absorbRate(fresh, { ...block, stable: 49, stableBad: 5 });
    expect(absorbRate(first, block).process.fail.grid).toEqual(first.process.fail.grid);
    const enough = absorbRate(fresh, { ...block, stable: 50, stableBad: 5 });
    expect(absorbRate(enough, block).process.fail.grid).not.toEqual(enough.process.fail.grid);
  });
});

describe("quantile", () => {
  const learned = absorbQuantile(openQuantile({ q: 0.95, margin: 0.5, tolerance: 0.25, targets, planned: 100 }), {
    canary: [],
    stable: Array.from({ length: 200 }, (_, k) => k + 1),
  });

  it("is held against the canary raised by tolerance for FAIL, and by margin for PASS", () => {
    const counted = countExceedances(learned, { canary: [150, 200, 250, 350, Number.NaN], stable: [100, 199, 300] });
    expect(counted?.limit).toBeGreaterThan(180);
    expect(counted?.limit).toBeLessThan(199);
    expect(counted).toMatchObject({
      canary: 4,
      stable: 3,
      stableAbove: 2,
      canaryAbove: 3,
      canaryAboveTolerance: 2,
      canaryAboveMargin: 1,
    });
  });
});
