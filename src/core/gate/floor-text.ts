// Floors in words.

import type { Floor } from "../model/floor.js";
import type { MetricName } from "../model/metric.js";
import { metricKinds } from "./health-config.js";

/** What is written behind a number of the metric; rates are shown in percent. */
const units: Readonly<Record<MetricName, string>> = {
  task_success_rate: "%",
  mean_llm_calls: "calls",
  mean_cost_usd: "USD",
  checkpoint_trigger_rate: "%",
  rollback_rate: "%",
  p95_latency_sec: "s",
};

/** `80 %`, `0.8 USD`, `60 s`: a value of the metric, with so many digits that count. */
export function metricText(metric: MetricName, value: number, digits = 12): string {
  const shown = metricKinds[metric] === "rate" ? value * 100 : value;
  return `${Number(shown.toPrecision(digits))} ${units[metric]}`;
}

/** A fraction for rates, else the metric's own unit. */
export function floorLimit(floor: Floor): number {
  return "least" in floor ? floor.least : floor.most;
}

/** `task_success_rate at least 80 %`, `p95_latency_sec at most 60 s`. */
export function floorText(floor: Floor): string {
  return `${floor.metric} at ${"least" in floor ? "least" : "most"} ${metricText(floor.metric, floorLimit(floor))}`;
}
