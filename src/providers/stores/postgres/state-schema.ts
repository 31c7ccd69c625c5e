// The tables of the state in PostgreSQL, format 1: one schema for each project.

import { randomUUID } from "node:crypto";
import { Fault } from "../../../ports/fault.js";
import type { Connections, PostgresRow, Statements } from "./connections.js";

export interface StateSchema {
  readonly lineage: string;
}

const kind = "rollout state";
const format = 1;

/**
 * What the schema holds. Where it holds nothing yet its tables are made, unless it is opened for reading alone: then the answer is null. Throws a
 * `Fault`: "rejected" for a schema that something else lives in, "unsupported" for a newer format.
 */
export async function openStateSchema(
  connections: Connections,
  as: {
    readonly schema: string;
    readonly place: string;
    readonly readOnly: boolean;
    readonly lineage: string | undefined;
  },
): Promise<StateSchema | null> {
  const tables = await tablesOf((text, ...values) => connections.read(text, ...values), as.schema);
  if (tables.includes("meta")) {
    return known(await connections.read(metaIn(as.schema)), as.place);
  }
  if (tables.length > 0) throw stranger(as.place);
  if (as.readOnly) return null;
  return connections.write(async (sql) => {
    await sql.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", `${kind} ${as.schema}`);
    // Two may both find nothing: the second one finds the first one's work.
    const now = await tablesOf(sql.query, as.schema);
    if (now.length === 0) await make(sql, as.schema, as.lineage ?? randomUUID());
    else if (!now.includes("meta")) throw stranger(as.place);
    return known(await sql.query(metaIn(as.schema)), as.place);
  });
}

/** What is in the schema, as this user may see it; empty where there is no such schema. */
async function tablesOf(query: Statements["query"], schema: string): Promise<readonly string[]> {
  const rows = await query(
    "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = $1 AND relkind IN ('r', 'p', 'v', 'm', 'f')",
    schema,
  );
  return rows.map(({ relname }) => relname as string);
}

/** Of whatever is called meta: somebody else's has other columns. */
function metaIn(schema: string): string {
  return `SELECT * FROM (SELECT to_json(meta) ->> 'key' AS key, to_json(meta) ->> 'value' AS value FROM "${schema}".meta) AS found WHERE key IN ('kind', 'format', 'lineage')`;
}

function known(rows: readonly PostgresRow[], place: string): StateSchema {
  const meta = new Map(rows.map(({ key, value }) => [key, value as string]));
  if (meta.get("kind") !== kind) throw stranger(place);
  const found = Number(meta.get("format"));
  if (!(found <= format)) {
    throw new Fault(
      "unsupported",
      `${place} holds state of format ${meta.get("format")}, and this version of rollout reads format ${format}. Use the newer version that wrote it.`,
    );
  }
  const lineage = meta.get("lineage");
  if (lineage === undefined) throw new Fault("rejected", `${place} has lost its lineage. Restore it from a backup.`);
  return { lineage };
}

function stranger(place: string): Fault {
  return new Fault(
    "rejected",
    `${place} holds tables of something else. Name another one: postgres://…/database?schema=NAME.`,
  );
}

async function make(sql: Statements, schema: string, lineage: string): Promise<void> {
  const [there] = await sql.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema);
  // PostgreSQL asks for the right to make a schema even where it is there.
  if (there === undefined) await sql.query(`CREATE SCHEMA "${schema}"`);
  for (const statement of statements) await sql.query(statement.replaceAll("@", `"${schema}"`));
  await sql.query(
    `INSERT INTO "${schema}".meta VALUES ('kind', $1), ('format', $2), ('lineage', $3), ('epoch', '1')`,
    kind,
    String(format),
    lineage,
  );
}

/** Names are compared byte by byte, as everywhere else. An event is kept as its canonical text, which its hash covers. */
const statements = [
  "CREATE TABLE @.meta (key text PRIMARY KEY, value text NOT NULL)",
  'CREATE TABLE @.entries (agent text COLLATE "C", serial bigint CHECK (serial > 0), event text NOT NULL, hash text NOT NULL, PRIMARY KEY (agent, serial))',
  "CREATE INDEX first_entries ON @.entries (agent) WHERE serial = 1",
  'CREATE TABLE @.heads (agent text COLLATE "C" PRIMARY KEY, serial bigint NOT NULL, hash text NOT NULL)',
  'CREATE TABLE @.snapshots (agent text COLLATE "C" PRIMARY KEY, serial bigint NOT NULL, format integer NOT NULL, state text NOT NULL)',
  'CREATE TABLE @.leases (agent text COLLATE "C" PRIMARY KEY, holder text NOT NULL, token bigint NOT NULL, expires_at bigint NOT NULL)',
  'CREATE TABLE @.revisions (agent text COLLATE "C", id text COLLATE "C", content text NOT NULL, PRIMARY KEY (agent, id))',
  "CREATE INDEX revisions_by_id ON @.revisions (id)",
  'CREATE TABLE @.memories (agent text COLLATE "C", rollout text COLLATE "C", memory text NOT NULL, PRIMARY KEY (agent, rollout))',
  // Whoever watches hears that there is something new, and reads it: once for each commit, whatever wrote it.
  "CREATE FUNCTION @.tell() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_notify(TG_TABLE_SCHEMA, ''); RETURN NULL; END$$",
  "CREATE TRIGGER tell AFTER INSERT ON @.entries FOR EACH STATEMENT EXECUTE FUNCTION @.tell()",
] as const;
