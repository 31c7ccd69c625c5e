/** The limit of a mean: valid however the values are spread, and found out when it is clearly exceeded. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  absorbMeanFloor,
  type MeanFloorState,
  meanFloorCap,
  meanFloorLogE,
  openMeanFloor,
} from "../../../src/core/stats/mean-floor.js";
import { gaussian, seeded } from "./enumerate.js";

const level = 0.001;
const limit = 0.8;

function counted(values: readonly number[]): MeanFloorState {
  return absorbMeanFloor(openMeanFloor({ limit, level }), values);
}

/** Session values with mean 1, by the name of how they are spread. */
const spreads: Readonly<Record<string, (random: () => number) => number>> = {
  "none or twice": (random) => (random() < 0.5 ? 2 : 0),
  "one in a hundred pays for all": (random) => (random() < 0.01 ? 100 : 0),
  exponential: (random) => -Math.log(1 - random()),
  "lognormal, sigma 1": (random) => Math.exp(gaussian(random) - 0.5),
  "lognormal, sigma 2": (random) => Math.exp(2 * gaussian(random) - 2),
  "Pareto, tail 1.5": (random) => (1 - random()) ** (-1 / 1.5) / 3,
};

/** In how many of so many days the evidence ever reached ln(1 / at), looked at every 5 sessions. */
function shareOfDays(draw: (random: () => number) => number, day: { at: number; mean: number; sessions: number }) {
  const random = seeded(11);
  const days = 400;
  let reached = 0;
  for (let each = 0; each < days; each += 1) {
    let state = openMeanFloor({ limit, level });
    for (let seen = 0; seen < day.sessions && meanFloorLogE(state) < -Math.log(day.at); seen += 5) {
      state = absorbMeanFloor(
        state,
        Array.from({ length: 5 }, () => day.mean * draw(random)),
      );
    }
    if (meanFloorLogE(state) >= -Math.log(day.at)) reached += 1;
  }
  return reached / days;
}

describe("the limit of a mean", () => {
  it("has an expectation of at most 1 at the limit, whatever two values there are", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (often, low) => {
          // The mean is the limit: `often` times low, else high.
          const small = low * limit;
          const large = (limit - often * small) / (1 - often);
          const expected =
            often * Math.exp(meanFloorLogE(counted([small]))) + (1 - often) * Math.exp(meanFloorLogE(counted([large])));
          expect(expected).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
    );
  });

  it.each(Object.entries(spreads))("%s: at the limit one day in twenty reaches 20 at the most", (_, draw) => {
    expect(shareOfDays(draw, { at: 0.05, mean: limit, sessions: 300 })).toBeLessThanOrEqual(0.05 + 0.025);
  });

  // A mean that one session in a hundred makes cannot be seen in 300 of them, nor in a cut tail.
  it.each([
    ["none or twice", 0.99],
    ["exponential", 0.95],
    ["lognormal, sigma 1", 0.9],
  ] as const)("%s: a mean twice the limit is found within 300 sessions", (name, least) => {
    const draw = spreads[name] ?? (() => 0);
    expect(shareOfDays(draw, { at: level, mean: 2 * limit, sessions: 300 })).toBeGreaterThanOrEqual(least);
  });

  it("no single session proves a breach, however large it is", () => {
    for (const value of [10, 1e6, 1e12, Number.POSITIVE_INFINITY]) {
      expect(meanFloorLogE(counted([value]))).toBeLessThan(Math.log(8));
    }
    expect(counted([1e6]).capped).toBe(meanFloorCap({ limit }));
  });

  it("values that are exactly the limit say nothing, and smaller ones speak against a breach", () => {
    expect(meanFloorLogE(counted(new Array(1000).fill(limit)))).toBeCloseTo(0, 9);
    expect(meanFloorLogE(counted(new Array(1000).fill(0)))).toBeLessThan(0);
    expect(Number.isFinite(meanFloorLogE(counted(new Array(100_000).fill(0))))).toBe(true);
  });

  it("counts the same in whatever blocks the values come", () => {
    const random = seeded(3);
    const values = Array.from({ length: 60 }, () => random() * 3);
    const apart = values.reduce((state, value) => absorbMeanFloor(state, [value]), openMeanFloor({ limit, level }));
    expect(apart).toEqual(counted(values));
    expect(JSON.parse(JSON.stringify(apart))).toEqual(apart);
    const repeated = absorbMeanFloor(openMeanFloor({ limit, level }), [1, 2], [3, 1]);
    expect(meanFloorLogE(repeated)).toBeCloseTo(meanFloorLogE(counted([1, 1, 1, 2])), 12);
    expect(repeated).toMatchObject({ sessions: 4, sum: 5 });
  });

  it.each([
    ["a limit of 0", () => openMeanFloor({ limit: 0, level })],
    ["an endless limit", () => openMeanFloor({ limit: Number.POSITIVE_INFINITY, level })],
    ["no level", () => openMeanFloor({ limit: 1, level: 1 })],
    ["a negative value", () => counted([-1])],
    ["an unknown value", () => counted([Number.NaN])],
  ])("%s is refused", (_, act) => {
    expect(act).toThrow(RangeError);
  });
});
