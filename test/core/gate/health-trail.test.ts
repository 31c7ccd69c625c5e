/** The trail that pictures are drawn from: bounded, ordered, and true to what the gate said when each point was made. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gatePicture } from "../../../src/core/gate/gate-picture.js";
import { accumulatorOf, courseOf } from "../../../src/core/gate/health-accumulator.js";
import { findHealth } from "../../../src/core/gate/health-finding.js";
import type { HealthMemory } from "../../../src/core/gate/health-memory.js";
import { mostTrailPoints, type Trail } from "../../../src/core/gate/health-trail.js";
import { absorbHealth, enterHealthStage } from "../../../src/core/gate/kinds/health.js";
import type { Block } from "../../../src/core/model/metric.js";
import type { Instant, Json, Weight } from "../../../src/core/model/units.js";
import { readAccumulator } from "../../../src/core/stats/reading.js";
import { judged, steady, twelveHours, wide } from "../../support/health-scene.js";
import { absorbed, atHour, metricNames, opened, start, trafficOf } from "../../support/health-traffic.js";

function trailOf(memory: HealthMemory): Trail {
  const { trail } = courseOf(memory);
  if (trail === undefined) throw new Error("the memory has a trail");
  return trail;
}
const instants = (memory: HealthMemory): readonly number[] => trailOf(memory).points.map(({ at }) => at);
const many = trafficOf({ ...steady, blocks: 700, sessionsPerBlock: 6 });
const six = (value: number): number => Number(value.toPrecision(6));

describe("the trail", () => {
  it("stays bounded and in order for any number of blocks and changes of weight", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 699 }), { maxLength: 6 }), fc.nat({ max: 700 }), (changes, count) => {
        let memory = opened(wide);
        for (const [index, block] of many.slice(0, count).entries()) {
          const weight = (changes.filter((change) => change <= index).length + 1) * 1000;
          memory = absorbHealth(memory, wide, { ...block, weight: weight as Weight });
        }
        const times = instants(memory);
        expect(times.length).toBeLessThanOrEqual(mostTrailPoints);
        expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
        if (accumulatorOf(memory).watermark !== null) expect(times.length).toBeGreaterThan(0);
      }),
      { numRuns: 12 },
    );
  });

  it("says at each point what the gate said at that block", () => {
    let memory = opened(wide);
    let compared = 0;
    for (const block of many) {
      const before = trailOf(memory);
      memory = absorbHealth(memory, wide, block);
      const after = trailOf(memory);
      const point = after.points.at(-1);
      if (point === undefined || point.at === before.points.at(-1)?.at) continue;
      expect(point.at).toBe(block.end);
      const { metrics } = findHealth(memory, wide, false);
      for (const { metric, worsening } of metrics) {
        const said = worsening === null ? undefined : [worsening.estimate, worsening.low, worsening.high].map(six);
        expect(point.metrics[metric], metric).toEqual(said?.map((value) => value + 0));
      }
      const reading = readAccumulator(accumulatorOf(memory), 0.2);
      const rate = reading.metrics.find(({ name }) => name === "task_success_rate")?.interval;
      expect(point.metrics.task_success_rate?.[0]).toBe(six(rate?.estimate ?? Number.NaN) + 0);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(60);
  });

  it("covers the whole rollout evenly: from its first block, and no gap is wider than two spacings", () => {
    const dense = trafficOf({ ...steady, blocks: 500, sessionsPerBlock: 20 });
    const memory = absorbed(opened(wide), wide, dense);
    const times = instants(memory);
    expect(times[0]).toBe(dense[0]?.end);
    const widest = Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? 0)));
    expect(widest).toBeLessThanOrEqual(2 * trailOf(memory).spacing * 5 * 60_000);
  });

  it("is no part of any verdict", () => {
    const memory = absorbed(opened(wide), wide, many);
    const { trail: _, ...bare } = courseOf(memory);
    expect(judged({ ...memory, shared: bare as unknown as Json })).toEqual(judged(memory));
  });

  it("marks where a weight ended, though the next weight's counts begin anew", () => {
    const first = absorbed(opened(wide), wide, trafficOf({ ...steady, blocks: 70 }));
    const ended = accumulatorOf(first).watermark;
    const entered = enterHealthStage(first, { gate: wide, stage: 4, horizon: 500 });
    expect(instants(entered)).toContain(ended);
    expect(trailOf(entered).points.at(-1)?.weight).toBe(2000);
    const later = absorbed(entered, wide, trafficOf({ ...steady, weight: 5000, blocks: 8, from: atHour(20) }));
    expect(trailOf(later).points.at(-1)?.weight).toBe(5000);
  });
});

describe("the picture of a gate", () => {
  const bad = trafficOf({ ...steady, canary: { failures: 0.75 }, blocks: 100 });
  const memory = absorbed(opened(wide), wide, bad);
  const weights = [{ at: start, weight: 2000 as Weight }];

  it("ends with what the memory says now, in the direction that metrics are named in", () => {
    const picture = gatePicture({ gate: wide, memory, weights, verdicts: [] });
    const success = picture?.metrics.find(({ metric }) => metric === "task_success_rate");
    const found = findHealth(memory, wide, false).metrics.find(({ metric }) => metric === "task_success_rate");
    const newest = success?.points.at(-1);
    expect(newest?.at).toBe((bad.at(-1) as Block).end);
    expect(newest?.estimate).toBe(-six(found?.worsening?.estimate ?? Number.NaN));
    expect(newest?.low).toBe(-six(found?.worsening?.high ?? Number.NaN));
    expect(success).toMatchObject({ worse: "down", margin: -0.1, tolerance: -0.05, state: "worse" });
    expect(picture?.metrics.map(({ metric }) => metric)).toEqual(metricNames);
    const latency = picture?.metrics.find(({ metric }) => metric === "p95_latency_sec");
    expect(latency).toMatchObject({ worse: "up", scale: "exceedance", margin: null, tolerance: null });
  });

  it("reaches from the first weight to the verdict", () => {
    const verdicts = [{ at: twelveHours, gate: "canary", result: "fail" }] as const;
    const picture = gatePicture({ gate: wide, memory, weights, verdicts });
    expect([picture?.from, picture?.to]).toEqual([start, twelveHours]);
    expect(picture?.moments.map(({ kind }) => kind)).toEqual(["weight", "verdict"]);
  });

  it("is missing where nothing was counted, where no trail was kept, and where the memory is another gate's", () => {
    const input = { gate: wide, weights, verdicts: [] };
    expect(gatePicture({ ...input, memory: opened(wide) })).toBeNull();
    const { trail: _, ...bare } = courseOf(memory);
    expect(gatePicture({ ...input, memory: { ...memory, shared: bare as unknown as Json } })).toBeNull();
    expect(gatePicture({ ...input, memory, gate: { ...wide, alpha: 0.01 } })).toBeNull();
  });

  it("starts late where an older release had begun the memory", () => {
    const { trail: _, ...bare } = courseOf(memory);
    const older = { ...memory, shared: bare as unknown as Json };
    const next = trafficOf({ ...steady, blocks: 4, from: memory.watermark as Instant });
    const picture = gatePicture({ gate: wide, memory: absorbed(older, wide, next), weights, verdicts: [] });
    expect(picture?.metrics[0]?.points.length).toBe(4);
  });
});
