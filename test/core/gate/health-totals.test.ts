import { describe, expect, it } from "vitest";
import { soundSample } from "../../../src/core/gate/health-sample.js";
import { enterHealthStage } from "../../../src/core/gate/kinds/health.js";
import type { HealthGate } from "../../../src/core/model/gate.js";
import type { Block, BlockArm, MetricName, Sample } from "../../../src/core/model/metric.js";
import { changed, judged, metricOf, steady, twelveHours, wide, withSample } from "../../support/health-scene.js";
import {
  absorbed,
  atHour,
  type Behaviour,
  emptyHistory,
  good,
  healthGate,
  hours,
  metricNames,
  opened,
  ruleOf,
  trafficOf,
} from "../../support/health-traffic.js";

const busy = { ...steady, sessionsPerBlock: 40 };

/** The same sessions as sums. */
function totalsOf(sample: Sample | undefined): Sample {
  if (sample?.kind === "rate")
    return { kind: "totals", sessions: sample.sessions, sum: sample.bad, squares: sample.bad };
  const values = sample?.kind === "values" ? sample.values : [];
  const sumOf = (change: (value: number) => number): number => values.reduce((sum, value) => sum + change(value), 0);
  return { kind: "totals", sessions: values.length, sum: sumOf((x) => x), squares: sumOf((x) => x * x) };
}

/** The same sessions in buckets of two digits, or for rates of badness. */
function bucketsOf(sample: Sample | undefined): Sample {
  if (sample?.kind === "rate")
    return { kind: "histogram", values: [0, 1], counts: [sample.sessions - sample.bad, sample.bad] };
  const counts = new Map<number, number>();
  for (const value of sample?.kind === "values" ? sample.values : []) {
    const bucket = Number(value.toPrecision(2));
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return { kind: "histogram", values: [...counts.keys()], counts: [...counts.values()] };
}

function valuesOf(sample: Sample | undefined): Sample {
  if (sample === undefined) return { kind: "values", values: [] };
  if (sample.kind !== "histogram") return sample;
  return {
    kind: "values",
    values: sample.values.flatMap((value, index) => new Array<number>(sample.counts[index] ?? 0).fill(value)),
  };
}

/** These metrics told otherwise. */
function told(
  blocks: readonly Block[],
  metrics: readonly MetricName[],
  as: (sample: Sample | undefined) => Sample,
): readonly Block[] {
  return changed(blocks, (arm) => metrics.reduce((so, name) => withSample(so, name, as(so.samples[name])), arm));
}

const sums: readonly MetricName[] = ["task_success_rate", "mean_llm_calls", "mean_cost_usd", "rollback_rate"];
const costs: HealthGate = healthGate({
  prove: ["mean_cost_usd"],
  metrics: metricNames.map((metric) => ruleOf(metric, metric.endsWith("_rate") ? 0.1 : 0.5)),
});

describe("histograms", () => {
  it("are exact for the values that stand for their buckets", () => {
    const blocks = trafficOf(busy);
    const buckets = told(blocks, metricNames, bucketsOf);
    const single = told(buckets, metricNames, valuesOf);
    const [ours, theirs] = [buckets, single].map((each) => judged(absorbed(opened(wide), wide, each)));
    for (const name of metricNames) {
      const [a, b] = [metricOf(ours as never, name), metricOf(theirs as never, name)];
      expect(a.log_e_fail, name).toBeCloseTo(b.log_e_fail, 9);
      expect(a.log_e_pass, name).toBeCloseTo(b.log_e_pass, 9);
    }
    expect(ours?.result).toBe("pass");
    expect(ours?.because).not.toContain("approximate");
  });
  it("of a small block wait to be merged like values do", () => {
    const buckets = told(trafficOf({ ...steady, sessionsPerBlock: 3 }), metricNames, bucketsOf);
    const single = told(buckets, metricNames, valuesOf);
    const [ours, theirs] = [buckets, single].map((each) => judged(absorbed(opened(wide), wide, each)));
    for (const name of metricNames)
      expect(metricOf(ours as never, name).log_e_fail).toBeCloseTo(metricOf(theirs as never, name).log_e_fail, 9);
  });
});

describe("totals", () => {
  const play = (canary: Behaviour, gate = wide, blocks = 144) =>
    judged(absorbed(opened(gate, emptyHistory), gate, told(trafficOf({ ...busy, blocks, canary }), sums, totalsOf)), {
      gate,
    });

  it("pass a canary that is as good, and say that this is approximate", () => {
    const verdict = play(good);
    expect(verdict.result).toBe("pass");
    expect(verdict.because).toContain(
      "approximate: the source gives totals alone for task_success_rate, mean_llm_calls, mean_cost_usd, rollback_rate, and totals of skewed values such as costs pass 15 to 45 % of canaries that are at the margin: answer values or a histogram",
    );
    expect(metricOf(verdict, "task_success_rate")).toMatchObject({ approximate: true, state: "proven" });
    expect(metricOf(verdict, "p95_latency_sec")).toMatchObject({ approximate: false });
  });
  it("fail a canary that is worse, in a rate as in a mean", () => {
    const failing = play({ failures: 0.6 });
    expect(failing.result).toBe("fail");
    expect(failing.because).toMatch(/^task_success_rate.*approximate: /);
    const dear = play({ ...good, cost: 3 });
    expect(dear.result).toBe("fail");
    expect(dear.figures.suspect).toBe("mean_cost_usd");
    expect(dear.because).toContain("approximate");
  });
  it("wait, and say so, while sessions are too few", () => {
    const verdict = play(good, wide, 20);
    expect(verdict.result).toBe("wait");
    expect(verdict.because).toMatch(
      /task_success_rate is not bet on yet: totals need 300 canary sessions \(\d+ so far\) and 30 bad ones among them \(\d+\)/,
    );
    expect(verdict.because).toContain("approximate: ");
    expect(play(good, costs, 20).because).toMatch(/totals need 300 canary sessions \(\d+ so far\)/);
  });
  it("wait for bad outcomes, however many sessions there are", () => {
    const verdict = play({ failures: 0.001 });
    expect(verdict.result).toBe("wait");
    expect(metricOf(verdict, "task_success_rate")).toMatchObject({ log_e_pass: 0 });
  });
  it("prove each stage by its own sums", () => {
    const early = absorbed(opened(wide), wide, told(trafficOf(busy), sums, totalsOf));
    expect(judged(early).result).toBe("pass");
    const entered = enterHealthStage(early, { gate: wide, stage: 4, horizon: 500 });
    const next = trafficOf({ ...busy, seed: 5, weight: 5000, from: twelveHours, blocks: 6 });
    const verdict = judged(absorbed(entered, wide, told(next, sums, totalsOf)), {
      now: atHour(14),
      since: twelveHours,
    });
    expect(verdict.result).toBe("wait");
    expect(verdict.because).toContain("totals need 300 canary sessions");
  });
  it("are never pooled over stages: a base rate that moved with the weight is nobody's fault", () => {
    const calm = { failures: 0.1 };
    const rough = { failures: 0.45 };
    const first = trafficOf({ ...busy, weight: 1000, stable: calm, canary: calm });
    const second = trafficOf({ ...busy, weight: 5000, stable: rough, canary: rough, from: twelveHours, seed: 8 });
    const memory = absorbed(opened(wide), wide, told(first, sums, totalsOf));
    const entered = enterHealthStage(memory, { gate: wide, stage: 4, horizon: 500 });
    const verdict = judged(absorbed(entered, wide, told(second, sums, totalsOf)), {
      now: atHour(24),
      since: twelveHours,
    });
    expect(verdict.result).toBe("pass");
  });
  it("do not tell a quantile", () => {
    const verdict = judged(absorbed(opened(wide), wide, told(trafficOf(busy), ["p95_latency_sec"], totalsOf)));
    expect(metricOf(verdict, "p95_latency_sec")).toMatchObject({ state: "not-applicable" });
    expect(soundSample("p95_latency_sec", { kind: "totals", sessions: 3, sum: 9, squares: 27 })).toEqual({
      kind: "missing",
      because: "totals do not tell a quantile",
    });
  });
});

describe("a source that turns from one shape to the other", () => {
  const blocks = trafficOf(busy);
  const cases: readonly (readonly [string, readonly Block[], readonly Block[]])[] = [
    ["counts to totals", blocks.slice(0, 6), told(blocks.slice(6), sums, totalsOf)],
    ["totals to counts", told(blocks.slice(0, 6), sums, totalsOf), blocks.slice(6)],
  ];
  it.each(cases)("%s: holds, never passes from a mix, and says what it did", (_, before, after) => {
    const verdict = judged(absorbed(opened(wide), wide, [...before, ...after]));
    expect(verdict.result).toBe("wait");
    expect(verdict.because).toMatch(
      /alarm missing-telemetry: task_success_rate: the source answered (totals|counts or values) when it began, and .* now: the two are not mixed/,
    );
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
  });
  it("what was proven before it turned still fails", () => {
    const worse = changed(blocks.slice(0, 6), (arm, name) => (name === "canary" ? allBad(arm) : arm));
    const verdict = judged(absorbed(opened(wide), wide, [...worse, ...told(blocks.slice(6), sums, totalsOf)]));
    expect(verdict.result).toBe("fail");
  });
  it("goes on when the source answers as it began", () => {
    const odd = [...blocks.slice(0, 40), ...told(blocks.slice(40, 44), sums, totalsOf), ...blocks.slice(44)];
    const verdict = judged(absorbed(opened(wide), wide, odd));
    expect(verdict.result).toBe("pass");
    expect(verdict.because).not.toContain("approximate");
  });
  it("arms in two shapes are no comparison", () => {
    const half = changed(blocks, (arm, name) =>
      name === "canary" ? arm : withSample(arm, "task_success_rate", totalsOf(arm.samples.task_success_rate)),
    );
    expect(judged(absorbed(opened(wide), wide, half)).result).toBe("wait");
  });
});

function allBad(arm: BlockArm): BlockArm {
  return withSample(arm, "task_success_rate", { kind: "rate", sessions: arm.sessions, bad: arm.sessions });
}

describe("degenerate totals", () => {
  const totals = (sessions: number, sum: number, squares: number): Sample => ({
    kind: "totals",
    sessions,
    sum,
    squares,
  });
  const blocks = trafficOf({ ...busy, blocks: 60 });
  const every = (make: (arm: BlockArm, name: "canary" | "stable") => Sample): readonly Block[] =>
    changed(blocks, (arm, name) =>
      (["task_success_rate", "mean_cost_usd"] as const).reduce(
        (so, metric) => withSample(so, metric, make(arm, name)),
        arm,
      ),
    );

  it.each<[string, Sample]>([
    ["more squares are needed for this sum", totals(10, 5, 1)],
    ["no sessions and a sum", totals(0, 1, 1)],
    ["negative sessions", totals(-3, 1, 1)],
    ["a negative sum", totals(10, -1, 1)],
    ["negative squares", totals(10, 0, -1)],
    ["NaN", totals(10, Number.NaN, 1)],
    ["endless", totals(10, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)],
    ["a rate above 1", totals(10, 11, 12.1)],
    ["squares of shares above their sum", totals(10, 5, 6)],
  ])("%s is missing", (_, sample) => {
    expect(soundSample("task_success_rate", sample)).toMatchObject({ kind: "missing" });
    const verdict = judged(
      absorbed(
        opened(wide, emptyHistory),
        wide,
        every(() => sample),
      ),
    );
    expect(verdict.result).toBe("wait");
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
  });

  it.each<[string, (arm: BlockArm, name: "canary" | "stable") => Sample]>([
    ["n = 0", () => totals(0, 0, 0)],
    ["constant", (arm) => totals(arm.sessions, 0.5 * arm.sessions, 0.25 * arm.sessions)],
    ["all 0", (arm) => totals(arm.sessions, 0, 0)],
    ["all 1", (arm) => totals(arm.sessions, arm.sessions, arm.sessions)],
    ["no canary", (arm, name) => (name === "canary" ? totals(0, 0, 0) : totals(arm.sessions, 1, 1))],
    ["no stable", (arm, name) => (name === "stable" ? totals(0, 0, 0) : totals(arm.sessions, 1, 1))],
    ["huge", (arm) => totals(arm.sessions, arm.sessions * 1e300, arm.sessions * 1e300)],
  ])("%s: no fail, plain finite figures", (_, make) => {
    for (const gate of [wide, costs]) {
      const verdict = judged(absorbed(opened(gate, emptyHistory), gate, every(make)), { gate, now: atHour(5) });
      expect(verdict.result).not.toBe("fail");
      expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
      expect(verdict.because).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  it("one arm empty never passes", () => {
    const oneArm = every((arm, name) => (name === "canary" ? totals(arm.sessions, 1, 1) : totals(0, 0, 0)));
    expect(judged(absorbed(opened(wide), wide, oneArm), { now: atHour(5) }).result).toBe("wait");
  });
});

it("an approximate PASS at the margin is rare where the sums are close to normal", () => {
  const gate = healthGate({ metrics: [ruleOf("task_success_rate", 0.05)], hold: hours(0) });
  let passed = 0;
  for (let seed = 1; seed <= 60; seed += 1) {
    const blocks = trafficOf({ ...busy, seed, weight: 5000, blocks: 96, canary: { failures: 0.32 } });
    const memory = absorbed(opened(gate, emptyHistory), gate, told(blocks, ["task_success_rate"], totalsOf));
    if (judged(memory, { gate }).result === "pass") passed += 1;
  }
  expect(passed).toBeLessThanOrEqual(7);
});
