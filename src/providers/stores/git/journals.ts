// Journals, their heads and the cached folds on the state branch.

import { Bug } from "../../../core/diagnostic/invariant.js";
import { exactJson } from "../../../core/model/exact-json.js";
import type { Entry, Event } from "../../../core/model/journal.js";
import { canonicalJson } from "../../../core/model/revision.js";
import type { AgentState } from "../../../core/model/state.js";
import type { AgentId } from "../../../core/model/units.js";
import { checkChain, checkHead, firstLink, type Head, nextLink, type StoredEntry } from "../../../ports/entry-chain.js";
import { entryText, readEntry } from "../../../ports/entry-format.js";
import { Fault } from "../../../ports/fault.js";
import { FollowedHeads } from "../../../ports/followed-heads.js";
import { checkInUse } from "../../../ports/state-dump.js";
import type { StateStore } from "../../../ports/state-store.js";
import { keepCache } from "./caches.js";
import type { Draft } from "./draft.js";
import { agentFolder, agentsOn, hasFirstEntry, readEntries, writeEntry, writeJson, writeMeta } from "./layout.js";
import type { Cell } from "./state-cell.js";

type Journals = Pick<
  StateStore,
  "agents" | "load" | "history" | "trailed" | "trail" | "append" | "saveSnapshot" | "raiseEpoch"
>;

/** Raised when the shape of `AgentState` changes: a snapshot of another shape is folded again. */
const snapshotFormat = 3;

export function journalsOn(cell: Cell): Journals {
  const followed = new FollowedHeads();
  return {
    agents: () => cell.read(async (draft) => agentsOn(draft).filter((agent) => hasFirstEntry(draft, agent))),
    load: (agent) =>
      cell.read(async (draft, { lineage, epoch, moved }) => {
        checkInUse(moved);
        const snapshot = await readSnapshot(draft, agent);
        const after = snapshot?.serial ?? 0;
        const { entries, last } = await entriesAfter(draft, { lineage, agent, after });
        const serial = last?.serial ?? after;
        checkHead(agent, await readHead(draft, agent), serial);
        followed.note(agent, { serial, hash: last?.hash ?? null });
        return { lineage, epoch, serial, snapshot, entries };
      }),
    history: (agent) =>
      cell.read(async (draft, { lineage, moved }) => {
        checkInUse(moved);
        const { entries } = await entriesAfter(draft, { lineage, agent, after: 0 });
        checkHead(agent, await readHead(draft, agent), entries.length);
        return entries;
      }),
    trailed: () => cell.read(async (draft) => agentsOn(draft)),
    trail: (agent) =>
      cell.read(async (draft) => {
        const kept = await readSnapshot(draft, agent);
        const snapshot = kept === null ? null : { serial: kept.serial, state: canonicalJson(kept.state) };
        return { entries: await readEntries(draft, agent, 0), head: await readHead(draft, agent), snapshot };
      }),
    append: async (agent, after, event) => {
      const last = await append({ cell, followed }, { agent, after, event });
      followed.note(agent, last);
      return last.serial;
    },
    saveSnapshot: (agent, serial, state) => saveSnapshot(cell, { agent, serial, state }),
    raiseEpoch: (atLeast) =>
      cell.write({
        about: "raise the epoch",
        work: async (draft, meta) => {
          const epoch = Math.max(meta.epoch + 1, atLeast);
          writeMeta(draft, { ...meta, epoch });
          return epoch;
        },
      }),
  };
}

async function append(
  { cell, followed }: { readonly cell: Cell; readonly followed: FollowedHeads },
  { agent, after, event }: { readonly agent: AgentId; readonly after: number; readonly event: Event },
): Promise<Head> {
  const text = entryText(event);
  return cell.write({
    about: `${agent} entry ${after + 1}, ${event.kind}`,
    work: async (draft, { lineage }) => {
      const head = await readHead(draft, agent);
      const last = await lastEntry(draft, agent, head);
      const at = last?.serial ?? 0;
      if (at !== after) {
        throw new Fault(
          "conflict",
          `The journal of ${agent} is at entry ${at}, not ${after}: somebody else wrote to it.`,
        );
      }
      checkHead(agent, head, at);
      followed.check(agent, { serial: at, hash: last?.hash ?? null });
      const serial = after + 1;
      const hash = nextLink(last?.hash ?? firstLink(lineage, agent), serial, text);
      await writeEntry(draft, agent, { serial, event: text, hash });
      writeHead(draft, agent, { serial, hash });
      return { serial, hash };
    },
  });
}

async function saveSnapshot(
  cell: Cell,
  { agent, serial, state }: { readonly agent: AgentId; readonly serial: number; readonly state: AgentState },
): Promise<void> {
  if (cell.readOnly) return;
  const value = { format: snapshotFormat, serial, state: JSON.parse(exactJson(state)) as AgentState };
  await keepCache(cell, agent, {
    path: snapshotPath(agent),
    value,
    read: (draft) => draft.readFields(snapshotPath(agent)),
    write: (draft) => writeJson(draft, snapshotPath(agent), value),
    keepsNew: async (draft, kept) => {
      const head = await readHead(draft, agent);
      const last = (await lastEntry(draft, agent, head))?.serial ?? 0;
      if (serial > last) throw new Bug(`a snapshot of ${agent} is ahead of its journal`);
      return kept === null || kept.format !== snapshotFormat || Number(kept.serial) < serial;
    },
  });
}

/** Found through the head, so that one part is read whatever the length of the journal. */
async function lastEntry(draft: Draft, agent: AgentId, head: Head | null): Promise<StoredEntry | null> {
  const found = await readEntries(draft, agent, head?.serial ?? 0);
  return found.at(-1) ?? (head === null ? null : ((await readEntries(draft, agent, 0)).at(-1) ?? null));
}

async function entriesAfter(
  draft: Draft,
  { lineage, agent, after }: { readonly lineage: string; readonly agent: AgentId; readonly after: number },
): Promise<{ readonly entries: readonly Entry[]; readonly last: StoredEntry | null }> {
  const stored = [...(await readEntries(draft, agent, after))];
  const behind = after === 0 ? null : stored.shift();
  checkChain(agent, behind?.hash ?? firstLink(lineage, agent), stored, after);
  return { entries: stored.map((entry) => readEntry(agent, entry)), last: stored.at(-1) ?? behind ?? null };
}

async function readSnapshot(
  draft: Draft,
  agent: AgentId,
): Promise<{ readonly serial: number; readonly state: AgentState } | null> {
  const kept = await draft.readFields(snapshotPath(agent));
  if (kept === null || kept.format !== snapshotFormat || typeof kept.serial !== "number") return null;
  return { serial: kept.serial, state: kept.state as AgentState };
}

export async function readHead(draft: Draft, agent: AgentId): Promise<Head | null> {
  const kept = await draft.readFields(headPath(agent));
  return kept === null ? null : { serial: Number(kept.serial), hash: String(kept.hash) };
}

export function writeHead(draft: Draft, agent: AgentId, head: Head): void {
  writeJson(draft, headPath(agent), head);
}

function headPath(agent: AgentId): string {
  return `${agentFolder(agent)}head.json`;
}

function snapshotPath(agent: AgentId): string {
  return `${agentFolder(agent)}snapshot.json`;
}
