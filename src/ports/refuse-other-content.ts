// What every store holds to when a revision is stored again.

import { Bug } from "../core/diagnostic/invariant.js";
import { exactJson } from "../core/model/exact-json.js";
import type { RevisionContent } from "../core/model/revision.js";

/** Same digest, other content: one of the two was computed wrongly. Whose it is, and where it was read from, does not count. */
export function refuseOtherContent(kept: RevisionContent, content: RevisionContent): void {
  const bare = ({ agent: _, origin: __, ...rest }: RevisionContent): string => exactJson(rest);
  if (bare(kept) === bare(content)) return;
  throw new Bug(`two different contents of ${content.agent} claim the revision ${content.id}`);
}
