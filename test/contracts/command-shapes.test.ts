/** A program that answers the same records as single sessions, in buckets, and as totals: what holds of each shape. */
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Block, MetricName, Sample } from "../../src/core/model/metric.js";
import type { Duration } from "../../src/core/model/units.js";
import { openCommandSource } from "../../src/providers/sources/command.js";
import { batch, query, randomTasks, seeded } from "../../src/testing/laws/recorded-source.js";
import { bundleProgram } from "../support/bundled-program.js";

let root: string;
const answers = new Map<string, readonly Block[]>();
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "rollout-shapes-"));
  await bundleProgram("test/support/recorded-program.ts", join(root, "recorded.mjs"));
  await appendFile(join(root, "records.jsonl"), `${JSON.stringify(batch(randomTasks(seeded(5), 300)))}\n`);
  for (const shape of ["single", "buckets", "totals"]) {
    const run = [process.execPath, "recorded.mjs", "records.jsonl", shape];
    const source = openCommandSource({ root, run, timeout: 20_000 as Duration, env: [], environment: process.env });
    answers.set(shape, (await source.blocks(query({ now: 600 }), new AbortController().signal)).blocks);
  }
});
afterAll(() => rm(root, { recursive: true }));

/** The samples of every arm beside those of the single sessions. */
function pairs(shape: string): readonly (readonly [MetricName, Sample, Sample])[] {
  const [ours, single] = [answers.get(shape) ?? [], answers.get("single") ?? []];
  return ours.flatMap((block, index) =>
    (["stable", "canary"] as const).flatMap((arm) => {
      const there = single[index]?.[arm].samples ?? ({} as Block["stable"]["samples"]);
      return (Object.keys(there) as MetricName[]).map((name) => [name, block[arm].samples[name], there[name]] as const);
    }),
  );
}

function valuesOf(sample: Sample): readonly number[] {
  if (sample.kind === "values") return sample.values;
  if (sample.kind !== "histogram") throw new Error(`a ${sample.kind} has no values`);
  return sample.values.flatMap((value, index) => new Array<number>(sample.counts[index] ?? 0).fill(value));
}

test("whatever the shape, blocks are the same ones with the same sessions", () => {
  const outline = (shape: string): unknown =>
    answers
      .get(shape)
      ?.map(({ start, end, weight, stable, canary }) => [start, end, weight, stable.sessions, canary.sessions]);
  expect(answers.get("single")?.length).toBeGreaterThan(10);
  for (const shape of ["buckets", "totals"]) expect(outline(shape)).toEqual(outline("single"));
});

test("buckets hold every value, and rates stay counts", () => {
  let told = 0;
  for (const [name, ours, single] of pairs("buckets")) {
    if (single.kind !== "values") {
      expect(ours, name).toEqual(single);
      continue;
    }
    told += single.values.length;
    expect(ours.kind, name).toBe("histogram");
    expect([...valuesOf(ours)].sort(), name).toEqual([...valuesOf(single)].sort());
  }
  expect(told).toBeGreaterThan(100);
});

test("totals are the sums of the same sessions, and what is missing stays missing", () => {
  let told = 0;
  for (const [name, ours, single] of pairs("totals")) {
    if (single.kind === "missing") {
      expect(ours, name).toEqual(single);
      continue;
    }
    if (ours.kind !== "totals") throw new Error(`${name} came as ${ours.kind}`);
    told += ours.sessions;
    if (single.kind === "rate") expect([ours.sessions, ours.sum], name).toEqual([single.sessions, single.bad]);
    else {
      const values = valuesOf(single);
      expect(ours.sessions, name).toBe(values.length);
      expect(ours.sum, name).toBeCloseTo(
        values.reduce((sum, value) => sum + value, 0),
        9,
      );
      expect(ours.squares, name).toBeCloseTo(
        values.reduce((sum, value) => sum + value * value, 0),
        6,
      );
    }
  }
  expect(told).toBeGreaterThan(100);
});
