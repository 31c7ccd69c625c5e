import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addTallies,
  emptyTally,
  latencyBucket,
  latencyQuantile,
  tallyTask,
  windowValues,
} from "../../../src/core/metric/window-tally.js";

const unmeasured = {
  success: true,
  llmCalls: null,
  costUsd: null,
  latencySec: null,
  checkpoint: null,
  destructiveActions: null,
  rolledBackActions: null,
};

test("nothing measured is absent, never 0", () => {
  expect(Object.values(windowValues(emptyTally))).toEqual([null, null, null, null, null, null]);
  expect(windowValues(tallyTask(unmeasured))).toMatchObject({
    task_success_rate: 1,
    mean_cost_usd: null,
    p95_latency_sec: null,
  });
});

test("a quantile is within 1 % of its nearest rank", () => {
  const latencies = fc.array(fc.double({ min: 1e-3, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(latencies, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, q) => {
      const tally = addTallies(values.map((latencySec) => tallyTask({ ...unmeasured, latencySec })));
      const exact = [...values].sort((a, b) => a - b)[Math.ceil(q * values.length) - 1] ?? Number.NaN;
      const near = latencyQuantile(tally.latencies, q) ?? Number.NaN;
      expect(Math.abs(near / exact - 1)).toBeLessThanOrEqual(0.0101);
    }),
  );
});

test("latencies of nothing are the fastest", () => {
  expect(latencyBucket(0)).toBeLessThan(latencyBucket(Number.MIN_VALUE));
  const tally = addTallies([0, 0, 5].map((latencySec) => tallyTask({ ...unmeasured, latencySec })));
  expect(latencyQuantile(tally.latencies, 0.5)).toBe(0);
});
