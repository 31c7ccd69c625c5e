// What holds for the blocks that a metric source answers.

import assert from "node:assert/strict";
import type { Block, MetricName } from "../../core/model/metric.js";
import type { AgentId } from "../../core/model/units.js";
import type { BlockAnswer } from "../../ports/metric-source.js";
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

export const blockOfSourceLaws: readonly Law<MetricSourceBench>[] = [...blockLaws, ...valueLaws];
