import { expect, test } from "vitest";
import type { MetricName } from "../../src/core/model/metric.js";
import { countText, differenceText, metricText, numberText, weightText } from "../../src/views/amount-text.js";
import { glue } from "../../src/views/layout.js";

const spaced = (text: string | null): string | null => text?.replaceAll(glue, " ") ?? null;

test.each([
  [0, "0"],
  [999, "999"],
  [1204, "1 204"],
  [1_234_567, "1 234 567"],
  [40.25, "40.25"],
  [-1204, "-1 204"],
])("number %d is %s", (value, expected) => expect(spaced(numberText(value))).toBe(expected));

test.each([
  [0, "0 %"],
  [25, "0.25 %"],
  [500, "5 %"],
  [10_000, "100 %"],
])("weight %d is %s", (weight, expected) => expect(spaced(weightText(weight))).toBe(expected));

test.each([
  [0, "0 agents"],
  [1, "1 agent"],
  [1204, "1 204 agents"],
])("%d is %s", (count, expected) => expect(spaced(countText(count, "agent"))).toBe(expected));

const values: readonly (readonly [MetricName, number | null, string])[] = [
  ["task_success_rate", 0.9017, "90.2 %"],
  ["task_success_rate", 1, "100.0 %"],
  ["task_success_rate", null, "n/a"],
  ["mean_cost_usd", 0.031412, "$0.03141"],
  ["mean_cost_usd", 0, "$0"],
  ["mean_cost_usd", 12.3456, "$12.35"],
  ["mean_cost_usd", 12_345.6, "$12 346"],
  ["mean_cost_usd", 0.0000012345, "$0.000001234"],
  ["mean_llm_calls", 7.3149, "7.31"],
  ["mean_llm_calls", 131.6, "132"],
  ["p95_latency_sec", 12.44, "12.4 s"],
  ["p95_latency_sec", 0.0301, "0.0301 s"],
];
test.each(values)("%s of %d is %s", (metric, value, expected) =>
  expect(spaced(metricText(metric, value))).toBe(expected),
);

const compared: readonly (readonly [MetricName, number | null, number | null, string | null])[] = [
  ["task_success_rate", 0.902, 0.861, "-4.1 pp"],
  ["task_success_rate", 0.861, 0.902, "+4.1 pp"],
  ["task_success_rate", 0.902, 0.9021, "0.0 pp"],
  ["rollback_rate", 0, 0.02, "+2.0 pp"],
  ["mean_cost_usd", 0.02, 0.03, "+50.0 %"],
  ["mean_cost_usd", 0, 0.03, null],
  ["mean_cost_usd", 0, 0, "0.0 %"],
  ["p95_latency_sec", 10, 9, "-10.0 %"],
  ["p95_latency_sec", null, 9, null],
];
test.each(compared)("%s from %d to %d is %s", (...[metric, stable, canary, difference]) => {
  expect(spaced(differenceText(metric, stable, canary))).toBe(difference);
});
