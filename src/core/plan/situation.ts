// Everything that a step is decided by, gathered before the core is asked.

import type { Sight } from "../model/decision.js";
import type { Judge } from "../model/gate.js";
import type { Components } from "../model/revision.js";
import type { AgentSpec } from "../model/spec.js";
import type { AgentState } from "../model/state.js";
import type { AgentId } from "../model/units.js";

/**
 * The target shows an entry of this journal that the journal does not have: it was set back, as by restoring an older copy. What was
 * promoted since is not known to it, and acting on it would take that traffic away.
 */
export function wasSetBack({ serial, sight }: Pick<Situation, "serial" | "sight">): boolean {
  const { live, lineage, epoch } = sight;
  return live.kind === "serving" && live.lineage === lineage && live.fence.epoch >= epoch && live.fence.serial > serial;
}

/** Everything that a step is decided by. */
export interface Situation {
  readonly agent: AgentId;
  /** Null: the agent is not in the spec, or its part of the spec has errors (`sight.watchOnly`). */
  readonly spec: AgentSpec | null;
  readonly state: AgentState;
  /** Of the journal; the next entry gets one more. */
  readonly serial: number;
  /** Components of every revision that the state names. */
  readonly revisions: Readonly<Record<string, Components>>;
  readonly sight: Sight;
  readonly judge: Judge;
  /** A person is watching: adoption and retirement are theirs alone. */
  readonly person: boolean;
}
