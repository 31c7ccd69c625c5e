import { describe, test } from "vitest";
import { judge } from "../../src/core/gate/judge.js";
import type {
  Approval,
  ApprovalGate,
  EvalBaseline,
  EvalGate,
  EvalResult,
  Evidence,
  GateClock,
} from "../../src/core/model/gate.js";
import type { Block, BlockArm, MetricName, Sample } from "../../src/core/model/metric.js";
import type { Duration, Instant, RevisionId } from "../../src/core/model/units.js";
import { type GateKindBench, gateKindLaws } from "../../src/testing/laws/gate-kind.js";
import {
  absorbed,
  atHour,
  clockAt,
  evidenceOf,
  good,
  healthGate,
  hours,
  metricNames,
  opened,
  ruleOf,
  start,
  trafficOf,
} from "../support/health-traffic.js";

const clock = clockAt(atHour(30));
const canary = clock.canary;
const other = `r-${"d".repeat(64)}` as RevisionId;

const benches: Readonly<Record<string, () => GateKindBench>> = {
  health: healthBench,
  eval: evalBench,
  approval: approvalBench,
  window: () => ({
    judge,
    gate: { kind: "window", name: "window", skip: null, windows: [], freezes: [] },
    clock,
    ladder: [
      {
        evidence: { kind: "window", open: false, because: "opens Mon 09:00", changesAt: atHour(40) },
        spoken: ["opens Mon 09:00"],
      },
      {
        evidence: { kind: "window", open: true, because: "open until Mon 16:00", changesAt: null },
        spoken: ["open until Mon 16:00"],
      },
    ],
    missing: [],
  }),
  ready: () => ({
    judge,
    gate: { kind: "ready", name: "ready", skip: null, http: "http://127.0.0.1/healthz" },
    clock,
    ladder: [
      { evidence: { kind: "ready", serving: false, because: "it answers 503" }, spoken: ["503"] },
      { evidence: { kind: "ready", serving: true, because: "it answers 200" }, spoken: ["200"] },
    ],
    missing: [],
  }),
};

describe.each(Object.keys(benches))("the gate kind %s", (kind) => {
  test.each(gateKindLaws)("$name", async (law) => {
    const bench = benches[kind]?.();
    if (bench === undefined) throw new Error(`no bench for ${kind}`);
    await law.check(bench);
  });
});

function healthBench(): GateKindBench {
  const gate = healthGate({
    metrics: metricNames.map((metric) => ruleOf(metric, metric.endsWith("_rate") ? 0.1 : 0.5)),
  });
  const traffic = { seed: 11, weight: 2000, stable: good, blocks: 24, sessionsPerBlock: 60, length: hours(1) };
  const at = (failures: number): Evidence =>
    evidenceOf(absorbed(opened(gate), gate, trafficOf({ ...traffic, canary: { failures } })));
  const silent = (change: (block: Block) => Block): Evidence => {
    const blocks = trafficOf({ ...traffic, canary: good });
    return evidenceOf(absorbed(opened(gate), gate, blocks.map(change)));
  };
  const healthy = evidenceOf(absorbed(opened(gate), gate, trafficOf({ ...traffic, canary: good })));
  return {
    judge,
    gate,
    clock,
    ladder: [
      { evidence: at(0.87), spoken: ["task_success_rate", "tolerance 5 pp", "canary and", "drop", "0.7"] },
      { evidence: at(0.55), spoken: ["task_success_rate", "proven worse"] },
      { evidence: at(0.36), spoken: ["task_success_rate", "margin 10 pp", "more sessions"] },
      { evidence: at(0.27), spoken: ["task_success_rate", "margin of 10 pp", "canary sessions"] },
      { evidence: at(0.1), spoken: ["task_success_rate 0.9", "rise 1"] },
    ],
    missing: [
      evidenceOf(opened(gate)),
      silent((block) =>
        withSample(block, "task_success_rate", { kind: "missing", because: "no outcome was reported" }),
      ),
      silent((block) => withSample(block, "task_success_rate", { kind: "rate", sessions: 10, bad: Number.NaN })),
      silent((block) => withSample(block, "mean_cost_usd", { kind: "missing", because: "no cost was reported" })),
      { ...healthy, alarms: [{ kind: "stale", because: "no record has arrived for 4 h" }] },
      evidenceOf({ ...healthy.memory, configuration: "another gate" }),
    ],
  };
}

/** The block with another sample in the canary's arm alone. */
function withSample(block: Block, metric: MetricName, sample: Sample): Block {
  const arm: BlockArm = { ...block.canary, samples: { ...block.canary.samples, [metric]: sample } };
  return { ...block, canary: arm };
}

function evalBench(): GateKindBench {
  const rule = {
    suite: "default",
    minScore: "0.85",
    maxRegression: "0.05",
    maxAge: hours(24),
    maxErrors: "0.05",
    decision: "point" as const,
  };
  const result: EvalResult = {
    suite: "default",
    revision: canary,
    recordedAt: start,
    scoreName: "pass rate",
    score: "0.90",
    passed: 90,
    failed: 10,
    errored: 0,
    byItem: null,
    unscored: [],
    digest: "sha256:0",
  };
  const baseline: EvalBaseline = {
    suite: "default",
    revision: other,
    recordedAt: start,
    scoreName: "pass rate",
    score: "0.91",
    best: "0.92",
    byItem: null,
  };
  const at = (parts: Partial<EvalResult>): Evidence => ({
    kind: "eval",
    suites: { default: { result: { ...result, ...parts }, baseline } },
  });
  const gate: EvalGate = { kind: "eval", name: "eval", skip: null, suites: [rule] };
  const soon: GateClock = { ...clock, now: atHour(1) };
  return {
    judge,
    gate,
    clock: soon,
    ladder: [
      { evidence: at({ score: "0.13", passed: 13, failed: 87 }), spoken: ["0.13", "0.85", "13 passed"] },
      { evidence: at({ score: "0.8599", passed: 86, failed: 14 }), spoken: ["0.8599", "0.91", "0.05"] },
      { evidence: at({ score: "0.86", passed: 86, failed: 14 }), spoken: ["0.86", "0.91", "86 passed"] },
      { evidence: at({}), spoken: ["0.9", "0.85", "0.92"] },
    ],
    missing: [
      { kind: "eval", suites: {} },
      { kind: "eval", suites: { default: { result: { missing: "no results were recorded" }, baseline } } },
      { kind: "eval", suites: { default: { result, baseline: { missing: "there is no baseline" } } } },
      at({ score: null, passed: 0, failed: 0 }),
      at({ score: "NaN" }),
      at({ revision: other }),
      at({ recordedAt: (start - hours(48)) as Instant }),
      at({ errored: 40, passed: 50 }),
    ],
  };
}

function approvalBench(): GateKindBench {
  const gate: ApprovalGate = { kind: "approval", name: "approval", skip: null, life: (7 * hours(24)) as Duration };
  const approval: Approval = { revision: canary, by: "mira", at: atHour(1) };
  const of = (...approvals: readonly Approval[]): Evidence => ({ kind: "approval", approvals });
  return {
    judge,
    gate,
    clock,
    ladder: [
      { evidence: of(), spoken: [canary.slice(0, 9)] },
      { evidence: of(approval), spoken: ["mira"] },
    ],
    missing: [of({ ...approval, revision: other }), of({ ...approval, at: (start - hours(400)) as Instant })],
  };
}
