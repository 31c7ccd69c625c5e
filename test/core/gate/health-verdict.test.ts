import { describe, expect, it } from "vitest";
import { absorbHealth, judgeHealth } from "../../../src/core/gate/kinds/health.js";
import type { Block } from "../../../src/core/model/metric.js";
import { anyBlock, judged, metricOf, steady, twelveHours, wide, withSample } from "../../support/health-scene.js";
import {
  absorbed,
  atHour,
  clockAt,
  evidenceOf,
  good,
  healthGate,
  historyOf,
  hours,
  opened,
  trafficOf,
} from "../../support/health-traffic.js";

const healthy = absorbed(opened(wide), wide, trafficOf(steady));
const collapsed = absorbed(opened(wide), wide, trafficOf({ ...steady, canary: { failures: 0.87 } }));

describe("verdicts", () => {
  it("waits before any session", () => {
    const verdict = judged(opened(wide));
    expect(verdict).toMatchObject({ result: "wait", because: "no session has been seen yet", earliest: null });
    expect(verdict.figures).toMatchObject({ canary_sessions: 0, stable_sessions: 0, alarms: 0, watermark: null });
  });

  it("passes what is proven once the hold is over, with its numbers", () => {
    const verdict = judged(healthy);
    expect(verdict.result).toBe("pass");
    expect(verdict.because).toMatch(
      /^task_success_rate 0\.\d{3} vs 0\.\d{3}, (rise|drop) [\d.]+ pp \[-?[\d.]+, [\d.]+\], proven within the margin of 10 pp \(evidence [\d.]+ of 3\.0\); no metric fails; 2\d\d canary sessions$/,
    );
    expect(metricOf(verdict, "task_success_rate").state).toBe("proven");
    expect(metricOf(verdict, "p95_latency_sec").state).toBe("not-worse");
  });

  it("holds what is proven before the hold is over, and says until when", () => {
    const gate = { ...wide, hold: hours(24) };
    const verdict = judged(absorbed(opened(gate), gate, trafficOf(steady)), { gate });
    expect(verdict.result).toBe("wait");
    expect(verdict.because).toContain("proven, hold until 2027-01-16T08:00Z");
    expect(verdict.earliest).toBe(atHour(24));
    expect(verdict.figures.hold_until).toBe(atHour(24));
  });

  it("fails a collapse at once, before the hold and whatever alarm is on", () => {
    const alarms = [{ kind: "stale", because: "no record has arrived for 9 h" }] as const;
    const gate = { ...wide, hold: hours(24) };
    const memory = absorbed(opened(gate), gate, trafficOf({ ...steady, canary: { failures: 0.87 }, blocks: 24 }));
    const verdict = judged(memory, { gate, now: atHour(2) }, { alarms });
    expect(verdict.result).toBe("fail");
    expect(verdict.because).toMatch(
      /^task_success_rate 0\.\d{3} vs 0\.7\d\d, drop \d\d(\.\d)? pp \[[\d.]+, [\d.]+\] > tolerance 5 pp/,
    );
    expect(verdict.because).toContain("proven worse than the tolerance");
    expect(verdict.figures).toMatchObject({
      suspect: "task_success_rate",
      alarms: 1,
      alarm_reasons: ["stale: no record has arrived for 9 h"],
    });
    expect(Number(verdict.figures.log_e_fail_total)).toBeGreaterThanOrEqual(Math.log(20));
  });

  it("names every metric that is proven worse by itself, the heaviest first", () => {
    const blocks = trafficOf({ ...steady, canary: { failures: 0.27, cost: 3, latency: 4 } });
    const verdict = judged(absorbed(opened(wide), wide, blocks));
    expect(verdict.result).toBe("fail");
    expect(verdict.because).toContain("mean_cost_usd");
    expect(verdict.because).toContain("p95_latency_sec");
    expect(verdict.because).toMatch(/of canary sessions vs [\d.]+ % above stable's \d+(\.\d+)? s/);
    expect(verdict.because).not.toContain("task_success_rate");
    expect(metricOf(verdict, "mean_cost_usd").state).toBe("worse");
  });

  it("a fail stays a fail when later blocks look better", () => {
    const later = trafficOf({ ...steady, from: twelveHours, canary: { failures: 0.02 } });
    expect(judged(absorbed(collapsed, wide, later), { now: atHour(24) }).result).toBe("fail");
  });

  it("says how many sessions are missing and when they are expected", () => {
    const gate = { ...wide, hold: hours(0), minSessions: 1 };
    const verdict = judged(absorbed(opened(gate), gate, trafficOf({ ...steady, blocks: 12 })), { gate });
    expect(verdict.result).toBe("wait");
    expect(verdict.because).toMatch(
      /task_success_rate needs about [\d ]+ more sessions: task_success_rate 0\.\d{3} vs 0\.\d{3}/,
    );
    const needs = Number(verdict.figures.needs_sessions);
    // 120 sessions an hour came so far.
    expect(((verdict.earliest ?? 0) - atHour(1)) / hours(1)).toBeCloseTo(needs / 120, 1);
  });

  it("asks for the least number of canary sessions, whatever is proven", () => {
    const gate = { ...wide, minSessions: 1000 };
    const verdict = judged(absorbed(opened(gate), gate, trafficOf(steady)), { gate });
    expect(verdict.result).toBe("wait");
    expect(verdict.because).toMatch(/a pass needs 7\d\d more canary sessions \(2\d\d of 1000\)/);
  });

  it("an empty list of metrics to prove passes when nothing fails", () => {
    const gate = { ...wide, prove: [] };
    const verdict = judged(absorbed(opened(gate), gate, trafficOf(steady)), { gate });
    expect(verdict).toMatchObject({ result: "pass" });
    expect(verdict.because).toContain("no metric is asked for a pass");
    const bad = absorbed(opened(gate), gate, trafficOf({ ...steady, canary: { failures: 0.87 } }));
    expect(judged(bad, { gate }).result).toBe("fail");
  });

  it("says that unfinished sessions are not seen", () => {
    for (const memory of [opened(wide), healthy, collapsed]) {
      expect(judged(memory, {}, { completedOnly: true }).because).toMatch(/; completed sessions only$/);
    }
  });

  it("warns of a large fall of calls, cost or latency, and passes all the same", () => {
    const cheap = trafficOf({ ...steady, canary: { failures: 0.27, calls: 0.4, cost: 0.3, latency: 0.1 } });
    const verdict = judged(absorbed(opened(wide), wide, cheap));
    expect(verdict.result).toBe("pass");
    for (const metric of ["mean_llm_calls", "mean_cost_usd", "p95_latency_sec"]) {
      expect(verdict.because).toMatch(new RegExp(`warning: ${metric}.*a large fall may be a broken agent`));
    }
    expect(verdict.figures.warnings).toHaveLength(3);
  });

  it("evidence that was opened with other margins is void", () => {
    const verdict = judgeHealth({ ...wide, alpha: 0.01 }, evidenceOf(collapsed), clockAt(twelveHours));
    expect(verdict.result).toBe("wait");
    expect(verdict.because).toContain("another gate configuration");
    expect(absorbHealth(collapsed, { ...wide, alpha: 0.01 }, anyBlock(atHour(13)))).toBe(collapsed);
  });
});

describe("tails", () => {
  const flat = (mean: number): readonly number[] =>
    Array.from({ length: 40 }, (_, index) => mean * (0.9 + index / 200));
  const callsOf = (blocks: readonly Block[], canary: (index: number) => readonly number[]): readonly Block[] =>
    blocks.map((block, index) => ({
      ...block,
      stable: withSample(block.stable, "mean_llm_calls", { kind: "values", values: flat(20) }),
      canary: withSample(block.canary, "mean_llm_calls", { kind: "values", values: canary(index) }),
    }));
  const gate = healthGate();
  const history = { ...historyOf(good), mean_llm_calls: Array.from({ length: 12 }, () => flat(20)).flat() };
  const blocks = trafficOf({ ...steady, blocks: 60, sessionsPerBlock: 50 });

  it("a tolerated rise of a metric that hardly varies is not rolled back by its tail", () => {
    const memory = absorbed(
      opened(gate, history),
      gate,
      callsOf(blocks, () => flat(23)),
    );
    const verdict = judged(memory, { gate });
    expect(verdict.result).not.toBe("fail");
    expect(metricOf(verdict, "mean_llm_calls").log_e_fail).toBeLessThan(1);
  });

  it("a few runaway sessions that the cap hides fail, and the sentence says so", () => {
    const runaway = callsOf(blocks, () => [...flat(20).slice(0, 34), 900, 900, 900, 900]);
    const verdict = judged(absorbed(opened(gate, history), gate, runaway), { gate });
    expect(verdict.result).toBe("fail");
    expect(verdict.because).toContain("mean_llm_calls");
    expect(verdict.because).toMatch(/too many sessions above 26\.\d \(stable's 99th percentile and the tolerance\)/);
  });
});
