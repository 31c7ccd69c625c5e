// One batch of records into the tables, in one transaction.

import {
  keyOfSession,
  sessionKey,
  trackRecord,
  trackTask,
  unknownSession,
} from "../../../core/metric/session-track.js";
import { judgeTask, noBudget, type SessionRecord } from "../../../core/metric/task-record.js";
import type { AgentId, Instant } from "../../../core/model/units.js";
import type { Sql } from "../../../ports/database.js";
import type { RecordBatch, RecordCount } from "../../../ports/task-recorder.js";
import { addToMinutes } from "./minute-tallies.js";
import { insertTask, readSession, type SessionRow, writeSession } from "./task-row.js";

/** `keptSince`: what ended before is not taken in, since it could not be told from what was counted and dropped. */
export function recordBatch(sql: Sql, batch: RecordBatch, keptSince: Instant): RecordCount {
  const sessions = new TouchedSessions(sql);
  const fresh = batch.tasks.filter(({ endedAt }) => endedAt >= keptSince);
  const current = batch.sessions.filter((record) => seenAt(record) >= keptSince);
  const tasks = fresh
    .map((task) => judgeTask(task, noBudget))
    .filter((task) => insertTask(sql, task, sessionKey(task)));
  for (const task of tasks) {
    sessions.touch(task.agent, sessionKey(task), ({ track, seenAt: before }) => ({
      track: trackTask(track, task),
      seenAt: Math.max(before, task.endedAt) as Instant,
    }));
  }
  let added = tasks.length;
  for (const record of current) {
    sessions.touch(record.agent, keyOfSession(record.session), ({ track, seenAt: before }) => {
      added += Number(track.record === null);
      return { track: trackRecord(track, record), seenAt: Math.max(before, seenAt(record)) as Instant };
    });
  }
  sessions.write();
  addToMinutes(sql, tasks);
  const taken = fresh.length + current.length;
  return {
    added,
    duplicates: taken - added,
    expired: batch.tasks.length + batch.sessions.length - taken,
  };
}

/** Drops tasks and sessions of which nothing was seen since; the roll-ups stay. */
export function dropBefore(sql: Sql, keptSince: Instant): void {
  let agent = "";
  for (;;) {
    const next = sql.get("SELECT min(agent) AS agent FROM sessions WHERE agent > ?", agent)?.agent ?? null;
    if (typeof next !== "string") return;
    agent = next;
    sql.run("DELETE FROM tasks WHERE agent = ? AND ended_at < ?", agent, keptSince);
    sql.run("DELETE FROM sessions WHERE agent = ? AND seen_at < ?", agent, keptSince);
  }
}

function seenAt(record: SessionRecord): Instant {
  return record.endedAt ?? record.startedAt;
}

/** Each session of a batch is read once and written once. */
class TouchedSessions {
  readonly #sql: Sql;
  readonly #rows = new Map<string, { readonly agent: AgentId; readonly key: string; row: SessionRow }>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  touch(agent: AgentId, key: string, change: (row: SessionRow) => SessionRow): void {
    const name = JSON.stringify([agent, key]);
    const touched = this.#rows.get(name) ?? {
      agent,
      key,
      row: readSession(this.#sql, agent, key) ?? { track: unknownSession, seenAt: 0 as Instant },
    };
    touched.row = change(touched.row);
    this.#rows.set(name, touched);
  }

  write(): void {
    for (const { agent, key, row } of this.#rows.values()) writeSession(this.#sql, { agent, key }, row);
  }
}
