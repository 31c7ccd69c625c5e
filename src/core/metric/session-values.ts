// One value of each metric for a session: the session is the unit, however many tasks it has (STATISTICS sections 1 and 3).

import type { MetricName } from "../model/metric.js";
import type { Duration, Instant, RevisionId } from "../model/units.js";
import type { TaskRecord } from "./task-record.js";

/** What a verdict needs of a task. Its success is decided. */
export type SessionTask = Pick<
  TaskRecord,
  | "id"
  | "endedAt"
  | "success"
  | "llmCalls"
  | "costUsd"
  | "latencySec"
  | "checkpoint"
  | "destructiveActions"
  | "rolledBackActions"
>;

export interface TrackedSession {
  readonly key: string;
  readonly startedAt: Instant;
  readonly revision: RevisionId | null;
  /** Null: nobody says whose session it is. */
  readonly user: string | null;
  readonly tasks: readonly SessionTask[];
}

/**
 * `unknown`: its tasks did not report it. `none`: there was nothing to measure, as in a session without destructive actions.
 * `open`: no task had ended by then.
 */
export type SessionValue = number | "unknown" | "none" | "open";
export type SessionValues = Readonly<Record<MetricName, SessionValue>>;

export const metricNames: readonly MetricName[] = [
  "task_success_rate",
  "mean_llm_calls",
  "mean_cost_usd",
  "checkpoint_trigger_rate",
  "rollback_rate",
  "p95_latency_sec",
];

/**
 * The values of a session as they stood at `maturity`: tasks that ended later do not count. A session without any task by then was still
 * open: it failed, took the whole timeout, and says nothing else. Rates are badness in [0, 1].
 */
export function sessionValues(
  tasks: readonly SessionTask[],
  at: { readonly maturity: Instant; readonly timeout: Duration },
): SessionValues {
  const ended = tasks.filter(({ endedAt }) => endedAt <= at.maturity);
  return ended.length === 0 ? openSession(at.timeout) : finishedValues(ended);
}

/** The values of a session by all of its tasks, of which there is at least one. */
export function finishedValues(given: readonly SessionTask[]): SessionValues {
  const tasks = inOrder(given);
  return {
    task_success_rate: mean(tasks.map(({ success }) => (success === null ? null : Number(!success)))),
    mean_llm_calls: mean(tasks.map(({ llmCalls }) => llmCalls)),
    mean_cost_usd: mean(tasks.map(({ costUsd }) => costUsd)),
    checkpoint_trigger_rate: mean(tasks.map(({ checkpoint }) => (checkpoint === null ? null : Number(checkpoint)))),
    rollback_rate: rolledBackShare(tasks),
    p95_latency_sec: slowest(tasks.map(({ latencySec }) => latencySec)),
  };
}

/** Sums of fractions depend on their order in the last digit, and the order of arrival must not show. */
function inOrder(tasks: readonly SessionTask[]): readonly SessionTask[] {
  return tasks.length < 2 ? tasks : [...tasks].sort((a, b) => a.endedAt - b.endedAt || (a.id < b.id ? -1 : 1));
}

function openSession(timeout: Duration): SessionValues {
  return {
    task_success_rate: 1,
    mean_llm_calls: "open",
    mean_cost_usd: "open",
    checkpoint_trigger_rate: "open",
    rollback_rate: "open",
    p95_latency_sec: timeout / 1000,
  };
}

function known(values: readonly (number | null)[]): readonly number[] {
  return values.filter((value) => value !== null);
}

function mean(values: readonly (number | null)[]): SessionValue {
  const measured = known(values);
  if (measured.length === 0) return "unknown";
  return measured.reduce((sum, value) => sum + value, 0) / measured.length;
}

function slowest(values: readonly (number | null)[]): SessionValue {
  const measured = known(values);
  return measured.length === 0 ? "unknown" : measured.reduce((most, value) => Math.max(most, value), 0);
}

function rolledBackShare(tasks: readonly SessionTask[]): SessionValue {
  const measured = tasks.filter(
    ({ destructiveActions, rolledBackActions }) =>
      destructiveActions === 0 || (destructiveActions !== null && rolledBackActions !== null),
  );
  if (measured.length === 0) return "unknown";
  const actions = measured.reduce((sum, task) => sum + (task.destructiveActions ?? 0), 0);
  const rolledBack = measured.reduce((sum, task) => sum + (task.rolledBackActions ?? 0), 0);
  return actions === 0 ? "none" : Math.min(rolledBack / actions, 1);
}

/** What history says of each metric, in the order of the sessions: their values alone. */
export function historySamples(sessions: readonly SessionValues[]): Readonly<Record<MetricName, readonly number[]>> {
  const samples: Partial<Record<MetricName, readonly number[]>> = {};
  for (const name of metricNames) {
    samples[name] = sessions.map((session) => session[name]).filter((value) => typeof value === "number");
  }
  return samples as Record<MetricName, readonly number[]>;
}
