import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BlockFrame, sessionBlocks, startsInFrame } from "../../../src/core/metric/session-blocks.js";
import {
  metricNames,
  type SessionTask,
  sessionValues,
  type TrackedSession,
} from "../../../src/core/metric/session-values.js";
import { type Duration, type Instant, minute, type RevisionId, type Weight } from "../../../src/core/model/units.js";

const stable = "r-stable" as RevisionId;
const canary = "r-canary" as RevisionId;
const timeout = (30 * minute) as Duration;
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 2 });
const minutes = (most: number) => fc.integer({ min: 0, max: most * minute }).map((time) => time as Instant);

const taskParts = fc.record({
  id: fc.string({ minLength: 1 }),
  endedAt: minutes(120),
  success: fc.boolean(),
  llmCalls: maybe(fc.nat(50)),
  costUsd: maybe(fc.double({ min: 0, max: 1e9, noNaN: true })),
  latencySec: maybe(fc.double({ min: 0, max: 1e6, noNaN: true })),
  checkpoint: maybe(fc.boolean()),
  destructiveActions: maybe(fc.nat(5)),
  rolledBackActions: maybe(fc.nat(5)),
}) satisfies fc.Arbitrary<SessionTask>;
const tasks = fc.uniqueArray(taskParts, { selector: ({ id }) => id, maxLength: 4 });
const sessions = fc.uniqueArray(
  fc.record({
    key: fc.string({ minLength: 1 }),
    startedAt: minutes(90),
    revision: fc.constantFrom(stable, canary, "r-other" as RevisionId, null),
    user: fc.constantFrom("u1", "u2", "u3", null),
    tasks,
  }) satisfies fc.Arbitrary<TrackedSession>,
  { selector: ({ key }) => key, maxLength: 40 },
);
const frames = fc.record({ now: minutes(200), after: maybe(minutes(90)), cut: minutes(60) }).map(
  ({ now, after, cut }): BlockFrame => ({
    stable,
    canary,
    unit: "session",
    after,
    cuts: [
      { at: (3 * minute) as Instant, weight: 500 as Weight },
      { at: (4 * minute + cut) as Instant, weight: 5000 as Weight },
    ],
    sessionTimeout: timeout,
    now,
  }),
);

test("blocks are disjoint, ascending, closed and new, with sessions; each session is in one at the most", () => {
  fc.assert(
    fc.property(sessions, frames, (given, frame) => {
      const blocks = sessionBlocks(given, frame);
      let end = -Infinity;
      for (const block of blocks) {
        expect(block.start).toBeGreaterThanOrEqual(end);
        expect(block.end).toBeGreaterThan(Math.max(block.start, frame.after ?? -Infinity));
        expect(block.end + timeout).toBeLessThanOrEqual(frame.now);
        expect(block.stable.sessions + block.canary.sessions).toBeGreaterThan(0);
        const inside = given.filter(({ startedAt }) => startedAt >= block.start && startedAt < block.end);
        expect(block.stable.sessions).toBe(inside.filter(({ revision }) => revision === stable).length);
        expect(block.canary.sessions).toBe(inside.filter(({ revision }) => revision === canary).length);
        end = block.end;
      }
    }),
  );
});

test("no session that a block is due for starts outside of the frame's range", () => {
  fc.assert(
    fc.property(sessions, frames, (given, frame) => {
      const range = startsInFrame(frame);
      const within = given.filter(({ startedAt }) => range && startedAt >= range.from && startedAt < range.to);
      expect(sessionBlocks(within, frame)).toEqual(sessionBlocks(given, frame));
    }),
  );
});

test("the order of sessions and of their tasks does not show", () => {
  fc.assert(
    fc.property(sessions, frames, (given, frame) => {
      const reversed = [...given].reverse().map((session) => ({ ...session, tasks: [...session.tasks].reverse() }));
      expect(sessionBlocks(reversed, frame)).toEqual(sessionBlocks(given, frame));
    }),
  );
});

test("rates are shares of the sessions that have a value, and no value is negative or endless", () => {
  fc.assert(
    fc.property(sessions, frames, (given, frame) => {
      for (const { stable: s, canary: c } of sessionBlocks(given, frame)) {
        for (const arm of [s, c]) {
          for (const name of metricNames) {
            const sample = arm.samples[name];
            if (sample.kind === "rate") {
              expect(sample.sessions).toBeLessThanOrEqual(arm.sessions);
              expect(sample.bad).toBeGreaterThanOrEqual(0);
              expect(sample.bad).toBeLessThanOrEqual(sample.sessions);
            } else if (sample.kind === "values") {
              expect(sample.values.length).toBeLessThanOrEqual(arm.sessions);
              for (const value of sample.values) expect(value >= 0 && Number.isFinite(value)).toBe(true);
            }
          }
        }
      }
    }),
  );
});

describe("values of a session", () => {
  const at = { maturity: 100 as Instant, timeout };
  const task: SessionTask = {
    id: "a",
    endedAt: 1 as Instant,
    success: true,
    llmCalls: null,
    costUsd: null,
    latencySec: null,
    checkpoint: null,
    destructiveActions: null,
    rolledBackActions: null,
  };
  const nothing = {
    task_success_rate: 0,
    mean_llm_calls: "unknown",
    mean_cost_usd: "unknown",
    checkpoint_trigger_rate: "unknown",
    rollback_rate: "unknown",
    p95_latency_sec: "unknown",
  };
  const open = {
    task_success_rate: 1,
    mean_llm_calls: "open",
    mean_cost_usd: "open",
    checkpoint_trigger_rate: "open",
    rollback_rate: "open",
    p95_latency_sec: 1800,
  };

  test.each<[string, readonly Partial<SessionTask>[], object]>([
    ["no task", [], open],
    ["a task that ended too late", [{ endedAt: 101 as Instant }], open],
    ["a task that ended just in time", [{ endedAt: 100 as Instant }], nothing],
    ["half of the tasks failed", [{}, { success: false }], { ...nothing, task_success_rate: 0.5 }],
    ["a mean over the tasks that report it", [{ costUsd: 1 }, { costUsd: 3 }, {}], { ...nothing, mean_cost_usd: 2 }],
    ["the slowest task", [{ latencySec: 3 }, { latencySec: 9 }, { latencySec: 4 }], { ...nothing, p95_latency_sec: 9 }],
    [
      "one checkpoint of two",
      [{ checkpoint: true }, { checkpoint: false }],
      { ...nothing, checkpoint_trigger_rate: 0.5 },
    ],
    ["no destructive action", [{ destructiveActions: 0, rolledBackActions: 0 }], { ...nothing, rollback_rate: "none" }],
    [
      "no destructive action, and so none rolled back",
      [{ destructiveActions: 0 }],
      { ...nothing, rollback_rate: "none" },
    ],
    ["actions of which nobody knows how many were rolled back", [{ destructiveActions: 3 }], nothing],
    [
      "actions of all tasks together",
      [
        { destructiveActions: 3, rolledBackActions: 3 },
        { destructiveActions: 1, rolledBackActions: 0 },
      ],
      { ...nothing, rollback_rate: 0.75 },
    ],
  ])("%s", (_name, parts, expected) => {
    const tasksOfSession = parts.map((part, index) => ({ ...task, id: `t${index}`, ...part }));
    expect(sessionValues(tasksOfSession, at)).toEqual(expected);
  });
});

describe("samples of an arm", () => {
  const frame: BlockFrame = {
    stable,
    canary,
    unit: "session",
    after: null,
    cuts: [{ at: 0 as Instant, weight: 500 as Weight }],
    sessionTimeout: timeout,
    now: (60 * minute) as Instant,
  };
  const task: SessionTask = {
    id: "a",
    endedAt: 1 as Instant,
    success: true,
    llmCalls: null,
    costUsd: null,
    latencySec: null,
    checkpoint: null,
    destructiveActions: null,
    rolledBackActions: null,
  };
  const samplesOf = (...given: readonly (readonly SessionTask[])[]) =>
    sessionBlocks(
      given.map((ofSession, index) => ({
        key: `${index}`,
        startedAt: 0 as Instant,
        revision: canary,
        user: null,
        tasks: ofSession,
      })),
      frame,
    )[0]?.canary.samples;

  test("what not one task reports is missing, and never 0", () => {
    const samples = samplesOf([task]);
    expect(samples?.mean_cost_usd).toEqual({
      kind: "missing",
      because: "no task of these sessions reports what mean_cost_usd needs",
    });
    expect(samples?.rollback_rate.kind).toBe("missing");
    expect(samples?.task_success_rate).toEqual({ kind: "rate", sessions: 1, bad: 0 });
  });

  test("sessions without destructive actions are left out, which is not missing", () => {
    const quiet = { ...task, destructiveActions: 0, rolledBackActions: 0 };
    expect(samplesOf([quiet], [task])?.rollback_rate).toEqual({ kind: "rate", sessions: 0, bad: 0 });
  });

  test("a silent session says nothing of cost, and does not make it missing", () => {
    expect(samplesOf([])?.mean_cost_usd).toEqual({ kind: "values", values: [] });
    expect(samplesOf([], [{ ...task, costUsd: 2 }])?.mean_cost_usd).toEqual({ kind: "values", values: [2] });
    expect(samplesOf([], [task])?.mean_cost_usd.kind).toBe("missing");
  });
});
