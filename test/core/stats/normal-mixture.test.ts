import { describe, expect, it } from "vitest";
import {
  addStratum,
  displayInterval,
  enoughForMixture,
  mixtureLogE,
  noStrata,
  stratumOf,
} from "../../../src/core/stats/normal-mixture.js";
import { expectClose } from "./closeness.js";

const strata = addStratum(addStratum(noStrata, { difference: 0.06, variance: 0.0004 }), {
  difference: 0.02,
  variance: 0.0001,
});

/** The definition: the likelihood ratio averaged over a half-normal prior, by the trapezoidal rule. */
function integrated(score: number, information: number, priorSd: number): number {
  const step = priorSd / 2000;
  let sum = 0;
  for (let k = 0; k <= 20000; k += 1) {
    const theta = k * step;
    const prior = (2 / (priorSd * Math.sqrt(2 * Math.PI))) * Math.exp((-theta * theta) / (2 * priorSd ** 2));
    sum += (k === 0 ? 0.5 : 1) * step * prior * Math.exp(theta * score - (theta * theta * information) / 2);
  }
  return Math.log(sum);
}

describe("the mixture for totals", () => {
  it.each([
    ["above", 0, 0.05],
    ["above", 0.01, 0.02],
    ["below", 0.05, 0.05],
    ["below", 0.01, 0.1],
  ] as const)("%s %d, prior %d, is the integral that it stands for", (side, shift, priorSd) => {
    const score = (side === "above" ? 1 : -1) * (strata.weighted - shift * strata.information);
    expectClose(mixtureLogE(strata, { side, shift, priorSd }), integrated(score, strata.information, priorSd), {
      relative: 2e-5,
      absolute: 2e-5,
    });
  });

  it("says nothing where nothing was seen", () => {
    expectClose(mixtureLogE(noStrata, { side: "above", shift: 0, priorSd: 0.05 }), 0, { relative: 0, absolute: 1e-15 });
  });

  it("asks for 300 canary sessions and 30 bad ones", () => {
    expect(enoughForMixture({ sessions: 300, bad: 30 })).toBe(true);
    expect(enoughForMixture({ sessions: 299, bad: 30 })).toBe(false);
    expect(enoughForMixture({ sessions: 300, bad: 29 })).toBe(false);
  });
});

describe("the interval that is shown", () => {
  it("ends where the two-sided normal mixture reaches 1 / level (Howard et al., arXiv 1810.08240)", () => {
    const level = 0.05;
    const priorSd = 0.05;
    const interval = displayInterval(strata, { level, priorSd });
    const r = 1 / priorSd ** 2;
    const score = ((interval?.high ?? 0) - (interval?.estimate ?? 0)) * strata.information;
    const v = strata.information + r;
    expectClose(0.5 * Math.log(r / v) + (score * score) / (2 * v), Math.log(1 / level), {
      relative: 1e-12,
      absolute: 0,
    });
    expectClose((interval?.low ?? 0) + (interval?.high ?? 0), 2 * (interval?.estimate ?? 0), {
      relative: 1e-12,
      absolute: 0,
    });
  });

  it("pools differences of stages, never their totals: Simpson's stages do not deceive it", () => {
    // Equal failure rates in each stage; the totals would show the canary twice as bad.
    const morning = stratumOf(
      { canary: { count: 50, sum: 5, squares: 5 }, stable: { count: 950, sum: 95, squares: 95 } },
      1,
    );
    const night = stratumOf(
      { canary: { count: 500, sum: 150, squares: 150 }, stable: { count: 500, sum: 150, squares: 150 } },
      1,
    );
    const interval = displayInterval(addStratum(addStratum(noStrata, morning), night), { level: 0.05, priorSd: 0.05 });
    expect(Math.abs(interval?.estimate ?? 1)).toBeLessThan(1e-12);
  });

  it("is unknown while an arm is empty or nothing was seen", () => {
    const empty = { count: 0, sum: 0, squares: 0 };
    expect(stratumOf({ canary: empty, stable: { count: 9, sum: 1, squares: 1 } }, 1)).toBeNull();
    expect(displayInterval(addStratum(noStrata, null), { level: 0.05, priorSd: 0.05 })).toBeNull();
    expect(addStratum(noStrata, { difference: 1, variance: 0 })).toBe(noStrata);
  });

  it("all successes in both arms still leave an interval of some width", () => {
    const stratum = stratumOf(
      { canary: { count: 40, sum: 0, squares: 0 }, stable: { count: 400, sum: 0, squares: 0 } },
      1,
    );
    const interval = displayInterval(addStratum(noStrata, stratum), { level: 0.05, priorSd: 0.05 });
    expect((interval?.high ?? 0) - (interval?.low ?? 0)).toBeGreaterThan(0.02);
  });
});
