// A program that a command source runs: it answers from records in a file, given as its first argument. The second says in which shape:
// `single` sessions, `buckets` or `totals`.

import { existsSync, readFileSync } from "node:fs";
import { parseInstant } from "../../src/core/model/instant-text.js";
import type { BlockArm, Sample } from "../../src/core/model/metric.js";
import type { AgentId, Instant, RevisionId, Weight } from "../../src/core/model/units.js";
import type { RecordBatch } from "../../src/ports/task-recorder.js";
import { createMemorySource } from "../../src/testing/memory-source.js";

const [, , file = "", shape = "single"] = process.argv;
const signal = new AbortController().signal;
const question = JSON.parse(readFileSync(0, "utf8"));
const source = createMemorySource();
for (const line of existsSync(file) ? readFileSync(file, "utf8").split("\n") : []) {
  if (line !== "") await source.record(JSON.parse(line) as RecordBatch);
}
const at = (text: string): Instant => parseInstant(text) as Instant;
process.stdout.write(JSON.stringify({ format: 1, ...(await answer()) }));

async function answer(): Promise<object> {
  const agent = question.agent as AgentId;
  const { stable, canary, revision, unit } = question as Record<string, RevisionId> & { unit: "session" };
  if (question.query === "figures") {
    const window = { from: at(question.from), to: at(question.to) };
    return source.figures({ agent, revision: revision as RevisionId, ...window }, signal);
  }
  if (question.query === "history") {
    const past = { agent, stable: stable as RevisionId, unit, before: at(question.before) };
    const { sessionsLastDay, observed, samples } = await source.history(past, signal);
    const said = Object.entries(samples).map(([name, values]) => [name, { kind: "values", values }]);
    return {
      sessions_last_day: sessionsLastDay,
      observed_sec: observed / 1000,
      samples: Object.fromEntries(said),
    };
  }
  const found = await source.blocks(
    {
      agent,
      stable: stable as RevisionId,
      canary: canary as RevisionId,
      unit,
      after: question.after === null ? null : at(question.after),
      cuts: question.cuts.map((cut: { at: string; weight: number }) => ({
        at: at(cut.at),
        weight: Math.round(cut.weight * 100) as Weight,
      })),
      sessionTimeout: (question.session_timeout_sec * 1000) as never,
      now: at(question.now),
    },
    signal,
  );
  return {
    blocks: found.blocks.map(({ start, end, stable: s, canary: c, userless = 0 }) => ({
      start,
      end,
      userless,
      stable: armOf(s),
      canary: armOf(c),
    })),
    ...(found.newest === null ? {} : { newest: found.newest }),
    unrouted: found.unrouted,
    mismatched: found.mismatched,
    completed_only: found.completedOnly,
  };
}

function armOf({ sessions, silent, samples }: BlockArm): object {
  const metrics = Object.entries(samples).map(([name, sample]) => [name, shaped(sample)]);
  return { sessions, silent, metrics: Object.fromEntries(metrics) };
}

function shaped(sample: Sample): object {
  if (shape === "single" || sample.kind === "missing") return sample;
  const values = sample.kind === "values" ? sample.values : [];
  if (shape === "buckets") {
    if (sample.kind !== "values") return sample;
    const counts = new Map<number, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return { kind: "histogram", values: [...counts.keys()], counts: [...counts.values()] };
  }
  if (sample.kind === "rate")
    return { kind: "totals", sessions: sample.sessions, sum: sample.bad, sum_of_squares: sample.bad };
  const sumOf = (change: (value: number) => number): number => values.reduce((sum, value) => sum + change(value), 0);
  return { kind: "totals", sessions: values.length, sum: sumOf((x) => x), sum_of_squares: sumOf((x) => x * x) };
}
