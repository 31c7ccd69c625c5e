/** Journals of the agent `support` changed in the store itself, and what `rollout audit` says of them. */
import { join } from "node:path";
import { auditReplay } from "../../src/app/audit/audit-replay.js";
import { auditVerify } from "../../src/app/audit/audit-verify.js";
import { answering } from "../../src/app/refusal.js";
import type { Json } from "../../src/core/model/units.js";
import type { Sql } from "../../src/ports/database.js";
import { firstLink, nextLink } from "../../src/ports/entry-chain.js";
import { openLibsql } from "../../src/providers/databases/libsql.js";
import { stateFile } from "../../src/providers/stores/sqlite/state-file.js";
import type { Answer } from "../../src/views/view.js";
import { support } from "./team.js";
import type { Workspace } from "./workspace.js";

interface Row {
  readonly serial: number;
  readonly event: string;
  readonly hash: string;
}

export const verify = (at: Workspace, expect: readonly string[] = [], agents: readonly string[] = []) =>
  answering(() => auditVerify(at.world(), { agents, expect }));
export const replayed = (at: Workspace) => answering(() => auditReplay(at.world(), { agents: [] }));

/** The JSON of a command's message. */
export function data({ view }: Answer): { readonly [key: string]: Json } {
  if (view.kind !== "message") throw new Error(`it answered ${view.kind}`);
  return view.data;
}
// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about.
export const agentIn = (answer: Answer): any => (data(answer).agents as unknown as unknown[])[0];

/** What somebody does to the state file itself. */
export async function inState<T>(at: Workspace, work: (sql: Sql) => T): Promise<T> {
  const path = join(at.root, ".rollout/state.db");
  const database = await openLibsql(stateFile({ path, readOnly: false, lineage: undefined }));
  if (database === null) throw new Error("there is no state");
  const answer = await database.write(work);
  await database.close();
  return answer;
}

/** The entries after the statements. */
export async function sql(at: Workspace, ...statements: readonly string[]): Promise<readonly Row[]> {
  const rows = await inState(at, (run) => {
    for (const statement of statements) run.run(statement);
    return run.all("SELECT serial, event, hash FROM entries WHERE agent = 'support' ORDER BY serial");
  });
  return rows.map(({ serial, event, hash }) => ({ serial, event, hash }) as Row);
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Changes one entry as somebody would who knows the chain: every link behind it, the head, and no snapshot are made to fit. */
export async function forge(at: Workspace, serial: number, change: (event: string) => string): Promise<void> {
  const rows = await sql(at);
  let hash = firstLink(String(data(await verify(at)).lineage), support);
  const statements = rows.map((row) => {
    const event = row.serial === serial ? change(row.event) : row.event;
    hash = nextLink(hash, row.serial, event);
    return `UPDATE entries SET event = ${quoted(event)}, hash = ${quoted(hash)} WHERE agent = 'support' AND serial = ${row.serial}`;
  });
  await sql(
    at,
    ...statements,
    `UPDATE meta SET value = ${quoted(`${rows.length} ${hash}`)} WHERE key = 'head support'`,
    "DELETE FROM snapshots",
  );
}
