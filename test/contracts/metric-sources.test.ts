import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, test } from "vitest";
import type { Instant } from "../../src/core/model/units.js";
import { openLibsql } from "../../src/providers/databases/libsql.js";
import { openEmbeddedMetrics } from "../../src/providers/sources/embedded.js";
import { metricSourceLaws } from "../../src/testing/laws/metric-source.js";
import type { MetricSourceBench } from "../../src/testing/laws/recorded-source.js";
import { createMemorySource } from "../../src/testing/memory-source.js";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

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
};

for (const [kind, bench] of Object.entries(benches)) {
  describe(`metric source: ${kind}`, () => {
    for (const law of metricSourceLaws) test(law.name, () => law.check(bench));
  });
}
