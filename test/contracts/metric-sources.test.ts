import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, test } from "vitest";
import type { Duration, Instant } from "../../src/core/model/units.js";
import { openLibsql } from "../../src/providers/databases/libsql.js";
import { openCommandSource } from "../../src/providers/sources/command.js";
import { openEmbeddedMetrics } from "../../src/providers/sources/embedded.js";
import { metricSourceLaws } from "../../src/testing/laws/metric-source.js";
import type { MetricSourceBench } from "../../src/testing/laws/recorded-source.js";
import { createMemorySource } from "../../src/testing/memory-source.js";
import { bundleProgram } from "../support/bundled-program.js";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

let tools: string;
const program = (): string => join(tools, "recorded.mjs");
beforeAll(async () => {
  tools = await mkdtemp(join(tmpdir(), "rollout-program-"));
  await bundleProgram("test/support/recorded-program.ts", program());
});
afterAll(() => rm(tools, { recursive: true }));

const benches: Readonly<Record<string, MetricSourceBench>> = {
  memory: { open: async () => createMemorySource() },
  embedded: {
    async open() {
      const folder = await mkdtemp(join(tmpdir(), "rollout-metrics-"));
      cleanups.push(() => rm(folder, { recursive: true }));
      const path = join(folder, "metrics.db");
      const store = await openEmbeddedMetrics({ path, now: () => 0 as Instant, openDatabase: openLibsql });
      cleanups.push(() => store.close());
      return store;
    },
  },
  /** What is recorded goes into a file, from which a program answers. */
  command: {
    async open() {
      const root = await mkdtemp(join(tmpdir(), "rollout-command-"));
      cleanups.push(() => rm(root, { recursive: true }));
      const run = [process.execPath, program(), "records.jsonl"];
      const source = openCommandSource({ root, run, timeout: 20_000 as Duration, env: [], environment: process.env });
      const recorder = createMemorySource();
      return {
        blocks: (query, signal) => source.blocks(query, signal),
        figures: (query, signal) => source.figures(query, signal),
        history: (query, signal) => source.history(query, signal),
        failedTasks: (agent, limit) => recorder.failedTasks(agent, limit),
        record: async (batch) => {
          await appendFile(join(root, "records.jsonl"), `${JSON.stringify(batch)}\n`);
          return recorder.record(batch);
        },
      };
    },
  },
};

for (const [kind, bench] of Object.entries(benches)) {
  describe(`metric source: ${kind}`, () => {
    for (const law of metricSourceLaws) test(law.name, () => law.check(bench));
  });
}
