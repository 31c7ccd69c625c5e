import { describe, expect, it } from "vitest";
import type { HealthGate } from "../../../src/core/model/gate.js";
import type { Block, BlockArm, MetricName, Sample } from "../../../src/core/model/metric.js";
import type { Weight } from "../../../src/core/model/units.js";
import { changed, judged, metricOf, steady, wide, withSample } from "../../support/health-scene.js";
import { absorbed, atHour, emptyHistory, good, historyOf, opened, trafficOf } from "../../support/health-traffic.js";

describe("missing numbers", () => {
  const blocks = trafficOf(steady);
  const empty: Sample = { kind: "rate", sessions: 0, bad: 0 };
  const unsaid: Sample = { kind: "missing", because: "the agent does not report it" };

  it("a metric without a value in either arm over the whole hold is not applicable, and in nobody's way", () => {
    const none = changed(blocks, (arm) => withSample(arm, "rollback_rate", empty));
    const verdict = judged(absorbed(opened(wide), wide, none));
    expect(verdict.result).toBe("pass");
    expect(metricOf(verdict, "rollback_rate").state).toBe("not-applicable");
    expect(judged(absorbed(opened(wide), wide, none), { now: atHour(0.5) }).because).toContain("hold until");
    expect(metricOf(judged(absorbed(opened(wide), wide, none), { now: atHour(0.5) }), "rollback_rate").state).toBe(
      "undecided",
    );
  });

  it("a metric that is asked for and not applicable does not stand in the way, unless nothing else is asked for", () => {
    const none = changed(blocks, (arm) => withSample(arm, "rollback_rate", unsaid));
    const both: HealthGate = { ...wide, prove: ["task_success_rate", "rollback_rate"] };
    expect(judged(absorbed(opened(both), both, none), { gate: both }).result).toBe("pass");
    const alone: HealthGate = { ...wide, prove: ["rollback_rate"] };
    const verdict = judged(absorbed(opened(alone), alone, none), { gate: alone });
    expect(verdict).toMatchObject({ result: "wait", because: "nothing that could be proven applies to this agent" });
  });

  it("task success is always applicable", () => {
    const none = changed(blocks, (arm) => withSample(arm, "task_success_rate", unsaid));
    const verdict = judged(absorbed(opened(wide), wide, none));
    expect(verdict.result).toBe("wait");
    expect(verdict.because).toContain("no session has a value of it (the agent does not report it)");
    expect(metricOf(verdict, "task_success_rate").state).toBe("missing");
  });

  it.each(["canary", "stable"] as const)("a metric that the %s alone does not report is an alarm", (silent) => {
    const half = changed(blocks, (arm, name) => (name === silent ? withSample(arm, "mean_cost_usd", unsaid) : arm));
    const verdict = judged(absorbed(opened(wide), wide, half));
    expect(verdict.result).toBe("wait");
    expect(verdict.because).toMatch(
      new RegExp(`alarm missing-telemetry: mean_cost_usd: none of \\d+ ${silent} sessions has a value of it`),
    );
    expect(verdict.figures.alarms).toBe(1);
  });

  it("sessions without any record, more on the canary than on stable, are an alarm and no rollback", () => {
    const uneven = changed(blocks, (arm, name) => {
      const silent = name === "canary" ? Math.floor(arm.sessions / 2) : 0;
      return { ...arm, silent };
    });
    const verdict = judged(absorbed(opened(wide), wide, uneven));
    expect(verdict.result).toBe("wait");
    expect(verdict.because).toMatch(
      /alarm missing-telemetry: \d+ of \d+ canary sessions and 0 of [\d ]+ stable sessions sent no record/,
    );
  });

  it("a split that is not the planned one is an alarm", () => {
    const half = trafficOf({ ...steady, weight: 5000 }).map((block) => ({ ...block, weight: 2000 as Weight }));
    const verdict = judged(absorbed(opened(wide), wide, half));
    expect(verdict.result).toBe("wait");
    expect(verdict.because).toMatch(
      /alarm sample-ratio: the canary got \d+ of 1 440 sessions \(\d\d(\.\d)? %\), planned are 20 %/,
    );
    expect(verdict.earliest).toBeNull();
  });

  it("a canary that gets no session at all is noticed, and what waits for it stays small", () => {
    const none = trafficOf({ ...steady, weight: 0, blocks: 600 }).map((block) => ({
      ...block,
      weight: 2000 as Weight,
    }));
    const memory = absorbed(opened(wide), wide, none);
    const verdict = judged(memory);
    expect(verdict.result).toBe("wait");
    expect(verdict.because).toContain("alarm sample-ratio: the canary got 0 of 6 000 sessions (0 %)");
    expect(JSON.stringify(memory).length).toBeLessThan(60_000);
  });

  it("without history a mean waits for its cap, which 200 stable sessions fix before any bet", () => {
    const gate: HealthGate = { ...wide, prove: ["mean_cost_usd"] };
    const few = absorbed(opened(gate, emptyHistory), gate, blocks.slice(0, 20));
    const verdict = judged(few, { gate });
    expect(verdict.result).toBe("wait");
    expect(verdict.because).toContain("mean_cost_usd");
    expect(verdict.because).toContain(
      "where its values are cut off is learned from stable sessions first (160 so far)",
    );
    expect(metricOf(verdict, "mean_cost_usd")).toMatchObject({ log_e_fail: 0, log_e_pass: 0, state: "undecided" });
    expect(judged(absorbed(few, gate, blocks.slice(20)), { gate }).result).toBe("pass");
  });
});

describe("degenerate traffic", () => {
  const blocks = trafficOf({ ...steady, blocks: 48, sessionsPerBlock: 40 });
  const every = (sample: (arm: BlockArm) => Sample, metric: MetricName): readonly Block[] =>
    changed(blocks, (arm) => withSample(arm, metric, sample(arm)));
  const values =
    (make: (index: number) => number) =>
    (arm: BlockArm): Sample => ({
      kind: "values",
      values: Array.from({ length: arm.sessions }, (_, index) => make(index)),
    });
  /** In both arms alike: else it would be a reason to fail. */
  const inSomeBlocks = (value: number): readonly Block[] =>
    every(
      values(() => 0.4),
      "mean_cost_usd",
    ).map((block, index) => {
      const odd = (arm: BlockArm): BlockArm => withSample(arm, "mean_cost_usd", values(() => value)(arm));
      return index % 3 === 0 ? { ...block, stable: odd(block.stable), canary: odd(block.canary) } : block;
    });
  const cases: readonly (readonly [string, readonly Block[]])[] = [
    ["all successes", every((arm) => ({ kind: "rate", sessions: arm.sessions, bad: 0 }), "task_success_rate")],
    [
      "all failures",
      every((arm) => ({ kind: "rate", sessions: arm.sessions, bad: arm.sessions }), "task_success_rate"),
    ],
    [
      "constant costs",
      every(
        values(() => 0.4),
        "mean_cost_usd",
      ),
    ],
    [
      "free of cost",
      every(
        values(() => 0),
        "mean_cost_usd",
      ),
    ],
    [
      "values that are not numbers",
      every(
        values((index) => (index % 2 === 0 ? Number.NaN : 0.4)),
        "mean_cost_usd",
      ),
    ],
    [
      "negative values",
      every(
        values((index) => (index % 2 === 0 ? -5 : 0.4)),
        "mean_cost_usd",
      ),
    ],
    ["endless values", inSomeBlocks(Number.POSITIVE_INFINITY)],
    [
      "latencies of zero",
      every(
        values(() => 0),
        "p95_latency_sec",
      ),
    ],
    [
      "endless latencies",
      every(
        values(() => Number.POSITIVE_INFINITY),
        "p95_latency_sec",
      ),
    ],
    ["huge outliers", inSomeBlocks(1e300)],
    [
      "more bad than sessions",
      every((arm) => ({ kind: "rate", sessions: arm.sessions, bad: arm.sessions + 1 }), "rollback_rate"),
    ],
    [
      "no stable sessions",
      changed(blocks, (arm, name) => (name === "stable" ? { sessions: 0, silent: 0, samples: arm.samples } : arm)),
    ],
    ["no samples at all", changed(blocks, (arm) => ({ ...arm, samples: {} as BlockArm["samples"] }))],
  ];

  it.each(cases)("%s: no fail, plain finite figures", (_, odd) => {
    for (const history of [historyOf(good), emptyHistory]) {
      const verdict = judged(absorbed(opened(wide, history), wide, odd));
      expect(verdict.result).not.toBe("fail");
      expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
      expect(verdict.because).not.toMatch(/NaN|Infinity|undefined/);
    }
  });
});
