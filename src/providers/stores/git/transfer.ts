// The whole state of the branch as one value, and one in the place of another: a single commit.

import type { FloorMemory } from "../../../core/gate/floor-memory.js";
import type { HealthMemory } from "../../../core/gate/health-memory.js";
import { checkChain, checkHead, firstLink } from "../../../ports/entry-chain.js";
import { checkStanding, type StateDump, sortedDump } from "../../../ports/state-dump.js";
import type { StateStore } from "../../../ports/state-store.js";
import { floorsPath, readMemory, writeMemory } from "./caches.js";
import type { Draft } from "./draft.js";
import { readHead, writeHead } from "./journals.js";
import {
  agentFolder,
  agentsOn,
  type Meta,
  memoryPath,
  readEntries,
  revisionPath,
  writeEntries,
  writeJson,
  writeMeta,
} from "./layout.js";
import { allRevisions } from "./revisions.js";
import type { Cell } from "./state-cell.js";

export function transferOn(cell: Cell): Pick<StateStore, "dump" | "replace"> {
  return {
    dump: () => cell.read(dump),
    replace: async (before, after) => {
      await cell.write({
        about: "replace the state",
        whole: true,
        work: async (draft, meta) => {
          checkStanding(await dump(draft, meta), before);
          put(draft, after);
        },
      });
    },
  };
}

async function dump(draft: Draft, { lineage, epoch, moved }: Meta): Promise<StateDump> {
  const journals: StateDump["journals"][number][] = [];
  const memories: StateDump["memories"][number][] = [];
  const floors: StateDump["floors"][number][] = [];
  for (const agent of agentsOn(draft)) {
    const entries = await readEntries(draft, agent, 0);
    checkChain(agent, firstLink(lineage, agent), entries, 0);
    checkHead(agent, await readHead(draft, agent), entries.length);
    if (entries.length > 0) journals.push({ agent, entries });
    // All at once: each by itself would be a question to the repository.
    const paths = draft.paths(`${agentFolder(agent)}memories/`);
    await draft.readAll(paths);
    for (const path of paths) {
      const memory = await readMemory<HealthMemory>(draft, path);
      if (memory !== null) memories.push({ agent, memory });
    }
    const floor = await readMemory<FloorMemory>(draft, floorsPath(agent));
    if (floor !== null) floors.push({ agent, memory: floor });
  }
  return sortedDump({ lineage, epoch, moved, journals, revisions: await allRevisions(draft), memories, floors });
}

function put(draft: Draft, after: StateDump): void {
  for (const path of draft.paths("")) draft.remove(path);
  writeMeta(draft, after);
  for (const { agent, entries } of after.journals) {
    writeEntries(draft, agent, entries);
    const last = entries.at(-1);
    if (last !== undefined) writeHead(draft, agent, { serial: last.serial, hash: last.hash });
  }
  for (const content of after.revisions) writeJson(draft, revisionPath(content.id, content.agent), content);
  for (const { agent, memory } of after.memories) writeMemory(draft, memoryPath(agent, memory.rollout), memory);
  for (const { agent, memory } of after.floors) writeMemory(draft, floorsPath(agent), memory);
}
