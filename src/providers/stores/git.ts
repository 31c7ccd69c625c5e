// The state store of teams whose only infrastructure is CI: an orphan branch of the repository itself, compared and swapped by push.

import type { Instant } from "../../core/model/units.js";
import { absentStore } from "../../ports/absent-store.js";
import type { StateStore } from "../../ports/state-store.js";
import { cachesOn } from "./git/caches.js";
import { journalsOn } from "./git/journals.js";
import { leasesOn } from "./git/leases.js";
import { revisionsOn } from "./git/revisions.js";
import { openStateBranch } from "./git/state-branch.js";
import { openCell } from "./git/state-cell.js";
import { transferOn } from "./git/transfer.js";

export interface GitStoreOptions {
  /** Absolute: a folder of the repository. */
  readonly root: string;
  readonly branch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Instant;
  /** Writes nothing, and sees the state as it was when it was opened. A missing branch is an empty store of lineage `""`. */
  readonly readOnly?: boolean;
  /** The lineage of a branch that is made now; a random one where it is left out. */
  readonly lineage?: string;
  /** For how long a look at the remote is believed where nothing is written: 2 s where it is left out. What is written is always compared. */
  readonly freshForMs?: number;
  /** The longest that one call of git may take, and the longest that a race with other writers may: 60 s where it is left out. */
  readonly patienceMs?: number;
  /** How many commits the branch may have before it is put on a new root: 500 where it is left out. */
  readonly longest?: number;
}

/** Fetches the branch, and makes it where there is none. Throws a `Fault` where the remote cannot be reached or says no, or where the branch is not ours or newer. */
export async function openGitStore(options: GitStoreOptions): Promise<StateStore> {
  const { root, env, now, readOnly = false, patienceMs = 60_000 } = options;
  const branch = await openStateBranch({ root, branch: options.branch, env, readOnly, patienceMs });
  try {
    const cell = await openCell({
      ...{ branch, now, readOnly, patienceMs },
      lineage: options.lineage ?? null,
      freshForMs: options.freshForMs ?? 2000,
      longest: options.longest ?? 500,
    });
    if (cell === null) {
      await branch.close();
      return absentStore(branch.place);
    }
    return {
      lineage: cell.lineage,
      ...journalsOn(cell),
      ...revisionsOn(cell),
      ...cachesOn(cell),
      ...leasesOn(cell),
      ...transferOn(cell),
      close: () => branch.close(),
    };
  } catch (error) {
    await branch.close();
    throw error;
  }
}
