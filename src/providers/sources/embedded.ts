// The embedded metric store: task and session records in one SQLite file, read as blocks, windows and history.

import { type BlockFrame, type FirstStart, sessionBlocks, startsInFrame } from "../../core/metric/session-blocks.js";
import type { SessionTask, TrackedSession } from "../../core/metric/session-values.js";
import { stableSamples } from "../../core/metric/stable-samples.js";
import type { TaskRecord } from "../../core/metric/task-record.js";
import { windowValues } from "../../core/metric/window-tally.js";
import type { Block } from "../../core/model/metric.js";
import {
  type AgentId,
  type Duration,
  day,
  hour,
  type Instant,
  later,
  type RevisionId,
} from "../../core/model/units.js";
import type { Database, OpenDatabase, Row, Sql } from "../../ports/database.js";
import { Fault } from "../../ports/fault.js";
import type {
  BlockAnswer,
  BlockQuery,
  HistoryQuery,
  MetricSource,
  StableHistory,
  WindowFigures,
} from "../../ports/metric-source.js";
import type { RecordBatch, RecordCount, TaskRecorder } from "../../ports/task-recorder.js";
import { metricsFile } from "./embedded/metrics-file.js";
import { tallyWindow } from "./embedded/minute-tallies.js";
import { dropBefore, recordBatch } from "./embedded/record-batch.js";
import { renameAgent } from "./embedded/rename-agent.js";
import { sessionTaskColumns, sessionTaskOf, taskOf } from "./embedded/task-row.js";

export interface EmbeddedMetricsOptions {
  readonly path: string;
  readonly now: () => Instant;
  readonly openDatabase: OpenDatabase;
  /** Writes nothing. A missing file is an empty store. */
  readonly readOnly?: boolean;
  /** How long single tasks and sessions are kept; null: for ever. Roll-ups are kept for ever. */
  readonly retention?: Duration | null;
}

export interface EmbeddedMetrics extends MetricSource, TaskRecorder {
  /** All records of an agent go on under another name, all or none. Twice is once. */
  rename(from: AgentId, to: AgentId): Promise<void>;
  close(): Promise<void>;
}

/** So many records are written in one transaction: other processes get their turn in between. */
const recordsAtOnce = 2000;
/** So much of the past is read at once, a multiple of the grid. */
const slice = hour;
/** History that a rollout starts from. */
const mostSamples = 2000;

/** Opens the metrics file, and makes it where there is none. Throws a `Fault` where it is something else, newer, or cannot be opened. */
export async function openEmbeddedMetrics(options: EmbeddedMetricsOptions): Promise<EmbeddedMetrics> {
  const { path, now, readOnly = false, retention = null } = options;
  const database = await options.openDatabase(metricsFile({ path, readOnly }));
  return new EmbeddedStore({ database: database ?? absent(path), now, retention });
}

class EmbeddedStore implements EmbeddedMetrics {
  readonly #database: Database;
  readonly #now: () => Instant;
  readonly #retention: Duration | null;
  #droppedAt = -Infinity;

  constructor(parts: {
    readonly database: Database;
    readonly now: () => Instant;
    readonly retention: Duration | null;
  }) {
    this.#database = parts.database;
    this.#now = parts.now;
    this.#retention = parts.retention;
  }

  async record({ tasks, sessions }: RecordBatch): Promise<RecordCount> {
    await this.#dropExpired();
    const keptSince = this.#keptSince();
    let count: RecordCount = { added: 0, duplicates: 0, expired: 0 };
    for (let from = 0; from < Math.max(tasks.length, sessions.length); from += recordsAtOnce) {
      const part = {
        tasks: tasks.slice(from, from + recordsAtOnce),
        sessions: sessions.slice(from, from + recordsAtOnce),
      };
      const { added, duplicates, expired } = await this.#database.write((sql) => recordBatch(sql, part, keptSince));
      count = {
        added: count.added + added,
        duplicates: count.duplicates + duplicates,
        expired: count.expired + expired,
      };
    }
    return count;
  }

  async rename(from: AgentId, to: AgentId): Promise<void> {
    await this.#database.write((sql) => renameAgent(sql, from, to));
  }

  async failedTasks(agent: AgentId, limit: number): Promise<readonly TaskRecord[]> {
    const text = "SELECT * FROM tasks WHERE agent = ? AND success = 0 ORDER BY ended_at DESC, id DESC LIMIT ?";
    return (await this.#database.read((sql) => sql.all(text, agent, limit))).map(taskOf);
  }

  async blocks(query: BlockQuery, signal: AbortSignal): Promise<BlockAnswer> {
    refuseLate(signal);
    const { agent, now } = query;
    const blocks = await this.#blocks(query, signal);
    const since = query.cuts[0]?.at ?? null;
    return this.#database.read((sql) => ({
      blocks,
      unrouted: since === null ? [] : unroutedOf(sql, query, since),
      mismatched: since === null ? 0 : mismatchedOf(sql, agent, since),
      newest: newestOf(sql, agent, now),
      completedOnly: since === null || !hasRecords(sql, { agent, from: since, to: now }),
    }));
  }

  async figures(
    query: { readonly agent: AgentId; readonly revision: RevisionId; readonly from: Instant; readonly to: Instant },
    signal: AbortSignal,
  ): Promise<WindowFigures> {
    refuseLate(signal);
    return this.#database.read((sql) => {
      const tally = tallyWindow(sql, query);
      const sessions = countOf(
        sql,
        "SELECT count(*) AS count FROM sessions WHERE agent = ? AND revision = ? AND started_at >= ? AND started_at < ?",
        [query.agent, query.revision, query.from, query.to],
      );
      return { tasks: tally.tasks, sessions, values: windowValues(tally) };
    });
  }

  async history(query: HistoryQuery, signal: AbortSignal): Promise<StableHistory> {
    refuseLate(signal);
    const { agent, before, unit } = query;
    return this.#database.read((sql) => {
      const first = sql.get("SELECT min(started_at) AS first FROM sessions WHERE agent = ?", agent)?.first ?? null;
      const user = userColumn(sql);
      const lastDay = `SELECT count(${unit === "user" ? `DISTINCT ${user}` : "*"}) AS count FROM sessions s
        WHERE agent = ? AND started_at >= ? AND started_at < ?`;
      return {
        sessionsLastDay: countOf(sql, lastDay, [agent, later(before, -day), before]),
        observed: observedIn(first as Instant | null, before),
        samples: stableSamples(stableSessions(sql, query), query),
      };
    });
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  /** Hour by hour, each in a transaction of its own: a long past does not hold up the process, nor fill its memory. */
  async #blocks(query: BlockQuery, signal: AbortSignal): Promise<readonly Block[]> {
    const starts = startsInFrame(query);
    if (starts === null) return [];
    const blocks: Block[] = [];
    let from: Instant | null = starts.from;
    while (from !== null) {
      refuseLate(signal);
      const range: Range = { from, to: Math.min((Math.floor(from / slice) + 1) * slice, starts.to) as Instant };
      const found: Slice = await this.#database.read((sql) => ({
        blocks: sessionBlocks(sessionsWithin(sql, query, range), query, firstStartIn(sql, query)),
        next: nextStart(sql, query, { from: range.to, to: starts.to }),
      }));
      blocks.push(...found.blocks);
      from = found.next;
    }
    return blocks;
  }

  #keptSince(): Instant {
    return (this.#retention === null ? -Infinity : this.#now() - this.#retention) as Instant;
  }

  async #dropExpired(): Promise<void> {
    if (this.#retention === null || this.#now() - this.#droppedAt < hour) return;
    this.#droppedAt = this.#now();
    const keptSince = this.#keptSince();
    await this.#database.write((sql) => dropBefore(sql, keptSince));
  }
}

interface Range {
  readonly from: Instant;
  readonly to: Instant;
}
interface Slice {
  readonly blocks: readonly Block[];
  readonly next: Instant | null;
}
type Arms = BlockFrame & { readonly agent: AgentId };

/** The sessions of both arms that started in the range, with their tasks. */
function sessionsWithin(sql: Sql, { agent, stable, canary }: Arms, { from, to }: Range): readonly TrackedSession[] {
  const within = "s.agent = ? AND s.revision IN (?, ?) AND s.started_at >= ? AND s.started_at < ?";
  const values = [agent, stable, canary, from, to] as const;
  const sessions = sql.all(
    `SELECT s.key, s.started_at, s.revision, ${userColumn(sql)} AS user FROM sessions s WHERE ${within}`,
    ...values,
  );
  const columns = sessionTaskColumns.replace(/\w+/g, "t.$&");
  const rows = sql.all(
    `SELECT s.key, ${columns} FROM sessions s JOIN tasks t ON t.agent = s.agent AND t.session_key = s.key WHERE ${within}`,
    ...values,
  );
  const tasks = new Map<string, SessionTask[]>();
  for (const row of rows) {
    const ofSession = tasks.get(row.key as string) ?? [];
    ofSession.push(sessionTaskOf(row));
    tasks.set(row.key as string, ofSession);
  }
  return sessions.map((row) => trackedOf(row, tasks));
}

function trackedOf(row: Row, tasks: ReadonlyMap<string, readonly SessionTask[]>): TrackedSession {
  return {
    key: row.key as string,
    startedAt: row.started_at as Instant,
    revision: row.revision as RevisionId,
    user: row.user as string | null,
    tasks: tasks.get(row.key as string) ?? [],
  };
}

/** Of the newest sessions of stable, with their tasks. */
function stableSessions(sql: Sql, { agent, stable, before }: HistoryQuery): readonly TrackedSession[] {
  const sessions = sql.all(
    `SELECT s.key, s.started_at, s.revision, ${userColumn(sql)} AS user FROM sessions s
     WHERE s.agent = ? AND s.revision = ? AND s.started_at < ? ORDER BY s.started_at DESC, s.key DESC LIMIT ${mostSamples}`,
    agent,
    stable,
    before,
  );
  const text = `SELECT ${sessionTaskColumns} FROM tasks WHERE agent = ? AND session_key = ?`;
  return sessions.map((row) => {
    const key = row.key as string;
    return trackedOf(row, new Map([[key, sql.all(text, agent, key).map(sessionTaskOf)]]));
  });
}

/** A file of format 1 that is opened for reading alone has no such column, and stays as it is. */
function userColumn(sql: Sql): string {
  return sql.get("SELECT 1 AS found FROM pragma_table_info('sessions') WHERE name = 'user'") === null
    ? "NULL"
    : "s.user";
}

/** One seek for each user who is asked about. */
function firstStartIn(sql: Sql, { agent, stable, canary }: Arms): FirstStart {
  const text = `SELECT min(started_at) AS first FROM sessions INDEXED BY sessions_of_user
    WHERE agent = ? AND user = ? AND started_at >= ? AND revision IN (?, ?)`;
  return (user, since) => (sql.get(text, agent, user, since, stable, canary)?.first ?? null) as Instant | null;
}

/** Where the next session of either arm started; hours without any are passed over. */
function nextStart(sql: Sql, { agent, stable, canary }: Arms, { from, to }: Range): Instant | null {
  const text =
    "SELECT min(started_at) AS next FROM sessions WHERE agent = ? AND revision = ? AND started_at >= ? AND started_at < ?";
  const starts = [stable, canary].map((revision) => sql.get(text, agent, revision, from, to)?.next ?? null);
  const known = starts.filter((start) => typeof start === "number");
  return known.length === 0 ? null : (Math.min(...known) as Instant);
}

/** Revisions are stepped through by index, one seek each, and only the tasks of unrouted ones are read. */
function unroutedOf(sql: Sql, { agent, stable, canary }: Arms, since: Instant): BlockAnswer["unrouted"] {
  const unrouted: { readonly revision: string; readonly tasks: number }[] = [];
  const step = "SELECT min(revision) AS revision FROM tasks WHERE agent = ? AND revision > ?";
  const count = `SELECT count(*) AS count FROM tasks t JOIN sessions s ON s.agent = t.agent AND s.key = t.session_key
    WHERE t.agent = ? AND t.revision = ? AND t.ended_at >= ? AND s.started_at >= ?`;
  let revision = "";
  for (;;) {
    const next = sql.get(step, agent, revision)?.revision ?? null;
    if (typeof next !== "string") return unrouted;
    revision = next;
    if (revision === stable || revision === canary) continue;
    const tasks = countOf(sql, count, [agent, revision, since, since]);
    if (tasks > 0) unrouted.push({ revision, tasks });
  }
}

function mismatchedOf(sql: Sql, agent: AgentId, since: Instant): number {
  const text =
    "SELECT coalesce(sum(mismatched), 0) AS count FROM sessions WHERE agent = ? AND started_at >= ? AND mismatched > 0";
  return countOf(sql, text, [agent, since]);
}

/** Records dated in the future do not hide that nothing arrives. */
function newestOf(sql: Sql, agent: AgentId, now: Instant): Instant | null {
  const task = sql.get("SELECT max(ended_at) AS newest FROM tasks WHERE agent = ? AND ended_at <= ?", agent, now);
  const session = sql.get("SELECT max(seen_at) AS newest FROM sessions WHERE agent = ? AND seen_at <= ?", agent, now);
  const known = [task?.newest, session?.newest].filter((newest) => typeof newest === "number");
  return known.length === 0 ? null : (Math.max(...known) as Instant);
}

/** How much of the day before an instant lies behind the first session. */
function observedIn(first: Instant | null, before: Instant): Duration {
  return (first === null ? 0 : Math.min(Math.max(before - first, 0), day)) as Duration;
}

function hasRecords(sql: Sql, { agent, from, to }: Range & { readonly agent: AgentId }): boolean {
  const text =
    "SELECT 1 AS found FROM sessions WHERE agent = ? AND record_started_at >= ? AND record_started_at <= ? LIMIT 1";
  return sql.get(text, agent, from, to) !== null;
}

function countOf(sql: Sql, text: string, values: readonly (string | number)[]): number {
  return (sql.get(text, ...values)?.count as number | undefined) ?? 0;
}

/** A metrics file that does not exist yet, opened for reading alone. */
function absent(path: string): Database {
  const nothing: Sql = { get: () => null, all: () => [], run: () => 0 };
  return {
    read: async (work) => work(nothing),
    write: async () => {
      throw new Fault("unsupported", `${path} does not exist, and was opened for reading alone.`);
    },
    close: async () => {},
  };
}

/** Throws where whoever asked has lost patience. */
function refuseLate({ aborted, reason }: AbortSignal): void {
  if (!aborted) return;
  const because = reason instanceof Error ? reason.message : String(reason);
  throw new Fault("timeout", `the metrics were not read in time: ${because}`, { cause: reason });
}
