import { describe, expect, it } from "vitest";
import type { HealthMemory } from "../../../src/core/gate/health-memory.js";
import { absorbHealth, enterHealthStage } from "../../../src/core/gate/kinds/health.js";
import type { Verdict } from "../../../src/core/model/gate.js";
import type { Block, Sample } from "../../../src/core/model/metric.js";
import type { Json, Weight } from "../../../src/core/model/units.js";
import { anyBlock, judged, metricOf, steady, wide, withSample } from "../../support/health-scene.js";
import { absorbed, atHour, opened, trafficOf } from "../../support/health-traffic.js";

describe("the memory", () => {
  const blocks = trafficOf({ ...steady, blocks: 60 });

  it("counts each block once, and the same memory comes back for one that was counted", () => {
    const once = absorbed(opened(wide), wide, blocks);
    for (const block of blocks) expect(absorbHealth(once, wide, block)).toBe(once);
  });

  it("survives JSON after every block, to the last bit", () => {
    let plain = opened(wide);
    let told = opened(wide);
    for (const block of blocks) {
      plain = absorbHealth(plain, wide, block);
      told = JSON.parse(JSON.stringify(absorbHealth(told, wide, block))) as HealthMemory;
    }
    expect(told).toEqual(plain);
    expect(judged(told)).toEqual(judged(plain));
  });

  it("keeps at most 120 numbers of a metric, the sketch of a quantile apart", () => {
    const entered = enterHealthStage(absorbed(opened(wide), wide, trafficOf({ ...steady, blocks: 400 })), {
      gate: wide,
      stage: 4,
      horizon: 500,
    });
    const memory = absorbed(entered, wide, trafficOf({ ...steady, weight: 5000, blocks: 400, from: atHour(40) }));
    for (const [metric, kept] of Object.entries(memory.metrics)) {
      const text = JSON.stringify(kept, (key, value: Json) => (key === "sketch" ? null : value));
      expect(numbersIn(JSON.parse(text) as Json), metric).toBeLessThanOrEqual(120);
    }
  });

  it("merges blocks that are too small by their counts, and loses no session", () => {
    const tiny = trafficOf({ ...steady, weight: 500, blocks: 240, sessionsPerBlock: 2 });
    const memory = absorbed(opened(wide), wide, tiny);
    const verdict = judged(memory);
    expect(Number(verdict.figures.canary_sessions) + Number(verdict.figures.stable_sessions)).toBe(480);
    // One session of the canary alone is no block, so nothing may be proven by the first forty sessions yet.
    const first = judged(absorbed(opened(wide), wide, tiny.slice(0, 19)));
    expect(metricOf(first, "task_success_rate").log_e_fail).toBeCloseTo(0, 12);
    expect(Math.abs(metricOf(verdict, "task_success_rate").log_e_fail)).toBeGreaterThan(1e-3);
  });

  it("leaves a metric that misses in one arm of a merged part out of both arms of it", () => {
    const first = trafficOf({ ...steady, blocks: 1, sessionsPerBlock: 8 })[0] as Block;
    const second = trafficOf({ ...steady, blocks: 1, sessionsPerBlock: 20, from: first.end })[0] as Block;
    const missing: Sample = { kind: "missing", because: "not reported" };
    const holed = { ...first, canary: withSample(first.canary, "task_success_rate", missing) };
    const verdictOf = (blocks: readonly Block[]): Verdict => judged(absorbed(opened(wide), wide, blocks));
    expect(metricOf(verdictOf([holed, second]), "task_success_rate").log_e_fail).toBe(
      metricOf(verdictOf([second]), "task_success_rate").log_e_fail,
    );
  });

  it("blocks of no weight, of all the weight, or with impossible counts are passed over", () => {
    const memory = absorbed(opened(wide), wide, blocks);
    const next = anyBlock(atHour(5));
    const odd: readonly Block[] = [
      { ...next, weight: 0 as Weight },
      { ...next, weight: 10_000 as Weight },
      { ...next, canary: { ...next.canary, sessions: Number.NaN } },
      { ...next, canary: { ...next.canary, sessions: -4 } },
      { ...next, stable: { ...next.stable, silent: next.stable.sessions + 1 } },
    ];
    for (const block of odd) expect(absorbHealth(memory, wide, block)).toEqual({ ...memory, watermark: block.end });
  });
});

function numbersIn(value: Json): number {
  if (typeof value === "number") return 1;
  if (value === null || typeof value !== "object") return 0;
  return Object.values(value).reduce((sum: number, each) => sum + numbersIn(each as Json), 0);
}
