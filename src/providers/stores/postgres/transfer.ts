// The whole state in PostgreSQL as one value, and one in the place of another: a single transaction, with everybody else waiting.

import type { FloorMemory } from "../../../core/gate/floor-memory.js";
import type { HealthMemory } from "../../../core/gate/health-memory.js";
import { exactJson } from "../../../core/model/exact-json.js";
import type { RevisionContent } from "../../../core/model/revision.js";
import type { AgentId, Instant } from "../../../core/model/units.js";
import { checkChain, checkHead, firstLink, type Head, type StoredEntry } from "../../../ports/entry-chain.js";
import { sealedText, unsealed } from "../../../ports/sealed-memory.js";
import { checkStanding, type StateDump, sortedDump } from "../../../ports/state-dump.js";
import type { StateStore } from "../../../ports/state-store.js";
import type { OpenState, PostgresRow, Statements } from "./connections.js";

export type Transfer = Pick<StateStore, "leaseOf" | "unlock" | "dump" | "replace">;

export function transferIn({ connections, schema: s }: OpenState, now: (() => Instant) | null): Transfer {
  const dump = async (query: Statements["query"]): Promise<StateDump> => dumpOf(await query(everythingIn(s)));
  return {
    leaseOf: async (agent) => {
      const [kept] = await connections.read(
        `SELECT holder, expires_at FROM ${s}.leases WHERE agent = $1
         AND expires_at > coalesce($2::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)`,
        agent,
        now === null ? null : now(),
      );
      return kept === undefined ? null : { holder: kept.holder as string, until: Number(kept.expires_at) as Instant };
    },
    unlock: async (agent) => {
      const free = `UPDATE ${s}.leases SET expires_at = 0, token = token + 1 WHERE agent = $1`;
      await connections.write((sql) => sql.query(free, agent));
    },
    dump: () => dump((text, ...values) => connections.read(text, ...values)),
    replace: async (before, after) => {
      await connections.write(async (sql) => {
        await sql.query(`LOCK TABLE ${s}.meta, ${s}.entries, ${s}.leases, ${s}.revisions IN ACCESS EXCLUSIVE MODE`);
        checkStanding(await dump(sql.query), before);
        await put(sql, s, after);
      });
    },
  };
}

/** One statement: it sees one moment. */
function everythingIn(s: string): string {
  return `SELECT 'meta' AS part, key AS agent, NULL::bigint AS serial, value AS text, NULL AS hash FROM ${s}.meta
    UNION ALL SELECT 'entry', agent, serial, event, hash FROM ${s}.entries
    UNION ALL SELECT 'head', agent, serial, NULL, hash FROM ${s}.heads
    UNION ALL SELECT 'revision', agent, NULL, content, NULL FROM ${s}.revisions
    UNION ALL SELECT CASE rollout WHEN '' THEN 'floors' ELSE 'memory' END, agent, NULL, memory, NULL FROM ${s}.memories
    ORDER BY part, agent, serial`;
}

function dumpOf(rows: readonly PostgresRow[]): StateDump {
  const part = (name: string) => rows.filter((row) => row.part === name);
  const meta = new Map(part("meta").map(({ agent, text }) => [agent as string, text as string]));
  const lineage = meta.get("lineage") ?? "";
  const journals = new Map<AgentId, StoredEntry[]>();
  for (const { agent, serial, text, hash } of part("entry")) {
    const kept = journals.get(agent as AgentId) ?? [];
    kept.push({ serial: Number(serial), event: text as string, hash: hash as string });
    journals.set(agent as AgentId, kept);
  }
  const heads = new Map<unknown, Head>(
    part("head").map(({ agent, serial, hash }) => [agent, { serial: Number(serial), hash: hash as string }]),
  );
  for (const [agent, entries] of journals) {
    checkChain(agent, firstLink(lineage, agent), entries, 0);
    checkHead(agent, heads.get(agent) ?? null, entries.length);
  }
  const kept = <Memory>(name: string) =>
    part(name).flatMap(({ agent, text }) => {
      const memory = unsealed<Memory>(text as string);
      return memory === null ? [] : [{ agent: agent as AgentId, memory }];
    });
  return sortedDump({
    ...{ lineage, epoch: Number(meta.get("epoch")), moved: meta.get("moved") ?? null },
    journals: [...journals].map(([agent, entries]) => ({ agent, entries })),
    revisions: part("revision").map(({ text }) => JSON.parse(text as string) as RevisionContent),
    memories: kept<HealthMemory>("memory"),
    floors: kept<FloorMemory>("floors"),
  });
}

async function put({ query }: Statements, s: string, after: StateDump): Promise<void> {
  for (const table of ["entries", "heads", "snapshots", "revisions", "memories"])
    await query(`DELETE FROM ${s}.${table}`);
  // The rows stay, so that the next token is still a new one.
  await query(`UPDATE ${s}.leases SET expires_at = 0`);
  await query(`DELETE FROM ${s}.meta WHERE key IN ('lineage', 'epoch', 'moved')`);
  const meta = [
    ["lineage", after.lineage],
    ["epoch", String(after.epoch)],
    ["moved", after.moved],
  ] as const;
  for (const [key, value] of meta) if (value !== null) await query(`INSERT INTO ${s}.meta VALUES ($1, $2)`, key, value);
  for (const { agent, entries } of after.journals) {
    // All of them in one statement, as JSON.
    const rows = JSON.stringify(entries);
    const columns = "(serial bigint, event text, hash text)";
    await query(
      `INSERT INTO ${s}.entries SELECT $1::text, serial, event, hash FROM json_to_recordset($2::json) AS entry ${columns}`,
      agent,
      rows,
    );
    const last = entries.at(-1);
    if (last !== undefined) await query(`INSERT INTO ${s}.heads VALUES ($1, $2, $3)`, agent, last.serial, last.hash);
  }
  for (const content of after.revisions) {
    const text = exactJson(content);
    await query(`INSERT INTO ${s}.revisions VALUES ($1, $2, $3)`, content.agent, content.id, text);
  }
  const insert = `INSERT INTO ${s}.memories VALUES ($1, $2, $3)`;
  for (const { agent, memory } of after.memories) await query(insert, agent, memory.rollout, sealedText(memory));
  for (const { agent, memory } of after.floors) await query(insert, agent, "", sealedText(memory));
}
