// What only the store of several machines promises: a server that may go away, a schema that may be somebody else's, one clock for all.

import { createHash } from "node:crypto";
import pg from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Event } from "../../src/core/model/journal.js";
import type { AgentId, Duration, Instant } from "../../src/core/model/units.js";
import { openPostgresStore } from "../../src/providers/stores/postgres.js";
import { postgresUrl } from "../support/postgres.js";
import { startPostgresServer } from "../support/postgres-server.js";
import { killWhileAppending, startAppending } from "./start-appending.js";

const support = "support" as AgentId;
const minute = 60_000 as Duration;
const cleanups: (() => Promise<void>)[] = [];
let url: string;
beforeEach(async () => {
  url = await postgresUrl();
});
afterEach(async () => {
  vi.useRealTimers();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function open(options: { readonly readOnly?: boolean; readonly lineage?: string; readonly url?: string } = {}) {
  const store = await openPostgresStore({ url, ...options });
  cleanups.push(() => store.close());
  return store;
}

/** Somebody else on the same server, with the test's schema as the first place to look. */
async function client(): Promise<pg.Client> {
  const other = new pg.Client({ connectionString: url, options: `-c search_path=${schema()}` });
  other.on("error", () => undefined);
  await other.connect();
  cleanups.push(() => other.end());
  return other;
}

function schema(): string {
  return new URL(url).searchParams.get("schema") ?? "";
}

test("several processes that append at once count exactly", async () => {
  const each = 40;
  const processes = ["a", "b", "c"].map((why) =>
    startAppending({ path: url, agent: support, event: paused(why), count: each }),
  );
  expect(await Promise.all(processes.map(({ ended }) => ended))).toEqual([0, 0, 0]);
  const history = await (await open()).history(support);
  expect(history.length).toBe(3 * each);
  const told = processes.flatMap(({ acknowledged }) => acknowledged).sort((a, b) => a - b);
  expect(told).toEqual(history.map(({ serial }) => serial));
}, 60_000);

test("a journal survives that its writers are killed, round after round", async () => {
  let last = 0;
  for (const acknowledgements of [1, 3, 10, 30]) {
    const event = paused("x".repeat(20_000));
    const told = await killWhileAppending({ path: url, agent: support, event, acknowledgements });
    const history = await (await open()).history(support);
    expect([told, told + 1]).toContain(history.length);
    expect(told).toBeGreaterThanOrEqual(last + acknowledgements);
    last = history.length;
  }
}, 60_000);

test("what was acknowledged outlives a server that crashes while it is written to", async () => {
  const server = await startPostgresServer();
  cleanups.push(() => server.stop());
  const each = 60;
  const writers = ["a", "b"].map((why) =>
    startAppending({ path: server.url, agent: support, event: paused(why), count: each }),
  );
  const crashes = [10, 30];
  for (const after of crashes) {
    // Both: a writer that only now starts would find no server at all.
    const reached = ({ acknowledged, onAcknowledged }: (typeof writers)[number]) =>
      new Promise<void>((resolve) => {
        const look = (appends: number) => appends >= after && resolve();
        look(acknowledged.length);
        onAcknowledged(look);
      });
    await Promise.all(writers.map(reached));
    await server.restart();
  }
  expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual([0, 0]);
  const store = await open({ url: server.url });
  const serials = (await store.history(support)).map(({ serial }) => serial);
  const told = writers.flatMap(({ acknowledged }) => acknowledged);
  expect(new Set(told).size).toBe(2 * each);
  expect(serials).toEqual(expect.arrayContaining(told));
  // Of an append that was under way in a crash, nobody was told.
  expect(serials.length - told.length).toBeLessThanOrEqual(writers.length * crashes.length);
}, 60_000);

test("a writer that vanishes in the middle of a transaction leaves nothing and holds nobody up", async () => {
  const store = await open();
  await store.append(support, 0, paused("first"));
  const zombie = await client();
  await zombie.query("BEGIN");
  await zombie.query("INSERT INTO entries VALUES ('support', 2, '{}', 'sha256:0')");
  const waiting = store.append(support, 1, paused("second"));
  (zombie as unknown as { readonly connection: { readonly stream: { destroy(): void } } }).connection.stream.destroy();
  expect(await waiting).toBe(2);
  expect((await store.history(support)).map(({ event }) => event)).toEqual([paused("first"), paused("second")]);
});

test("a connection that was cut is made again", async () => {
  const store = await open();
  await store.append(support, 0, paused("first"));
  const other = await client();
  const cut = () =>
    other.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rollout' AND pid IN (SELECT pid FROM pg_locks UNION SELECT pid FROM pg_stat_activity WHERE query LIKE $1)",
      [`%${schema()}%`],
    );
  await cut();
  expect((await store.load(support)).serial).toBe(1);
  await cut();
  expect(await store.append(support, 1, paused("second"))).toBe(2);
});

test("leases run out by the clock of the database, whatever the machines think", async () => {
  const [one, two] = [await open(), await open()];
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 86_400_000 });
  const lease = await one.lease(support, { holder: "behind", for: minute });
  vi.setSystemTime(Date.now() + 2 * 86_400_000);
  await expect(two.lease(support, { holder: "ahead", for: minute })).rejects.toThrow(/^behind is working on support/);
  await lease.renew();
  const [row] = (
    await (await client()).query("SELECT expires_at - extract(epoch FROM now()) * 1000 AS left FROM leases")
  ).rows;
  expect(Number(row.left)).toBeGreaterThan(0);
  expect(Number(row.left)).toBeLessThanOrEqual(minute);
});

test("of several that open an empty database at once one makes the schema", async () => {
  const stores = await Promise.all(Array.from({ length: 6 }, () => open()));
  expect(new Set(stores.map(({ lineage }) => lineage)).size).toBe(1);
});

test.each([
  [
    "changed",
    "UPDATE entries SET event = replace(event, 'entry 2', 'nothing') WHERE serial = 2",
    /entry 2 does not follow from entry 1/,
  ],
  ["missing", "DELETE FROM entries WHERE serial = 2", /entry 3 does not follow from entry 1/],
  ["renumbered", "UPDATE entries SET serial = 4 WHERE serial = 3", /entry 4 does not follow from entry 2/],
  ["cut off", "DELETE FROM entries WHERE serial = 3", /ends at entry 2, and entry 3 had been written/],
])("an entry that was %s is found, named, and refused", async (_, statement, message) => {
  const store = await open();
  for (const serial of [0, 1, 2]) await store.append(support, serial, paused(`entry ${serial + 1}`));
  await (await client()).query(statement);
  await expect(store.history(support)).rejects.toThrow(message);
  await expect(store.load(support)).rejects.toThrow(message);
});

test("each hash covers the one before it and the entry as it lies in its column", async () => {
  const store = await open({ lineage: "lineage-1" });
  await store.append(support, 0, paused("first"));
  await store.append(support, 1, paused("second"));
  const { rows } = await (await client()).query("SELECT serial, event, hash FROM entries ORDER BY serial");
  let link = sha("rollout journal\nlineage-1\nsupport");
  for (const row of rows) {
    link = sha(`${link}\n{"event":${row.event},"serial":${row.serial}}`);
    expect(row.hash).toBe(link);
  }
});

test("a schema that is not there reads as an empty store, and is not made", async () => {
  const store = await open({ readOnly: true });
  expect(store.lineage).toBe("");
  expect(await store.agents()).toEqual([]);
  await expect(store.append(support, 0, paused("no"))).rejects.toThrow("opened for reading alone");
  const { rows } = await (await client()).query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema()]);
  expect(rows).toEqual([]);
});

test("reading alone changes nothing, and the server would not let it", async () => {
  const writer = await open();
  await writer.append(support, 0, paused("first"));
  await writer.lease(support, { holder: "ci", for: minute });
  const before = await everything();
  const reader = await open({ readOnly: true });
  expect((await reader.history(support)).length).toBe(1);
  await reader.saveSnapshot(support, 1, {} as never);
  for (const write of [
    () => reader.append(support, 1, paused("no")),
    () => reader.lease(support, { holder: "me", for: minute }),
    () => reader.raiseEpoch(9),
  ]) {
    await expect(write()).rejects.toMatchObject({ name: "Fault", kind: "unsupported" });
  }
  expect(await everything()).toBe(before);
});

test.each([
  [
    "a schema of something else",
    "CREATE SCHEMA $; CREATE TABLE $.cats (name text)",
    "rejected",
    /holds tables of something else/,
  ],
  [
    "another program's meta",
    "CREATE SCHEMA $; CREATE TABLE $.meta (key text, value text)",
    "rejected",
    /holds tables of something else/,
  ],
  [
    "a meta of another shape",
    "CREATE SCHEMA $; CREATE TABLE $.meta (id int)",
    "rejected",
    /holds tables of something else/,
  ],
])("%s is refused, and left as it is", async (_, statements, kind, message) => {
  const other = await client();
  await other.query(statements.replaceAll("$", schema()));
  for (const readOnly of [false, true]) {
    const attempt = open({ readOnly });
    await expect(attempt).rejects.toMatchObject({ name: "Fault", kind });
    await expect(attempt).rejects.toThrow(message);
  }
  expect(
    (
      await other.query(
        "SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = $1",
        [schema()],
      )
    ).rowCount,
  ).toBe(1);
});

test("state of a newer format is refused, and not rewritten", async () => {
  await open();
  await (await client()).query("UPDATE meta SET value = '2' WHERE key = 'format'");
  const before = await everything();
  for (const readOnly of [false, true]) {
    const attempt = open({ readOnly });
    await expect(attempt).rejects.toMatchObject({ name: "Fault", kind: "unsupported" });
    await expect(attempt).rejects.toThrow(/state of format 2, and this version of rollout reads format 1/);
  }
  expect(await everything()).toBe(before);
});

test("a user without rights is told which", async () => {
  const other = await client();
  const name = `reader_${schema()}`;
  await other.query(`CREATE ROLE ${name} LOGIN`);
  const as = new URL(url);
  as.username = name;
  await expect(open({ url: as.href })).rejects.toMatchObject({ name: "Fault", kind: "rejected" });
  await expect(open({ url: as.href })).rejects.toThrow(/permission denied.*granted CREATE on the database/);
  await other.query(`CREATE SCHEMA ${schema()} AUTHORIZATION ${name}`);
  expect(await (await open({ url: as.href })).append(support, 0, paused("its own schema is enough"))).toBe(1);
});

test("no password is ever repeated", async () => {
  const other = await client();
  await other.query(
    "DO $$ BEGIN CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 'right'; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
  );
  const guarded = new URL(url);
  guarded.username = "guarded";
  guarded.password = "right";
  await (await open({ url: guarded.href })).append(support, 0, paused("let in"));
  guarded.password = "s3cret";
  const wrong = [
    guarded.href,
    "postgres://guarded:s3cret@127.0.0.1:1/state",
    "postgres://guarded:s3cret@no-such-host.invalid/state",
    "postgres://guarded:s3cret@ho st/state",
    "postgres://guarded:s3cret@host/state?schema=pg_mine",
    "postgres://guarded:s3cret@host/state?sslcert=/no/such/file",
  ];
  for (const address of wrong) {
    const error = await open({ url: address }).then(
      () => null,
      (fault: unknown) => fault,
    );
    expect(error).toMatchObject({ name: "Fault" });
    expect(inspected(error)).not.toContain("s3cret");
  }
});

test.each([
  [
    "a server that is not there",
    "postgres://rollout@127.0.0.1:1/state",
    "unreachable",
    /schema "rollout" of the PostgreSQL database "state" on 127.0.0.1:1 cannot be reached: .*ECONNREFUSED/,
  ],
  ["no address", "host=db user=me", "rejected", /is not one of PostgreSQL/],
])("%s is told with its place and what to do", async (_, address, kind, message) => {
  await expect(open({ url: address })).rejects.toMatchObject({ name: "Fault", kind });
  await expect(open({ url: address })).rejects.toThrow(message);
});

test("a database that is not there is told", async () => {
  const nowhere = url.replace("/postgres?", "/nowhere?");
  await expect(open({ url: nowhere })).rejects.toThrow(/does not let rollout in: database "nowhere" does not exist/);
});

test("a lock that is not given back is waited for no longer than the limit", async () => {
  const store = await open({ url: `${url}&lock_timeout=100` });
  const other = await client();
  await other.query("BEGIN; LOCK TABLE entries IN ACCESS EXCLUSIVE MODE");
  await expect(store.append(support, 0, paused("no"))).rejects.toMatchObject({ name: "Fault", kind: "timeout" });
  await other.query("ROLLBACK");
  expect(await store.append(support, 0, paused("first"))).toBe(1);
});

test("a commit is durable whatever the role is set to", async () => {
  const other = await client();
  const name = `hasty_${schema()}`;
  await other.query(`CREATE ROLE ${name} LOGIN SUPERUSER; ALTER ROLE ${name} SET synchronous_commit = off`);
  await other.query(`ALTER ROLE ${name} SET default_transaction_isolation = serializable`);
  const as = new URL(url);
  as.username = name;
  const store = await open({ url: as.href });
  await store.append(support, 0, paused("first"));
  // A column default that asks for the settings of whoever writes.
  await other.query(
    "ALTER TABLE revisions ADD set_to text DEFAULT current_setting('synchronous_commit') || ', ' || current_setting('transaction_isolation')",
  );
  await store.putRevision({
    id: "r-1",
    agent: support,
    steps: {},
    prompts: [],
    tools: [],
    release: null,
    origin: { commit: null, dirty: false },
  } as never);
  expect((await other.query("SELECT set_to FROM revisions")).rows).toEqual([{ set_to: "on, read committed" }]);
});

async function everything(): Promise<string> {
  const tables = ["meta", "entries", "heads", "snapshots", "leases", "revisions", "memories"];
  const other = await client();
  const found: unknown[] = [];
  for (const table of tables) found.push((await other.query(`SELECT xmin::text, * FROM ${table} ORDER BY 2, 3`)).rows);
  return JSON.stringify(found);
}

/** An error with all that hangs on it, as a log would show it. */
function inspected(error: unknown): string {
  const seen: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause)
    seen.push(at.message, at.stack ?? "", JSON.stringify({ ...at }));
  return seen.join("\n");
}

function sha(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

function paused(why: string): Event {
  return { kind: "commanded", command: "pause", why, at: 1_700_000_000_000 as Instant, by: "a person", plan: null };
}
