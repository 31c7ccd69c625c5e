// One value of each metric for a user: where routing is by user, all sessions of one go together (STATISTICS sections 1 and 11.1).

import type { MetricName } from "../model/metric.js";
import { metricNames, type SessionValue, type SessionValues } from "./session-values.js";

/**
 * What the sessions of one user say together, of which there is at least one: latency is the slowest, every other metric the mean of the
 * sessions that have a value. The order of the sessions is part of the last digit.
 */
export function userValues(sessions: readonly SessionValues[]): SessionValues {
  const values = metricNames.map((name): [MetricName, SessionValue] => [
    name,
    joined(
      name,
      sessions.map((session) => session[name]),
    ),
  ]);
  return Object.fromEntries(values) as Record<MetricName, SessionValue>;
}

function joined(name: MetricName, values: readonly SessionValue[]): SessionValue {
  const known = values.filter((value) => typeof value === "number");
  if (known.length > 0) return name === "p95_latency_sec" ? Math.max(...known) : sum(known) / known.length;
  return (["none", "unknown"] as const).find((word) => values.includes(word)) ?? "open";
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
