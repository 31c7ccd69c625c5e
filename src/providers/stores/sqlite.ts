// The embedded state store: one SQLite file for journals, leases, revisions and the caches beside them.

import { Bug } from "../../core/diagnostic/invariant.js";
import { type FloorMemory, keepsNewFloors } from "../../core/gate/floor-memory.js";
import type { HealthMemory } from "../../core/gate/health-memory.js";
import { keepsNewMemory } from "../../core/gate/keeps-new-memory.js";
import { exactJson } from "../../core/model/exact-json.js";
import type { Entry, Event, Journal } from "../../core/model/journal.js";
import type { RevisionContent } from "../../core/model/revision.js";
import type { AgentState } from "../../core/model/state.js";
import type { AgentId, Duration, Instant, RevisionId, RolloutId } from "../../core/model/units.js";
import { absentStore } from "../../ports/absent-store.js";
import type { Database, OpenDatabase, Sql } from "../../ports/database.js";
import { checkChain, checkHead, firstLink, nextLink, type StoredEntry, type Trail } from "../../ports/entry-chain.js";
import { entryText, readEntry } from "../../ports/entry-format.js";
import { Fault } from "../../ports/fault.js";
import { FollowedHeads } from "../../ports/followed-heads.js";
import { refuseOtherContent } from "../../ports/refuse-other-content.js";
import { sealedText, unsealed } from "../../ports/sealed-memory.js";
import { checkInUse, checkLineage, type StateDump } from "../../ports/state-dump.js";
import { isLeaseLive, type Lease, type StateStore } from "../../ports/state-store.js";
import { frameOf, lost } from "./sqlite/frame.js";
import { stateFile } from "./sqlite/state-file.js";
import { checkFileInUse, dumpOf, headKey, headOf, replaceAll, writeHead } from "./sqlite/transfer.js";

export interface SqliteStoreOptions {
  readonly path: string;
  readonly now: () => Instant;
  readonly openDatabase: OpenDatabase;
  /** Writes nothing. A missing file is an empty store of lineage `""`, and whatever must write throws a `Fault` ("unsupported"). */
  readonly readOnly?: boolean;
  /** The lineage of a file that is made now; a random one where it is left out. */
  readonly lineage?: string;
}

/** Raised when the shape of `AgentState` changes: a snapshot of another shape is folded again. */
const snapshotFormat = 3;

/** Opens the state file, and makes it where there is none. Throws a `Fault` where the file is not a state file, is newer than this program, or cannot be opened. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<StateStore> {
  const { path, now, lineage, readOnly = false } = options;
  const database = await options.openDatabase(stateFile({ path, readOnly, lineage }));
  if (database === null) return absentStore(path);
  try {
    const born = await database.read((sql) => metaOf(sql, "lineage"));
    return new SqliteStore({ database, lineage: born, now, readOnly });
  } catch (error) {
    await database.close();
    throw error;
  }
}

class SqliteStore implements StateStore {
  readonly lineage: string;
  readonly #database: Database;
  readonly #now: () => Instant;
  readonly #readOnly: boolean;
  readonly #followed = new FollowedHeads();

  constructor(parts: {
    readonly database: Database;
    readonly lineage: string;
    readonly now: () => Instant;
    readonly readOnly: boolean;
  }) {
    this.lineage = parts.lineage;
    this.#database = parts.database;
    this.#now = parts.now;
    this.#readOnly = parts.readOnly;
  }

  async agents(): Promise<readonly AgentId[]> {
    const rows = await this.#database.read((sql) => sql.all("SELECT agent FROM entries WHERE serial = 1"));
    return rows.map((row) => row.agent as AgentId).sort();
  }

  async load(agent: AgentId): Promise<Journal<AgentState>> {
    return this.#database.read((sql) => {
      const { moved, epoch, head, snapshot } = frameOf(sql, agent, snapshotFormat);
      checkInUse(moved);
      const after = snapshot?.serial ?? 0;
      const { entries, last } = this.#entriesAfter(sql, agent, after);
      const serial = last?.serial ?? after;
      checkHead(agent, head, serial);
      this.#followed.note(agent, { serial, hash: last?.hash ?? null });
      const state = snapshot === null ? null : (JSON.parse(snapshot.state) as AgentState);
      return {
        lineage: this.lineage,
        epoch,
        serial,
        snapshot: state === null ? null : { serial: after, state },
        entries,
      };
    });
  }

  async history(agent: AgentId): Promise<readonly Entry[]> {
    return this.#database.read((sql) => {
      checkFileInUse(sql);
      const { entries } = this.#entriesAfter(sql, agent, 0);
      checkHead(agent, headOf(sql, agent), entries.length);
      return entries;
    });
  }

  async trailed(): Promise<readonly AgentId[]> {
    return this.#database.read((sql) => {
      const kept = sql.all("SELECT DISTINCT agent FROM entries UNION SELECT agent FROM snapshots");
      const heads = sql.all("SELECT key FROM meta WHERE substr(key, 1, ?) = ?", headKey.length, headKey);
      const names = [
        ...kept.map((row) => String(row.agent)),
        ...heads.map((row) => String(row.key).slice(headKey.length)),
      ];
      return [...new Set(names)].sort() as AgentId[];
    });
  }

  async trail(agent: AgentId): Promise<Trail> {
    return this.#database.read((sql) => {
      const rows = sql.all("SELECT serial, event, hash FROM entries WHERE agent = ? ORDER BY serial", agent);
      const kept = sql.get("SELECT serial, state FROM snapshots WHERE agent = ? AND format = ?", agent, snapshotFormat);
      return {
        entries: rows.map(({ serial, event, hash }) => ({
          serial: Number(serial),
          event: String(event),
          hash: String(hash),
        })),
        head: headOf(sql, agent),
        snapshot: kept === null ? null : { serial: Number(kept.serial), state: String(kept.state) },
      };
    });
  }

  async append(agent: AgentId, after: number, event: Event): Promise<number> {
    const text = entryText(event);
    const written = await this.#database.write((sql) => {
      checkFileInUse(sql);
      checkLineage(metaOf(sql, "lineage"), this.lineage);
      const last = lastEntry(sql, agent);
      if (last.serial !== after) {
        throw new Fault(
          "conflict",
          `The journal of ${agent} is at entry ${last.serial}, not ${after}: somebody else wrote to it.`,
        );
      }
      checkHead(agent, headOf(sql, agent), last.serial);
      this.#followed.check(agent, last);
      const serial = after + 1;
      const hash = nextLink(last.hash ?? firstLink(this.lineage, agent), serial, text);
      sql.run("INSERT INTO entries VALUES (?, ?, ?, ?)", agent, serial, text, hash);
      writeHead(sql, agent, { serial, hash });
      return { serial, hash };
    });
    this.#followed.note(agent, written);
    return written.serial;
  }

  async saveSnapshot(agent: AgentId, serial: number, state: AgentState): Promise<void> {
    if (this.#readOnly) return;
    const text = exactJson(state);
    await this.#database.write((sql) => {
      if (serial > lastEntry(sql, agent).serial) throw new Bug(`a snapshot of ${agent} is ahead of its journal`);
      sql.run(
        `INSERT INTO snapshots VALUES (?, ?, ?, ?) ON CONFLICT (agent) DO UPDATE SET serial = excluded.serial, format = excluded.format, state = excluded.state
         WHERE excluded.serial > serial OR excluded.format <> format`,
        agent,
        serial,
        snapshotFormat,
        text,
      );
    });
  }

  async lease(agent: AgentId, request: { readonly holder: string; readonly for: Duration }): Promise<Lease> {
    const { holder } = request;
    const token = await this.#database.write((sql) => {
      checkFileInUse(sql);
      const now = this.#now();
      const kept = sql.get("SELECT holder, token, expires_at FROM leases WHERE agent = ?", agent);
      const left = ((kept?.expires_at as number | undefined) ?? 0) - now;
      if (kept !== null && isLeaseLive(left, request.for) && kept.holder !== holder) {
        throw heldBy(agent, kept.holder as string, kept.expires_at as Instant);
      }
      const next = ((kept?.token as number | undefined) ?? 0) + 1;
      sql.run("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)", agent, holder, next, now + request.for);
      return next;
    });
    return {
      renew: () => this.#database.write((sql) => this.#renew(sql, { agent, holder, token, for: request.for })),
      release: async () => {
        // The row stays, so that the next token is still a new one.
        await this.#database.write((sql) =>
          sql.run("UPDATE leases SET expires_at = 0 WHERE agent = ? AND token = ?", agent, token),
        );
      },
    };
  }

  async leaseOf(agent: AgentId): Promise<{ readonly holder: string; readonly until: Instant } | null> {
    const find = "SELECT holder, expires_at FROM leases WHERE agent = ? AND expires_at > ?";
    const kept = await this.#database.read((sql) => sql.get(find, agent, this.#now()));
    return kept === null ? null : { holder: kept.holder as string, until: kept.expires_at as Instant };
  }

  async unlock(agent: AgentId): Promise<void> {
    const free = "UPDATE leases SET expires_at = 0, token = token + 1 WHERE agent = ?";
    await this.#database.write((sql) => sql.run(free, agent));
  }

  dump(): Promise<StateDump> {
    return this.#database.read(dumpOf);
  }

  replace(before: StateDump, after: StateDump): Promise<void> {
    return this.#database.write((sql) => replaceAll(sql, before, after));
  }

  async raiseEpoch(atLeast: number): Promise<number> {
    return this.#database.write((sql) => {
      checkFileInUse(sql);
      const raised = Math.max(Number(metaOf(sql, "epoch")) + 1, atLeast);
      sql.run("UPDATE meta SET value = ? WHERE key = 'epoch'", String(raised));
      return raised;
    });
  }

  async putRevision(content: RevisionContent): Promise<void> {
    const text = exactJson(content);
    await this.#database.write((sql) => {
      const kept = sql.get("SELECT content FROM revisions WHERE id = ?", content.id);
      if (kept !== null) refuseOtherContent(JSON.parse(kept.content as string) as RevisionContent, content);
      sql.run("INSERT OR IGNORE INTO revisions VALUES (?, ?, ?)", content.agent, content.id, text);
    });
  }

  async getRevision(revision: RevisionId): Promise<RevisionContent | null> {
    const kept = await this.#database.read((sql) => sql.get("SELECT content FROM revisions WHERE id = ?", revision));
    return kept === null ? null : (JSON.parse(kept.content as string) as RevisionContent);
  }

  async findRevisions(agent: AgentId, prefix: string): Promise<readonly RevisionId[]> {
    const rows = await this.#database.read((sql) =>
      sql.all(
        "SELECT id FROM revisions WHERE agent = ? AND id >= ? AND substr(id, 1, length(?)) = ? ORDER BY id",
        agent,
        prefix,
        prefix,
        prefix,
      ),
    );
    return rows.map((row) => row.id as RevisionId);
  }

  async loadMemory(agent: AgentId, rollout: RolloutId): Promise<HealthMemory | null> {
    return this.#database.read((sql) => memoryOf(sql, agent, rollout));
  }

  async saveMemory(agent: AgentId, memory: HealthMemory): Promise<void> {
    if (this.#readOnly) return;
    const text = sealedText(memory);
    await this.#database.write((sql) => {
      if (!keepsNewMemory(memoryOf(sql, agent, memory.rollout), memory)) return;
      sql.run("INSERT OR REPLACE INTO memories VALUES (?, ?, ?)", agent, memory.rollout, text);
    });
  }

  async loadFloors(agent: AgentId): Promise<FloorMemory | null> {
    return this.#database.read((sql) => memoryOf<FloorMemory>(sql, agent, noRollout));
  }

  async saveFloors(agent: AgentId, memory: FloorMemory): Promise<void> {
    if (this.#readOnly) return;
    const text = sealedText(memory);
    await this.#database.write((sql) => {
      if (!keepsNewFloors(memoryOf<FloorMemory>(sql, agent, noRollout), memory)) return;
      sql.run("INSERT OR REPLACE INTO memories VALUES (?, ?, ?)", agent, noRollout, text);
    });
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  /** `last`: the journal's, also where it lies behind none of these. */
  #entriesAfter(
    sql: Sql,
    agent: AgentId,
    after: number,
  ): { readonly entries: readonly Entry[]; readonly last: StoredEntry | null } {
    const rows = sql.all(
      "SELECT serial, event, hash FROM entries WHERE agent = ? AND serial >= ? ORDER BY serial",
      agent,
      after,
    );
    const stored = rows.map(({ serial, event, hash }) => ({ serial, event, hash }) as StoredEntry);
    const behind = after === 0 ? null : stored.shift();
    checkChain(agent, behind?.hash ?? firstLink(this.lineage, agent), stored, after);
    return { entries: stored.map((entry) => readEntry(agent, entry)), last: stored.at(-1) ?? behind ?? null };
  }

  #renew(
    sql: Sql,
    lease: { readonly agent: AgentId; readonly holder: string; readonly token: number; readonly for: Duration },
  ): void {
    const { agent, holder, token } = lease;
    const until = this.#now() + lease.for;
    const renewed = sql.run(
      "UPDATE leases SET expires_at = ? WHERE agent = ? AND holder = ? AND token = ? AND expires_at <> 0",
      until,
      agent,
      holder,
      token,
    );
    if (renewed === 1) return;
    const kept = sql.get("SELECT holder FROM leases WHERE agent = ?", agent);
    throw new Fault("conflict", `${holder} no longer holds the lease of ${agent}: ${kept?.holder} took it over.`);
  }
}

function lastEntry(sql: Sql, agent: AgentId): { readonly serial: number; readonly hash: string | null } {
  const row = sql.get("SELECT serial, hash FROM entries WHERE agent = ? ORDER BY serial DESC LIMIT 1", agent);
  return { serial: (row?.serial as number | undefined) ?? 0, hash: (row?.hash as string | undefined) ?? null };
}

/** Floors are watched with a rollout or without: their memory stands where no rollout's can. */
const noRollout = "" as RolloutId;

function memoryOf<Memory = HealthMemory>(sql: Sql, agent: AgentId, rollout: RolloutId): Memory | null {
  const row = sql.get("SELECT memory FROM memories WHERE agent = ? AND rollout = ?", agent, rollout);
  return row === null ? null : unsealed<Memory>(row.memory as string);
}

function metaOf(sql: Sql, key: "lineage" | "epoch"): string {
  const row = sql.get("SELECT value FROM meta WHERE key = ?", key);
  if (row === null) throw lost(key);
  return row.value as string;
}

function heldBy(agent: AgentId, holder: string, until: Instant): Fault {
  return new Fault(
    "conflict",
    `${holder} is working on ${agent}, until ${new Date(until).toISOString()} unless it goes on.`,
  );
}
