// Revisions in PostgreSQL: kept once under their digest.

import { Bug } from "../../../core/diagnostic/invariant.js";
import { exactJson } from "../../../core/model/exact-json.js";
import type { RevisionContent } from "../../../core/model/revision.js";
import type { RevisionId } from "../../../core/model/units.js";
import type { StateStore } from "../../../ports/state-store.js";
import type { OpenState } from "./connections.js";

export type Revisions = Pick<StateStore, "putRevision" | "getRevision" | "findRevisions">;

export function revisionsIn({ connections, schema }: OpenState): Revisions {
  return {
    putRevision: async (content) => {
      const text = exactJson(content);
      await connections.write(async (sql) => {
        const insert = `INSERT INTO ${schema}.revisions VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`;
        await sql.query(insert, content.id, content.agent, text);
        const [kept] = await sql.query(`SELECT content FROM ${schema}.revisions WHERE id = $1`, content.id);
        refuseOtherContent(JSON.parse(kept?.content as string) as RevisionContent, content);
      });
    },
    getRevision: async (revision) => {
      const [kept] = await connections.read(`SELECT content FROM ${schema}.revisions WHERE id = $1`, revision);
      return kept === undefined ? null : (JSON.parse(kept.content as string) as RevisionContent);
    },
    findRevisions: async (agent, prefix) => {
      const found = `SELECT id FROM ${schema}.revisions WHERE agent = $1 AND id >= $2 AND starts_with(id, $2) ORDER BY id`;
      return (await connections.read(found, agent, prefix)).map(({ id }) => id as RevisionId);
    },
  };
}

/** Same digest, other content: one of the two was computed wrongly. Where it was read from does not count. */
function refuseOtherContent(kept: RevisionContent, content: RevisionContent): void {
  const same = exactJson({ ...kept, origin: null }) === exactJson({ ...content, origin: null });
  if (!same) throw new Bug(`two different contents of ${content.agent} claim the revision ${content.id}`);
}
