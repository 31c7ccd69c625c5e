// The tables of the state file, format 2. In format 1 a revision could be of one agent alone.

import { randomUUID } from "node:crypto";
import type { DatabaseFile, Sql } from "../../../ports/database.js";

/** "ROst" in ASCII: https://www.sqlite.org/pragma.html#pragma_application_id. */
const applicationId = 0x524f7374;

const revisions = [
  "CREATE TABLE revisions (agent TEXT, id TEXT, content TEXT NOT NULL, PRIMARY KEY (agent, id)) WITHOUT ROWID",
  "CREATE INDEX revisions_by_id ON revisions (id)",
] as const;

const tables = [
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
  "CREATE TABLE entries (agent TEXT NOT NULL, serial INTEGER NOT NULL, event TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (agent, serial)) WITHOUT ROWID",
  "CREATE INDEX first_entries ON entries (agent) WHERE serial = 1",
  "CREATE TABLE snapshots (agent TEXT PRIMARY KEY, serial INTEGER NOT NULL, format INTEGER NOT NULL, state TEXT NOT NULL) WITHOUT ROWID",
  "CREATE TABLE leases (agent TEXT PRIMARY KEY, holder TEXT NOT NULL, token INTEGER NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID",
  ...revisions,
  "CREATE TABLE memories (agent TEXT NOT NULL, rollout TEXT NOT NULL, memory TEXT NOT NULL, PRIMARY KEY (agent, rollout)) WITHOUT ROWID",
] as const;

/** The description of the state file that `OpenDatabase` asks for. `lineage` is born with the file. */
export function stateFile(options: {
  readonly path: string;
  readonly readOnly: boolean;
  readonly lineage: string | undefined;
}): DatabaseFile {
  return {
    path: options.path,
    readOnly: options.readOnly,
    durability: "full",
    kind: { name: "state file", applicationId, format: 2 },
    create(sql: Sql) {
      for (const table of tables) sql.run(table);
      sql.run("INSERT INTO meta VALUES ('lineage', ?), ('epoch', '1')", options.lineage ?? randomUUID());
    },
    upgrade(sql: Sql) {
      sql.run("DROP INDEX revisions_of_agent");
      sql.run("ALTER TABLE revisions RENAME TO revisions_1");
      for (const statement of revisions) sql.run(statement);
      sql.run("INSERT INTO revisions SELECT agent, id, content FROM revisions_1");
      sql.run("DROP TABLE revisions_1");
    },
  };
}
