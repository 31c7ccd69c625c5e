// The state store without a disk: the same laws, no waiting. What it is given, it keeps as JSON would.

import { Bug } from "../core/diagnostic/invariant.js";
import { type FloorMemory, keepsNewFloors } from "../core/gate/floor-memory.js";
import type { HealthMemory } from "../core/gate/health-memory.js";
import { keepsNewMemory } from "../core/gate/keeps-new-memory.js";
import { exactJson } from "../core/model/exact-json.js";
import type { Entry, Event, Journal } from "../core/model/journal.js";
import type { RevisionContent } from "../core/model/revision.js";
import type { AgentState } from "../core/model/state.js";
import type { AgentId, Duration, Instant, RevisionId, RolloutId } from "../core/model/units.js";
import { firstLink, type Head, nextLink, type StoredEntry, type Trail } from "../ports/entry-chain.js";
import { entryText, readEntry } from "../ports/entry-format.js";
import { Fault } from "../ports/fault.js";
import { refuseOtherContent } from "../ports/refuse-other-content.js";
import { checkInUse, checkStanding, type Journaled, type StateDump, sortedDump } from "../ports/state-dump.js";
import { isLeaseLive, type Lease, type StateStore } from "../ports/state-store.js";

interface HeldLease {
  readonly holder: string;
  readonly token: number;
  readonly expiresAt: number;
}

/** A new, empty store. Whoever shares the object shares the "disk"; `close` does nothing, so that it can be used again after a crash. */
export function createMemoryStore(options: { readonly now: () => Instant; readonly lineage?: string }): StateStore {
  return new MemoryStore(options.now, options.lineage ?? "memory");
}

class MemoryStore implements StateStore {
  lineage: string;
  readonly #now: () => Instant;
  #epoch = 1;
  #moved: string | null = null;
  /** Entries that came with another state, as they lay there. */
  readonly #brought = new Map<AgentId, readonly StoredEntry[]>();
  readonly #entries = new Map<AgentId, Entry[]>();
  /** The last entry that was loaded or written here: what is appended follows it, not another of the same number. */
  readonly #followed = new Map<AgentId, Entry>();
  readonly #snapshots = new Map<AgentId, { readonly serial: number; readonly state: AgentState }>();
  readonly #leases = new Map<AgentId, HeldLease>();
  readonly #revisions = new Map<string, RevisionContent>();
  readonly #memories = new Map<string, HealthMemory>();
  readonly #floors = new Map<AgentId, FloorMemory>();

  constructor(now: () => Instant, lineage: string) {
    this.#now = now;
    this.lineage = lineage;
  }

  async agents(): Promise<readonly AgentId[]> {
    return [...this.#entries.keys()].sort();
  }

  async load(agent: AgentId): Promise<Journal<AgentState>> {
    checkInUse(this.#moved);
    const all = this.#entries.get(agent) ?? [];
    const snapshot = this.#snapshots.get(agent) ?? null;
    const entries = all.slice(snapshot?.serial ?? 0);
    const last = all.at(-1);
    if (last !== undefined) this.#followed.set(agent, last);
    return { lineage: this.lineage, epoch: this.#epoch, serial: all.length, snapshot, entries };
  }

  async history(agent: AgentId): Promise<readonly Entry[]> {
    checkInUse(this.#moved);
    return [...(this.#entries.get(agent) ?? [])];
  }

  async trailed(): Promise<readonly AgentId[]> {
    return this.agents();
  }

  async trail(agent: AgentId): Promise<Trail> {
    const entries = [...(this.#brought.get(agent) ?? [])];
    let hash = entries.at(-1)?.hash ?? firstLink(this.lineage, agent);
    for (const { serial, event } of (this.#entries.get(agent) ?? []).slice(entries.length)) {
      const text = entryText(event);
      hash = nextLink(hash, serial, text);
      entries.push({ serial, event: text, hash });
    }
    const head: Head | null = entries.at(-1) ?? null;
    const kept = this.#snapshots.get(agent);
    const snapshot = kept === undefined ? null : { serial: kept.serial, state: exactJson(kept.state) };
    return { entries, head: head === null ? null : { serial: head.serial, hash: head.hash }, snapshot };
  }

  async append(agent: AgentId, after: number, event: Event): Promise<number> {
    checkInUse(this.#moved);
    const kept = keep(event);
    const entries = this.#entries.get(agent) ?? [];
    if (entries.length !== after) {
      const because = `The journal of ${agent} is at entry ${entries.length}, not ${after}: somebody else wrote to it.`;
      throw new Fault("conflict", because);
    }
    const last = entries.at(-1);
    const followed = this.#followed.get(agent) ?? last;
    if (followed !== last && followed?.serial === after)
      throw new Fault("conflict", `Entry ${after} of the journal of ${agent} is another one than was looked at.`);
    const entry = { serial: after + 1, event: kept };
    entries.push(entry);
    this.#entries.set(agent, entries);
    this.#followed.set(agent, entry);
    return after + 1;
  }

  async saveSnapshot(agent: AgentId, serial: number, state: AgentState): Promise<void> {
    if (serial > (this.#entries.get(agent)?.length ?? 0))
      throw new Bug(`a snapshot of ${agent} is ahead of its journal`);
    if (serial > (this.#snapshots.get(agent)?.serial ?? 0)) this.#snapshots.set(agent, { serial, state: keep(state) });
  }

  async lease(agent: AgentId, request: { readonly holder: string; readonly for: Duration }): Promise<Lease> {
    checkInUse(this.#moved);
    const { holder } = request;
    const kept = this.#leases.get(agent);
    const isLive = kept !== undefined && isLeaseLive(kept.expiresAt - this.#now(), request.for);
    if (isLive && kept.holder !== holder) {
      throw new Fault("conflict", `${kept.holder} is working on ${agent}.`);
    }
    const token = (kept?.token ?? 0) + 1;
    const extend = () => this.#leases.set(agent, { holder, token, expiresAt: this.#now() + request.for });
    const owned = () => {
      const now = this.#leases.get(agent);
      return now?.token === token && now.expiresAt > 0 ? now : null;
    };
    extend();
    return {
      renew: async () => {
        const taker = this.#leases.get(agent)?.holder;
        if (owned() === null)
          throw new Fault("conflict", `${holder} no longer holds the lease of ${agent}: ${taker} took it over.`);
        extend();
      },
      release: async () => {
        const mine = owned();
        if (mine !== null) this.#leases.set(agent, { ...mine, expiresAt: 0 });
      },
    };
  }

  async raiseEpoch(atLeast: number): Promise<number> {
    this.#epoch = Math.max(this.#epoch + 1, atLeast);
    return this.#epoch;
  }

  async putRevision(content: RevisionContent): Promise<void> {
    const known = await this.getRevision(content.id);
    if (known !== null) refuseOtherContent(known, content);
    const key = revisionKey(content);
    if (!this.#revisions.has(key)) this.#revisions.set(key, keep(content));
  }

  async getRevision(revision: RevisionId): Promise<RevisionContent | null> {
    return [...this.#revisions.values()].find(({ id }) => id === revision) ?? null;
  }

  async findRevisions(agent: AgentId, prefix: string): Promise<readonly RevisionId[]> {
    const ofAgent = [...this.#revisions.values()].filter((content) => content.agent === agent);
    return ofAgent
      .map(({ id }) => id)
      .filter((id) => id.startsWith(prefix))
      .sort();
  }

  async loadMemory(agent: AgentId, rollout: RolloutId): Promise<HealthMemory | null> {
    return this.#memories.get(memoryKey(agent, rollout)) ?? null;
  }

  async saveMemory(agent: AgentId, memory: HealthMemory): Promise<void> {
    const key = memoryKey(agent, memory.rollout);
    if (keepsNewMemory(this.#memories.get(key) ?? null, memory)) this.#memories.set(key, keep(memory));
  }

  async loadFloors(agent: AgentId): Promise<FloorMemory | null> {
    return this.#floors.get(agent) ?? null;
  }

  async saveFloors(agent: AgentId, memory: FloorMemory): Promise<void> {
    if (keepsNewFloors(this.#floors.get(agent) ?? null, memory)) this.#floors.set(agent, keep(memory));
  }

  async leaseOf(agent: AgentId): Promise<{ readonly holder: string; readonly until: Instant } | null> {
    const kept = this.#leases.get(agent);
    if (kept === undefined || kept.expiresAt <= this.#now()) return null;
    return { holder: kept.holder, until: kept.expiresAt as Instant };
  }

  async unlock(agent: AgentId): Promise<void> {
    const kept = this.#leases.get(agent);
    if (kept !== undefined) this.#leases.set(agent, { ...kept, token: kept.token + 1, expiresAt: 0 });
  }

  async dump(): Promise<StateDump> {
    const journals: Journaled[] = [];
    for (const agent of this.#entries.keys()) journals.push({ agent, entries: (await this.trail(agent)).entries });
    return sortedDump({
      ...{ lineage: this.lineage, epoch: this.#epoch, moved: this.#moved, journals },
      revisions: [...this.#revisions.values()],
      memories: [...this.#memories].map(([key, memory]) => ({ agent: JSON.parse(key)[0] as AgentId, memory })),
      floors: [...this.#floors].map(([agent, memory]) => ({ agent, memory })),
    });
  }

  async replace(before: StateDump, after: StateDump): Promise<void> {
    checkStanding(await this.dump(), before);
    this.lineage = after.lineage;
    this.#epoch = after.epoch;
    this.#moved = after.moved;
    for (const kept of [this.#entries, this.#brought, this.#snapshots, this.#revisions, this.#memories, this.#floors])
      kept.clear();
    for (const agent of this.#leases.keys()) await this.unlock(agent);
    for (const { agent, entries } of after.journals) {
      this.#brought.set(agent, entries);
      this.#entries.set(
        agent,
        entries.map((entry) => freeze(readEntry(agent, entry))),
      );
    }
    for (const content of after.revisions) this.#revisions.set(revisionKey(content), keep(content));
    for (const { agent, memory } of after.memories) this.#memories.set(memoryKey(agent, memory.rollout), keep(memory));
    for (const { agent, memory } of after.floors) this.#floors.set(agent, keep(memory));
  }

  async close(): Promise<void> {}
}

function memoryKey(agent: AgentId, rollout: RolloutId): string {
  return JSON.stringify([agent, rollout]);
}

/** A copy that nobody can change, as it would come back from a disk. */
function keep<T>(value: T): T {
  return freeze(JSON.parse(exactJson(value)) as T);
}

function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const field of Object.values(value)) freeze(field);
  return Object.freeze(value);
}

function revisionKey({ id, agent }: RevisionContent): string {
  return JSON.stringify([id, agent]);
}
