import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { absorbHealth, enterHealthStage } from "../../../src/core/gate/kinds/health.js";
import type { HealthGate } from "../../../src/core/model/gate.js";
import type { Block, Sample } from "../../../src/core/model/metric.js";
import { anyBlock, judged, metricOf, steady, twelveHours, wide, withSample } from "../../support/health-scene.js";
import { absorbed, atHour, healthGate, opened, trafficOf } from "../../support/health-traffic.js";

describe("stages", () => {
  const first = absorbed(opened(wide), wide, trafficOf(steady));
  const gate: HealthGate = { ...wide, name: "full" };
  const entered = enterHealthStage(first, { gate, stage: 4, horizon: 800 });
  const since = twelveHours;
  const at = { gate, since, now: atHour(24) };

  it("a pass starts anew, and what was seen at the weight before is not this stage's", () => {
    const verdict = judged(entered, at);
    expect(verdict).toMatchObject({ result: "wait", because: "no session of this weight has been seen yet" });
    expect(verdict.figures).toMatchObject({ canary_sessions: 0, horizon: 800 });
    expect(metricOf(verdict, "task_success_rate")).toMatchObject({ state: "undecided" });
    expect(metricOf(verdict, "task_success_rate").log_e_pass).toBeCloseTo(0, 12);
  });

  it("late blocks of the weight before speak for a fail, and never for this stage's pass", () => {
    const late = trafficOf({ ...steady, blocks: 6, from: atHour(12), sessionsPerBlock: 60 });
    const memory = absorbed(entered, gate, late);
    const verdict = judged(memory, at);
    expect(metricOf(verdict, "task_success_rate").log_e_pass).toBeCloseTo(0, 12);
    expect(metricOf(verdict, "task_success_rate").log_e_fail).not.toBe(
      metricOf(judged(entered, at), "task_success_rate").log_e_fail,
    );
    expect(verdict.figures.canary_sessions).toBe(0);
    const collapse = trafficOf({
      ...steady,
      blocks: 12,
      from: atHour(12),
      canary: { failures: 0.95 },
      sessionsPerBlock: 60,
    });
    expect(judged(absorbed(entered, gate, collapse), at).result).toBe("fail");
  });

  it("passes on its own evidence", () => {
    const memory = absorbed(entered, gate, trafficOf({ ...steady, weight: 5000, from: twelveHours }));
    expect(judged(memory, at).result).toBe("pass");
  });

  it("evidence of a fail runs on from stage to stage", () => {
    const worse = { failures: 0.39 };
    const slowly = absorbed(opened(wide), wide, trafficOf({ ...steady, canary: worse, blocks: 48 }));
    const before = metricOf(judged(slowly), "task_success_rate").log_e_fail;
    const next = enterHealthStage(slowly, { gate, stage: 4, horizon: 800 });
    expect(metricOf(judged(next, at), "task_success_rate").log_e_fail).toBe(before);
  });

  it("a canary that breaks under the second weight is found, thanks to the later start", () => {
    const broken = absorbed(
      entered,
      gate,
      trafficOf({ ...steady, weight: 5000, from: twelveHours, canary: { failures: 0.6 }, blocks: 36 }),
    );
    expect(judged(broken, at).result).toBe("fail");
  });

  it("the next gate may have other margins, which hold from there on", () => {
    const strict = healthGate({ name: "full" });
    const memory = enterHealthStage(first, { gate: strict, stage: 4, horizon: 800 });
    const next = trafficOf({ ...steady, weight: 5000, from: twelveHours });
    expect(judged(absorbed(memory, strict, next), { ...at, gate: strict }).result).toBe("wait");
    expect(judged(absorbed(memory, wide, next), at)).toMatchObject({ result: "wait" });
    expect(judged(absorbed(memory, wide, next), at).because).toContain("another gate configuration");
  });

  it("a memory made again from all blocks does not pass a stage by the sessions of the one before", () => {
    const again = opened(gate);
    const old = absorbed(again, gate, trafficOf(steady));
    expect(judged(old, at)).toMatchObject({ result: "wait", because: "no session of this weight has been seen yet" });
    const both = absorbed(old, gate, trafficOf({ ...steady, weight: 5000, from: twelveHours, blocks: 12 }));
    expect(judged(both, at).figures.canary_sessions).toBeLessThan(100);
    expect(judged(both, at).result).toBe("wait");
  });
});

describe("a worse canary never does better", () => {
  const rank = { fail: 0, wait: 1, pass: 2 };
  const memory = absorbed(opened(wide), wide, trafficOf({ ...steady, blocks: 30 }));

  it("in the number of its failures, and in every cost", () => {
    const last = anyBlock(atHour(10));
    fc.assert(
      fc.property(
        fc.nat({ max: 200 }),
        fc.nat({ max: 200 }),
        fc.double({ min: 0, max: 4, noNaN: true }),
        fc.double({ min: 0, max: 4, noNaN: true }),
        (a, b, cost, more) => {
          const block = (bad: number, factor: number): Block => {
            const rate = withSample(last.canary, "task_success_rate", { kind: "rate", sessions: 200, bad });
            const costs: Sample = {
              kind: "values",
              values: Array.from({ length: 40 }, (_, index) => 0.1 * (1 + index) * factor),
            };
            return { ...last, canary: { ...withSample(rate, "mean_cost_usd", costs), sessions: last.canary.sessions } };
          };
          const better = judged(absorbHealth(memory, wide, block(Math.min(a, b), cost)));
          const worse = judged(absorbHealth(memory, wide, block(Math.max(a, b), cost + more)));
          expect(rank[worse.result]).toBeLessThanOrEqual(rank[better.result]);
          for (const metric of ["task_success_rate", "mean_cost_usd"] as const) {
            expect(metricOf(worse, metric).log_e_fail).toBeGreaterThanOrEqual(
              metricOf(better, metric).log_e_fail - 1e-9,
            );
            expect(metricOf(worse, metric).log_e_pass).toBeLessThanOrEqual(metricOf(better, metric).log_e_pass + 1e-9);
          }
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });
});
