// Seeded short runs, looked at after every block: how often a gate is wrong, against what it promises. Enumeration
// (validity.test.ts) shows that each block is fair; this shows that the whole is, under drift as well, and that it can see.
import { describe, expect, it } from "vitest";
import { absorbMean, openMean } from "../../../src/core/stats/mean.js";
import { logE } from "../../../src/core/stats/process.js";
import { absorbQuantile, openQuantile } from "../../../src/core/stats/quantile.js";
import { absorbRate, openRate } from "../../../src/core/stats/rate.js";
import { draws, gaussian, seeded } from "./enumerate.js";

const targets = { fail: Math.log(20), pass: Math.log(20) };

interface Play<State> {
  readonly open: () => State;
  readonly absorb: (state: State, block: number) => State;
}

/** Shares of runs that ever reached FAIL, and ever reached PASS. */
function shares<State extends { readonly process: Parameters<typeof logE>[0]["process"] }>(
  size: { readonly runs: number; readonly blocks: number },
  play: Play<State>,
): { readonly fail: number; readonly pass: number } {
  let fails = 0;
  let passes = 0;
  for (let run = 0; run < size.runs; run += 1) {
    let state = play.open();
    let failed = false;
    let passed = false;
    for (let block = 0; block < size.blocks; block += 1) {
      state = play.absorb(state, block);
      const { fail, pass } = logE(state);
      failed ||= fail >= targets.fail;
      passed ||= pass >= targets.pass;
    }
    fails += failed ? 1 : 0;
    passes += passed ? 1 : 0;
  }
  return { fail: fails / size.runs, pass: passes / size.runs };
}

/** Blocks of 10 canary and 40 stable sessions under a base rate that drifts over the day. */
function rates(seed: number, drop: number, tolerance = 0): Play<ReturnType<typeof openRate>> {
  const random = seeded(seed);
  return {
    open: () => openRate({ margin: 0.1, tolerance, planned: 300, targets, history: { sessions: 200, mean: 0.15 } }),
    absorb: (state, block) => {
      const base = 0.15 + 0.1 * Math.sin(block / 4);
      return absorbRate(state, {
        canary: 10,
        stable: 40,
        canaryBad: draws(random, 10, base + drop),
        stableBad: draws(random, 40, base),
      });
    },
  };
}

const many = { runs: 500, blocks: 30 };
/** Three standard errors above 5 % for 500 runs. */
const promised = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / many.runs);

describe("rates under drift", () => {
  it("an equal canary is failed, and one at the margin passed, no more often than promised", () => {
    expect(shares(many, rates(1, 0)).fail).toBeLessThan(promised);
    expect(shares(many, rates(2, 0.1)).pass).toBeLessThan(promised);
    expect(shares(many, rates(3, 0.05, 0.05)).fail).toBeLessThan(promised);
  });

  it("a bad canary is failed and an equal one passed, most of the time", () => {
    expect(shares({ runs: 60, blocks: 60 }, rates(4, 0.25)).fail).toBeGreaterThan(0.95);
    expect(shares({ runs: 60, blocks: 60 }, rates(5, 0)).pass).toBeGreaterThan(0.75);
  });
});

describe("costs with a heavy tail", () => {
  const play = (seed: number, factor: number): Play<ReturnType<typeof openMean>> => {
    const random = seeded(seed);
    const cost = (count: number, scale: number): readonly number[] =>
      Array.from({ length: count }, () => scale * Math.exp(1.2 * gaussian(random)));
    return {
      open: () =>
        openMean({
          scale: "relative",
          margin: 0.5,
          tolerance: 0,
          cap: 12,
          planned: 200,
          targets,
          history: { sessions: 200, mean: 1.8, variance: 5 },
        }),
      absorb: (state) =>
        absorbMean(state, {
          canary: { kind: "values", values: cost(8, factor) },
          stable: { kind: "values", values: cost(16, 1) },
        }),
    };
  };

  it("are failed and passed wrongly no more often than promised", () => {
    const size = { runs: 200, blocks: 25 };
    const limit = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / size.runs);
    expect(shares(size, play(6, 1)).fail).toBeLessThan(limit);
    expect(shares(size, play(7, 1.5)).pass).toBeLessThan(limit);
  });

  it("that doubled are found", () => {
    expect(shares({ runs: 40, blocks: 60 }, play(8, 2.5)).fail).toBeGreaterThan(0.9);
  });
});

describe("latency", () => {
  const play = (seed: number, factor: number): Play<ReturnType<typeof openQuantile>> => {
    const random = seeded(seed);
    const latency = (count: number, scale: number): readonly number[] =>
      Array.from({ length: count }, () => scale * Math.exp(0.8 * gaussian(random)));
    return {
      open: () => openQuantile({ q: 0.95, margin: 0.25, tolerance: 0, planned: 400, targets }),
      absorb: (state) => absorbQuantile(state, { canary: latency(10, factor), stable: latency(50, 1) }),
    };
  };

  it("is failed and passed wrongly no more often than promised", () => {
    const size = { runs: 250, blocks: 30 };
    const limit = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / size.runs);
    expect(shares(size, play(9, 1)).fail).toBeLessThan(limit);
    expect(shares(size, play(10, 1.25)).pass).toBeLessThan(limit);
  });

  it("that doubled is found", () => {
    expect(shares({ runs: 40, blocks: 60 }, play(11, 2)).fail).toBeGreaterThan(0.9);
  });
});
