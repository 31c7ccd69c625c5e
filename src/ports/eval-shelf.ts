// The door to eval results and baselines, kept by revision.

import type { EvalBaseline, EvalResult } from "../core/model/gate.js";
import type { AgentId, RevisionId } from "../core/model/units.js";

export interface EvalShelf {
  /** The newest result of this revision and suite; `missing` says why there is none. */
  result(agent: AgentId, suite: string, revision: RevisionId): Promise<EvalResult | { readonly missing: string }>;
  /** The committed baseline of the suite; `missing` names `rollout eval baseline AGENT`. */
  baseline(agent: AgentId, suite: string): Promise<EvalBaseline | { readonly missing: string }>;
}
