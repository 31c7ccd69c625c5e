// Reference values, rounded to doubles, from mpmath 1.3 (ncdf, loggamma, erfinv at 50 digits); Student's t and the incomplete
// beta from SciPy 1.17, which agree with the printed tables (Abramowitz and Stegun, table 26.10).
import { describe, expect, it } from "vitest";
import { bisectFalling } from "../../../src/core/stats/bisect.js";
import { coinDivergence } from "../../../src/core/stats/divergence.js";
import { logBeta, logChoose, logGamma } from "../../../src/core/stats/gamma.js";
import { logMixture, logSumExp } from "../../../src/core/stats/log-sum-exp.js";
import { expit, logit } from "../../../src/core/stats/logistic.js";
import { mcnemarP } from "../../../src/core/stats/mcnemar.js";
import { logNormalCdf, normalCdf, normalQuantile } from "../../../src/core/stats/normal.js";
import { incompleteBeta, studentTwoSided } from "../../../src/core/stats/student-t.js";
import { expectClose } from "./closeness.js";

const fine = { relative: 2e-15, absolute: 1e-300 };

describe("normal distribution", () => {
  it.each([
    [-20, 2.7536241186062337e-89, -203.91715537109727],
    [-8.5, 9.479534822203318e-18, -39.19739642821767],
    [-5, 2.866515718791939e-7, -15.064998393988725],
    [-1.96, 0.024997895148220435, -3.688963651729639],
    [-0.5, 0.3085375387259869, -1.1759117615936185],
    [0.3, 0.6179114221889527, -0.4814101615884812],
    [1.5, 0.9331927987311419, -0.06914345561223398],
    [6, 0.9999999990134123, -9.865876455243758e-10],
  ])("at %d", (x, probability, log) => {
    expectClose(normalCdf(x), probability, fine);
    expectClose(logNormalCdf(x), log, fine);
  });

  it.each([
    [-38, -726.5572160188201],
    [-100, -5005.524208694205],
    [-1000, -500007.82669481216],
  ])("the logarithm goes on to %d sigma", (x, log) => {
    expectClose(logNormalCdf(x), log, fine);
  });

  it("takes the ends", () => {
    expect(normalCdf(Number.POSITIVE_INFINITY)).toBe(1);
    expect(normalCdf(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(normalCdf(Number.NaN)).toBeNaN();
    expect(logNormalCdf(Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
    expect(logNormalCdf(Number.POSITIVE_INFINITY)).toBe(-0);
  });

  it.each([
    [1e-300, -37.0470962993612],
    [1e-10, -6.361340902404057],
    [0.001, -3.0902323061678136],
    [0.025, -1.9599639845400543],
    [0.3, -0.5244005127080408],
    [0.5, 0],
    [0.9, 1.2815515655446004],
    [0.999, 3.0902323061678136],
  ])("the quantile of %d", (p, x) => {
    expectClose(normalQuantile(p), x, { relative: 1e-14, absolute: 0 });
  });

  it("has no quantile outside [0, 1]", () => {
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
    expect(normalQuantile(-0.1)).toBeNaN();
    expect(normalQuantile(1.1)).toBeNaN();
  });
});

describe("gamma and beta", () => {
  it.each([
    [0.001, 6.907178885383853],
    [0.5, 0.5723649429247001],
    [1, 0],
    [2, 0],
    [3.7, 1.4280723266653879],
    [10.25, 13.368023671476045],
    [100, 359.1342053695754],
    [50000.5, 490989.83315821405],
  ])("ln Gamma(%d)", (x, wanted) => {
    expectClose(logGamma(x), wanted, { relative: 4e-15, absolute: 4e-15 });
  });

  it("is undefined at and below 0", () => {
    expect(logGamma(0)).toBeNaN();
    expect(logGamma(-1.5)).toBeNaN();
  });

  it("B(2, 3) = 1/12 and 10 choose 3 = 120", () => {
    expectClose(logBeta(2, 3), -Math.log(12), { relative: 1e-14, absolute: 0 });
    expectClose(logChoose(10, 3), Math.log(120), { relative: 1e-14, absolute: 0 });
  });

  it.each([
    [0.4, 2, 3, 0.5248],
    [0.01, 0.5, 12, 0.37306529393795795],
    [0.5, 50, 60, 0.8309072939016693],
    [0, 2, 3, 0],
    [1, 2, 3, 1],
  ])("the incomplete beta I_%d(%d, %d)", (x, a, b, wanted) => {
    expectClose(incompleteBeta(x, a, b), wanted, { relative: 1e-13, absolute: 0 });
  });

  it.each([
    [1, 12.706204736174694, 63.656741162871526],
    [4, 2.7764451051977934, 4.604094871349992],
    [24, 2.0638985616280245, 2.796939504774456],
    [120, 1.9799304050824402, 2.6174211451068654],
    [499, 1.9647293909876886, 2.585717683111754],
  ])("Student's t with %d degrees", (degrees, at95, at99) => {
    expectClose(studentTwoSided(0.95, degrees), at95, { relative: 1e-11, absolute: 0 });
    expectClose(studentTwoSided(0.99, degrees), at99, { relative: 1e-11, absolute: 0 });
  });
});

describe("logistic and log-sum-exp", () => {
  it("expit does not overflow, and undoes logit", () => {
    expect(expit(800)).toBe(1);
    expect(expit(-800)).toBe(0);
    expect(expit(0)).toBe(0.5);
    for (const rate of [1e-4, 0.1, 0.5, 0.97, 1 - 1e-4])
      expectClose(expit(logit(rate)), rate, { relative: 1e-13, absolute: 0 });
  });

  it("logit keeps rates inside [1e-4, 1 - 1e-4]", () => {
    expect(logit(0)).toBe(logit(1e-4));
    expect(logit(1)).toBe(logit(1 - 1e-4));
  });

  it("sums of exponentials far outside a double's range", () => {
    expectClose(logSumExp([-2000, -2000]), -2000 + Math.LN2, { relative: 1e-15, absolute: 0 });
    expectClose(logSumExp([2000, 0]), 2000, { relative: 1e-15, absolute: 0 });
    expect(logSumExp([])).toBe(Number.NEGATIVE_INFINITY);
    expectClose(logMixture([0.25, 0.75, 0], [0, 0, 900]), 0, { relative: 0, absolute: 1e-15 });
    expect(() => logMixture([1, 1], [0])).toThrow("2 weights");
  });
});

describe("small exact tests", () => {
  it.each([
    [40, 21, 0.0204147137996349],
    [17, 54, 1.252682396485477e-5],
    [3, 9, 0.14599609375],
    [5, 5, 1],
    [0, 0, 1],
    [0, 1, 1],
    [0, 6, 0.03125],
  ])("McNemar with %d improved and %d regressed", (improved, regressed, p) => {
    expectClose(mcnemarP({ improved, regressed }), p, { relative: 1e-12, absolute: 0 });
  });

  it("divergence of coins is 0 for the same coin, and finite at its ends", () => {
    expect(coinDivergence(0.3, 0.3)).toBe(0);
    expectClose(coinDivergence(0, 0.5), Math.LN2, { relative: 1e-15, absolute: 0 });
    expectClose(coinDivergence(1, 0.25), Math.log(4), { relative: 1e-15, absolute: 0 });
  });

  it("bisection finds where a falling function crosses", () => {
    expectClose(
      bisectFalling((x) => 2 - x * x, 0, 2),
      Math.SQRT2,
      { relative: 1e-15, absolute: 0 },
    );
    expect(bisectFalling(() => -1, 0, 2)).toBeLessThan(1e-15);
  });
});
