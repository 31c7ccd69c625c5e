// How long a door may take.

import type { Run } from "./run.js";

/** Ends a request that outlives the run's patience. */
export function patience(run: Run): AbortSignal {
  return AbortSignal.timeout(run.patience);
}
