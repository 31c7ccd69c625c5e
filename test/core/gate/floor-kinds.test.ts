/** Floors on every metric: what each kind counts, what it says, and how rarely it is wrong at the limit. */
import { describe, expect, test } from "vitest";
import {
  absorbFloors,
  type FloorArms,
  fitsFloors,
  openFloors,
  provenBreaches,
} from "../../../src/core/gate/floor-memory.js";
import { floorText } from "../../../src/core/gate/floor-text.js";
import type { Floor, FloorBreach } from "../../../src/core/model/floor.js";
import type { Block, BlockArm, MetricName, Sample } from "../../../src/core/model/metric.js";
import { day, type Instant, minute, noWeight, type RevisionId } from "../../../src/core/model/units.js";
import { gaussian, seeded } from "../stats/enumerate.js";

const stable = `r-${"1".repeat(64)}` as RevisionId;
const canary = `r-${"2".repeat(64)}` as RevisionId;
const monday = Date.UTC(2026, 10, 23) as Instant;
const arms: FloorArms = { stable, canary, canarySince: monday };

type Samples = Readonly<Partial<Record<MetricName, Sample>>>;
const values = (...list: readonly number[]): Sample => ({ kind: "values", values: list });
const rate = (sessions: number, bad: number): Sample => ({ kind: "rate", sessions, bad });

function arm(samples: Samples, silent = 0): BlockArm {
  return { sessions: 10, silent, samples: samples as BlockArm["samples"] };
}

function block(index: number, stableArm: BlockArm, canaryArm: BlockArm): Block {
  const start = (monday + index * 5 * minute) as Instant;
  return { start, end: (start + 5 * minute) as Instant, weight: noWeight, stable: stableArm, canary: canaryArm };
}

/** A hundred blocks, ten sessions each. */
function breaches(floor: Floor, of: { readonly stable?: BlockArm; readonly canary: BlockArm }): readonly FloorBreach[] {
  let memory = openFloors([floor]);
  const blocks = Array.from({ length: 100 }, (_, index) => block(index, of.stable ?? arm({}), of.canary));
  for (const each of blocks) memory = absorbFloors(memory, each, { floors: [floor], arms });
  expect(JSON.parse(JSON.stringify(memory))).toEqual(memory);
  return provenBreaches(memory, { floors: [floor], arms, runbook: "runbooks/a.md" });
}

const cost: Floor = { metric: "mean_cost_usd", most: 0.8 };
const latency: Floor = { metric: "p95_latency_sec", most: 60 };
const checkpoints: Floor = { metric: "checkpoint_trigger_rate", most: 0.1 };

/** What a canary says of a metric in every block; the sentence of its breach, or none. */
const table: readonly (readonly [string, Floor, BlockArm, RegExp | null])[] = [
  ["cost within", cost, arm({ mean_cost_usd: values(0.5, 0.9, 0.2) }), null],
  ["cost at the limit", cost, arm({ mean_cost_usd: values(0.8, 0.8) }), null],
  [
    "cost above",
    cost,
    arm({ mean_cost_usd: values(1.5, 0.9) }),
    /^mean_cost_usd 1\.2 USD in \d+ canary sessions since 2026-11-23T00:00Z, proven above the limit of 0\.8 USD \(evidence [67]\.\d of 6\.9\)$/,
  ],
  [
    "calls above",
    { metric: "mean_llm_calls", most: 12 },
    arm({ mean_llm_calls: values(30, 20) }),
    /^mean_llm_calls 25 calls in \d+ canary sessions .* above the limit of 12 calls /,
  ],
  [
    "latency with one in ten at the limit, not beyond",
    latency,
    arm({ p95_latency_sec: values(60, ...new Array(9).fill(5)) }),
    null,
  ],
  [
    "latency with one in five beyond",
    latency,
    arm({ p95_latency_sec: values(61, 5, 5, 5, 5) }),
    /^p95_latency_sec above 60 s in 20 % \(5 % may be\) of \d+ canary sessions since .*, proven above the limit of 60 s /,
  ],
  [
    "latency of sessions without telemetry, which count as lasting the timeout",
    latency,
    arm({ p95_latency_sec: values(1800, 5) }, 1),
    null,
  ],
  [
    "checkpoints above",
    checkpoints,
    arm({ checkpoint_trigger_rate: rate(10, 3) }),
    /^checkpoint_trigger_rate 30 % in \d+ canary sessions .*, proven above the limit of 10 % /,
  ],
  ["checkpoints within", checkpoints, arm({ checkpoint_trigger_rate: rate(10, 1) }), null],
  [
    "cost by buckets",
    cost,
    arm({ mean_cost_usd: { kind: "histogram", values: [0.5, 2], counts: [1, 3] } }),
    /^mean_cost_usd 1\.63 USD in \d+ canary sessions /,
  ],
  [
    "cost by buckets, within",
    cost,
    arm({ mean_cost_usd: { kind: "histogram", values: [0.5, 2], counts: [9, 1] } }),
    null,
  ],
  [
    "latency by buckets",
    latency,
    arm({ p95_latency_sec: { kind: "histogram", values: [10, 90], counts: [3, 1] } }),
    /^p95_latency_sec above 60 s in 25 % \(5 % may be\) of /,
  ],
  [
    "totals of a rate, which are counts",
    checkpoints,
    arm({ checkpoint_trigger_rate: { kind: "totals", sessions: 10, sum: 3, squares: 3 } }),
    /^checkpoint_trigger_rate 30 % in /,
  ],
  [
    "totals of a mean, which tell no values",
    cost,
    arm({ mean_cost_usd: { kind: "totals", sessions: 10, sum: 100, squares: 1000 } }),
    null,
  ],
  ["a metric that is not reported", cost, arm({}), null],
  ["a metric of another kind", cost, arm({ mean_cost_usd: rate(10, 10) }), null],
  ["no session with a value", { metric: "rollback_rate", most: 0.05 }, arm({ rollback_rate: rate(0, 0) }), null],
  ["values that are no numbers", cost, arm({ mean_cost_usd: values(Number.NaN, -1) }), null],
];

describe("a floor on any metric", () => {
  test.each(table)("%s", (_, floor, of, expected) => {
    const [breach] = breaches(floor, { canary: of });
    if (expected === null) expect(breach).toBeUndefined();
    else expect(breach?.because).toMatch(expected);
  });

  test("both arms above it is not the canary", () => {
    const dear = arm({ mean_cost_usd: values(2, 1) });
    const told = breaches(cost, { stable: dear, canary: dear });
    expect(told.map(({ arm, both }) => [arm, both])).toEqual([
      ["canary", true],
      ["stable", true],
    ]);
    expect(told[0]?.because).toMatch(/^both arms, not the canary: mean_cost_usd/);
  });

  test("says its numbers as data, whole ones too when a value is endless", () => {
    const [dear] = breaches(cost, { canary: arm({ mean_cost_usd: values(Number.POSITIVE_INFINITY, 1) }) });
    expect(dear).toMatchObject({ metric: "mean_cost_usd", runbook: "runbooks/a.md" });
    expect(dear?.figures).toMatchObject({ floor: 0.8, bound: "most", cap: 8, capped_mean: 4.5, since: monday });
    expect(JSON.parse(JSON.stringify(dear))).toEqual(dear);
    const [slow] = breaches(latency, { canary: arm({ p95_latency_sec: values(61, 1) }) });
    expect(slow?.figures).toMatchObject({ floor: 60, bound: "most", quantile: 0.95, share_above: 0.5 });
    expect(slow?.figures.may_be_above).toBeCloseTo(0.05, 12);
  });

  test("a memory belongs to its floors", () => {
    expect(fitsFloors(openFloors([cost]), [cost])).toBe(true);
    expect(fitsFloors(openFloors([cost]), [{ metric: "mean_cost_usd", most: 0.9 }])).toBe(false);
    expect(fitsFloors(openFloors([cost]), [cost, latency])).toBe(false);
  });

  test("is written as people read it", () => {
    const floors: readonly Floor[] = [{ metric: "task_success_rate", least: 0.995 }, checkpoints, cost, latency];
    expect(floors.map(floorText)).toEqual([
      "task_success_rate at least 99.5 %",
      "checkpoint_trigger_rate at most 10 %",
      "mean_cost_usd at most 0.8 USD",
      "p95_latency_sec at most 60 s",
    ]);
  });
});

/** One arm's session, drawn with the metric exactly at its limit, or so many times as bad. */
const chances: readonly (readonly [Floor, (random: () => number, factor: number) => number])[] = [
  [cost, (random, factor) => 0.8 * factor * Math.exp(gaussian(random) - 0.5)],
  [latency, (random, factor) => (random() < 0.05 * factor ? 90 : 20)],
  [checkpoints, (random, factor) => (random() < 0.1 * factor ? 1 : 0)],
];

describe("chance", () => {
  /** Days with a breach, of so many days of 40 blocks of 5 sessions. */
  function breachedDays([floor, draw]: (typeof chances)[number], factor: number, days: number): number {
    const random = seeded(5);
    let breached = 0;
    for (let each = 0; each < days; each += 1) {
      let memory = openFloors([floor]);
      for (let index = 0; index < 40; index += 1) {
        const list = Array.from({ length: 5 }, () => draw(random, factor));
        const said =
          floor === checkpoints
            ? rate(
                5,
                list.reduce((sum, one) => sum + one, 0),
              )
            : values(...list);
        const at = block(each * (day / (5 * minute)) + index, arm({ [floor.metric]: said }), arm({}));
        memory = absorbFloors(memory, at, { floors: [floor], arms });
      }
      breached += provenBreaches(memory, { floors: [floor], arms, runbook: null }).length;
    }
    return breached;
  }

  test.each(chances)("at the limit of $metric a breach is hardly ever told", (...chance) => {
    expect(breachedDays(chance, 1, 500)).toBeLessThanOrEqual(3);
  });

  test.each(chances)("three times the limit of $metric is found within a day", (...chance) => {
    expect(breachedDays(chance, 3, 40)).toBeGreaterThanOrEqual(38);
  });
});
