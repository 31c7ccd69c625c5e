// Revisions on the state branch: a folder for each digest, and in it a file for each agent that has the revision.

import { exactJson } from "../../../core/model/exact-json.js";
import type { RevisionContent } from "../../../core/model/revision.js";
import type { RevisionId } from "../../../core/model/units.js";
import { refuseOtherContent } from "../../../ports/refuse-other-content.js";
import type { StateStore } from "../../../ports/state-store.js";
import type { Draft } from "./draft.js";
import { revisionFolder, revisionPath, revisionsFolder, writeJson } from "./layout.js";
import type { Cell } from "./state-cell.js";

type Revisions = Pick<StateStore, "putRevision" | "getRevision" | "findRevisions">;

export function revisionsOn(cell: Cell): Revisions {
  return {
    putRevision: async (content) => {
      exactJson(content);
      await cell.write({ about: `a revision of ${content.agent}`, work: (draft) => put(draft, content) });
    },
    // What is there stays: only what is missing is worth another look.
    getRevision: async (revision) =>
      (await cell.recall((draft) => readRevision(draft, revision))) ??
      (await cell.read((draft) => readRevision(draft, revision))),
    findRevisions: (agent, prefix) =>
      cell.read(async (draft) => {
        const all = await allRevisions(draft);
        return all.filter((content) => content.agent === agent && content.id.startsWith(prefix)).map(({ id }) => id);
      }),
  };
}

async function put(draft: Draft, content: RevisionContent): Promise<void> {
  const kept = await readRevision(draft, content.id);
  if (kept !== null) refuseOtherContent(kept, content);
  const path = revisionPath(content.id, content.agent);
  if (!draft.paths(revisionFolder(content.id)).includes(path)) writeJson(draft, path, content);
}

async function readRevision(draft: Draft, revision: RevisionId): Promise<RevisionContent | null> {
  const [path] = draft.paths(revisionFolder(revision));
  return path === undefined ? null : ((await draft.readFields(path)) as RevisionContent | null);
}

/** Sorted by their ids. */
export async function allRevisions(draft: Draft): Promise<readonly RevisionContent[]> {
  const texts = await draft.readAll(draft.paths(revisionsFolder));
  const all = [...texts.values()].map((text) => JSON.parse(text) as RevisionContent);
  return all.sort((a, b) => (a.id < b.id ? -1 : 1));
}
