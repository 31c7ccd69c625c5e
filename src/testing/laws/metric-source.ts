// What holds for every metric source that records are put into.

import assert from "node:assert/strict";
import type { SessionRecord, TaskRecord } from "../../core/metric/task-record.js";
import type { Block, MetricName } from "../../core/model/metric.js";
import type { WeightChange } from "../../core/model/route.js";
import type { AgentId, Duration, Instant, RevisionId, Weight } from "../../core/model/units.js";
import type { BlockAnswer, BlockQuery, MetricSource } from "../../ports/metric-source.js";
import type { TaskRecorder } from "../../ports/task-recorder.js";
import type { Law } from "../law.js";

export type RecordedSource = MetricSource & TaskRecorder;
export interface MetricSourceBench {
  /** A new and empty one. */
  open(): Promise<RecordedSource>;
}

const agent = "support" as AgentId;
const stable = "r-stable" as RevisionId;
const canary = "r-canary" as RevisionId;
const minute = 60_000;
const timeout = (30 * minute) as Duration;
/** On the grid. */
const start = Date.UTC(2026, 2, 1, 9, 30);
const signal = new AbortController().signal;

const blockLaws: readonly Law<MetricSourceBench>[] = [
  {
    name: "no data is no block: missing, never zero",
    async check(bench) {
      const source = await bench.open();
      assert.deepEqual(await source.blocks(query({ now: 600 }), signal), {
        blocks: [],
        unrouted: [],
        mismatched: 0,
        newest: null,
        completedOnly: true,
      });
      await source.record(batch([task("a", { at: 1, revision: stable }), task("b", { at: 21, revision: canary })]));
      const { blocks } = await source.blocks(query({ now: 600 }), signal);
      assert.deepEqual(blocks.map(minutes), [
        [0, 5],
        [20, 25],
      ]);
    },
  },
  {
    name: "a session belongs to the block of its start, half-open, and to its arm",
    async check(bench) {
      const source = await bench.open();
      const tasks = [
        task("first", { at: 0, revision: stable }),
        task("last", { at: 5 - 1 / minute, revision: canary }),
        task("next", { at: 5, revision: canary }),
        task("later in the same session", { at: 14, session: "first", revision: stable }),
      ];
      await source.record(batch(tasks));
      const { blocks } = await source.blocks(query({ now: 600 }), signal);
      assert.deepEqual(blocks.map(minutes), [
        [0, 5],
        [5, 10],
      ]);
      assert.deepEqual(blocks.map(counts), [
        { stable: 1, canary: 1 },
        { stable: 0, canary: 1 },
      ]);
    },
  },
  {
    name: "a block is closed when its end and the session timeout have passed, and not before",
    async check(bench) {
      const source = await bench.open();
      await source.record(batch([task("a", { at: 1, revision: stable })]));
      assert.deepEqual((await source.blocks(query({ now: 35 - 1 / minute }), signal)).blocks, []);
      assert.equal((await source.blocks(query({ now: 35 }), signal)).blocks.length, 1);
    },
  },
  {
    name: "blocks are cut where the weight changes",
    async check(bench) {
      const source = await bench.open();
      await source.record(batch([1, 3, 6].map((at) => task(`t${at}`, { at, revision: stable }))));
      const { blocks } = await source.blocks(
        query({
          now: 600,
          cuts: [
            [0, 500],
            [2, 2500],
            [7, 5000],
          ],
        }),
        signal,
      );
      assert.deepEqual(blocks.map(minutes), [
        [0, 2],
        [2, 5],
        [5, 7],
      ]);
      assert.deepEqual(
        blocks.map(({ weight }) => weight),
        [500, 2500, 2500],
      );
    },
  },
  {
    name: "nothing before the first cut is answered, nor what ends at or before `after`",
    async check(bench) {
      const source = await bench.open();
      await source.record(batch([1, 6, 11, 16].map((at) => task(`t${at}`, { at, revision: stable }))));
      const late = await source.blocks(query({ now: 600, cuts: [[6, 500]] }), signal);
      assert.deepEqual(late.blocks.map(minutes), [
        [6, 10],
        [10, 15],
        [15, 20],
      ]);
      const rest = await source.blocks(query({ now: 600, after: 10 }), signal);
      assert.deepEqual(rest.blocks.map(minutes), [
        [10, 15],
        [15, 20],
      ]);
      assert.deepEqual((await source.blocks(query({ now: 600, cuts: [] }), signal)).blocks, []);
    },
  },
  {
    name: "looking often gives the same blocks as looking once: disjoint, ascending, each session in one at the most",
    async check(bench) {
      const source = await bench.open();
      const random = seeded(7);
      await source.record(batch(randomTasks(random, 120)));
      const cuts = [
        [0, 500],
        [33, 2500],
        [61, 5000],
      ] as const;
      const once = (await source.blocks(query({ now: 600, cuts }), signal)).blocks;
      const often: Block[] = [];
      for (let now = 0; now <= 200; now += 1 + random() * 9) {
        const after = often.at(-1)?.end;
        const seen = query({
          now,
          cuts: cuts.filter(([at]) => at <= now),
          ...(after ? { after: minutesOf(after) } : {}),
        });
        often.push(...(await source.blocks(seen, signal)).blocks);
      }
      assert.deepEqual(often, once);
      once.forEach((block, index) => {
        assert.ok(block.start < block.end && block.start >= (once[index - 1]?.end ?? 0));
      });
      const total = once.reduce((sum, block) => sum + block.stable.sessions + block.canary.sessions, 0);
      const ids = new Set(randomTasks(seeded(7), 120).map(({ session }) => session));
      assert.equal(total, ids.size);
    },
  },
  {
    name: "the order of arrival does not matter",
    async check(bench) {
      const records = batch(randomTasks(seeded(3), 150), [
        session("s1", { at: 2, revision: canary }),
        session("s2", { at: 90 }),
      ]);
      const answers: BlockAnswer[] = [];
      for (const seed of [1, 2, 3]) {
        const source = await bench.open();
        const random = seeded(seed);
        const tasks = [...records.tasks].sort(() => random() - 0.5);
        for (const one of tasks.slice(0, 40)) await source.record(batch([one]));
        if (seed > 1) await source.record(batch([], records.sessions));
        await source.record(batch(tasks.slice(40)));
        if (seed === 1) await source.record(batch([], [...records.sessions].reverse()));
        answers.push(
          await source.blocks(
            query({
              now: 600,
              cuts: [
                [0, 500],
                [33, 2500],
              ],
            }),
            signal,
          ),
        );
      }
      assert.ok((answers[0]?.blocks.length ?? 0) > 10);
      assert.deepEqual(answers[1], answers[0]);
      assert.deepEqual(answers[2], answers[0]);
    },
  },
];

const valueLaws: readonly Law<MetricSourceBench>[] = [
  {
    name: "bad never exceeds sessions, and sessions of a sample never those of the arm",
    async check(bench) {
      const source = await bench.open();
      await source.record(batch(randomTasks(seeded(11), 200)));
      const { blocks } = await source.blocks(query({ now: 600 }), signal);
      for (const block of blocks) {
        for (const arm of [block.stable, block.canary]) {
          assert.ok(arm.silent >= 0 && arm.silent <= arm.sessions);
          for (const sample of Object.values(arm.samples)) {
            const count =
              sample.kind === "rate" ? sample.sessions : sample.kind === "values" ? sample.values.length : 0;
            assert.ok(count <= arm.sessions);
            if (sample.kind === "rate") assert.ok(sample.bad >= 0 && sample.bad <= sample.sessions);
          }
        }
      }
    },
  },
  {
    name: "a session's value: share of failed tasks, mean cost and calls, slowest task, share of actions rolled back",
    async check(bench) {
      const source = await bench.open();
      const common = { session: "s", revision: canary };
      await source.record(
        batch([
          task("a", {
            ...common,
            at: 0,
            success: true,
            llmCalls: 2,
            costUsd: 0.5,
            latencySec: 9,
            destructiveActions: 3,
            rolledBackActions: 1,
          }),
          task("b", {
            ...common,
            at: 1,
            success: false,
            llmCalls: 5,
            costUsd: 1,
            latencySec: 4,
            destructiveActions: 1,
            rolledBackActions: 0,
          }),
          task("c", { at: 1, revision: canary, success: true, destructiveActions: 0, rolledBackActions: 0 }),
        ]),
      );
      const [block] = (await source.blocks(query({ now: 600 }), signal)).blocks;
      const expected: Partial<Block["canary"]["samples"]> = {
        task_success_rate: { kind: "rate", sessions: 2, bad: 0.5 },
        mean_llm_calls: { kind: "values", values: [3.5] },
        mean_cost_usd: { kind: "values", values: [0.75] },
        p95_latency_sec: { kind: "values", values: [9] },
        rollback_rate: { kind: "rate", sessions: 1, bad: 0.25 },
      };
      for (const [name, sample] of Object.entries(expected))
        assert.deepEqual(block?.canary.samples[name as MetricName], sample);
      assert.equal(block?.canary.samples.checkpoint_trigger_rate.kind, "missing");
      assert.deepEqual(block?.stable.samples.mean_cost_usd, { kind: "values", values: [] });
    },
  },
  {
    name: "a reported session without a task has failed once it has timed out, took that long, and is silent",
    async check(bench) {
      const source = await bench.open();
      await source.record(
        batch(
          [task("a", { at: 1, session: "alive", revision: canary, latencySec: 3 })],
          [session("silent", { at: 1, revision: canary }), session("alive", { at: 0.5, revision: canary })],
        ),
      );
      const { blocks, completedOnly } = await source.blocks(query({ now: 600 }), signal);
      assert.equal(completedOnly, false);
      const { sessions, silent, samples } = blocks[0]?.canary ?? {};
      assert.deepEqual({ sessions, silent }, { sessions: 2, silent: 1 });
      assert.deepEqual(samples?.task_success_rate, { kind: "rate", sessions: 2, bad: 1 });
      assert.deepEqual(samples?.p95_latency_sec, { kind: "values", values: [3, timeout / 1000] });
    },
  },
  {
    name: "a task that ended after its block was closed does not count as done",
    async check(bench) {
      const source = await bench.open();
      await source.record(batch([{ ...task("slow", { at: 1, revision: stable }), endedAt: at(36), latencySec: 2100 }]));
      const [block] = (await source.blocks(query({ now: 600 }), signal)).blocks;
      assert.deepEqual(block?.stable.samples.task_success_rate, { kind: "rate", sessions: 1, bad: 1 });
      assert.deepEqual(block?.stable.samples.p95_latency_sec, { kind: "values", values: [timeout / 1000] });
    },
  },
  {
    name: "duplicates count once",
    async check(bench) {
      const source = await bench.open();
      const tasks = [task("a", { at: 1, revision: stable }), task("b", { at: 1, revision: stable })];
      const sessions = [session("s", { at: 1, revision: canary })];
      assert.deepEqual(await source.record(batch(tasks, sessions)), { added: 3, duplicates: 0, expired: 0 });
      assert.deepEqual(await source.record(batch([...tasks, task("c", { at: 1, revision: stable })], sessions)), {
        added: 1,
        duplicates: 3,
        expired: 0,
      });
      assert.deepEqual(await source.record(batch([task("d", { at: 1 }), task("d", { at: 1 })])), {
        added: 1,
        duplicates: 1,
        expired: 0,
      });
      const { blocks } = await source.blocks(query({ now: 600 }), signal);
      assert.deepEqual(blocks.map(counts), [{ stable: 3, canary: 1 }]);
      assert.equal((await source.figures({ agent, revision: stable, from: at(0), to: at(60) }, signal)).tasks, 3);
    },
  },
  {
    name: "agents do not touch each other",
    async check(bench) {
      const source = await bench.open();
      const other = { ...task("a", { at: 1, revision: stable }), agent: "billing" as AgentId };
      assert.equal((await source.record(batch([other, task("a", { at: 1, revision: canary })]))).added, 2);
      const { blocks, unrouted } = await source.blocks(query({ now: 600 }), signal);
      assert.deepEqual(blocks.map(counts), [{ stable: 0, canary: 1 }]);
      assert.deepEqual(unrouted, []);
    },
  },
];

const alarmLaws: readonly Law<MetricSourceBench>[] = [
  {
    name: "tasks of revisions that get no traffic are told, of sessions since the first cut alone",
    async check(bench) {
      const source = await bench.open();
      const stranger = "r-stranger" as RevisionId;
      await source.record(
        batch([
          task("a", { at: 1, revision: stranger }),
          task("b", { at: 8, revision: stranger }),
          task("c", { at: 9, session: "b", revision: stranger }),
          task("began before", { at: 1, session: "old", revision: stable }),
          task("goes on", { at: 9, session: "old", revision: stranger }),
          task("nobody's", { at: 9 }),
          task("canary", { at: 9, revision: canary }),
        ]),
      );
      const { blocks, unrouted } = await source.blocks(query({ now: 600, cuts: [[5, 500]] }), signal);
      assert.deepEqual(unrouted, [{ revision: stranger, tasks: 2 }]);
      assert.deepEqual(blocks.map(counts), [{ stable: 0, canary: 1 }]);
    },
  },
  {
    name: "tasks that report another revision than their session was routed to are told, and stay in the routed arm",
    async check(bench) {
      const source = await bench.open();
      const tasks = [
        task("a", { at: 1, session: "s", revision: stable }),
        task("b", { at: 2, session: "s", revision: canary }),
      ];
      await source.record(batch(tasks));
      assert.equal((await source.blocks(query({ now: 600 }), signal)).mismatched, 0);
      await source.record(batch([], [session("s", { at: 1, revision: canary })]));
      const { blocks, mismatched } = await source.blocks(query({ now: 600 }), signal);
      assert.equal(mismatched, 1);
      assert.deepEqual(blocks.map(counts), [{ stable: 0, canary: 1 }]);
      assert.equal((await source.blocks(query({ now: 600, cuts: [[3, 500]] }), signal)).mismatched, 0);
    },
  },
  {
    name: "the newest record is of any kind, and not of the future",
    async check(bench) {
      const source = await bench.open();
      await source.record(
        batch([task("a", { at: 1 }), task("future", { at: 900 })], [session("s", { at: 7, revision: stable })]),
      );
      assert.equal((await source.blocks(query({ now: 600 }), signal)).newest, at(7));
      assert.equal((await source.blocks(query({ now: 600, cuts: [] }), signal)).newest, at(7));
      assert.equal((await source.blocks(query({ now: 3 }), signal)).newest, at(2));
    },
  },
];

const displayLaws: readonly Law<MetricSourceBench>[] = [
  {
    name: "a window is half-open, to the millisecond",
    async check(bench) {
      const source = await bench.open();
      // Each of these tasks takes a minute.
      await source.record(batch([2, 2.5, 3, 60, 62].map((end) => task(`t${end}`, { at: end - 1, revision: stable }))));
      const tasks = async (from: number, to: number): Promise<number> =>
        (await source.figures({ agent, revision: stable, from: at(from), to: at(to) }, signal)).tasks;
      assert.equal(await tasks(2, 62), 4);
      assert.equal(await tasks(2 + 1 / minute, 62 + 1 / minute), 4);
      assert.equal(await tasks(2.5, 2.5 + 1 / minute), 1);
      assert.equal(await tasks(2.5, 2.5), 0);
      assert.equal(await tasks(4, 60), 0);
    },
  },
  {
    name: "figures are those of the tasks, and absent where nothing reported them",
    async check(bench) {
      const source = await bench.open();
      const none = {
        task_success_rate: null,
        mean_llm_calls: null,
        mean_cost_usd: null,
        checkpoint_trigger_rate: null,
        rollback_rate: null,
        p95_latency_sec: null,
      };
      const window = { agent, revision: stable, from: at(0), to: at(60) };
      assert.deepEqual(await source.figures(window, signal), { tasks: 0, sessions: 0, values: none });
      await source.record(
        batch([
          task("a", {
            at: 1,
            session: "s",
            revision: stable,
            success: true,
            costUsd: 1,
            llmCalls: 4,
            destructiveActions: 4,
            rolledBackActions: 1,
          }),
          task("b", { at: 9, session: "s", revision: stable, success: false, costUsd: 3 }),
          task("c", { at: 9, revision: stable, success: true }),
        ]),
      );
      const { tasks, sessions, values } = await source.figures(window, signal);
      assert.deepEqual({ tasks, sessions }, { tasks: 3, sessions: 2 });
      assert.deepEqual(values, {
        ...none,
        task_success_rate: 2 / 3,
        mean_llm_calls: 4,
        mean_cost_usd: 2,
        rollback_rate: 0.25,
      });
    },
  },
  {
    name: "the quantile of a window is within 1 % of the task's own",
    async check(bench) {
      const source = await bench.open();
      await source.record(
        batch(
          Array.from({ length: 100 }, (_, i) =>
            task(`t${i}`, { at: i / 10, revision: stable, latencySec: (i + 1) * 0.37 }),
          ),
        ),
      );
      const p95 =
        (await source.figures({ agent, revision: stable, from: at(0), to: at(60) }, signal)).values.p95_latency_sec ??
        0;
      assert.ok(Math.abs(p95 / (95 * 0.37) - 1) <= 0.01, `${p95}`);
    },
  },
  {
    name: "history: session values of stable before an instant, newest first, and all sessions of the day before it",
    async check(bench) {
      const source = await bench.open();
      const yesterday = -25 * 60;
      await source.record(
        batch(
          [
            task("old", { at: yesterday, revision: stable, costUsd: 1 }),
            task("a", { at: -20, session: "s", revision: stable, costUsd: 2 }),
            task("b", { at: -19, session: "s", revision: stable, costUsd: 4, success: false }),
            task("c", { at: -3, revision: stable, costUsd: 5 }),
            task("other", { at: -2, revision: canary, costUsd: 50 }),
            task("unfinished", { at: -0.5, revision: stable, costUsd: 60 }),
            task("after", { at: 0, revision: stable, costUsd: 70 }),
          ],
          [session("silent", { at: -4, revision: stable })],
        ),
      );
      const { sessionsLastDay, samples } = await source.history({ agent, stable, before: at(0) }, signal);
      assert.equal(sessionsLastDay, 5);
      assert.deepEqual(samples.mean_cost_usd, [5, 3, 1]);
      assert.deepEqual(samples.task_success_rate, [0, 0.5, 0]);
      assert.deepEqual(samples.rollback_rate, []);
    },
  },
  {
    name: "failed tasks come whole, the newest first, and no more than asked for",
    async check(bench) {
      const source = await bench.open();
      const failed = task("f1", {
        at: 1,
        revision: stable,
        success: false,
        error: "timeout",
        tags: { tool: "refund" },
      });
      const byError = task("f2", { at: 2, revision: canary, success: null, error: "refused" });
      await source.record(batch([failed, byError, task("fine", { at: 3 }), task("f3", { at: 0, success: false })]));
      assert.deepEqual(await source.failedTasks(agent, 2), [{ ...byError, success: false }, failed]);
      assert.deepEqual(await source.failedTasks("billing" as AgentId, 2), []);
    },
  },
  {
    name: "an aborted look is no look",
    async check(bench) {
      const source = await bench.open();
      const aborted = AbortSignal.abort(new Error("the patience is over"));
      await assert.rejects(source.blocks(query({ now: 600 }), aborted), /patience/);
      await assert.rejects(source.history({ agent, stable, before: at(0) }, aborted), /patience/);
      await assert.rejects(source.figures({ agent, revision: stable, from: at(0), to: at(1) }, aborted), /patience/);
    },
  },
];

export const metricSourceLaws: readonly Law<MetricSourceBench>[] = [
  ...blockLaws,
  ...valueLaws,
  ...alarmLaws,
  ...displayLaws,
];

/** Times are minutes after the start of a cell of the grid. */
function at(minutesLater: number): Instant {
  return Math.round(start + minutesLater * minute) as Instant;
}

function minutesOf(instant: Instant): number {
  return (instant - start) / minute;
}

function minutes(block: Block): readonly number[] {
  return [minutesOf(block.start), minutesOf(block.end)];
}

function counts({ stable: s, canary: c }: Block): { readonly stable: number; readonly canary: number } {
  return { stable: s.sessions, canary: c.sessions };
}

function query(parts: {
  readonly now: number;
  readonly after?: number;
  readonly cuts?: readonly (readonly [at: number, weight: number])[];
}): BlockQuery {
  const cuts = (parts.cuts ?? [[0, 500]]).map(
    ([when, weight]): WeightChange => ({ at: at(when), weight: weight as Weight }),
  );
  const after = parts.after === undefined ? null : at(parts.after);
  return { agent, stable, canary, after, cuts, sessionTimeout: timeout, now: at(parts.now) };
}

function batch(
  tasks: readonly TaskRecord[],
  sessions: readonly SessionRecord[] = [],
): { readonly tasks: readonly TaskRecord[]; readonly sessions: readonly SessionRecord[] } {
  return { tasks, sessions };
}

/** A task of one minute, in a session of its own name. */
function task(id: string, parts: Partial<TaskRecord> & { readonly at: number }): TaskRecord {
  const { at: begins, ...rest } = parts;
  return {
    id,
    agent,
    revision: null,
    session: id,
    user: null,
    startedAt: at(begins),
    endedAt: at(begins + 1),
    success: true,
    llmCalls: null,
    costUsd: null,
    latencySec: null,
    checkpoint: null,
    destructiveActions: null,
    rolledBackActions: null,
    error: null,
    tags: {},
    ...rest,
  };
}

function session(name: string, parts: { readonly at: number; readonly revision?: RevisionId }): SessionRecord {
  return { session: name, agent, revision: parts.revision ?? null, startedAt: at(parts.at), endedAt: null, user: null };
}

/** Tasks over 100 minutes, in sessions of one to four, whose first task names the arm. */
function randomTasks(random: () => number, count: number): readonly TaskRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const number = Math.floor(random() * (count / 2));
    return task(`t${index}`, {
      at: Math.floor(((number * 7919) % 100) + random() * 8),
      session: `s${number}`,
      revision: number % 3 === 0 ? canary : stable,
      success: random() < 0.8,
      costUsd: random() < 0.9 ? random() : null,
      latencySec: random() * 100,
      checkpoint: random() < 0.5 ? random() < 0.2 : null,
      destructiveActions: 3,
      rolledBackActions: Math.floor(random() * 4),
    });
  });
}

/** Park and Miller's generator: the same seed, the same numbers. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
