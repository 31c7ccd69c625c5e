// The promise behind every verdict: under its null, no e-value's expectation exceeds 1. Checked by adding up all outcomes of
// small blocks, over rates, margins, baselines and shapes.
import { describe, expect, it } from "vitest";
import { absorbFloor, floorLogE, openFloor } from "../../../src/core/stats/floor.js";
import { betOnUnits } from "../../../src/core/stats/item-bets.js";
import { absorbMean, type MeanConfig, openMean, type Sample } from "../../../src/core/stats/mean.js";
import {
  absorbMissingTelemetry,
  missingTelemetryLogE,
  openMissingTelemetry,
} from "../../../src/core/stats/missing-telemetry.js";
import { momentsOf } from "../../../src/core/stats/moments.js";
import { logE } from "../../../src/core/stats/process.js";
import { absorbExceedances, openQuantile } from "../../../src/core/stats/quantile.js";
import { absorbRate, openRate } from "../../../src/core/stats/rate.js";
import { sampleRatioLogE } from "../../../src/core/stats/sample-ratio.js";
import { binomial, mean, sequences, type Weighted } from "./enumerate.js";

const slack = 1e-12;
const targets = { fail: Math.log(20), pass: Math.log(20) };
const sizes = [
  { canary: 1, stable: 1 },
  { canary: 1, stable: 6 },
  { canary: 2, stable: 3 },
  { canary: 4, stable: 2 },
  { canary: 3, stable: 9 },
];

interface Outcome {
  readonly canaryBad: number;
  readonly stableBad: number;
  readonly fail: number;
  readonly pass: number;
}

/** The e-values of every outcome of one block. */
function rateOutcomes(
  config: { readonly margin: number; readonly tolerance: number; readonly believed: number },
  size: { readonly canary: number; readonly stable: number },
): readonly Outcome[] {
  const { margin, tolerance, believed } = config;
  const opened = openRate({ margin, tolerance, targets, planned: 40, history: { sessions: 400, mean: believed } });
  const counts = (most: number): readonly number[] => Array.from({ length: most + 1 }, (_, k) => k);
  return counts(size.canary).flatMap((canaryBad) =>
    counts(size.stable).map((stableBad) => {
      const { fail, pass } = logE(absorbRate(opened, { ...size, canaryBad, stableBad }));
      return { canaryBad, stableBad, fail: Math.exp(fail), pass: Math.exp(pass) };
    }),
  );
}

/** E[e] in both directions for true bad rates of both arms. */
function expectations(
  outcomes: readonly Outcome[],
  size: { readonly canary: number; readonly stable: number },
  truth: { readonly canary: number; readonly stable: number },
): { readonly fail: number; readonly pass: number } {
  const canary = binomial(size.canary, truth.canary);
  const stable = binomial(size.stable, truth.stable);
  let fail = 0;
  let pass = 0;
  for (const outcome of outcomes) {
    const chance = (canary[outcome.canaryBad]?.chance ?? 0) * (stable[outcome.stableBad]?.chance ?? 0);
    fail += chance * outcome.fail;
    pass += chance * outcome.pass;
  }
  return { fail, pass };
}

const rates = [0, 0.001, 0.05, 0.1, 0.35, 0.6, 0.9, 0.97, 1];

describe("rates", () => {
  it.each([
    { margin: 0.05, tolerance: 0 },
    { margin: 0.05, tolerance: 0.025 },
    { margin: 0.2, tolerance: 0.2 },
    { margin: 0.01, tolerance: 0.005 },
    { margin: 0.6, tolerance: 0.3 },
  ])("no block favours a verdict that is wrong: $margin, $tolerance", ({ margin, tolerance }) => {
    let worst = 0;
    let least = 1;
    for (const believed of [0.0001, 0.02, 0.1, 0.5, 0.93, 1]) {
      for (const size of sizes) {
        const outcomes = rateOutcomes({ margin, tolerance, believed }, size);
        for (const stable of rates) {
          for (const canary of [...rates, stable + tolerance, stable + margin].filter((rate) => rate <= 1)) {
            const { fail, pass } = expectations(outcomes, size, { canary, stable });
            if (canary <= stable + tolerance) worst = Math.max(worst, fail);
            if (canary >= stable + margin) worst = Math.max(worst, pass);
            least = Math.min(least, fail);
          }
        }
      }
    }
    expect(worst).toBeLessThanOrEqual(1 + slack);
    expect(least).toBeLessThan(0.99);
  });

  it("on the boundary and with the baseline right, a block costs almost nothing: the bets are not wasteful", () => {
    const size = { canary: 2, stable: 3 };
    const outcomes = rateOutcomes({ margin: 0.05, tolerance: 0, believed: 0.1 }, size);
    const { fail } = expectations(outcomes, size, { canary: 0.1, stable: 0.1 });
    expect(fail).toBeGreaterThan(0.98);
  });

  it("shares of bad tasks in a session stay valid", () => {
    const shares: readonly Weighted<number>[] = [
      { value: 0, chance: 0.6 },
      { value: 0.25, chance: 0.2 },
      { value: 0.5, chance: 0.1 },
      { value: 1, chance: 0.1 },
    ];
    const shifted: readonly Weighted<number>[] = [
      { value: 0, chance: 0.45 },
      { value: 0.25, chance: 0.2 },
      { value: 0.5, chance: 0.2 },
      { value: 1, chance: 0.15 },
    ];
    const margin = mean(shifted) - mean(shares);
    const opened = openRate({
      margin,
      tolerance: 0,
      targets,
      planned: 40,
      history: { sessions: 400, mean: mean(shares) },
    });
    const expected = (canaryDraw: readonly Weighted<number>[], side: "fail" | "pass"): number => {
      let total = 0;
      for (const canary of sequences(canaryDraw, 2)) {
        for (const stable of sequences(shares, 3)) {
          const [canaryBad, stableBad] = [canary, stable].map(({ value }) => value.reduce((sum, x) => sum + x, 0));
          const after = absorbRate(opened, {
            canary: 2,
            stable: 3,
            canaryBad: canaryBad ?? 0,
            stableBad: stableBad ?? 0,
          });
          total += canary.chance * stable.chance * Math.exp(logE(after)[side]);
        }
      }
      return total;
    };
    expect(expected(shares, "fail")).toBeLessThanOrEqual(1 + slack);
    expect(expected(shifted, "pass")).toBeLessThanOrEqual(1 + slack);
  });
});

const costs: readonly Weighted<number>[] = [
  { value: 0.2, chance: 0.5 },
  { value: 1, chance: 0.3 },
  { value: 3, chance: 0.15 },
  { value: 40, chance: 0.05 },
];
const shapes: readonly (readonly Weighted<number>[])[] = [
  costs,
  [
    { value: 0, chance: 0.9 },
    { value: 9, chance: 0.1 },
  ],
  [
    { value: 2, chance: 0.5 },
    { value: 4, chance: 0.5 },
  ],
  [{ value: 2, chance: 1 }],
];

type Form = "values" | "moments";
type Draw = readonly Weighted<number>[];

/** The canary's mean on the boundary, as the bet sees it. */
function movedMean(config: MeanConfig & { readonly form: Form }, shift: number, canary: Draw): number {
  const { cap, scale, form } = config;
  if (scale === "absolute") return mean(canary, (x) => Math.min(x, cap) - shift);
  return mean(canary, (x) => (form === "moments" ? Math.min(x, cap) / (1 + shift) : Math.min(x / (1 + shift), cap)));
}

function sampleOf(values: readonly number[], form: Form, cap: number): Sample {
  if (form === "values") return { kind: "values", values };
  return { kind: "moments", ...momentsOf({ kind: "values", values }, (x) => Math.min(x, cap)) };
}

function meanExpectations(
  config: MeanConfig & { readonly form: Form },
  size: { readonly canary: number; readonly stable: number },
  truth: { readonly canary: Draw; readonly stable: Draw },
): { readonly fail: number; readonly pass: number } {
  const opened = openMean(config);
  const sample = (values: readonly number[]): Sample => sampleOf(values, config.form, config.cap);
  let fail = 0;
  let pass = 0;
  for (const canary of sequences(truth.canary, size.canary)) {
    for (const stable of sequences(truth.stable, size.stable)) {
      const after = logE(absorbMean(opened, { canary: sample(canary.value), stable: sample(stable.value) }));
      fail += canary.chance * stable.chance * Math.exp(after.fail);
      pass += canary.chance * stable.chance * Math.exp(after.pass);
    }
  }
  return { fail, pass };
}

describe("means", () => {
  const configs = (["relative", "absolute"] as const).flatMap((scale) =>
    [0, 0.2].flatMap((tolerance) => [2.5, 8].map((cap) => ({ scale, tolerance, cap, margin: 0.3 }))),
  );
  const cases = configs.flatMap((config) => (["values", "moments"] as const).map((form) => ({ ...config, form })));

  it.each(cases)("no block favours a verdict that is wrong: $scale $tolerance cap $cap, $form", (chosen) => {
    let asked = 0;
    let worst = 0;
    for (const history of [
      { sessions: 300, mean: 1.2, variance: 1 },
      { sessions: 300, mean: 4, variance: 9 },
      { sessions: 300, mean: 2, variance: 0 },
    ]) {
      const config = { ...chosen, targets, planned: 60, history };
      for (const [canary, stable] of shapes.flatMap((c) => shapes.map((s) => [c, s] as const))) {
        const stableMean = mean(stable, (x) => Math.min(x, config.cap));
        const tolerated = movedMean(config, config.tolerance, canary) <= stableMean;
        const beyond = movedMean(config, config.margin, canary) >= stableMean;
        for (const size of [
          { canary: 1, stable: 1 },
          { canary: 2, stable: 1 },
          { canary: 1, stable: 2 },
        ]) {
          const { fail, pass } = meanExpectations(config, size, { canary, stable });
          worst = Math.max(worst, tolerated ? fail : 0, beyond ? pass : 0);
          asked += tolerated || beyond ? 1 : 0;
        }
      }
    }
    expect(worst).toBeLessThanOrEqual(1 + slack);
    expect(asked).toBeGreaterThan(50);
  });

  it("a histogram says the same as its values", () => {
    const opened = openMean({
      scale: "relative",
      margin: 0.3,
      tolerance: 0,
      cap: 8,
      targets,
      planned: 60,
      history: { sessions: 300, mean: 1.2, variance: 1 },
    });
    const values = absorbMean(opened, {
      canary: { kind: "values", values: [1, 3, 3] },
      stable: { kind: "values", values: [2, 2, 9, 0] },
    });
    const histogram = absorbMean(opened, {
      canary: { kind: "histogram", values: [3, 1, 7], counts: [2, 1, 0] },
      stable: { kind: "histogram", values: [0, 2, 9], counts: [1, 2, 1] },
    });
    expect(logE(histogram).fail).toBeCloseTo(logE(values).fail, 12);
    expect(logE(histogram).pass).toBeCloseTo(logE(values).pass, 12);
    expect(histogram.baseline).toEqual(values.baseline);
  });
});

describe("quantiles", () => {
  it("no block favours a verdict that is wrong", () => {
    const opened = openQuantile({ q: 0.95, margin: 0.25, tolerance: 0, targets, planned: 40 });
    for (const size of sizes) {
      for (const stable of rates) {
        for (const above of rates) {
          let fail = 0;
          let pass = 0;
          for (const canary of binomial(size.canary, above)) {
            for (const other of binomial(size.stable, stable)) {
              const after = absorbExceedances(opened, {
                ...size,
                stableAbove: other.value,
                canaryAboveTolerance: canary.value,
                canaryAboveMargin: canary.value,
              });
              fail += canary.chance * other.chance * Math.exp(logE(after).fail);
              pass += canary.chance * other.chance * Math.exp(logE(after).pass);
            }
          }
          if (above <= stable) expect(fail).toBeLessThanOrEqual(1 + slack);
          if (above >= stable) expect(pass).toBeLessThanOrEqual(1 + slack);
        }
      }
    }
  });
});

describe("one-sample tests", () => {
  it("a floor does not favour a breach of an arm within its limit", () => {
    for (const limit of [0.001, 0.05, 0.2, 0.9, 0.99999]) {
      for (const truth of [0, limit / 2, limit]) {
        const expected = mean(binomial(7, truth), (bad) =>
          Math.exp(floorLogE(absorbFloor(openFloor({ limit, level: 0.001 }), { at: 0, sessions: 7, bad }))),
        );
        expect(expected).toBeLessThanOrEqual(1 + slack);
      }
    }
  });

  it("the sample ratio's e-value has expectation exactly 1 under the planned share", () => {
    for (const share of [0.01, 0.05, 0.5, 0.9]) {
      const expected = mean(binomial(40, share), (canary) =>
        Math.exp(sampleRatioLogE({ canary, stable: 40 - canary, share })),
      );
      expect(Math.abs(expected - 1)).toBeLessThan(1e-9);
    }
  });

  it("missing telemetry that is alike in both arms is not favoured, in either direction", () => {
    const warm = absorbMissingTelemetry(openMissingTelemetry(0), { canary: 0, stable: 80, canaryBad: 0, stableBad: 4 });
    for (const rate of [0, 0.05, 0.4]) {
      let expected = 0;
      for (const canary of binomial(3, rate)) {
        for (const stable of binomial(9, rate)) {
          const counts = { canary: 3, stable: 9, canaryBad: canary.value, stableBad: stable.value };
          expected +=
            canary.chance * stable.chance * Math.exp(missingTelemetryLogE(absorbMissingTelemetry(warm, counts)));
        }
      }
      expect(expected).toBeLessThanOrEqual(1 + slack);
    }
  });

  it.each([
    { side: "above", edge: -0.05, low: -1 },
    { side: "below", edge: 0, low: -1 },
    { side: "above", edge: 0.8, low: 0 },
    { side: "below", edge: 0.8, low: 0 },
  ] as const)(
    "betting on items is not favoured where the mean lies on the edge: $side $edge",
    ({ side, edge, low }) => {
      const question = { side, edge, low, high: 1, level: 0.2, units: 7, start: 0 };
      for (const middle of [0, 0.3, 0.8]) {
        // Three outcomes whose mean is the edge exactly.
        const up = ((edge - low) * (1 - middle)) / (1 - low);
        const draw = [
          { value: low, chance: 1 - middle - up },
          { value: edge, chance: middle },
          { value: 1, chance: up },
        ];
        const expected = sequences(draw, 7).reduce(
          (sum, { value, chance }) => sum + chance * Math.exp(betOnUnits(value, question).logE),
          0,
        );
        expect(Math.abs(mean(draw) - edge)).toBeLessThan(1e-12);
        expect(expected).toBeLessThanOrEqual(1 + slack);
        expect(expected).toBeGreaterThan(1 - 1e-9);
      }
    },
  );
});
