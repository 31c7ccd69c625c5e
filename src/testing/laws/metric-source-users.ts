// What holds for the blocks and the history that a metric source answers where the unit is the user.

import assert from "node:assert/strict";
import type { TaskRecord } from "../../core/metric/task-record.js";
import type { Block, MetricName } from "../../core/model/metric.js";
import type { Law } from "../law.js";
import {
  agent,
  at,
  batch,
  canary,
  counts,
  type MetricSourceBench,
  minute,
  minutes,
  minutesOf,
  query,
  randomTasks,
  seeded,
  session,
  stable,
  task,
  timeout,
} from "./recorded-source.js";

const signal = new AbortController().signal;
const unit = "user";

export const userOfSourceLaws: readonly Law<MetricSourceBench>[] = [
  {
    name: "all sessions of a user that started in a cell are one value",
    async check(bench) {
      const source = await bench.open();
      const of = { user: "u", revision: canary };
      await source.record(
        batch([
          task("a", { ...of, at: 0, success: false, llmCalls: 2, costUsd: 1, latencySec: 9 }),
          task("b", { ...of, at: 1, session: "s", success: true, llmCalls: 4, costUsd: 2, latencySec: 4 }),
          task("c", { ...of, at: 2, session: "s", success: false, llmCalls: 6, latencySec: 5 }),
          task("d", { at: 2, user: "v", revision: canary, success: true, destructiveActions: 2, rolledBackActions: 1 }),
        ]),
      );
      const [block] = (await source.blocks(query({ now: 600, unit }), signal)).blocks;
      assert.deepEqual(block && counts(block), { stable: 0, canary: 2 });
      const expected: Partial<Block["canary"]["samples"]> = {
        task_success_rate: { kind: "rate", sessions: 2, bad: 0.75 },
        mean_llm_calls: { kind: "values", values: [3.5] },
        mean_cost_usd: { kind: "values", values: [1.5] },
        rollback_rate: { kind: "rate", sessions: 1, bad: 0.5 },
        p95_latency_sec: { kind: "values", values: [9] },
      };
      for (const [name, sample] of Object.entries(expected))
        assert.deepEqual(block?.canary.samples[name as MetricName], sample, name);
    },
  },
  {
    name: "a user counts once at a weight: in the cell of the first session since it took force",
    async check(bench) {
      const source = await bench.open();
      const visits = [1, 7, 12, 21, 33, 41].map((when) => task(`t${when}`, { at: when, user: "u", revision: stable }));
      await source.record(batch([...visits, task("other", { at: 12, user: "v", revision: canary })]));
      const cuts = [
        [0, 500],
        [20, 2500],
        [40, 5000],
      ] as const;
      const { blocks } = await source.blocks(query({ now: 600, cuts, unit }), signal);
      const counted = blocks.filter(({ stable: s, canary: c }) => s.sessions + c.sessions > 0);
      assert.deepEqual(counted.map(minutes), [
        [0, 5],
        [10, 15],
        [20, 25],
        [40, 45],
      ]);
      assert.deepEqual(counted.map(counts), [
        { stable: 1, canary: 0 },
        { stable: 0, canary: 1 },
        { stable: 1, canary: 0 },
        { stable: 1, canary: 0 },
      ]);
      // A look that asks for what is new alone knows who was there before.
      const later = await source.blocks(query({ now: 600, cuts, after: 5, unit }), signal);
      assert.deepEqual(
        later.blocks.map((block) => [minutes(block), counts(block)]),
        blocks.slice(1).map((block) => [minutes(block), counts(block)]),
      );
    },
  },
  {
    name: "cells in which nobody came new are blocks too, so that a look goes on behind them",
    async check(bench) {
      const source = await bench.open();
      await source.record(batch([1, 8].map((when) => task(`t${when}`, { at: when, user: "u", revision: stable }))));
      const { blocks } = await source.blocks(query({ now: 600, unit }), signal);
      assert.deepEqual(blocks.map(minutes), [
        [0, 5],
        [5, 10],
      ]);
      assert.deepEqual(blocks[1]?.stable.samples.task_success_rate, { kind: "rate", sessions: 0, bad: 0 });
    },
  },
  {
    name: "a user is in the arm of the first session, whatever another one was routed to",
    async check(bench) {
      const source = await bench.open();
      const tasks = [
        task("first", { at: 1, user: "u", revision: canary }),
        task("other arm", { at: 2, user: "u", revision: stable, success: false }),
        task("a stranger's revision", { at: 0, user: "u" }),
      ];
      await source.record(batch(tasks));
      const [block] = (await source.blocks(query({ now: 600, unit }), signal)).blocks;
      assert.deepEqual(block && counts(block), { stable: 0, canary: 1 });
      assert.deepEqual(block?.canary.samples.task_success_rate, { kind: "rate", sessions: 1, bad: 0.5 });
    },
  },
  {
    name: "sessions that name no user are in neither arm, and told",
    async check(bench) {
      const source = await bench.open();
      await source.record(
        batch(
          [
            task("nobody", { at: 1, revision: stable }),
            task("nobody either", { at: 2, revision: canary }),
            task("somebody", { at: 3, revision: canary, user: "u" }),
            task("nobody later", { at: 7, revision: stable }),
            task("by its record", { at: 12, session: "s", revision: stable }),
          ],
          [{ ...session("s", { at: 12, revision: stable }), user: "v" }],
        ),
      );
      const { blocks } = await source.blocks(query({ now: 600, unit }), signal);
      assert.deepEqual(
        blocks.map((block) => [counts(block), block.userless ?? 0]),
        [
          [{ stable: 0, canary: 1 }, 2],
          [{ stable: 0, canary: 0 }, 1],
          [{ stable: 1, canary: 0 }, 0],
        ],
      );
      const bySession = await source.blocks(query({ now: 600 }), signal);
      assert.deepEqual(
        bySession.blocks.map((block) => [counts(block), block.userless]),
        [
          [{ stable: 1, canary: 2 }, undefined],
          [{ stable: 1, canary: 0 }, undefined],
          [{ stable: 1, canary: 0 }, undefined],
        ],
      );
    },
  },
  {
    name: "a user is silent where none of the sessions has a task, and one that was left open failed",
    async check(bench) {
      const source = await bench.open();
      const own = (name: string, user: string) => ({ ...session(name, { at: 1, revision: stable }), user });
      await source.record(
        batch(
          [task("t", { at: 2, session: "done", user: "u", revision: stable, latencySec: 3 })],
          [own("done", "u"), own("open", "u"), own("silent", "v")],
        ),
      );
      const [block] = (await source.blocks(query({ now: 600, unit }), signal)).blocks;
      const { sessions, silent, samples } = block?.stable ?? {};
      assert.deepEqual({ sessions, silent }, { sessions: 2, silent: 1 });
      assert.deepEqual(samples?.task_success_rate, { kind: "rate", sessions: 2, bad: 1.5 });
      assert.deepEqual(samples?.p95_latency_sec, { kind: "values", values: [timeout / 1000, timeout / 1000] });
    },
  },
  {
    name: "looking often counts each user as looking once does, in whatever order the records came",
    async check(bench) {
      const cuts = [
        [0, 500],
        [33, 2500],
        [61, 5000],
      ] as const;
      const tasks = randomTasks(seeded(5), 160).map(visitOf);
      const answers: (readonly Block[])[] = [];
      for (const seed of [1, 2]) {
        const source = await bench.open();
        const random = seeded(seed);
        for (const part of halves([...tasks].sort(() => random() - 0.5))) await source.record(batch(part));
        answers.push((await source.blocks(query({ now: 600, cuts, unit }), signal)).blocks);
        const often: Block[] = [];
        for (let now = 0; now <= 200; now += 1 + random() * 9) {
          const after = often.at(-1)?.end;
          const seen = { now, unit, cuts: cuts.filter(([when]) => when <= now) } as const;
          const asked = query(after === undefined ? seen : { ...seen, after: minutesOf(after) });
          often.push(...(await source.blocks(asked, signal)).blocks);
        }
        assert.deepEqual(often, answers.at(-1));
      }
      assert.deepEqual(answers[1], answers[0]);
      const total = answers[0]?.reduce((sum, { stable: s, canary: c }) => sum + s.sessions + c.sessions, 0);
      assert.equal(total, visitors(tasks, cuts).size);
    },
  },
  {
    name: "history: a value for each user, of the newest cell in which one came, and the different users of the day before",
    async check(bench) {
      const source = await bench.open();
      await source.record(
        batch([
          task("old", { at: -25 * 60, user: "w", revision: stable, costUsd: 1 }),
          task("before", { at: -40, user: "u", revision: stable, costUsd: 90 }),
          task("a", { at: -19, user: "u", revision: stable, costUsd: 2, success: false }),
          task("b", { at: -18, user: "u", revision: stable, costUsd: 4 }),
          task("c", { at: -3, user: "v", revision: stable, costUsd: 5 }),
          task("nobody", { at: -3, revision: stable, costUsd: 70 }),
          task("other", { at: -2, user: "x", revision: canary, costUsd: 50 }),
        ]),
      );
      const asked = { agent, stable, before: at(0), unit } as const;
      const { sessionsLastDay, samples } = await source.history(asked, signal);
      assert.equal(sessionsLastDay, 3);
      assert.deepEqual(samples.mean_cost_usd, [5, 3, 1]);
      assert.deepEqual(samples.task_success_rate, [0, 0.5, 0]);
    },
  },
];

/** The task with its session's user: 15 of them, who come back; every eighth session names none. */
function visitOf(of: TaskRecord): TaskRecord {
  const number = Number(of.session?.slice(1));
  return { ...of, user: number % 8 === 0 ? null : `u${number % 15}` };
}

function halves<T>(list: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.floor(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
}

/** Each user at each weight, by the starts of their sessions. */
function visitors(tasks: readonly TaskRecord[], cuts: readonly (readonly [at: number, weight: number])[]): Set<string> {
  const starts = new Map<string, TaskRecord>();
  for (const each of tasks) {
    const known = starts.get(each.session ?? "");
    if (known === undefined || each.startedAt < known.startedAt) starts.set(each.session ?? "", each);
  }
  const seen = [...starts.values()].filter(({ user }) => user !== null);
  return new Set(
    seen.map(({ user, startedAt }) => {
      const weight = cuts.findLast(([when]) => minutesOf(startedAt) >= when - 1 / minute / 2)?.[1];
      return `${user} at ${weight}`;
    }),
  );
}
