// What holds for every metric source that records are put into.

import assert from "node:assert/strict";
import type { AgentId, RevisionId } from "../../core/model/units.js";
import type { Law } from "../law.js";
import { blockOfSourceLaws } from "./metric-source-blocks.js";
import { userOfSourceLaws } from "./metric-source-users.js";
import {
  agent,
  at,
  batch,
  canary,
  counts,
  type MetricSourceBench,
  minute,
  query,
  session,
  stable,
  task,
} from "./recorded-source.js";

const signal = new AbortController().signal;

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
        task("c", { at: 3, session: "s", revision: stable }),
        task("b", { at: 2, session: "s", revision: canary }),
      ];
      await source.record(batch(tasks));
      assert.equal((await source.blocks(query({ now: 600 }), signal)).mismatched, 0);
      await source.record(batch([], [session("s", { at: 1, revision: canary })]));
      const { blocks, mismatched } = await source.blocks(query({ now: 600 }), signal);
      assert.equal(mismatched, 2);
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
      const { sessionsLastDay, observed, samples } = await source.history(
        { agent, stable, unit: "session", before: at(0) },
        signal,
      );
      assert.equal(sessionsLastDay, 5);
      assert.equal(observed, 24 * 60 * minute);
      assert.deepEqual(samples.mean_cost_usd, [5, 3, 1]);
      assert.deepEqual(samples.task_success_rate, [0, 0.5, 0]);
      assert.deepEqual(samples.rollback_rate, []);
    },
  },
  {
    name: "history: an agent younger than a day is known since its first session alone",
    async check(bench) {
      const source = await bench.open();
      const look = { agent, stable, unit: "session", before: at(0) } as const;
      assert.equal((await source.history(look, signal)).observed, 0);
      await source.record(batch([task("a", { at: -180, revision: canary }), task("b", { at: -5, revision: stable })]));
      const { observed, sessionsLastDay } = await source.history(look, signal);
      assert.deepEqual({ observed, sessionsLastDay }, { observed: 180 * minute, sessionsLastDay: 2 });
      assert.equal((await source.history({ ...look, before: at(-200) }, signal)).observed, 0);
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
      await assert.rejects(source.history({ agent, stable, unit: "session", before: at(0) }, aborted), /patience/);
      await assert.rejects(source.figures({ agent, revision: stable, from: at(0), to: at(1) }, aborted), /patience/);
    },
  },
];

export const metricSourceLaws: readonly Law<MetricSourceBench>[] = [
  ...blockOfSourceLaws,
  ...userOfSourceLaws,
  ...alarmLaws,
  ...displayLaws,
];
