// The door to the journal: the truth after a crash.

import type { FloorMemory } from "../core/gate/floor-memory.js";
import type { HealthMemory } from "../core/gate/health-memory.js";
import type { Entry, Event, Journal } from "../core/model/journal.js";
import type { RevisionContent } from "../core/model/revision.js";
import type { AgentState } from "../core/model/state.js";
import type { AgentId, Duration, Instant, RevisionId, RolloutId } from "../core/model/units.js";
import type { Trail } from "./entry-chain.js";
import type { StateDump } from "./state-dump.js";

export interface Lease {
  /** Extends the lease by its full duration. Throws a `Fault` ("conflict") when somebody else has taken it over. */
  renew(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Whether a lease with so much time left is live. One that would last far longer than any is asked for was written by a clock that ran ahead:
 * waiting for it could take days, and whoever has it is fenced.
 */
export function isLeaseLive(left: number, life: Duration): boolean {
  return left > 0 && left <= 2 * life;
}

export interface StateStore {
  readonly lineage: string;
  /** Agents with at least one entry, sorted. */
  agents(): Promise<readonly AgentId[]>;
  /** An unknown agent has serial 0 and no entries. */
  load(agent: AgentId): Promise<Journal<AgentState>>;
  /** Every entry, oldest first: for history and incidents. */
  history(agent: AgentId): Promise<readonly Entry[]>;
  /** Every agent of which an entry, a head or a snapshot is kept, sorted: also one whose first entry is gone. */
  trailed(): Promise<readonly AgentId[]>;
  /** The journal as it lies in the store, with its links. Never refused for what it holds: `load` and `history` refuse a broken chain, and audits say where it breaks. */
  trail(agent: AgentId): Promise<Trail>;
  /**
   * All or nothing, durable before it returns. Throws a `Fault` ("conflict") unless `after` is the last serial, and unless that entry
   * is the one that this store last loaded or wrote, not another history's of the same number. Returns the new serial.
   */
  append(agent: AgentId, after: number, event: Event): Promise<number>;
  /** A cache: refused in silence when it is not newer than the one kept. */
  saveSnapshot(agent: AgentId, serial: number, state: AgentState): Promise<void>;
  /** Throws a `Fault` ("conflict") naming the holder while another holder's lease is live. An expired lease is free, and so is one of a clock that ran ahead (`isLeaseLive`). */
  lease(agent: AgentId, request: { readonly holder: string; readonly for: Duration }): Promise<Lease>;
  /** Raises the epoch of every fence to come: after a recovery or a break-glass. Returns the new epoch. */
  raiseEpoch(atLeast: number): Promise<number>;
  /** Content-addressed: storing the same revision of an agent twice is once. Two agents may have the same one. */
  putRevision(content: RevisionContent): Promise<void>;
  getRevision(revision: RevisionId): Promise<RevisionContent | null>;
  /** All stored revisions of an agent whose id starts with the given text: for `r-3f2a91c`. */
  findRevisions(agent: AgentId, prefix: string): Promise<readonly RevisionId[]>;
  loadMemory(agent: AgentId, rollout: RolloutId): Promise<HealthMemory | null>;
  saveMemory(agent: AgentId, memory: HealthMemory): Promise<void>;
  /** A cache, as memories are: one that has seen less is refused in silence. */
  loadFloors(agent: AgentId): Promise<FloorMemory | null>;
  saveFloors(agent: AgentId, memory: FloorMemory): Promise<void>;
  /** Who works on the agent now; null: nobody. */
  leaseOf(agent: AgentId): Promise<{ readonly holder: string; readonly until: Instant } | null>;
  /** Frees the agent's lease whoever holds it, who can no longer renew it. */
  unlock(agent: AgentId): Promise<void>;
  /** Everything, in one consistent view; also of a store that has moved. Throws a `Fault` ("rejected") for a journal whose chain is broken. */
  dump(): Promise<StateDump>;
  /**
   * Puts one state in the place of another, all or nothing: nobody holds a lease on it, and folds are made again. Throws a `Fault`
   * ("conflict") unless the store still stands where `before` was dumped. Whoever goes on with another lineage opens the store again.
   */
  replace(before: StateDump, after: StateDump): Promise<void>;
  close(): Promise<void>;
}
