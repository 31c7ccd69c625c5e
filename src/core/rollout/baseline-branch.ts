// Where a promotion's commit waits that could not be made on the tracked branch.

import type { Operation } from "../model/journal.js";
import { shortRevision } from "../model/units.js";

/** `rollout/baseline-support-3f2a91c`: its own for each promotion. */
export function baselineBranch({ agent, revision }: Pick<Operation, "agent" | "revision">): string {
  return ["rollout", `baseline-${agent}-${shortRevision(revision).slice(2)}`].join("/");
}

/** In what such a commit says of itself: it holds the baseline alone, and the fold is a person's to do. */
export const notFolded = "the override is not folded";
