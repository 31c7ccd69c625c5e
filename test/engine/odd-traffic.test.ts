/** Clocks that jump, tasks that come twice or late, and agents that are young: what a health gate gathers of them. */
import { expect, test } from "vitest";
import type { HealthMemory } from "../../src/core/gate/health-memory.js";
import { judgeHealth } from "../../src/core/gate/kinds/health.js";
import type { TaskRecord } from "../../src/core/metric/task-record.js";
import type { Evidence, Verdict } from "../../src/core/model/gate.js";
import type { Rollout } from "../../src/core/model/state.js";
import type { AgentId, Duration, Instant, RevisionId, RolloutId, Weight } from "../../src/core/model/units.js";
import { gatherHealth } from "../../src/engine/health.js";
import type { Run } from "../../src/engine/run.js";
import { createMemorySource } from "../../src/testing/memory-source.js";
import { createMemoryStore } from "../../src/testing/memory-store.js";
import { seeded } from "../core/stats/enumerate.js";
import { wide } from "../support/health-scene.js";
import { atHour } from "../support/health-traffic.js";

const agent = "support" as AgentId;
const stable = "r-a" as RevisionId;
const canary = "r-b" as RevisionId;
const weight = 5000 as Weight;
const timeout = 600_000 as Duration;

/** Tasks of single sessions, `perHour` of them, alternating between the arms. */
function tasks(from: number, to: number, options: { readonly perHour?: number; readonly bad?: number } = {}) {
  const { perHour = 240, bad = 0.1 } = options;
  const random = seeded(Math.round(from * 100) + 1);
  return Array.from({ length: Math.round((to - from) * perHour) }, (_, index): TaskRecord => {
    const startedAt = atHour(from + index / perHour);
    const id = `t-${from}-${index}`;
    return {
      id,
      agent,
      session: id,
      user: null,
      revision: index % 2 === 0 ? stable : canary,
      startedAt,
      endedAt: (startedAt + 30_000) as Instant,
      success: random() >= bad,
      llmCalls: 4,
      costUsd: 0.1 + random(),
      latencySec: 1 + random(),
      checkpoint: false,
      destructiveActions: null,
      rolledBackActions: null,
      error: null,
      tags: {},
    };
  });
}

/** A gate at half of the traffic since hour 24, with the engine's own look at it. */
function watched() {
  const source = createMemorySource();
  const clock = { now: atHour(24) };
  const store = createMemoryStore({ now: () => clock.now });
  const rollout = {
    id: "support-4" as RolloutId,
    canary,
    stages: [
      { kind: "weight", weight },
      { kind: "gate", gate: wide },
    ],
    session: { header: "x", timeout, unit: "session" },
    source: { kind: "embedded" },
    history: [{ at: atHour(24), weight }],
    confirmed: weight,
    startedAt: atHour(24),
    weightSince: atHour(24),
  } as unknown as Rollout;
  const doors = { store, source: () => source } as unknown as Run["doors"];
  const run = { doors, patience: 1000 as Duration } as Run;
  const look = async (hour: number): Promise<{ readonly memory: HealthMemory; readonly verdict: Verdict }> => {
    clock.now = atHour(hour);
    const state = { agent, finished: [], fallback: null, fallbackEndedAt: null };
    const at = { state, stable, rollout, stage: 1, now: clock.now, remember: true };
    const evidence: Evidence = await gatherHealth(run, at);
    if (evidence.kind !== "health") throw new Error(JSON.stringify(evidence));
    const since = { now: clock.now, since: atHour(24), pausedFor: 0 as Duration, canary };
    return { memory: evidence.memory, verdict: judgeHealth(wide, evidence, since) };
  };
  const record = (records: readonly TaskRecord[]) => source.record({ tasks: records, sessions: [] });
  return { look, record };
}

test("a task that comes twice, or in two batches, counts once", async () => {
  const [once, twice] = [watched(), watched()];
  for (const scene of [once, twice]) await scene.record(tasks(23, 27));
  await twice.record(tasks(23, 27));
  expect((await twice.look(28)).memory).toEqual((await once.look(28)).memory);
  await twice.record(tasks(23, 27));
  expect((await twice.look(28)).verdict).toEqual((await once.look(28)).verdict);
});

test("tasks that come after their block was judged change no verdict, whatever they say", async () => {
  const [calm, late] = [watched(), watched()];
  for (const scene of [calm, late]) {
    await scene.record(tasks(23, 26));
    expect((await scene.look(26.5)).verdict.result).toBe("pass");
  }
  const bad = tasks(24.2, 25.9, { bad: 1, perHour: 2000 }).map((task) => ({ ...task, revision: canary }));
  await late.record(bad);
  const [a, b] = [await calm.look(26.6), await late.look(26.6)];
  expect(b.memory.metrics).toEqual(a.memory.metrics);
  expect(b.verdict.result).toBe("pass");
});

test("tasks that come in time for their block count, in whatever order they come", async () => {
  const [ordered, mixed] = [watched(), watched()];
  await ordered.record(tasks(23, 26));
  await mixed.record([...tasks(23, 26)].reverse());
  expect((await mixed.look(26.5)).memory).toEqual((await ordered.look(26.5)).memory);
});

test("a clock that goes back decides nothing, and what was counted stays", async () => {
  const [all, scene] = [tasks(23, 27), watched()];
  await scene.record(all.filter(({ startedAt }) => startedAt < atHour(26)));
  const before = await scene.look(26.5);
  const back = await scene.look(23.5);
  expect(back.memory).toEqual(before.memory);
  expect(back.verdict.result).toBe("wait");
  const steady = watched();
  for (const one of [scene, steady]) await one.record(all);
  expect((await scene.look(27.5)).memory.metrics).toEqual((await steady.look(27.5)).memory.metrics);
});

test("a clock that leaps ahead passes nothing that was not proven, and says that nothing arrives", async () => {
  const scene = watched();
  await scene.record(tasks(23, 24.3));
  const { verdict } = await scene.look(24 * 365);
  expect(verdict.result).toBe("wait");
  expect(verdict.because).toContain("alarm stale: no record has arrived for");
  const again = await scene.look(24.6);
  expect(again.verdict.result).toBe("wait");
});

test("no traffic at all, or none of one arm, waits and breaks nothing", async () => {
  const nobody = watched();
  expect((await nobody.look(30)).verdict.result).toBe("wait");
  for (const arm of [stable, canary]) {
    const scene = watched();
    await scene.record(tasks(23, 29.5).filter(({ revision }) => revision === arm));
    const { verdict } = await scene.look(30);
    expect(verdict.result).toBe("wait");
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
  }
});

test("a stage's horizon knows the traffic of an agent that is three hours old", async () => {
  const [young, old] = [watched(), watched()];
  await young.record(tasks(21, 24));
  await old.record(tasks(0, 24));
  const [a, b] = [await young.look(24.1), await old.look(24.1)];
  // 240 sessions an hour, half of them, for the 48 hours of `until`.
  expect([a.memory.horizon, b.memory.horizon]).toEqual([5760, 5760]);
});
