// Everything that a state store keeps, as one value: what is exported, imported and carried from one store to another.

import type { FloorMemory } from "../core/gate/floor-memory.js";
import type { HealthMemory } from "../core/gate/health-memory.js";
import type { RevisionContent } from "../core/model/revision.js";
import type { AgentId } from "../core/model/units.js";
import { firstLink, nextLink, type StoredEntry } from "./entry-chain.js";
import { Fault } from "./fault.js";

/** Caches that are folded again, and leases, are not in it. Lists are sorted by agent, then by id. */
export interface StateDump {
  readonly lineage: string;
  readonly epoch: number;
  /** The address of the store that took its place; null: it is in use. */
  readonly moved: string | null;
  readonly journals: readonly Journaled[];
  readonly revisions: readonly RevisionContent[];
  readonly memories: readonly { readonly agent: AgentId; readonly memory: HealthMemory }[];
  readonly floors: readonly { readonly agent: AgentId; readonly memory: FloorMemory }[];
}

export interface Journaled {
  readonly agent: AgentId;
  readonly entries: readonly StoredEntry[];
}

/** Orders the lists of a dump as every store answers them. */
export function sortedDump(dump: StateDump): StateDump {
  const by =
    <Item>(key: (item: Item) => string) =>
    (a: Item, b: Item): number =>
      key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
  return {
    ...dump,
    journals: [...dump.journals].sort(by(({ agent }) => agent)),
    revisions: [...dump.revisions].sort(by(({ id, agent }) => JSON.stringify([id, agent]))),
    memories: [...dump.memories].sort(by(({ agent, memory }) => JSON.stringify([agent, memory.rollout]))),
    floors: [...dump.floors].sort(by(({ agent }) => agent)),
  };
}

/** Where a state stands: two dumps of the same place are equal in it unless somebody wrote in between. */
function standingOfDump({ lineage, epoch, moved, journals, revisions }: StateDump): string {
  const heads = journals.map(({ agent, entries }) => [agent, entries.at(-1)?.hash ?? ""]);
  // Contents are stored before the entry that names them.
  const contents = revisions.map(({ id, agent }) => [id, agent]);
  return JSON.stringify([lineage, epoch, moved, heads, contents]);
}

/** Throws a `Fault` ("conflict") where the store no longer stands where it was dumped. */
export function checkStanding(now: StateDump, before: StateDump): void {
  if (standingOfDump(now) === standingOfDump(before)) return;
  throw new Fault("conflict", "The state moved while it was worked on: nothing was changed. Say it again.");
}

/** Throws a `Fault` ("unsupported") where another store took the place of this one: whoever still comes here has an old spec. */
export function checkInUse(moved: string | null): void {
  if (moved === null) return;
  throw new Fault(
    "unsupported",
    `This state has moved to ${moved}, and is kept here as it was. Write "state: ${moved}" in the spec, or pull the commit that does.`,
  );
}

/** Throws a `Fault` ("conflict") where the state that was opened was replaced by another: serials of the two say nothing of each other. */
export function checkLineage(found: string, opened: string): void {
  if (found === opened) return;
  throw new Fault("conflict", `There is another state here now (lineage ${found}): it was replaced meanwhile.`);
}

/** The same events as another agent's journal: every link is made again, since each covers the agent's name. */
export function linkedAs(lineage: string, agent: AgentId, events: readonly string[]): Journaled {
  let hash = firstLink(lineage, agent);
  const entries = events.map((event, index) => {
    hash = nextLink(hash, index + 1, event);
    return { serial: index + 1, event, hash };
  });
  return { agent, entries };
}
