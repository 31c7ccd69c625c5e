// One-minute roll-ups: what windows are read from, so that a look does not grow with the traffic.

import type { TaskRecord } from "../../../core/metric/task-record.js";
import { addTallies, emptyTally, tallyTask, type WindowTally } from "../../../core/metric/window-tally.js";
import { type AgentId, type Instant, minute, type RevisionId } from "../../../core/model/units.js";
import type { Row, Sql } from "../../../ports/database.js";
import { sessionTaskColumns, sessionTaskOf } from "./task-row.js";

type MinuteName = readonly [agent: AgentId, revision: RevisionId, minute: number];

/** Adds tasks that were not counted before. Those without a revision are in nobody's window. */
export function addToMinutes(sql: Sql, tasks: readonly TaskRecord[]): void {
  const minutes = new Map<string, { readonly name: MinuteName; readonly tallies: WindowTally[] }>();
  for (const task of tasks) {
    if (task.revision === null) continue;
    const name: MinuteName = [task.agent, task.revision, Math.floor(task.endedAt / minute)];
    const kept = minutes.get(JSON.stringify(name)) ?? { name, tallies: [] };
    kept.tallies.push(tallyTask(task));
    minutes.set(JSON.stringify(name), kept);
  }
  for (const { name, tallies } of minutes.values()) {
    const tally = addTallies(tallies);
    writeMinute(sql, name, tally);
    for (const [bucket, count] of tally.latencies) {
      sql.run(
        "INSERT INTO minute_latencies VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET tasks = tasks + excluded.tasks",
        ...name,
        bucket,
        count,
      );
    }
  }
}

export interface TallyWindow {
  readonly agent: AgentId;
  readonly revision: RevisionId;
  readonly from: Instant;
  readonly to: Instant;
}

/** The tasks that ended in [from, to): whole minutes from the roll-ups, what is left at both ends from the tasks. */
export function tallyWindow(sql: Sql, { agent, revision, from, to }: TallyWindow): WindowTally {
  const firstMinute = Math.ceil(from / minute);
  const lastMinute = Math.floor(to / minute);
  if (firstMinute >= lastMinute) return addTallies(tasksWithin(sql, { agent, revision, from, to }));
  const head = tasksWithin(sql, { agent, revision, from, to: (firstMinute * minute) as Instant });
  const tail = tasksWithin(sql, { agent, revision, from: (lastMinute * minute) as Instant, to });
  const range = [agent, revision, firstMinute, lastMinute] as const;
  const sums = sql.get(`SELECT ${sumsOfMinutes} FROM minutes WHERE ${withinMinutes}`, ...range);
  const latencies = sql.all(
    `SELECT bucket, sum(tasks) AS tasks FROM minute_latencies WHERE ${withinMinutes} GROUP BY bucket`,
    ...range,
  );
  return addTallies([...head, tallyOf(sums, latencies), ...tail]);
}

/** From field of a tally to its column; latencies have a table of their own. */
const columns = {
  tasks: "tasks",
  succeeded: "succeeded",
  llmCalls: "llm_calls",
  llmCallsTasks: "llm_calls_tasks",
  costUsd: "cost_usd",
  costUsdTasks: "cost_usd_tasks",
  checkpoints: "checkpoints",
  checkpointsTasks: "checkpoints_tasks",
  destructiveActions: "destructive_actions",
  rolledBackActions: "rolled_back_actions",
} as const satisfies Record<Exclude<keyof WindowTally, "latencies">, string>;

const fields = Object.keys(columns) as (keyof typeof columns)[];
const withinMinutes = "agent = ? AND revision = ? AND minute >= ? AND minute < ?";
const sumsOfMinutes = Object.values(columns)
  .map((column) => `coalesce(sum(${column}), 0) AS ${column}`)
  .join(", ");

function writeMinute(sql: Sql, name: MinuteName, tally: WindowTally): void {
  const added = Object.values(columns).map((column) => `${column} = ${column} + excluded.${column}`);
  const places = [...name, ...fields].map(() => "?").join(", ");
  sql.run(
    `INSERT INTO minutes VALUES (${places}) ON CONFLICT DO UPDATE SET ${added.join(", ")}`,
    ...name,
    ...fields.map((field) => tally[field]),
  );
}

function tasksWithin(sql: Sql, { agent, revision, from, to }: TallyWindow): readonly WindowTally[] {
  const rows = sql.all(
    `SELECT ${sessionTaskColumns} FROM tasks WHERE agent = ? AND revision = ? AND ended_at >= ? AND ended_at < ?`,
    agent,
    revision,
    from,
    to,
  );
  return rows.map((row) => tallyTask(sessionTaskOf(row)));
}

function tallyOf(sums: Row | null, latencies: readonly Row[]): WindowTally {
  const counts = Object.fromEntries(fields.map((field) => [field, sums?.[columns[field]] ?? 0]));
  const buckets = latencies.map((row) => [row.bucket as number, row.tasks as number] as const);
  return { ...emptyTally, ...(counts as Partial<WindowTally>), latencies: new Map(buckets) };
}
