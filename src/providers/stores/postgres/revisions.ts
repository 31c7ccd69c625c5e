// Revisions in PostgreSQL: kept once under their digest.

import { exactJson } from "../../../core/model/exact-json.js";
import type { RevisionContent } from "../../../core/model/revision.js";
import type { RevisionId } from "../../../core/model/units.js";
import { refuseOtherContent } from "../../../ports/refuse-other-content.js";
import type { StateStore } from "../../../ports/state-store.js";
import type { OpenState } from "./connections.js";

export type Revisions = Pick<StateStore, "putRevision" | "getRevision" | "findRevisions">;

export function revisionsIn({ connections, schema }: OpenState): Revisions {
  return {
    putRevision: async (content) => {
      const text = exactJson(content);
      await connections.write(async (sql) => {
        const insert = `INSERT INTO ${schema}.revisions VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`;
        await sql.query(insert, content.agent, content.id, text);
        const found = `SELECT content FROM ${schema}.revisions WHERE id = $1`;
        for (const kept of await sql.query(found, content.id))
          refuseOtherContent(JSON.parse(kept.content as string) as RevisionContent, content);
      });
    },
    getRevision: async (revision) => {
      const [kept] = await connections.read(`SELECT content FROM ${schema}.revisions WHERE id = $1 LIMIT 1`, revision);
      return kept === undefined ? null : (JSON.parse(kept.content as string) as RevisionContent);
    },
    findRevisions: async (agent, prefix) => {
      const found = `SELECT id FROM ${schema}.revisions WHERE agent = $1 AND id >= $2 AND starts_with(id, $2) ORDER BY id`;
      return (await connections.read(found, agent, prefix)).map(({ id }) => id as RevisionId);
    },
  };
}
