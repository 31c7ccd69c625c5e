// SQLite through libsql. Knows its traps: options such as `readonly` are ignored, rows carry `_metadata`, calls block.

import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type Libsql from "libsql";
import type { Database, DatabaseFile, OpenDatabase, Row, Sql, SqlValue } from "../../ports/database.js";
import { Fault } from "../../ports/fault.js";

/** A call blocks the whole process while it waits for a lock, so it waits briefly and the patience is in the loop around it. */
const busyTimeoutMs = 20;
const patienceMs = 10_000;

/** Opens a file as SQLite, in WAL mode. The library is loaded here, so that commands without a store do not pay for it. */
export const openLibsql: OpenDatabase = async (file) => {
  if (isMissing(file.path)) {
    if (file.readOnly) return null;
    makeFolder(file.path);
  }
  const { default: Connection } = await import("libsql");
  const connection = connect(Connection, file);
  try {
    if (!file.readOnly) await patiently(file.path, () => prepareForWriting(connection, file.durability));
    const known = await patiently(file.path, () => readKind(connection));
    if (known.format === 0 && known.applicationId === 0 && known.tables === 0) {
      if (file.readOnly) return closeAndForget(connection);
      await inTransaction(connection, file.path, "IMMEDIATE", () => fill(connection, file));
    } else refuseStrangers(file, known);
    if (!file.readOnly && isOlder(file, readKind(connection)))
      await inTransaction(connection, file.path, "IMMEDIATE", () => upgrade(connection, file));
    return openedDatabase(connection, file);
  } catch (error) {
    connection.close();
    throw faultOf(error, file.path);
  }
};

function isMissing(path: string): boolean {
  return !existsSync(path) || statSync(path).size === 0;
}

function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(resolve(path)), { recursive: true });
  } catch (error) {
    throw new Fault("unreachable", `The folder of ${path} cannot be made: ${messageOf(error)}`, { cause: error });
  }
}

function closeAndForget(connection: Libsql.Database): null {
  connection.close();
  return null;
}

/**
 * For reading alone a tree may be read-only, where SQLite cannot make the side files of WAL. Without a WAL there is nothing in them, and the
 * file may be read as it is (`immutable`).
 */
function connect(Connection: typeof Libsql, file: DatabaseFile): Libsql.Database {
  if (!file.readOnly) return tryConnect(Connection, file.path, file.path);
  const url = pathToFileURL(resolve(file.path)).href;
  const connection = tryConnect(Connection, `${url}?mode=ro`, file.path);
  try {
    connection.prepare("SELECT count(*) AS tables FROM sqlite_master").get([]);
    return connection;
  } catch (error) {
    if (!isMissing(`${file.path}-wal`) || !cannotMakeSideFiles(error)) return connection;
    connection.close();
    return tryConnect(Connection, `${url}?immutable=1`, file.path);
  }
}

function tryConnect(Connection: typeof Libsql, name: string, path: string): Libsql.Database {
  try {
    return new Connection(name, { timeout: busyTimeoutMs });
  } catch (error) {
    throw new Fault("unreachable", `${path} cannot be opened: ${messageOf(error)}`, { cause: error });
  }
}

/** SQLITE_CANTOPEN (14) and SQLITE_READONLY_DIRECTORY (1544), https://www.sqlite.org/rescode.html. */
function cannotMakeSideFiles(error: unknown): boolean {
  return rawCodeOf(error) === 14 || rawCodeOf(error) === 1544;
}

function prepareForWriting(connection: Libsql.Database, durability: DatabaseFile["durability"]): void {
  connection.pragma("journal_mode = WAL");
  connection.pragma(`synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`);
  connection.pragma("temp_store = FILE");
}

interface KnownKind {
  readonly applicationId: number;
  readonly format: number;
  readonly tables: number;
}

function readKind(connection: Libsql.Database): KnownKind {
  const text =
    "SELECT (SELECT application_id FROM pragma_application_id) AS applicationId, (SELECT user_version FROM pragma_user_version) AS format, (SELECT count(*) FROM sqlite_master) AS tables";
  return connection.prepare(text).get([]) as KnownKind;
}

function refuseStrangers(file: DatabaseFile, known: KnownKind): void {
  const { name, applicationId, format } = file.kind;
  if (known.applicationId !== applicationId) {
    throw new Fault("rejected", `${file.path} is a SQLite database, but not a ${name} of rollout. Name another file.`);
  }
  if (known.format > format) {
    throw new Fault(
      "unsupported",
      `${file.path} is a ${name} of format ${known.format}, and this version of rollout reads format ${format}. Use the newer version that wrote it.`,
    );
  }
}

/** Two processes may both find the file empty: the second one finds the first one's work. */
function fill(connection: Libsql.Database, file: DatabaseFile): void {
  const known = readKind(connection);
  if (known.format !== 0 || known.tables !== 0) {
    refuseStrangers(file, known);
    return;
  }
  connection.pragma(`application_id = ${file.kind.applicationId}`);
  connection.pragma(`user_version = ${file.kind.format}`);
  file.create(sqlOf(connection));
}

function isOlder({ kind }: DatabaseFile, known: KnownKind): boolean {
  return known.format < kind.format;
}

/** Two processes may both find the file older: the second one finds the first one's work. */
function upgrade(connection: Libsql.Database, file: DatabaseFile): void {
  const known = readKind(connection);
  refuseStrangers(file, known);
  if (!isOlder(file, known)) return;
  file.upgrade?.(sqlOf(connection), known.format);
  connection.pragma(`user_version = ${file.kind.format}`);
}

function openedDatabase(connection: Libsql.Database, { path, readOnly }: DatabaseFile): Database {
  const sql = sqlOf(connection);
  const born = inodeOf(path);
  let open = true;
  return {
    read: (work) => inTransaction(connection, path, "DEFERRED", () => work(sql)),
    write: async (work) => {
      if (readOnly) throw new Fault("unsupported", `${path} was opened for reading alone.`);
      if (inodeOf(path) !== born)
        throw new Fault("unreachable", `${path} was taken away or replaced while it was in use.`);
      return inTransaction(connection, path, "IMMEDIATE", () => work(sql));
    },
    async close() {
      if (!open) return;
      open = false;
      if (!readOnly) checkpoint(connection);
      connection.close();
    },
  };
}

/** SQLite goes on writing to a file that has no name any more, where nobody would find it. Null: there is none. */
function inodeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

/** Leaves the data in the one file that people copy. Only housekeeping: whatever is in its way (a process, a full disk), the WAL keeps it all. */
function checkpoint(connection: Libsql.Database): void {
  try {
    connection.pragma("wal_checkpoint(TRUNCATE)");
  } catch (error) {
    if (rawCodeOf(error) === null) throw error;
  }
}

function sqlOf(connection: Libsql.Database): Sql {
  const statements = new Map<string, Libsql.Statement>();
  const prepared = (text: string): Libsql.Statement => {
    const known = statements.get(text);
    if (known !== undefined) return known;
    const statement = connection.prepare(text);
    statements.set(text, statement);
    return statement;
  };
  return {
    get: (text, ...values) => (prepared(text).get(values) as Row | undefined) ?? null,
    all: (text, ...values) => prepared(text).all(values) as Row[],
    run: (text, ...values: readonly SqlValue[]) => prepared(text).run(values).changes,
  };
}

async function inTransaction<T>(
  connection: Libsql.Database,
  path: string,
  mode: "DEFERRED" | "IMMEDIATE",
  work: () => T,
): Promise<T> {
  return patiently(path, () => {
    connection.exec(`BEGIN ${mode}`);
    try {
      const result = work();
      connection.exec("COMMIT");
      return result;
    } catch (error) {
      if (connection.inTransaction) connection.exec("ROLLBACK");
      throw error;
    }
  });
}

/** Repeats a step that found the file locked, and lets the process do other things in between. */
async function patiently<T>(path: string, step: () => T): Promise<T> {
  let givesUpAt: number | null = null;
  for (let attempt = 1; ; attempt++) {
    try {
      return step();
    } catch (error) {
      if (!isBusy(error)) throw faultOf(error, path);
      givesUpAt ??= performance.now() + patienceMs;
      if (performance.now() >= givesUpAt) {
        throw new Fault("timeout", `${path} has been locked by another process for ${patienceMs / 1000} s.`, {
          cause: error,
        });
      }
    }
    const { setTimeout: sleep } = await import("node:timers/promises");
    await sleep(Math.random() * Math.min(5 * attempt, 50));
  }
}

/** SQLITE_BUSY (5), SQLITE_LOCKED (6) and their extended codes. */
function isBusy(error: unknown): boolean {
  const primary = (rawCodeOf(error) ?? 0) & 0xff;
  return primary === 5 || primary === 6;
}

/** What the disk or the file did wrong becomes a `Fault`; anything else is our own mistake and stays what it is. */
function faultOf(error: unknown, path: string): unknown {
  const code = rawCodeOf(error);
  if (code === null) return error;
  const because = messageOf(error);
  switch (code & 0xff) {
    case 8: // SQLITE_READONLY
      return new Fault("rejected", `${path} cannot be written: ${because}.`, { cause: error });
    case 10: // SQLITE_IOERR
    case 13: // SQLITE_FULL
    case 14: // SQLITE_CANTOPEN
      return new Fault("unreachable", `${path} cannot be read or written: ${because}.`, { cause: error });
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return new Fault("rejected", `${path} is damaged or not a SQLite database: ${because}.`, { cause: error });
    default:
      return error;
  }
}

function rawCodeOf(error: unknown): number | null {
  if (typeof error !== "object" || error === null || !("rawCode" in error)) return null;
  return typeof error.rawCode === "number" ? error.rawCode : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
