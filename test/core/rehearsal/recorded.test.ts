// Recorded sessions at the weights of a ramp: chosen by name alone, as many as fit, and never fewer of a canary that rises.
import { describe, expect, it } from "vitest";
import type { SessionRecord, TaskRecord } from "../../../src/core/metric/task-record.js";
import type { AgentId, Instant, RevisionId, Weight } from "../../../src/core/model/units.js";
import { verdictAt } from "../../../src/core/rehearsal/ramp.js";
import {
  recordedSessions,
  recordingOf,
  replayRecording,
  sessionsAtWeight,
} from "../../../src/core/rehearsal/recorded.js";
import { rivalStream } from "../../../src/core/rehearsal/rival-stream.js";
import { murmur3 } from "../../../src/core/routing/murmur3.js";
import { seededRandom } from "../../../src/core/stats/draws.js";
import { emptyHistory, healthGate, hours, ruleOf, start } from "../../support/health-traffic.js";

const stable = "r-stable" as RevisionId;
const canary = "r-canary" as RevisionId;
const agent = "support" as AgentId;

function taskAt(index: number, parts: Partial<TaskRecord>): TaskRecord {
  const startedAt = (start + index * 20_000) as Instant;
  return {
    id: `t-${index}`,
    agent,
    revision: stable,
    session: null,
    user: null,
    startedAt,
    endedAt: (startedAt + 90_000) as Instant,
    success: true,
    llmCalls: null,
    costUsd: 0.4,
    latencySec: 90,
    checkpoint: null,
    destructiveActions: null,
    rolledBackActions: null,
    error: null,
    tags: {},
    ...parts,
  };
}

/** Three a minute for eight hours, of which the canary has its share and its failures. */
function stream(share: number, failures: number): readonly TaskRecord[] {
  const random = seededRandom(8);
  return Array.from({ length: 1440 }, (_, index) => {
    const isCanary = random() < share;
    return taskAt(index, { revision: isCanary ? canary : stable, success: random() >= (isCanary ? failures : 0.1) });
  });
}

function recorded(tasks: readonly TaskRecord[], sessions: readonly SessionRecord[] = []) {
  return recordingOf(recordedSessions({ tasks, sessions }), { stable, canary });
}

function keptAt(recording: ReturnType<typeof recorded>, weight: number) {
  return [...recording.cells.keys()].flatMap((cell) =>
    sessionsAtWeight(recording, { cell: cell as Instant, weight: weight as Weight }),
  );
}

describe("thinning to a weight", () => {
  it.each([
    [0.5, 2000],
    [0.5, 500],
    [0.2, 5000],
    [0.05, 5000],
  ])("a recording with a share of %d looks like a canary of %i basis points", (share, weight) => {
    const kept = keptAt(recorded(stream(share, 0.1)), weight);
    const ofCanary = kept.filter(({ revision }) => revision === canary).length;
    const wanted = weight / 10_000;
    const error = Math.sqrt((wanted * (1 - wanted)) / kept.length);
    expect(Math.abs(ofCanary / kept.length - wanted)).toBeLessThan(4 * error + 0.01);
  });

  it("does not look at outcomes", () => {
    const all = stream(0.5, 0.1);
    const failing = all.map((task) => ({ ...task, success: false, error: "no" }));
    const keys = (tasks: readonly TaskRecord[]): readonly string[] =>
      keptAt(recorded(tasks), 2000).map(({ key }) => key);
    expect(keys(failing)).toEqual(keys(all));
  });

  it("keeps who was in the canary when the weight rises", () => {
    const recording = recorded(stream(0.5, 0.1));
    const inCanary = (weight: number): readonly string[] =>
      keptAt(recording, weight).flatMap(({ key, revision }) => (revision === canary ? [key] : []));
    const higher = new Set(inCanary(3000));
    expect(inCanary(1000).filter((key) => !higher.has(key))).toEqual([]);
    expect(higher.size).toBeGreaterThan(inCanary(1000).length);
  });
});

describe("sessions", () => {
  it("gather their tasks, each once, and start with the first", () => {
    const first = taskAt(3, { id: "a", session: "s" });
    const second = taskAt(1, { id: "b", session: "s" });
    const sessions = recordedSessions({ tasks: [first, second, first], sessions: [] });
    expect(sessions).toHaveLength(1);
    expect(sessions[0]?.startedAt).toBe(second.startedAt);
    expect(sessions[0]?.tasks.map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("that were routed and never ended are there, and those of no revision are not", () => {
    const open: SessionRecord = {
      session: "open",
      agent,
      revision: canary,
      startedAt: start,
      endedAt: null,
      user: null,
    };
    const sessions = recordedSessions({ tasks: [taskAt(1, { revision: null })], sessions: [open] });
    expect(sessions.map(({ revision, tasks }) => [revision, tasks.length])).toEqual([[canary, 0]]);
  });

  it("that started before the canary's first cell are history, not evidence", () => {
    const tasks = [taskAt(0, {}), taskAt(60, { revision: canary }), taskAt(61, {})];
    const recording = recorded(tasks);
    expect(recording.from).toBe(start + 20 * 60_000);
    expect([...recording.cells.values()].flat()).toHaveLength(2);
  });
});

const gate = healthGate({ hold: hours(1), until: hours(7), metrics: [ruleOf("task_success_rate", 0.15)] });
const ramp = {
  legs: [{ weight: 3000 as Weight, gate, stage: 1 }],
  floors: [],
  history: { ...emptyHistory, task_success_rate: Array.from({ length: 200 }, (_, index) => Number(index % 10 === 0)) },
  sessionsPerHour: 180,
};

it.each([
  ["good", 0.1, "promoted"],
  ["bad", 0.5, "rolled-back"],
] as const)("a %s recorded canary", (_, failures, kind) => {
  const played = replayRecording({ recording: recorded(stream(0.5, failures)), ramp, sessionTimeout: hours(0.5) });
  expect(played.ramp.end?.kind).toBe(kind);
  expect(played.now).toBe(played.ramp.end?.at);
});

describe("where users are counted", () => {
  /** The same sessions, of users who come three times within a minute and three times an hour later. */
  const ofUsers = (share: number, failures: number): readonly TaskRecord[] =>
    stream(share, failures).map((task, index) => {
      const number = Math.floor((index % 180) / 3) + 60 * Math.floor(index / 360);
      return { ...task, user: `u${number}`, revision: murmur3(`arm ${number}`) < share * 2 ** 32 ? canary : stable };
    });
  const byUser = (tasks: readonly TaskRecord[]) =>
    recordingOf(recordedSessions({ tasks, sessions: [] }), { stable, canary, unit: "user" });

  it("all sessions of a user are left, or none", () => {
    const tasks = ofUsers(0.5, 0.1);
    const kept = new Set(keptAt(byUser(tasks), 5000).map(({ user }) => user));
    const all = byUser(tasks);
    const within = [...all.cells.values()].flat().filter(({ user }) => kept.has(user));
    expect(kept.size).toBeGreaterThan(40);
    expect(keptAt(all, 5000).length).toBeGreaterThan(0.9 * within.length);
  });

  it("each counts once at a weight, and those who name none not at all", () => {
    const tasks = ofUsers(0.5, 0.1).map((task, index) => (index % 10 === 0 ? { ...task, user: null } : task));
    const leg = { weight: 5000 as Weight, gate: { ...gate, until: hours(40) }, stage: 1 };
    const settings = { ...ramp, legs: [leg], unit: "user" as const };
    const played = replayRecording({ recording: byUser(tasks), ramp: settings, sessionTimeout: hours(0.5) });
    const verdict = verdictAt(played.ramp, { ...gate, until: hours(40) }, played.now);
    const counted = Number(verdict.figures.canary_sessions) + Number(verdict.figures.stable_sessions);
    const users = new Set(tasks.flatMap(({ user }) => user ?? []));
    expect(counted).toBeGreaterThan(0.5 * users.size);
    expect(counted).toBeLessThanOrEqual(users.size);
    expect(Number(verdict.figures.without_user)).toBeGreaterThan(50);
  });
});

it("where the records end first, the ramp is still open", () => {
  const few = stream(0.5, 0.1).slice(0, 60);
  const played = replayRecording({ recording: recorded(few), ramp, sessionTimeout: hours(0.5) });
  expect(played.ramp.end).toBeNull();
  expect(played.now).toBe(start + hours(0.5) + 20 * 60_000);
});

describe("what other rules see", () => {
  const recording = recorded(stream(0.5, 0.1));
  const rules = [
    ...gate.metrics,
    ruleOf("mean_cost_usd", 0.2),
    ruleOf("mean_llm_calls", 0.2),
    ruleOf("p95_latency_sec", 0.25),
  ];
  const { settings, ticks } = rivalStream(recording, { weight: 3000 as Weight, gate: { ...gate, metrics: rules } });

  it("ranges are stable's own values widened by the margins; a metric that nobody reports has none", () => {
    expect(settings.metrics.map(({ name }) => name)).toEqual(["task_success_rate", "mean_cost_usd", "p95_latency_sec"]);
    const [success, cost, latency] = settings.metrics;
    expect(success?.limit).toBeCloseTo((success?.reference ?? 0) + 0.15, 9);
    expect(cost?.limit).toBeCloseTo(0.48, 9);
    expect(latency).toMatchObject({ reads: "p95", reference: 90 });
  });

  it("every session is seen once, in the tick in which it ended", () => {
    const seen = ticks.reduce((sum, { metrics }) => {
      const arms = metrics.task_success_rate;
      const count = (arm: "canary" | "stable"): number => (arms?.[arm].kind === "values" ? arms[arm].values.length : 0);
      return sum + count("canary") + count("stable");
    }, 0);
    expect(seen).toBe(keptAt(recording, 3000).length);
    expect(ticks[0]?.at).toBe(start + 300_000);
  });

  it("the baseline is as large as the canary, where stable is large enough", () => {
    for (const { metrics } of ticks) {
      const arms = metrics.task_success_rate;
      if (arms?.baseline.kind !== "values" || arms.canary.kind !== "values" || arms.stable.kind !== "values") continue;
      expect(arms.baseline.values).toHaveLength(Math.min(arms.canary.values.length, arms.stable.values.length));
    }
  });
});
