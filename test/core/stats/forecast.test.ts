import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  decisionTarget,
  hoursUntil,
  informationNeeded,
  informationOver,
  probabilityDecided,
} from "../../../src/core/stats/decision-time.js";
import { marginWithGrowth, meanGrowth, rateGrowth, riseWithGrowth } from "../../../src/core/stats/growth.js";
import { expectClose } from "./closeness.js";

interface PlanCase {
  readonly fs: number;
  readonly fc: number;
  readonly rho: number;
  readonly rate: number;
  readonly margin: number;
  readonly level: number;
  readonly weight: number;
  readonly growth_fail: number;
  readonly growth_pass: number;
  readonly fail_hours_p50: number;
  readonly fail_hours_p90: number;
  readonly pass_hours_p50: number;
  readonly pass_hours_p90: number;
  readonly mde80_24h: number;
}

const file = new URL("../../vectors/stats/plan.json", import.meta.url);
const cases = JSON.parse(readFileSync(file, "utf8")) as readonly PlanCase[];
const limit = { relative: 1e-8, absolute: 1e-12 };

describe("reference vectors of the forecast", () => {
  it.each(cases)("$fs to $fc at $rho of $rate an hour", (given) => {
    const { fs: stable, fc, rho: share, rate, margin, level, weight } = given;
    const fail = {
      growth: rateGrowth({ share, canary: fc, stable, shift: 0 }),
      target: decisionTarget("fail", { level, weight }),
    };
    const pass = {
      growth: rateGrowth({ share, canary: stable, stable, shift: margin }),
      target: decisionTarget("pass", { level, weight: 1 }),
    };
    const hours = (side: typeof fail, probability: number): number =>
      hoursUntil(informationNeeded(side.target, probability), [
        { hours: Number.POSITIVE_INFINITY, sessionsPerHour: rate, growth: side.growth },
      ]) ?? Number.NaN;
    expectClose(fail.growth, given.growth_fail, limit);
    expectClose(pass.growth, given.growth_pass, limit);
    expectClose(hours(fail, 0.5), given.fail_hours_p50, limit);
    expectClose(hours(fail, 0.9), given.fail_hours_p90, limit);
    expectClose(hours(pass, 0.5), given.pass_hours_p50, limit);
    expectClose(hours(pass, 0.9), given.pass_hours_p90, limit);
    const growth = informationNeeded(fail.target, 0.8) / (24 * rate);
    expectClose(riseWithGrowth({ share, stable, shift: 0, growth }) ?? Number.NaN, given.mde80_24h, limit);
  });
});

/** The smallest drop, in points, that is seen with 80 % within the hours. */
function visible(world: { readonly share: number; readonly rate: number; readonly hours: number }): number {
  const growth =
    informationNeeded(decisionTarget("fail", { level: 0.05, weight: 1 }), 0.8) / (world.hours * world.rate);
  return 100 * (riseWithGrowth({ share: world.share, stable: 0.1, shift: 0, growth }) ?? Number.NaN);
}

describe("the published table of forecasts", () => {
  it.each([
    [0.05, 1000, 6, 6.6],
    [0.05, 1000, 24, 3.2],
    [0.05, 1000, 48, 2.2],
    [0.5, 1000, 6, 2.8],
    [0.5, 1000, 24, 1.4],
    [0.05, 100, 24, 10.8],
  ])("%d of %d an hour sees in %d h a drop of %d points", (share, rate, hours, points) => {
    expect(Math.abs(visible({ share, rate, hours }) - points)).toBeLessThanOrEqual(0.05 + 1e-9);
  });

  it.each([
    { side: "fail", stable: 0.1, other: 0.12, share: 0.05, rate: 1000, median: 33.2, p90: 77.2 },
    { side: "fail", stable: 0.1, other: 0.2, share: 0.05, rate: 1000, median: 1.6, p90: 3.7 },
    { side: "fail", stable: 0.01, other: 0.03, share: 0.05, rate: 1000, median: 5.4, p90: 12.6 },
    { side: "fail", stable: 0.3, other: 0.4, share: 0.05, rate: 300, median: 10.3, p90: 24.0 },
    { side: "pass", stable: 0.1, other: 0.02, share: 0.05, rate: 1000, median: 28.6, p90: 70.8 },
    { side: "pass", stable: 0.1, other: 0.02, share: 0.5, rate: 1000, median: 4.9, p90: 12.2 },
    { side: "pass", stable: 0.3, other: 0.05, share: 0.1, rate: 300, median: 17.8, p90: 44.1 },
  ] as const)(
    "$side from $stable by $other at $share of $rate an hour",
    ({ side, stable, other, share, rate, ...wanted }) => {
      const world = side === "fail" ? { canary: other, shift: 0 } : { canary: stable, shift: other };
      const perHour = rate * rateGrowth({ share, stable, ...world });
      const target = decisionTarget(side, { level: 0.05, weight: 1 });
      expect(Math.abs(informationNeeded(target, 0.5) / perHour - wanted.median)).toBeLessThanOrEqual(0.051);
      expect(Math.abs(informationNeeded(target, 0.9) / perHour - wanted.p90)).toBeLessThanOrEqual(0.051);
    },
  );
});

describe("what would help", () => {
  it("a margin that can be proven is the one whose growth is asked for", () => {
    const world = { share: 0.05, stable: 0.1 };
    const growth = rateGrowth({ ...world, canary: 0.1, shift: 0.03 });
    expectClose(marginWithGrowth({ ...world, growth }) ?? Number.NaN, 0.03, { relative: 1e-9, absolute: 0 });
    expect(marginWithGrowth({ ...world, growth: 5 })).toBeNull();
    expect(marginWithGrowth({ share: 0.05, stable: 1, growth: 0.1 })).toBeNull();
  });

  it("no rise is visible where there is no traffic to see it with", () => {
    expect(riseWithGrowth({ share: 0.05, stable: 0.1, shift: 0, growth: 50 })).toBeNull();
    expect(riseWithGrowth({ share: 0, stable: 0.1, shift: 0, growth: 1e-9 })).toBeNull();
  });

  it("a rise beyond a tolerance is larger than one beyond none", () => {
    const world = { share: 0.05, stable: 0.1, growth: 1e-4 };
    const strict = riseWithGrowth({ ...world, shift: 0 }) ?? Number.NaN;
    const tolerant = riseWithGrowth({ ...world, shift: 0.025 }) ?? Number.NaN;
    expect(tolerant).toBeGreaterThan(strict + 0.02);
  });

  it("growth of a mean is the square of its effect in standard deviations", () => {
    expectClose(meanGrowth({ share: 0.5, effect: 0.2, sd: 1 }), 0.005, { relative: 1e-15, absolute: 0 });
  });
});

describe("time over stages", () => {
  const stages = [
    { hours: 24, sessionsPerHour: 100, growth: 0.001 },
    { hours: 24, sessionsPerHour: 0, growth: 0.001 },
    { hours: 24, sessionsPerHour: 100, growth: 0.01 },
  ];

  it("adds up information at each stage's own pace", () => {
    expect(hoursUntil(1.2, stages)).toBeCloseTo(12, 12);
    expect(hoursUntil(3.4, stages)).toBeCloseTo(49, 12);
    expect(hoursUntil(30, stages)).toBeNull();
    expect(informationOver(stages)).toBeCloseTo(26.4, 12);
  });

  it("the probability of having decided rises from 0 to 1, and its inverse undoes it", () => {
    const target = decisionTarget("pass", { level: 0.05, weight: 1 });
    expect(probabilityDecided(0, target)).toBe(0);
    expect(probabilityDecided(1, 0)).toBe(1);
    expect(informationNeeded(0, 0.9)).toBe(0);
    expect(probabilityDecided(1e4, target)).toBeGreaterThan(1 - 1e-9);
    for (const p of [0.05, 0.5, 0.8, 0.99])
      expect(probabilityDecided(informationNeeded(target, p), target)).toBeCloseTo(p, 10);
  });
});
