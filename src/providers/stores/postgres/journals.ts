// Journals in PostgreSQL: entries with their links, the head beside them, and the cached fold.

import { Bug } from "../../../core/diagnostic/invariant.js";
import { exactJson } from "../../../core/model/exact-json.js";
import type { Entry } from "../../../core/model/journal.js";
import type { AgentState } from "../../../core/model/state.js";
import type { AgentId } from "../../../core/model/units.js";
import {
  checkChain,
  checkHead,
  firstLink,
  type Head,
  nextLink,
  type StoredEntry,
  type Trail,
} from "../../../ports/entry-chain.js";
import { entryText, readEntry } from "../../../ports/entry-format.js";
import { Fault } from "../../../ports/fault.js";
import { FollowedHeads } from "../../../ports/followed-heads.js";
import { checkInUse, checkLineage } from "../../../ports/state-dump.js";
import type { StateStore } from "../../../ports/state-store.js";
import type { OpenState, PostgresRow, Statements } from "./connections.js";
import { codeOf } from "./postgres-fault.js";

/** Raised when the shape of `AgentState` changes: a snapshot of another shape is folded again. */
const snapshotFormat = 3;

export type Journals = Pick<
  StateStore,
  "agents" | "load" | "history" | "trailed" | "trail" | "append" | "saveSnapshot"
>;

export function journalsIn(state: OpenState): Journals {
  const followed = new FollowedHeads();
  return {
    agents: async () => {
      const rows = await state.connections.read(`SELECT agent FROM ${state.schema}.entries WHERE serial = 1`);
      return rows.map(({ agent }) => agent as AgentId).sort();
    },
    load: async (agent) => {
      const { epoch, moved, head, kept, rows } = await kindsOf(state, agent);
      checkInUse(moved);
      const after = kept?.serial ?? 0;
      const entries = chained(state, agent, rows, after);
      const serial = entries.at(-1)?.serial ?? after;
      checkHead(agent, head, serial);
      followed.note(agent, { serial, hash: rows.at(-1)?.hash ?? null });
      const snapshot = kept === null ? null : { serial: after, state: JSON.parse(kept.state) as AgentState };
      return { lineage: state.lineage, epoch, serial, snapshot, entries };
    },
    history: async (agent) => {
      const { moved, head, rows: entries } = await kindsOf(state, agent, "the first entry");
      checkInUse(moved);
      const history = chained(state, agent, entries, 0);
      checkHead(agent, head, history.length);
      return history;
    },
    trailed: async () => {
      const s = state.schema;
      const rows = await state.connections.read(
        `SELECT agent FROM ${s}.entries UNION SELECT agent FROM ${s}.heads UNION SELECT agent FROM ${s}.snapshots`,
      );
      return rows.map(({ agent }) => agent as AgentId).sort();
    },
    trail: (agent) => trail(state, agent),
    append: async (agent, after, event) => {
      const text = entryText(event);
      const last = await state.connections.write((sql) => append({ ...state, followed }, sql, { agent, after, text }));
      followed.note(agent, last);
      return last.serial;
    },
    saveSnapshot: async (agent, serial, snapshot) => {
      if (state.readOnly) return;
      const text = exactJson(snapshot);
      await state.connections.write(async (sql) => {
        const last = await lastEntry(state, sql, agent);
        if (serial > last.serial) throw new Bug(`a snapshot of ${agent} is ahead of its journal`);
        await sql.query(
          `INSERT INTO ${state.schema}.snapshots AS kept VALUES ($1, $2, $3, $4)
           ON CONFLICT (agent) DO UPDATE SET serial = excluded.serial, format = excluded.format, state = excluded.state
           WHERE excluded.serial > kept.serial OR excluded.format <> kept.format`,
          agent,
          serial,
          snapshotFormat,
          text,
        );
      });
    },
  };
}

interface Kinds {
  readonly epoch: number;
  readonly moved: string | null;
  readonly head: Head | null;
  readonly kept: { readonly serial: number; readonly state: string } | null;
  /** From the snapshot's own entry on. */
  readonly rows: readonly StoredEntry[];
}

/** One statement: it sees one moment, and costs one way to the server and back. */
async function kindsOf({ connections, schema: s, place }: OpenState, agent: AgentId, from = "kept"): Promise<Kinds> {
  const rows = await connections.read(
    `WITH kept AS (SELECT serial, state FROM ${s}.snapshots WHERE agent = $1 AND format = $2)
     SELECT 'epoch' AS part, value::bigint AS serial, NULL AS text, NULL AS hash FROM ${s}.meta WHERE key = 'epoch'
     UNION ALL SELECT 'moved', 0, value, NULL FROM ${s}.meta WHERE key = 'moved'
     UNION ALL SELECT 'head', serial, NULL, hash FROM ${s}.heads WHERE agent = $1
     UNION ALL SELECT 'kept', serial, state, NULL FROM kept
     UNION ALL SELECT 'entry', serial, event, hash FROM ${s}.entries
       WHERE agent = $1 AND serial >= coalesce((SELECT serial FROM kept WHERE $3 = 'kept'), 0)
     ORDER BY part, serial`,
    agent,
    snapshotFormat,
    from,
  );
  const part = (name: string): readonly PostgresRow[] => rows.filter((row) => row.part === name);
  const [epoch] = part("epoch");
  if (epoch === undefined) throw new Fault("rejected", `${place} has lost its epoch. Restore it from a backup.`);
  const [head] = part("head");
  const [kept] = part("kept");
  return {
    epoch: Number(epoch.serial),
    moved: (part("moved")[0]?.text ?? null) as string | null,
    head: head === undefined ? null : { serial: Number(head.serial), hash: head.hash as string },
    kept: kept === undefined ? null : { serial: Number(kept.serial), state: kept.text as string },
    rows: part("entry").map(({ serial, text, hash }) => ({
      serial: Number(serial),
      event: text as string,
      hash: hash as string,
    })),
  };
}

async function trail(state: OpenState, agent: AgentId): Promise<Trail> {
  const { head, kept, rows } = await kindsOf(state, agent, "the first entry");
  return { entries: rows, head, snapshot: kept };
}

/** The entries after the serial; where there is one, the rows begin with its own entry, which the first of the others follows. */
function chained(
  { lineage }: OpenState,
  agent: AgentId,
  rows: readonly StoredEntry[],
  after: number,
): readonly Entry[] {
  const behind = after === 0 ? null : rows[0];
  const entries = after === 0 ? rows : rows.slice(1);
  checkChain(agent, behind?.hash ?? firstLink(lineage, agent), entries, after);
  return entries.map((entry) => readEntry(agent, entry));
}

/** The entry's place is its primary key: of two that come at once, the second waits for the first, and finds the place taken. */
async function append(
  { schema, lineage, followed }: OpenState & { readonly followed: FollowedHeads },
  sql: Statements,
  { agent, after, text }: { readonly agent: AgentId; readonly after: number; readonly text: string },
): Promise<Head> {
  const last = await lastEntry({ schema }, sql, agent);
  if (last.serial !== after) throw atAnother(agent, `at entry ${last.serial}, not ${after}`);
  checkHead(agent, last.head, last.serial);
  followed.check(agent, last);
  const serial = after + 1;
  const hash = nextLink(last.hash ?? firstLink(lineage, agent), serial, text);
  try {
    const [here] = await sql.query(
      `WITH here AS (SELECT (SELECT value FROM ${schema}.meta WHERE key = 'moved') AS moved, (SELECT value FROM ${schema}.meta WHERE key = 'lineage') AS lineage),
       entry AS (INSERT INTO ${schema}.entries SELECT $1::text, $2::bigint, $3::text, $4::text FROM here WHERE moved IS NULL AND lineage = $5::text RETURNING agent, serial, hash),
       head AS (INSERT INTO ${schema}.heads SELECT agent, serial, hash FROM entry
       ON CONFLICT (agent) DO UPDATE SET serial = excluded.serial, hash = excluded.hash)
       SELECT moved, lineage FROM here`,
      agent,
      serial,
      text,
      hash,
      lineage,
    );
    checkInUse((here?.moved ?? null) as string | null);
    checkLineage(String(here?.lineage), lineage);
  } catch (error) {
    if (codeOf(error) === uniqueViolation) throw atAnother(agent, `no longer at entry ${after}`);
    throw error;
  }
  return { serial, hash };
}

async function lastEntry(
  { schema }: Pick<OpenState, "schema">,
  sql: Statements,
  agent: AgentId,
): Promise<{ readonly serial: number; readonly hash: string | null; readonly head: Head | null }> {
  const [row] = await sql.query(
    `SELECT last.serial, last.hash, heads.serial AS head, heads.hash AS head_hash FROM (VALUES ($1::text)) AS asked (agent)
     LEFT JOIN LATERAL (SELECT serial, hash FROM ${schema}.entries WHERE agent = asked.agent ORDER BY serial DESC LIMIT 1) AS last ON true
     LEFT JOIN ${schema}.heads ON heads.agent = asked.agent`,
    agent,
  );
  return {
    serial: Number(row?.serial ?? 0),
    hash: (row?.hash ?? null) as string | null,
    head: typeof row?.head_hash === "string" ? { serial: Number(row.head), hash: row.head_hash } : null,
  };
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const uniqueViolation = "23505";

function atAnother(agent: AgentId, where: string): Fault {
  return new Fault("conflict", `The journal of ${agent} is ${where}: somebody else wrote to it.`);
}
