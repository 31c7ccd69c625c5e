// Seeded whole ramps with six metrics that hang together, looked at after every block: how often the gates are wrong, and
// how soon they see what is really bad.
import { describe, expect, it } from "vitest";
import type { HealthMemory } from "../../../src/core/gate/health-memory.js";
import { absorbHealth, enterHealthStage, judgeHealth, openHealth } from "../../../src/core/gate/kinds/health.js";
import type { HealthGate } from "../../../src/core/model/gate.js";
import type { Duration, Instant, RolloutId } from "../../../src/core/model/units.js";
import {
  type Behaviour,
  clockAt,
  evidenceOf,
  good,
  healthGate,
  historyOf,
  hours,
  metricNames,
  ruleOf,
  start,
  trafficOf,
} from "../../support/health-traffic.js";

interface Ramp {
  readonly canary: Behaviour;
  readonly gate: HealthGate;
  readonly stages: readonly { readonly weight: number; readonly hours: number }[];
  readonly sessionsPerHour: number;
  readonly blockHours: number;
}
interface Ending {
  readonly result: "fail" | "pass" | "wait";
  /** Since the rollout began. */
  readonly hours: number;
  /** Stages that were passed. */
  readonly passed: number;
}

const histories = Array.from({ length: 5 }, (_, seed) => historyOf(good, 300, 1000 + seed));

/** Plays a ramp to its end; a stage that passes is left at its end, one that does not ends the run. */
function play(ramp: Ramp, seed: number): Ending {
  const history = histories[seed % histories.length] ?? historyOf(good);
  let memory: HealthMemory | null = null;
  let since = start;
  for (const [index, stage] of ramp.stages.entries()) {
    const horizon = Math.max(50, Math.round((ramp.sessionsPerHour * stage.weight * stage.hours) / 10_000));
    const gate = ramp.gate;
    const at = { gate, stage: 2 * index + 2, horizon };
    memory =
      memory === null
        ? openHealth({ ...at, rollout: "rollout-1" as RolloutId, history })
        : enterHealthStage(memory, at);
    const blocks = trafficOf({
      seed: seed * 31 + index,
      weight: stage.weight,
      stable: good,
      canary: ramp.canary,
      blocks: Math.round(stage.hours / ramp.blockHours),
      sessionsPerBlock: Math.round(ramp.sessionsPerHour * ramp.blockHours),
      length: hours(ramp.blockHours),
      from: since,
    });
    let result: Ending["result"] = "wait";
    let now = since;
    for (const block of blocks) {
      memory = absorbHealth(memory, gate, block);
      now = block.end;
      result = judgeHealth(gate, evidenceOf(memory), clockAt(now, since)).result;
      if (result === "fail") return { result, hours: (now - start) / hours(1), passed: index };
    }
    if (result !== "pass") return { result, hours: (now - start) / hours(1), passed: index };
    since = now as Instant;
  }
  return { result: "pass", hours: (since - start) / hours(1), passed: ramp.stages.length };
}

function many(ramp: Ramp, runs: number, seed: number): readonly Ending[] {
  return Array.from({ length: runs }, (_, run) => play(ramp, seed + run));
}

const share = (endings: readonly Ending[], is: (ending: Ending) => boolean): number =>
  endings.filter(is).length / endings.length;
/** Three standard errors above the level. */
const atMost = (level: number, runs: number): number => level + 3 * Math.sqrt((level * (1 - level)) / runs);

const ramp = (parts: Partial<Ramp>): Ramp => ({
  canary: good,
  gate: healthGate({ hold: 0 as Duration, minSessions: 20 }),
  stages: [
    { weight: 1000, hours: 12 },
    { weight: 5000, hours: 12 },
  ],
  sessionsPerHour: 40,
  blockHours: 1,
  ...parts,
});

describe("what the gates promise", () => {
  it("a canary that is exactly stable's equal, judged without any tolerance, is rolled back at most as often as alpha says", () => {
    const strict = healthGate({
      hold: 0 as Duration,
      metrics: metricNames.map((metric) => ruleOf(metric, undefined, 0)),
      prove: [],
    });
    const runs = 100;
    const endings = many(ramp({ gate: strict }), runs, 5_000);
    expect(share(endings, ({ result }) => result === "fail")).toBeLessThanOrEqual(atMost(0.05, runs));
  });

  it("a canary exactly at the margin passes a stage at most as often as beta says", () => {
    const gate = healthGate({ hold: 0 as Duration, metrics: metricNames.map((metric) => ruleOf(metric, 0.2, 0.2)) });
    const runs = 100;
    const edge = ramp({ gate, canary: { failures: 0.47 }, stages: [{ weight: 5000, hours: 12 }] });
    expect(share(many(edge, runs, 6_000), ({ passed }) => passed > 0)).toBeLessThanOrEqual(atMost(0.05, runs));
  });
});

describe("what the gates see", () => {
  it("a canary that falls from 73 to 13 % success at 5 % of 200 sessions an hour is rolled back within few blocks", () => {
    const collapse = ramp({
      gate: healthGate(),
      canary: { failures: 0.87 },
      stages: [{ weight: 500, hours: 6 }],
      sessionsPerHour: 200,
      blockHours: 0.25,
    });
    const endings = many(collapse, 40, 7_000);
    expect(share(endings, ({ result }) => result === "fail")).toBe(1);
    const times = endings.map((ending) => ending.hours).sort((a, b) => a - b);
    expect(times[20]).toBeLessThanOrEqual(1.5);
    expect(times[37]).toBeLessThanOrEqual(3);
  });

  it("a healthy canary is promoted", () => {
    const gate = healthGate({
      hold: 0 as Duration,
      metrics: metricNames.map((metric) => ruleOf(metric, metric.endsWith("_rate") ? 0.15 : 0.3)),
    });
    const stages = [
      { weight: 2500, hours: 12 },
      { weight: 5000, hours: 12 },
    ];
    const endings = many(ramp({ gate, stages, sessionsPerHour: 80 }), 30, 8_000);
    expect(share(endings, ({ result }) => result === "pass")).toBeGreaterThanOrEqual(0.9);
    expect(share(endings, ({ result }) => result === "fail")).toBeLessThanOrEqual(0.05);
  });
});
