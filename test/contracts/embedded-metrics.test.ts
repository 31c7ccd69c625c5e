// What only the embedded metric store promises: it is a file, it forgets after a time, and a look does not grow with the traffic.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TaskRecord } from "../../src/core/metric/task-record.js";
import {
  type AgentId,
  type Duration,
  day,
  hour,
  type Instant,
  minute,
  type RevisionId,
  type Weight,
} from "../../src/core/model/units.js";
import type { Database, Sql, SqlValue } from "../../src/ports/database.js";
import type { BlockQuery } from "../../src/ports/metric-source.js";
import { openLibsql } from "../../src/providers/databases/libsql.js";
import { metricsFile } from "../../src/providers/sources/embedded/metrics-file.js";
import { openEmbeddedMetrics } from "../../src/providers/sources/embedded.js";

const agent = "support" as AgentId;
const stable = "r-stable" as RevisionId;
const start = Date.UTC(2026, 2, 1);
const signal = new AbortController().signal;
let folder: string;
let path: string;
let now: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rollout-embedded-"));
  path = join(folder, "metrics.db");
  now = start + day;
});
afterEach(() => rm(folder, { recursive: true }));

const open = (options: { readonly readOnly?: boolean; readonly retention?: Duration } = {}) =>
  openEmbeddedMetrics({ path, now: () => now as Instant, openDatabase: openLibsql, ...options });

test("a missing file reads as no data, and is not made", async () => {
  const store = await open({ readOnly: true });
  expect((await store.blocks(query({}), signal)).blocks).toEqual([]);
  expect(
    (await store.figures({ agent, revision: stable, from: start as Instant, to: now as Instant }, signal)).tasks,
  ).toBe(0);
  expect(
    (await store.history({ agent, stable, unit: "session", before: now as Instant }, signal)).sessionsLastDay,
  ).toBe(0);
  await expect(store.record({ tasks: [task(0)], sessions: [] })).rejects.toMatchObject({ kind: "unsupported" });
  await store.close();
  expect(readdirSync(folder)).toEqual([]);
});

test("reading alone changes no byte of the file", async () => {
  const writer = await open();
  await writer.record({ tasks: [task(0), task(1)], sessions: [] });
  await writer.close();
  const before = digest();
  const store = await open({ readOnly: true });
  const [block] = (await store.blocks(query({}), signal)).blocks;
  expect(block?.stable.sessions).toBe(2);
  await expect(store.record({ tasks: [task(2)], sessions: [] })).rejects.toMatchObject({ kind: "unsupported" });
  await store.close();
  expect(digest()).toBe(before);
});

test("a file of format 1 is read as it is, and learns whose its sessions are when it is written to", async () => {
  const bench = await open();
  const named = { ...task(0), session: "s", user: "u" };
  await bench.record({ tasks: [named, { ...task(1), session: "s" }, task(2)], sessions: [] });
  await bench.close();
  await toFormat1();
  const before = digest();
  const reader = await open({ readOnly: true });
  const bySession = await reader.blocks(query({}), signal);
  expect(bySession.blocks.map((block) => block.stable.sessions)).toEqual([2]);
  const [unknown] = (await reader.blocks({ ...query({}), unit: "user" }, signal)).blocks;
  expect([unknown?.stable.sessions, unknown?.userless]).toEqual([0, 2]);
  const past = { agent, stable, unit: "user", before: now as Instant } as const;
  expect((await reader.history(past, signal)).sessionsLastDay).toBe(0);
  await reader.close();
  expect(digest()).toBe(before);
  const writers = await Promise.all([open(), open()]);
  for (const store of writers) {
    const [block] = (await store.blocks({ ...query({}), unit: "user" }, signal)).blocks;
    expect([block?.stable.sessions, block?.userless]).toEqual([1, 1]);
    expect((await store.history(past, signal)).sessionsLastDay).toBe(1);
  }
  await writers[0]?.record({ tasks: [{ ...task(3), user: "v" }], sessions: [] });
  expect((await writers[1]?.history(past, signal))?.sessionsLastDay).toBe(2);
  for (const store of writers) await store.close();
});

/** Undoes by hand what format 2 brought. */
async function toFormat1(): Promise<void> {
  const { default: Connection } = await import("libsql");
  const connection = new Connection(path);
  connection.exec("DROP INDEX sessions_of_user");
  connection.exec("ALTER TABLE sessions DROP COLUMN user");
  connection.pragma("user_version = 1");
  connection.close();
}

test("records outlive the process that wrote them, and a second one adds to them", async () => {
  const [one, two] = [await open(), await open()];
  await Promise.all([
    one.record({ tasks: [0, 1, 2].map(task), sessions: [] }),
    two.record({ tasks: [2, 3].map(task), sessions: [] }),
  ]);
  await one.close();
  await two.close();
  const store = await open();
  expect(
    (await store.figures({ agent, revision: stable, from: start as Instant, to: now as Instant }, signal)).tasks,
  ).toBe(4);
  await store.close();
});

test("what is older than the retention is dropped, and never counted again", async () => {
  const store = await open({ retention: (2 * day) as Duration });
  const window = { agent, revision: stable, from: start as Instant, to: (start + hour) as Instant };
  await store.record({ tasks: [task(0)], sessions: [] });
  now = start + 4 * day;
  const late = { ...task(1), startedAt: (now - hour) as Instant, endedAt: (now - hour) as Instant };
  expect(await store.record({ tasks: [task(0), late], sessions: [] })).toEqual({ added: 1, duplicates: 0, expired: 1 });
  expect((await store.failedTasks(agent, 50)).map(({ id }) => id)).toEqual(["t1"]);
  expect((await store.figures(window, signal)).tasks, "roll-ups are kept").toBe(1);
  expect((await store.blocks(query({}), signal)).blocks.length).toBe(1);
  await store.close();
});

test("an agent's records go on under another name, with what is known under that name already", async () => {
  const store = await open({ retention: (2 * day) as Duration });
  const other = "help" as AgentId;
  const seen = async (name: AgentId) => {
    const window = { agent: name, revision: stable, from: start as Instant, to: (now + day) as Instant };
    const { tasks, sessions, values } = await store.figures(window, signal);
    return [tasks, sessions, values.mean_cost_usd, (await store.failedTasks(name, 9)).length];
  };
  await store.record({ tasks: [0, 1, 2].map(task), sessions: [] });
  await store.record({
    tasks: [2, 3].map((index) => ({ ...task(index), id: `h${index}`, agent: other })),
    sessions: [],
  });
  for (const _ of ["once", "twice"]) {
    await store.rename(agent, other);
    expect(await seen(other)).toEqual([5, 5, 0.5, 5]);
    expect(await seen(agent)).toEqual([0, 0, null, 0]);
  }
  expect((await store.failedTasks(other, 1))[0]?.agent).toBe(other);
  await store.close();
});

test("a look costs what is new, not what there is", async () => {
  const read = { rows: 0, texts: new Map<string, readonly SqlValue[]>() };
  const store = await openEmbeddedMetrics({
    ...{ path, now: () => now as Instant },
    openDatabase: async (file) => watched(await openLibsql(file), read),
  });
  await store.record({ tasks: Array.from({ length: 21_000 }, (_, index) => task(index)), sessions: [] });
  now = start + 21_000 * 1000 + hour;
  const last = start + 21_000 * 1000 - 5 * minute;
  const rowsOf = async (after: { readonly after?: number }, blocks: number): Promise<number> => {
    read.rows = 0;
    expect((await store.blocks(query(after), signal)).blocks.length).toBe(blocks);
    return read.rows;
  };
  const all = await rowsOf({}, 70);
  read.texts.clear();
  const rest = await rowsOf({ after: last }, 1);
  expect(all).toBeGreaterThan(21_000);
  expect(rest).toBeLessThan(all / 20);
  // Nor are rows passed over to find them: every statement of such a look goes by an index.
  expect(await whole(read.texts)).toEqual([]);
  const history = await store.history({ agent, stable, unit: "session", before: now as Instant }, signal);
  expect(history.samples.mean_cost_usd.length).toBe(2000);
  const figures = await store.figures({ agent, revision: stable, from: start as Instant, to: now as Instant }, signal);
  expect(figures).toMatchObject({
    tasks: 21_000,
    sessions: 21_000,
    values: { task_success_rate: 0, mean_cost_usd: 0.5 },
  });
  await store.close();
}, 60_000);

interface Read {
  rows: number;
  readonly texts: Map<string, readonly SqlValue[]>;
}

/** The database, with what is read of it counted. */
function watched(database: Database | null, read: Read): Database | null {
  if (database === null) return null;
  const counted =
    <T>(work: (sql: Sql) => T) =>
    (sql: Sql): T =>
      work({
        ...{ run: (text, ...values) => sql.run(text, ...values) },
        get: (text, ...values) => {
          read.texts.set(text, values);
          read.rows += 1;
          return sql.get(text, ...values);
        },
        all: (text, ...values) => {
          const rows = sql.all(text, ...values);
          read.texts.set(text, values);
          read.rows += rows.length;
          return rows;
        },
      });
  return {
    read: (work) => database.read(counted(work)),
    write: (work) => database.write(work),
    close: () => database.close(),
  };
}

/** The statements that go through a whole table. */
async function whole(texts: Read["texts"]): Promise<readonly string[]> {
  expect(texts.size).toBeGreaterThan(2);
  const database = await openLibsql(metricsFile({ path, readOnly: true }));
  const found = await database?.read((sql) =>
    [...texts].filter(([text, values]) =>
      sql
        .all(`EXPLAIN QUERY PLAN ${text}`, ...values)
        .some(({ detail }) => /^SCAN (?!.*VIRTUAL TABLE)/.test(String(detail))),
    ),
  );
  await database?.close();
  return (found ?? []).map(([text]) => text);
}

function query(parts: { readonly after?: number }): BlockQuery {
  return {
    agent,
    stable,
    canary: "r-canary" as RevisionId,
    unit: "session",
    after: (parts.after ?? null) as Instant | null,
    cuts: [{ at: start as Instant, weight: 500 as Weight }],
    sessionTimeout: (30 * minute) as Duration,
    now: now as Instant,
  };
}

/** One every second, each a session of its own. */
function task(index: number): TaskRecord {
  const startedAt = (start + index * 1000) as Instant;
  return {
    id: `t${index}`,
    agent,
    revision: stable,
    session: null,
    user: null,
    startedAt,
    endedAt: startedAt,
    success: false,
    llmCalls: 3,
    costUsd: 0.5,
    latencySec: 1,
    checkpoint: null,
    destructiveActions: null,
    rolledBackActions: null,
    error: "timeout",
    tags: { tool: "refund" },
  };
}

function digest(): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
