// The door to what a promotion leaves in the repository: the new eval baseline and the folded override, in one commit.

import type { Operation } from "../core/model/journal.js";

export interface Publisher {
  /** What an earlier run of this operation left behind, by its id; null when it left nothing. */
  find(operation: Operation): Promise<string | null>;
  /** Performs it and says in one line what was done. Throws a `Fault` when it cannot. */
  perform(operation: Operation): Promise<string>;
}
