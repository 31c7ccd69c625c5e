// The tables of the metrics file, format 2. Format 1 did not keep whose session it is.

import type { DatabaseFile, Sql } from "../../../ports/database.js";

/** "ROme" in ASCII. */
const applicationId = 0x524f6d65;

const sessionsOfUser = "CREATE INDEX sessions_of_user ON sessions (agent, user, started_at) WHERE user IS NOT NULL";

/** From format 1: tasks said whose they are, and so do their sessions. */
const sinceFormat1 = [
  "ALTER TABLE sessions ADD COLUMN user TEXT",
  `UPDATE sessions SET user = (SELECT min(t.user) FROM tasks t WHERE t.agent = sessions.agent AND t.session_key = sessions.key)
     WHERE EXISTS (SELECT 1 FROM tasks WHERE user IS NOT NULL)`,
  sessionsOfUser,
] as const;

const statements = [
  // Tasks lie by session, as blocks read them: without statistics the planner takes the primary key wherever its first column fits.
  `CREATE TABLE tasks (
     agent TEXT NOT NULL, id TEXT NOT NULL, session_key TEXT NOT NULL, session TEXT, revision TEXT, user TEXT,
     started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, success INTEGER NOT NULL,
     llm_calls REAL, cost_usd REAL, latency_sec REAL, checkpoint INTEGER, destructive_actions INTEGER, rolled_back_actions INTEGER,
     error TEXT, tags TEXT NOT NULL, PRIMARY KEY (agent, session_key, id)) WITHOUT ROWID`,
  "CREATE UNIQUE INDEX tasks_by_id ON tasks (agent, id)",
  "CREATE INDEX tasks_by_end ON tasks (agent, ended_at)",
  "CREATE INDEX tasks_of_revision ON tasks (agent, revision, ended_at)",
  "CREATE INDEX failed_tasks ON tasks (agent, ended_at) WHERE success = 0",
  // What is known of a session so far. `started_at` and `revision` follow from the rest: see core/metric/session-track.
  `CREATE TABLE sessions (
     agent TEXT NOT NULL, key TEXT NOT NULL, started_at INTEGER NOT NULL, revision TEXT,
     record_started_at INTEGER, record_ended_at INTEGER, record_revision TEXT,
     first_task_at INTEGER, named_at INTEGER, named_id TEXT, named_revision TEXT, seen_at INTEGER NOT NULL, mismatched INTEGER NOT NULL, user TEXT,
     PRIMARY KEY (agent, key)) WITHOUT ROWID`,
  "CREATE INDEX sessions_by_start ON sessions (agent, started_at)",
  "CREATE INDEX sessions_of_revision ON sessions (agent, revision, started_at)",
  "CREATE INDEX sessions_recorded ON sessions (agent, record_started_at) WHERE record_started_at IS NOT NULL",
  "CREATE INDEX sessions_seen ON sessions (agent, seen_at)",
  "CREATE INDEX sessions_mismatched ON sessions (agent, started_at) WHERE mismatched > 0",
  sessionsOfUser,
  // One-minute roll-ups by the time at which a task ended: they outlive the tasks.
  `CREATE TABLE minutes (
     agent TEXT NOT NULL, revision TEXT NOT NULL, minute INTEGER NOT NULL,
     tasks INTEGER NOT NULL, succeeded INTEGER NOT NULL, llm_calls REAL NOT NULL, llm_calls_tasks INTEGER NOT NULL,
     cost_usd REAL NOT NULL, cost_usd_tasks INTEGER NOT NULL, checkpoints INTEGER NOT NULL, checkpoints_tasks INTEGER NOT NULL,
     destructive_actions INTEGER NOT NULL, rolled_back_actions INTEGER NOT NULL,
     PRIMARY KEY (agent, revision, minute)) WITHOUT ROWID`,
  `CREATE TABLE minute_latencies (
     agent TEXT NOT NULL, revision TEXT NOT NULL, minute INTEGER NOT NULL, bucket INTEGER NOT NULL, tasks INTEGER NOT NULL,
     PRIMARY KEY (agent, revision, minute, bucket)) WITHOUT ROWID`,
] as const;

/** The description of the metrics file that `OpenDatabase` asks for. */
export function metricsFile(options: { readonly path: string; readonly readOnly: boolean }): DatabaseFile {
  return {
    ...options,
    durability: "normal",
    kind: { name: "metrics file", applicationId, format: 2 },
    create(sql: Sql) {
      for (const statement of statements) sql.run(statement);
    },
    upgrade(sql: Sql) {
      for (const statement of sinceFormat1) sql.run(statement);
    },
  };
}
