// What gates and floors remember, and folds: caches, which never go back. While this process works on an agent they wait for the next
// commit, so that a pass costs one push for all of them; else they are pushed at once.

import type { FloorMemory } from "../../../core/gate/floor-memory.js";
import { keepsNewFloors } from "../../../core/gate/floor-memory.js";
import type { HealthMemory } from "../../../core/gate/health-memory.js";
import { keepsNewMemory } from "../../../core/gate/keeps-new-memory.js";
import { exactJson } from "../../../core/model/exact-json.js";
import type { AgentId, RolloutId } from "../../../core/model/units.js";
import { sealedText, unsealed } from "../../../ports/sealed-memory.js";
import type { StateStore } from "../../../ports/state-store.js";
import type { Draft } from "./draft.js";
import { agentFolder, memoryPath } from "./layout.js";
import { isTokenOf } from "./leases.js";
import type { Cell } from "./state-cell.js";

type Caches = Pick<StateStore, "loadMemory" | "saveMemory" | "loadFloors" | "saveFloors">;

export function cachesOn(cell: Cell): Caches {
  return {
    loadMemory: (agent, rollout) => load<HealthMemory>(cell, memoryPath(agent, rollout)),
    saveMemory: (agent, memory: HealthMemory) =>
      save(cell, agent, { path: memoryPath(agent, memory.rollout as RolloutId), value: memory, keeps: keepsNewMemory }),
    loadFloors: (agent) => load<FloorMemory>(cell, floorsPath(agent)),
    saveFloors: (agent, memory: FloorMemory) =>
      save(cell, agent, { path: floorsPath(agent), value: memory, keeps: keepsNewFloors }),
  };
}

export function floorsPath(agent: AgentId): string {
  return `${agentFolder(agent)}floors.json`;
}

async function load<Memory>(cell: Cell, path: string): Promise<Memory | null> {
  const waiting = cell.riding(path);
  if (waiting !== null) return waiting as Memory;
  return cell.read((draft) => readMemory<Memory>(draft, path));
}

/** Null for one that is not there, or not what was written. */
export async function readMemory<Memory>(draft: Draft, path: string): Promise<Memory | null> {
  const text = await draft.read(path);
  return text === null ? null : unsealed<Memory>(text.trimEnd());
}

export function writeMemory(draft: Draft, path: string, memory: object): void {
  draft.write(path, `${sealedText(memory)}\n`);
}

async function save<Memory extends object>(
  cell: Cell,
  agent: AgentId,
  cache: {
    readonly path: string;
    readonly value: Memory;
    readonly keeps: (kept: Memory | null, memory: Memory) => boolean;
  },
): Promise<void> {
  if (cell.readOnly) return;
  const value = JSON.parse(exactJson(cache.value)) as Fields;
  const { path } = cache;
  await keepCache(cell, agent, {
    ...{ path, value, read: (draft) => readMemory<Fields>(draft, path) },
    write: (draft) => writeMemory(draft, path, cache.value),
    keepsNew: async (_, kept) => cache.keeps(kept as Memory | null, cache.value),
  });
}

type Fields = Readonly<Record<string, unknown>>;

export interface Cache {
  readonly path: string;
  readonly value: Fields;
  readonly read: (draft: Draft) => Promise<Fields | null>;
  readonly write: (draft: Draft) => void;
  /** Asked upon what is kept, waiting or not. */
  readonly keepsNew: (draft: Draft, kept: Fields | null) => Promise<boolean>;
}

/** At once, or with the next commit of whoever works on the agent: a lease that was lost meanwhile takes it along. */
export async function keepCache(cell: Cell, agent: AgentId, cache: Cache): Promise<void> {
  const { path, value, read, write, keepsNew } = cache;
  const put = async (draft: Draft): Promise<void> => {
    if (await keepsNew(draft, await read(draft))) write(draft);
  };
  const held = cell.held.get(agent);
  if (held === undefined) return cell.write({ about: `what is remembered of ${agent}`, work: put });
  await cell.recall(async (draft) => {
    const kept = (cell.riding(path) as Fields | null) ?? (await read(draft));
    if (!(await keepsNew(draft, kept))) return;
    const onlyWhileHeld = async (next: Draft): Promise<void> => {
      if (await isTokenOf(next, agent, held)) await put(next);
    };
    cell.ride(path, { value, put: onlyWhileHeld });
  });
}
