import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { HealthGate, Stage } from "../../../src/core/model/gate.js";
import type { MetricName } from "../../../src/core/model/metric.js";
import type { GateForecast } from "../../../src/core/model/plan.js";
import type { Weight } from "../../../src/core/model/units.js";
import { forecastGates } from "../../../src/core/plan/forecast.js";
import { emptyHistory, healthGate, hours, metricNames, ruleOf } from "../../support/health-traffic.js";
import { gaussian, seeded } from "../stats/enumerate.js";

const random = seeded(4);
/** One failure in ten; other metrics of the usual shapes. */
const history = {
  ...emptyHistory,
  task_success_rate: Array.from({ length: 2000 }, (_, index) => (index % 10 === 0 ? 1 : 0)),
  mean_cost_usd: Array.from({ length: 500 }, () => 0.4 * Math.exp(0.9 * gaussian(random))),
  p95_latency_sec: Array.from({ length: 500 }, () => 30 * Math.exp(0.7 * gaussian(random))),
};
const standard = healthGate({ hold: hours(24), until: hours(48) });

function behind(weight: number, gate: HealthGate): readonly Stage[] {
  return [
    { kind: "weight", weight: weight as Weight },
    { kind: "gate", gate },
  ];
}
function forecast(sessionsPerHour: number, gate = standard, weight = 500): GateForecast {
  const [first] = forecastGates({ stages: behind(weight, gate), sessionsPerHour, history });
  if (first === undefined) throw new Error("no forecast");
  return first;
}

interface PlanCase {
  readonly fs: number;
  readonly rho: number;
  readonly rate: number;
  readonly margin: number;
  readonly pass_hours_p50: number;
  readonly pass_hours_p90: number;
}
const golden = JSON.parse(readFileSync("test/vectors/stats/plan.json", "utf8")) as readonly PlanCase[];

describe("the numbers", () => {
  it.each(golden)("agree with the reference: $fs failures, $rho of $rate an hour, margin $margin", (world) => {
    const every = Math.round(1 / world.fs);
    const failures = Array.from({ length: 2000 }, (_, index) => (index % every === 0 ? 1 : 0));
    const gate = { ...standard, metrics: metricNames.map((metric) => ruleOf(metric, world.margin)) };
    const stages = behind(world.rho * 10_000, gate);
    const [found] = forecastGates({
      stages,
      sessionsPerHour: world.rate,
      history: { ...history, task_success_rate: failures },
    });
    // The gate's own baseline is drawn a little towards one half, as this forecast is.
    expect((found?.hoursToPass.median ?? 0) / world.pass_hours_p50).toBeCloseTo(1, 1);
    expect((found?.hoursToPass.p90 ?? 0) / world.pass_hours_p90).toBeCloseTo(1, 1);
  });

  it("foretells what simulated gates did: 5 % of 1000 an hour, margin 5 pp, tolerance 2.5 pp", () => {
    const gate = { ...standard, metrics: [ruleOf("task_success_rate"), ruleOf("checkpoint_trigger_rate")] };
    const found = forecast(1000, gate);
    // 500 seeded runs of the gate, half-hour blocks: to fail at the margin 30.5 h (median) and 76 h (p90), to pass 13.5 h (p90).
    expect(Math.abs((found.hoursToFail.median ?? 0) / 30.5 - 1)).toBeLessThan(0.15);
    expect(Math.abs((found.hoursToFail.p90 ?? 0) / 76 - 1)).toBeLessThan(0.2);
    expect(Math.abs((found.hoursToPass.p90 ?? 0) / 13.5 - 1)).toBeLessThan(0.2);
    expect(found.exposedSessions).toBe(Math.round((found.hoursToFail.median ?? 0) * 50));
  });

  it("more traffic, a larger weight or a wider margin never takes longer", () => {
    const wider = { ...standard, metrics: metricNames.map((metric) => ruleOf(metric, 0.1)) };
    const base = forecast(200);
    for (const better of [forecast(400), forecast(200, standard, 1000), forecast(200, wider)]) {
      expect(better.hoursToPass.median).toBeLessThan(base.hoursToPass.median ?? 0);
      expect(better.hoursToPass.p90).toBeLessThan(base.hoursToPass.p90 ?? 0);
    }
    expect(forecast(400).smallestDrop).toBeLessThan(base.smallestDrop ?? 0);
  });

  it("the slowest metric that is asked for decides, and a least number of sessions takes its time", () => {
    const prove: readonly MetricName[] = ["task_success_rate", "mean_cost_usd", "p95_latency_sec"];
    const alone = prove.map((metric) => forecast(1000, { ...standard, prove: [metric] }).hoursToPass.p90 ?? 0);
    expect(forecast(1000, { ...standard, prove }).hoursToPass.p90).toBe(Math.max(...alone));
    expect(Math.min(...alone)).toBeGreaterThan(0);
    expect(forecast(1000, { ...standard, prove: [], minSessions: 100 }).hoursToPass).toEqual({ median: 2, p90: 2 });
  });

  it("a tolerance as wide as the margin can never fail at the margin", () => {
    const gate = { ...standard, metrics: metricNames.map((metric) => ruleOf(metric, 0.05, 0.05)) };
    expect(forecast(1000, gate)).toMatchObject({ hoursToFail: { median: null, p90: null }, exposedSessions: null });
  });
});

describe("which gates", () => {
  const full: HealthGate = { ...standard, name: "full" };
  const stages: readonly Stage[] = [
    { kind: "gate", gate: { kind: "ready", name: "ready", skip: null, http: "http://127.0.0.1/" } },
    ...behind(500, standard),
    ...behind(2500, { ...standard, skip: "the data is sensitive" }),
    ...behind(5000, full),
    { kind: "weight", weight: 10_000 as Weight },
  ];

  it("each health gate behind its weight, skipped ones left out", () => {
    const found = forecastGates({ stages, sessionsPerHour: 1000, history });
    expect(found.map(({ gate, weight, holdHours, untilHours }) => [gate, weight, holdHours, untilHours])).toEqual([
      ["canary", 500, 24, 48],
      ["full", 5000, 24, 48],
    ]);
  });

  it("a gate that the rollout stands at is behind the weight in force", () => {
    const rest = stages.slice(2);
    const weights = (inForce?: Weight): readonly number[] =>
      forecastGates({
        stages: rest,
        sessionsPerHour: 1000,
        history,
        ...(inForce === undefined ? {} : { inForce }),
      }).map(({ weight }) => weight);
    expect(weights(500 as Weight)).toEqual([500, 5000]);
    expect(weights()).toEqual([5000]);
  });
});

describe("warnings", () => {
  const lowTraffic: HealthGate = {
    ...standard,
    hold: hours(48),
    until: hours(168),
    metrics: metricNames.map((metric) => ruleOf(metric, 0.1)),
  };
  const rows: readonly (readonly [string, GateForecast, RegExp | null])[] = [
    ["enough traffic", forecast(1000), null],
    [
      "a stage that is too short",
      forecast(200),
      /^canary at 5 %: a healthy canary needs 26 h \(median\) to 65 h \(9 of 10\) to be proven within 5 pp of task_success_rate, and the stage lasts 48 h: raise the weight to 7 %, or set max_drop to 6 pp, or set until to 65h$/,
    ],
    [
      "about 40 sessions a day",
      forecast(40 / 24),
      /At about 40 sessions a day only a margin of 81 pp can be proven in that time, and a drop of task success by 8\d(\.\d)? pp or more be seen: use the strategy low-traffic/,
    ],
    [
      "about 40 sessions a day with wide gates",
      forecast(40 / 24, lowTraffic, 2500),
      /needs 9 d \(median\) to 22 d \(9 of 10\) to be proven within 10 pp .* the stage lasts 7 d.*: set max_drop to 19\.5 pp, or set until to 22d$/,
    ],
    ["no traffic", forecast(0), /no session was seen in the last 24 h, so nothing can be proven$/],
    [
      "a metric that history does not know",
      forecast(1000, { ...standard, prove: ["rollback_rate"] }),
      /how long rollback_rate needs is not known, for history has too few sessions of it$/,
    ],
    [
      "few sessions and nothing to prove",
      forecast(5, { ...standard, prove: [] }),
      /20 canary sessions take about 80 h.*set until to 80h$/,
    ],
  ];

  it.each(rows)("%s", (_, { warning }, expected) => {
    if (expected === null) expect(warning).toBeNull();
    else expect(warning).toMatch(expected);
  });

  it("every fix that is offered is one", () => {
    const short = forecast(200);
    expect(short.hoursToPass.p90).toBeGreaterThan(48);
    const margins = metricNames.map((metric) => ruleOf(metric, metric === "task_success_rate" ? 0.06 : undefined));
    expect(forecast(200, standard, 700).warning).toBeNull();
    expect(forecast(200, standard, 600).warning).not.toBeNull();
    expect(forecast(200, { ...standard, metrics: margins }).warning).toBeNull();
    expect(forecast(200, { ...standard, until: hours(65) }).warning).toBeNull();
    expect(forecast(200, { ...standard, until: hours(64) }).warning).not.toBeNull();
  });
});
