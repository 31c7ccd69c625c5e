// The door to the deployment: does the canary revision serve?

import type { ReadyGate } from "../core/model/gate.js";
import type { AgentId, RevisionId } from "../core/model/units.js";

export interface Readiness {
  /** Never throws: what cannot be asked does not serve, and says why. */
  ask(
    query: { readonly agent: AgentId; readonly gate: ReadyGate; readonly revision: RevisionId },
    signal: AbortSignal,
  ): Promise<{ readonly serving: boolean; readonly because: string }>;
}
