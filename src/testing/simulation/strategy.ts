// How carefully the simulated team ramps, and the spec that it declares.

import type { Gate, HealthGate, Stage, Undecided } from "../../core/model/gate.js";
import type { AgentSpec } from "../../core/model/spec.js";
import { type Duration, day, hour, minute, type Weight } from "../../core/model/units.js";
import { agent, content, step, type Wish, withoutOverride } from "./wish.js";

export interface Strategy {
  readonly ramp: keyof typeof ramps;
  readonly undecided: "hold" | "rollback" | "proceed";
  readonly onDrift: "correct" | "report";
  readonly onNewRevision: "queue" | "supersede";
  /** The least success of either arm, as a fraction; left out: none. */
  readonly floor?: number;
}

/** What the repository says at a time. `registry`: the planning model written there; another one in `wish` is an override. */
export interface Declared {
  readonly wish: Wish;
  readonly registry: string;
}

export const sessionTimeout = (10 * minute) as Duration;

/** The spec that the engine is given. */
export function specOf({ wish, registry }: Declared, strategy: Strategy): AgentSpec {
  return {
    agent,
    revision: content(wish),
    base: content(withoutOverride(wish, registry)),
    overrides: wish.charAt(0) === registry ? [] : [step],
    target: { kind: "snapshot", path: "live/support.json" },
    source: { kind: "embedded" },
    strategy: strategy.ramp,
    stages: ramps[strategy.ramp](undecidedOf(strategy.undecided)),
    session: { header: "x-session-id", timeout: sessionTimeout, unit: "session" },
    floors: strategy.floor === undefined ? [] : [{ metric: "task_success_rate", least: strategy.floor }],
    algo: "murmur3-32",
    budget: { costUsd: null, llmCalls: null, latencySec: null },
    onDrift: strategy.onDrift,
    onNewRevision: strategy.onNewRevision,
    restoreWithin: (7 * day) as Duration,
    runbook: null,
    evals: { results: null, score: null, resultsByDigest: "evals", baseline: "baseline.json", commit: "none" },
    notices: [],
  };
}

function undecidedOf(policy: Strategy["undecided"]): Undecided {
  return policy === "proceed" ? { proceed: { because: "traffic is thin", minSessions: 30 } } : policy;
}

type Ramp = (undecided: Undecided) => readonly Stage[];

const ramps = {
  /** One weight between nothing and everything. */
  short: (undecided) => [gate(evalGate), weight(500), gate(health("full", undecided)), weight(10_000)],
  steps: (undecided) => [
    gate(evalGate),
    weight(500),
    gate(health("canary", undecided)),
    weight(5_000),
    gate(health("full", undecided)),
    weight(10_000),
  ],
  /** Every kind of gate. */
  careful: (undecided) => [
    gate(evalGate),
    gate({ kind: "ready", name: "ready", skip: null, http: "http://support-canary/healthz" }),
    gate(approval),
    weight(500),
    gate(health("canary", undecided)),
    gate(workingHours),
    weight(2_500),
    gate(health("canary", undecided)),
    weight(5_000),
    gate(health("full", undecided)),
    gate(approval),
    weight(10_000),
  ],
  /** Gates left out for a reviewed reason. */
  skipping: (undecided) => [
    gate({ ...evalGate, skip: "no suite for this agent yet" }),
    weight(500),
    gate({ ...health("canary", undecided), skip: "five percent is a smoke test" }),
    weight(5_000),
    gate(health("full", undecided)),
    weight(10_000),
  ],
} as const satisfies Readonly<Record<string, Ramp>>;

function gate(of: Gate): Stage {
  return { kind: "gate", gate: of };
}

function weight(basisPoints: number): Stage {
  return { kind: "weight", weight: basisPoints as Weight };
}

const evalGate: Gate = {
  kind: "eval",
  name: "eval",
  skip: null,
  suites: [
    {
      suite: "default",
      minScore: "0.85",
      maxRegression: "0.05",
      maxAge: (365 * day) as Duration,
      maxErrors: "0.05",
      decision: "point",
    },
  ],
};

const approval: Gate = { kind: "approval", name: "approval", skip: null, life: (30 * day) as Duration };
const workingHours: Gate = { kind: "window", name: "window", skip: null, windows: [], freezes: [] };

function health(name: HealthGate["name"], undecided: Undecided): HealthGate {
  return {
    kind: "health",
    name,
    skip: null,
    hold: hour,
    until: (4 * hour) as Duration,
    undecided,
    prove: ["task_success_rate"],
    metrics: [
      {
        metric: "task_success_rate",
        margin: { kind: "points", value: 0.05 },
        tolerance: { kind: "points", value: 0.025 },
      },
    ],
    alpha: 0.05,
    beta: 0.05,
    staleAfter: (3 * hour) as Duration,
    minSessions: 20,
  };
}
