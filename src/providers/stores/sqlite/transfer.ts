// The whole state file as one value, and one in the place of another: a single transaction.

import type { FloorMemory } from "../../../core/gate/floor-memory.js";
import type { HealthMemory } from "../../../core/gate/health-memory.js";
import { exactJson } from "../../../core/model/exact-json.js";
import type { RevisionContent } from "../../../core/model/revision.js";
import type { AgentId } from "../../../core/model/units.js";
import type { Sql, SqlValue } from "../../../ports/database.js";
import { checkChain, checkHead, firstLink, type Head, type StoredEntry } from "../../../ports/entry-chain.js";
import { sealedText, unsealed } from "../../../ports/sealed-memory.js";
import { checkInUse, checkStanding, type StateDump, sortedDump } from "../../../ports/state-dump.js";

/** In `meta`, before the agent's name: its value is the serial and the hash of the last entry. */
export const headKey = "head ";

export function headOf(sql: Sql, agent: AgentId): Head | null {
  return readHead(sql.get("SELECT value FROM meta WHERE key = ?", `${headKey}${agent}`)?.value ?? null);
}

export function readHead(value: SqlValue): Head | null {
  if (value === null) return null;
  const [serial = "", hash = ""] = String(value).split(" ");
  return { serial: Number(serial), hash };
}

export function writeHead(sql: Sql, agent: AgentId, { serial, hash }: Head): void {
  sql.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", `${headKey}${agent}`, `${serial} ${hash}`);
}

/** Throws a `Fault` ("unsupported") where another store took the place of this one. */
export function checkFileInUse(sql: Sql): void {
  checkInUse(movedTo(sql));
}

function movedTo(sql: Sql): string | null {
  return (sql.get("SELECT value FROM meta WHERE key = 'moved'")?.value ?? null) as string | null;
}

export function dumpOf(sql: Sql): StateDump {
  const meta = (key: string): string => String(sql.get("SELECT value FROM meta WHERE key = ?", key)?.value ?? "");
  const lineage = meta("lineage");
  const rows = sql.all("SELECT agent, serial, event, hash FROM entries ORDER BY agent, serial");
  const byAgent = new Map<AgentId, StoredEntry[]>();
  for (const { agent, ...entry } of rows) {
    const kept = byAgent.get(agent as AgentId) ?? [];
    kept.push(entry as unknown as StoredEntry);
    byAgent.set(agent as AgentId, kept);
  }
  for (const [agent, entries] of byAgent) {
    checkChain(agent, firstLink(lineage, agent), entries, 0);
    checkHead(agent, headOf(sql, agent), entries.length);
  }
  const memories = sql
    .all("SELECT agent, rollout, memory FROM memories")
    .flatMap(({ agent, rollout, memory: text }) => {
      const memory = unsealed<unknown>(text as string);
      return memory === null ? [] : [{ agent: agent as AgentId, ofFloors: rollout === "", memory }];
    });
  return sortedDump({
    lineage,
    epoch: Number(meta("epoch")),
    moved: movedTo(sql),
    journals: [...byAgent].map(([agent, entries]) => ({ agent, entries })),
    revisions: sql
      .all("SELECT content FROM revisions")
      .map(({ content }) => JSON.parse(content as string) as RevisionContent),
    memories: memories
      .filter(({ ofFloors }) => !ofFloors)
      .map(({ agent, memory }) => ({ agent, memory: memory as HealthMemory })),
    floors: memories
      .filter(({ ofFloors }) => ofFloors)
      .map(({ agent, memory }) => ({ agent, memory: memory as FloorMemory })),
  });
}

export function replaceAll(sql: Sql, before: StateDump, after: StateDump): void {
  checkStanding(dumpOf(sql), before);
  for (const table of ["entries", "snapshots", "revisions", "memories"]) sql.run(`DELETE FROM ${table}`);
  // The rows stay, so that the next token is still a new one.
  sql.run("UPDATE leases SET expires_at = 0");
  sql.run("DELETE FROM meta WHERE key = 'moved' OR substr(key, 1, ?) = ?", headKey.length, headKey);
  sql.run("UPDATE meta SET value = ? WHERE key = 'lineage'", after.lineage);
  sql.run("UPDATE meta SET value = ? WHERE key = 'epoch'", String(after.epoch));
  if (after.moved !== null) sql.run("INSERT INTO meta VALUES ('moved', ?)", after.moved);
  for (const { agent, entries } of after.journals) {
    for (const { serial, event, hash } of entries) {
      sql.run("INSERT INTO entries VALUES (?, ?, ?, ?)", agent, serial, event, hash);
    }
    const last = entries.at(-1);
    if (last !== undefined) writeHead(sql, agent, last);
  }
  for (const content of after.revisions) {
    sql.run("INSERT INTO revisions VALUES (?, ?, ?)", content.agent, content.id, exactJson(content));
  }
  for (const { agent, memory } of after.memories) {
    sql.run("INSERT INTO memories VALUES (?, ?, ?)", agent, memory.rollout, sealedText(memory));
  }
  for (const { agent, memory } of after.floors) {
    sql.run("INSERT INTO memories VALUES (?, '', ?)", agent, sealedText(memory));
  }
}
