/** Floors: an absolute limit on each arm, day by day. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  absorbFloors,
  type FloorArms,
  type FloorMemory,
  fitsFloors,
  forgetOthers,
  keepsNewFloors,
  openFloors,
  provenBreaches,
} from "../../../src/core/gate/floor-memory.js";
import type { Floor, FloorBreach } from "../../../src/core/model/floor.js";
import type { Block, BlockArm, MetricName, Sample } from "../../../src/core/model/metric.js";
import { day, hour, type Instant, minute, noWeight, type RevisionId } from "../../../src/core/model/units.js";

const [one, two, three] = ["1", "2", "3"].map((digit) => `r-${digit.repeat(64)}` as RevisionId) as [
  RevisionId,
  RevisionId,
  RevisionId,
];
const monday = Date.UTC(2026, 10, 23) as Instant;
const floors: readonly Floor[] = [{ metric: "task_success_rate", least: 0.8 }];
const alone: FloorArms = { stable: one, canary: null, canarySince: null };
const beside: FloorArms = { stable: one, canary: two, canarySince: monday };

/** `[sessions, bad, silent]`. */
type Said = readonly [sessions: number, bad: number, silent?: number] | "missing";

function arm(said: Said): BlockArm {
  const sample: Sample =
    said === "missing"
      ? { kind: "missing", because: "not reported" }
      : { kind: "rate", sessions: said[0], bad: said[1] };
  const [sessions, , silent = 0] = said === "missing" ? [10, 0, 0] : said;
  return { sessions, silent, samples: { task_success_rate: sample } as Record<MetricName, Sample> };
}

function block(at: number, stable: Said, canary: Said = [0, 0]): Block {
  const start = (monday + at) as Instant;
  return { start, end: (start + 5 * minute) as Instant, weight: noWeight, stable: arm(stable), canary: arm(canary) };
}

function counted(blocks: readonly Block[], arms: FloorArms = alone, from = openFloors(floors)): FloorMemory {
  return blocks.reduce((memory, each) => absorbFloors(memory, each, { floors, arms }), from);
}

/** `canary both`, `stable`. */
function told(memory: FloorMemory, arms: FloorArms = alone): readonly string[] {
  return proven(memory, arms).map(({ arm, both }) => `${arm}${both ? " both" : ""}`);
}
function proven(memory: FloorMemory, arms: FloorArms = alone): readonly FloorBreach[] {
  return provenBreaches(memory, { floors, arms, runbook: "runbooks/a.md" });
}

/** Twelve blocks an hour. */
function hours(count: number, stable: Said, canary?: Said, from = 0): readonly Block[] {
  return Array.from({ length: count * 12 }, (_, index) => block(from + index * 5 * minute, stable, canary));
}

const table: readonly (readonly [string, readonly Block[], FloorArms, readonly string[]])[] = [
  ["nothing was seen", [], beside, []],
  ["both arms are well", hours(6, [10, 1], [10, 1]), beside, []],
  ["exactly at the floor", hours(24, [10, 2], [10, 2]), beside, []],
  ["stable is below, without a canary", hours(6, [10, 4]), alone, ["stable"]],
  ["stable is below, beside a canary that is not", hours(6, [10, 4], [10, 1]), beside, ["stable"]],
  ["the canary is below", hours(6, [10, 1], [10, 4]), beside, ["canary"]],
  ["both are", hours(6, [10, 4], [10, 4]), beside, ["canary both", "stable both"]],
  [
    "they were on different days",
    [...hours(6, [10, 4], [10, 1]), ...hours(6, [10, 1], [10, 4], day)],
    beside,
    ["canary", "stable"],
  ],
  ["a few bad sessions prove nothing", hours(1, [1, 1]).slice(0, 3), alone, []],
  ["metrics are missing", hours(24, "missing", "missing"), beside, []],
  ["sessions without any telemetry", hours(24, [10, 10, 10]), alone, []],
  ["telemetry of every second session, all well", hours(24, [10, 5, 5]), alone, []],
  ["impossible counts", hours(6, [10, 11], [10, Number.NaN]), beside, []],
];

describe("a floor", () => {
  test.each(table)("%s", (_, blocks, arms, expected) => {
    expect(told(counted(blocks, arms), arms)).toEqual(expected);
  });

  test("says what it saw, with its numbers", () => {
    const [breach] = proven(counted(hours(6, [10, 4])));
    expect(breach?.because).toMatch(
      /^task_success_rate 60 % in \d+ stable sessions since 2026-11-23T00:00Z, proven below the floor of 80 % \(evidence (?:6\.9|7\.\d) of 6\.9\)$/,
    );
    expect(breach).toMatchObject({
      revision: one,
      metric: "task_success_rate",
      since: monday,
      runbook: "runbooks/a.md",
    });
    const figures = (breach as FloorBreach).figures;
    expect(figures).toMatchObject({ floor: 0.8, log_threshold: -Math.log(0.001) });
    expect(figures.rate).toBeCloseTo(0.6, 12);
    expect(figures.log_e).toBeGreaterThanOrEqual(-Math.log(0.001));
    const [both] = proven(counted(hours(6, [10, 4], [10, 4]), beside), beside);
    expect(both?.because).toMatch(/^both arms, not the canary: task_success_rate/);
  });

  test("is started anew every day, and keeps the day that proved it", () => {
    const bad = counted(hours(6, [10, 4]));
    const well = counted(hours(24, [10, 0], undefined, day), alone, bad);
    expect(proven(well).map(({ since }) => since)).toEqual([monday]);
    const again = counted(hours(6, [10, 4], undefined, 2 * day), alone, well);
    expect(proven(again).map(({ since }) => since)).toEqual([monday + 2 * day]);
    // What a day had nearly proven is forgotten with it.
    const nearly = hours(1, [2, 1]);
    expect(told(counted(nearly))).toEqual([]);
    const spread = Array.from({ length: 5 }, (_, index) => hours(1, [2, 1], undefined, index * day)).flat();
    const together = Array.from({ length: 5 }, (_, index) => hours(1, [2, 1], undefined, index * hour)).flat();
    expect([told(counted(spread)), told(counted(together))]).toEqual([[], ["stable"]]);
  });

  test("counts a canary from its first weight on", () => {
    const arms = { ...beside, canarySince: (monday + 3 * hour) as Instant };
    expect(told(counted(hours(3, [10, 1], [10, 9]), arms), arms)).toEqual([]);
  });

  test("goes on with a canary that was promoted, and forgets one that was not", () => {
    const memory = counted(hours(6, [10, 1], [10, 4]), beside);
    const promoted: FloorArms = { stable: two, canary: null, canarySince: null };
    expect(told(forgetOthers(memory, promoted), promoted)).toEqual(["stable"]);
    const rolledBack = forgetOthers(memory, alone);
    expect(Object.keys(rolledBack.watches)).toEqual([one]);
    expect(told(rolledBack, beside)).toEqual([]);
    expect(forgetOthers(memory, beside)).toBe(memory);
    expect(told(counted([], { ...alone, stable: three }), { ...alone, stable: three })).toEqual([]);
  });

  test("counts each block once, survives JSON, and belongs to its floors", () => {
    const blocks = hours(6, [10, 3], [10, 2]);
    const memory = counted(blocks, beside);
    for (const each of blocks) expect(absorbFloors(memory, each, { floors, arms: beside })).toBe(memory);
    expect(JSON.parse(JSON.stringify(memory))).toEqual(memory);
    expect(fitsFloors(memory, floors)).toBe(true);
    expect(fitsFloors(memory, [{ metric: "task_success_rate", least: 0.7 }])).toBe(false);
    expect(keepsNewFloors(memory, openFloors(floors))).toBe(false);
    expect(keepsNewFloors(memory, memory)).toBe(true);
    expect(keepsNewFloors(memory, openFloors([]))).toBe(true);
  });

  test("is not broken by an arm within it, however often it looks", () => {
    let breaches = 0;
    const days = 400;
    const rate = 0.8;
    const draws = fc.sample(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), {
      numRuns: days * 96,
      seed: 7,
    });
    for (let index = 0; index < days; index++) {
      const blocks = Array.from({ length: 24 }, (_, at) => {
        const outcomes = draws.slice(index * 96 + at * 4, index * 96 + at * 4 + 4);
        return block(index * day + at * hour, [4, outcomes.filter((draw) => draw >= rate).length]);
      });
      breaches += told(counted(blocks)).length;
    }
    expect(breaches).toBeLessThanOrEqual(3);
  });
});
