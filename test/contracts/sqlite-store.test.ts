// What only the embedded store promises: it is a file, other processes use it too, and reading changes nothing.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Event } from "../../src/core/model/journal.js";
import type { AgentId, Duration, Instant } from "../../src/core/model/units.js";
import { openLibsql } from "../../src/providers/databases/libsql.js";
import { openSqliteStore } from "../../src/providers/stores/sqlite.js";
import { killWhileAppending, startAppending } from "./start-appending.js";

const support = "support" as AgentId;
const now = () => 1_700_000_000_000 as Instant;
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rollout-sqlite-"));
  path = join(folder, "state.db");
});
afterEach(async () => {
  chmodSync(folder, 0o700);
  await rm(folder, { recursive: true });
});

const open = (options: { readonly readOnly?: boolean; readonly lineage?: string } = {}) =>
  openSqliteStore({ path, now, openDatabase: openLibsql, ...options });

test("several processes that append at once count exactly", async () => {
  const each = 40;
  const processes = ["a", "b", "c"].map((why) =>
    startAppending({ path, agent: support, event: paused(why), count: each }),
  );
  const codes = await Promise.all(processes.map(({ ended }) => ended));
  expect(codes).toEqual([0, 0, 0]);
  const store = await open();
  const history = await store.history(support);
  expect(history.length).toBe(3 * each);
  const told = processes.flatMap(({ acknowledged }) => acknowledged).sort((a, b) => a - b);
  expect(told).toEqual(history.map(({ serial }) => serial));
  await store.close();
}, 60_000);

test("a journal survives being killed, round after round", async () => {
  let last = 0;
  for (const acknowledgements of [1, 3, 10, 30]) {
    const told = await killWhileAppending({
      path,
      agent: support,
      event: paused("x".repeat(20_000)),
      acknowledgements,
    });
    const store = await open();
    const history = await store.history(support);
    expect(history.length - told).toBeGreaterThanOrEqual(0);
    expect(history.length - told).toBeLessThanOrEqual(1);
    expect(told).toBeGreaterThanOrEqual(last + acknowledgements);
    last = history.length;
    await store.close();
  }
}, 60_000);

test("a changed entry is found, named, and refused", async () => {
  const store = await open();
  for (const serial of [0, 1, 2]) await store.append(support, serial, paused(`entry ${serial + 1}`));
  await tamper("UPDATE entries SET event = replace(event, 'entry 2', 'nothing') WHERE serial = 2");
  const message = /journal of support.*entry 2 does not follow from entry 1/;
  await expect(store.history(support)).rejects.toThrow(message);
  await expect(store.load(support)).rejects.toThrow(message);
  await store.close();
});

test("a journal that lost its last entries is refused, and goes on nowhere", async () => {
  const store = await open();
  for (const serial of [0, 1, 2]) await store.append(support, serial, paused(`entry ${serial + 1}`));
  await tamper("DELETE FROM entries WHERE serial = 3");
  const message = /journal of support ends at entry 2, and entry 3 had been written/;
  await expect(store.history(support)).rejects.toThrow(message);
  await expect(store.load(support)).rejects.toThrow(message);
  await expect(store.append(support, 2, paused("another entry 3"))).rejects.toThrow(message);
  await tamper("DELETE FROM entries");
  expect(await store.agents()).toEqual([]);
  expect(await store.trailed()).toEqual([support]);
  expect((await store.trail(support)).head?.serial).toBe(3);
  await store.close();
});

test("a journal from before there were heads is read, and has one from the next entry on", async () => {
  const store = await open();
  await store.append(support, 0, paused("entry 1"));
  await tamper("DELETE FROM meta WHERE key LIKE 'head %'");
  expect(await store.history(support)).toHaveLength(1);
  expect((await store.trail(support)).head).toBeNull();
  await store.append(support, 1, paused("entry 2"));
  expect((await store.trail(support)).head?.serial).toBe(2);
  await store.close();
});

test("an entry that was renumbered is found", async () => {
  const store = await open();
  for (const serial of [0, 1]) await store.append(support, serial, paused(`entry ${serial + 1}`));
  await tamper("UPDATE entries SET serial = 3 WHERE serial = 2");
  await expect(store.history(support)).rejects.toThrow(/entry 3 does not follow from entry 1/);
  await store.close();
});

test("a missing entry is found", async () => {
  const store = await open();
  for (const serial of [0, 1, 2]) await store.append(support, serial, paused(`entry ${serial + 1}`));
  await tamper("DELETE FROM entries WHERE serial = 2");
  await expect(store.history(support)).rejects.toThrow(/entry 3 does not follow from entry 1/);
  await store.close();
});

test("each hash covers the one before it and the canonical entry", async () => {
  const store = await open({ lineage: "lineage-1" });
  await store.append(support, 0, paused("first"));
  await store.append(support, 1, paused("second"));
  const rows = await query("SELECT serial, event, hash FROM entries ORDER BY serial");
  const sha = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
  let link = sha("rollout journal\nlineage-1\nsupport");
  for (const row of rows) {
    link = sha(`${link}\n{"event":${row.event},"serial":${row.serial}}`);
    expect(row.hash).toBe(link);
  }
  expect(rows[0]?.event).toBe(
    '{"at":1700000000000,"by":"a person","command":"pause","format":1,"kind":"commanded","plan":null,"why":"first"}',
  );
  await store.close();
});

test("a missing file reads as an empty store, and is not made", async () => {
  const store = await open({ readOnly: true });
  expect(store.lineage).toBe("");
  expect((await store.load(support)).serial).toBe(0);
  expect(await store.agents()).toEqual([]);
  await expect(store.append(support, 0, paused("no"))).rejects.toThrow("opened for reading alone");
  await store.close();
  expect(readdirSync(folder)).toEqual([]);
});

test("reading alone changes no byte of the file", async () => {
  const writer = await open();
  await writer.append(support, 0, paused("first"));
  await writer.lease(support, { holder: "ci", for: 60_000 as Duration });
  await writer.close();
  const before = digest();
  const store = await open({ readOnly: true });
  expect(store.lineage).toBe(writer.lineage);
  expect((await store.history(support)).length).toBe(1);
  await store.saveSnapshot(support, 1, {} as never);
  await expect(store.append(support, 1, paused("no"))).rejects.toMatchObject({ kind: "unsupported" });
  await expect(store.lease(support, { holder: "me", for: 1 as Duration })).rejects.toMatchObject({
    kind: "unsupported",
  });
  await store.close();
  expect(digest()).toBe(before);
});

test("a reader sees what a live writer has appended", async () => {
  const writer = await open();
  await writer.append(support, 0, paused("first"));
  const reader = await open({ readOnly: true });
  await writer.append(support, 1, paused("second"));
  expect((await reader.load(support)).serial).toBe(2);
  await reader.close();
  await writer.close();
});

test.each([
  [
    "a file that is no database",
    () => writeFileSync(path, "not a database ".repeat(500)),
    "rejected",
    /state\.db is damaged or not a SQLite/,
  ],
  [
    "a database of something else",
    () => tamper("CREATE TABLE cats (name TEXT)"),
    "rejected",
    /not a state file of rollout/,
  ],
  [
    "a newer format",
    () => newerFormat(),
    "unsupported",
    /state file of format 99, and this version of rollout reads format 2/,
  ],
])("%s is refused", async (_name, prepare, kind, message) => {
  await prepare();
  for (const readOnly of [false, true]) {
    const attempt = open({ readOnly });
    await expect(attempt).rejects.toMatchObject({ name: "Fault", kind });
    await expect(attempt).rejects.toThrow(message);
  }
});

test("a folder that cannot be made is an unreachable store", async () => {
  writeFileSync(path, "a file, not a folder");
  path = join(path, "state.db");
  await expect(open()).rejects.toMatchObject({ name: "Fault", kind: "unreachable" });
});

test("a tree that may not be written can be read, by whoever is not root", async () => {
  const writer = await open();
  await writer.append(support, 0, paused("first"));
  await writer.close();
  for (const side of ["-wal", "-shm"]) rmSync(`${path}${side}`, { force: true });
  chmodSync(path, 0o444);
  chmodSync(folder, 0o555);
  const read = await readAsNobody(path, support);
  expect(read).toBe("1");
  expect(readdirSync(folder)).toEqual(["state.db"]);
});

async function newerFormat(): Promise<void> {
  await (await open()).close();
  await tamper("PRAGMA user_version = 99");
}

/** Changes the file behind the store's back. */
async function tamper(statement: string): Promise<void> {
  const { default: Connection } = await import("libsql");
  const connection = new Connection(path);
  connection.exec(statement);
  connection.close();
}

async function query(text: string): Promise<readonly Record<string, unknown>[]> {
  const { default: Connection } = await import("libsql");
  return new Connection(path).prepare(text).all([]) as Record<string, unknown>[];
}

async function readAsNobody(file: string, agent: AgentId): Promise<string> {
  const script = fileURLToPath(new URL("./reading-process.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script, file, agent, "65534"]);
  return stdout;
}

function digest(): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

function paused(why: string): Event {
  return { kind: "commanded", command: "pause", why, at: 1_700_000_000_000 as Instant, by: "a person", plan: null };
}
