// Rows of the tables `tasks` and `sessions`, to and from what the core knows.

import type { SessionTrack } from "../../../core/metric/session-track.js";
import { armOf, startOf } from "../../../core/metric/session-track.js";
import type { SessionTask } from "../../../core/metric/session-values.js";
import type { TaskRecord } from "../../../core/metric/task-record.js";
import type { AgentId, Instant, RevisionId } from "../../../core/model/units.js";
import type { Row, Sql, SqlValue } from "../../../ports/database.js";

/** What a verdict needs of a task. */
export const sessionTaskColumns =
  "id, ended_at, success, llm_calls, cost_usd, latency_sec, checkpoint, destructive_actions, rolled_back_actions";

/** False: a task of this agent and id is known. */
export function insertTask(sql: Sql, task: TaskRecord, sessionKey: string): boolean {
  const values: readonly SqlValue[] = [
    task.agent,
    task.id,
    sessionKey,
    task.session,
    task.revision,
    task.user,
    task.startedAt,
    task.endedAt,
    Number(task.success ?? false),
    task.llmCalls,
    task.costUsd,
    task.latencySec,
    task.checkpoint === null ? null : Number(task.checkpoint),
    task.destructiveActions,
    task.rolledBackActions,
    task.error,
    JSON.stringify(task.tags),
  ];
  const places = values.map(() => "?").join(", ");
  return sql.run(`INSERT INTO tasks VALUES (${places}) ON CONFLICT DO NOTHING`, ...values) === 1;
}

export function sessionTaskOf(row: Row): SessionTask {
  return {
    id: row.id as string,
    endedAt: row.ended_at as Instant,
    success: row.success === 1,
    llmCalls: row.llm_calls as number | null,
    costUsd: row.cost_usd as number | null,
    latencySec: row.latency_sec as number | null,
    checkpoint: row.checkpoint === null ? null : row.checkpoint === 1,
    destructiveActions: row.destructive_actions as number | null,
    rolledBackActions: row.rolled_back_actions as number | null,
  };
}

/** The whole record, of a row with every column. */
export function taskOf(row: Row): TaskRecord {
  return {
    ...sessionTaskOf(row),
    agent: row.agent as AgentId,
    revision: row.revision as RevisionId | null,
    session: row.session as string | null,
    user: row.user as string | null,
    startedAt: row.started_at as Instant,
    error: row.error as string | null,
    tags: JSON.parse(row.tags as string) as Record<string, string>,
  };
}

/** What is kept of a session: its track, and when anything of it was last seen. */
export interface SessionRow {
  readonly track: SessionTrack;
  /** Latest end of a task, or time of a record. */
  readonly seenAt: Instant;
}

export function readSession(sql: Sql, agent: AgentId, key: string): SessionRow | null {
  const row = sql.get("SELECT * FROM sessions WHERE agent = ? AND key = ?", agent, key);
  if (row === null) return null;
  const record =
    row.record_started_at === null
      ? null
      : {
          startedAt: row.record_started_at as Instant,
          endedAt: row.record_ended_at as Instant | null,
          revision: row.record_revision as RevisionId | null,
        };
  const named =
    row.named_revision === null
      ? null
      : {
          startedAt: row.named_at as Instant,
          id: row.named_id as string,
          revision: row.named_revision as RevisionId,
        };
  const track = { record, firstTaskAt: row.first_task_at as Instant | null, named, user: row.user as string | null };
  return { track, seenAt: row.seen_at as Instant };
}

/** Writes the session with what follows from it: start, arm, and tasks that report another revision than it was routed to. */
export function writeSession(
  sql: Sql,
  name: { readonly agent: AgentId; readonly key: string },
  kept: SessionRow,
): void {
  const { record, firstTaskAt, named } = kept.track;
  const routed = record?.revision ?? null;
  sql.run(
    `INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${routed === null ? "0" : mismatchedTasks}, ?)`,
    name.agent,
    name.key,
    startOf(kept.track),
    armOf(kept.track),
    record?.startedAt ?? null,
    record?.endedAt ?? null,
    routed,
    firstTaskAt,
    named?.startedAt ?? null,
    named?.id ?? null,
    named?.revision ?? null,
    kept.seenAt,
    ...(routed === null ? [] : [name.agent, name.key, routed]),
    kept.track.user,
  );
}

const mismatchedTasks = "(SELECT count(*) FROM tasks WHERE agent = ? AND session_key = ? AND revision <> ?)";
