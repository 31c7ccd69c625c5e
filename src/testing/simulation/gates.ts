// How health is judged in a simulation: by plain counts, so that the engine is tried apart from the statistics, or as in production.

import type { HealthMemory } from "../../core/gate/health-memory.js";
import { judge } from "../../core/gate/judge.js";
import type { Judge } from "../../core/model/gate.js";
import { day, hour, type Instant } from "../../core/model/units.js";
import { type Rules, soundRules } from "../../engine/rules.js";
import { countBlock, countsSince, enterCounts, judgeByCounts, openCounts } from "./counting.js";

export interface Gates {
  readonly rules: Rules;
  readonly judge: Judge;
  /** Milliseconds after which evidence that has not decided will not, and what failed has been tried again: a run has come to rest. */
  readonly decidesWithin: number;
  /** Canary sessions in a memory that started since then; null where the memory does not tell. */
  readonly sessions: (memory: HealthMemory, since: Instant) => number | null;
}

export const countingGates: Gates = {
  rules: {
    ...soundRules,
    fitsGate: (memory, gate) => memory.configuration === gate.name,
    openHealth: openCounts,
    handOnHealth: (memory, rollout) => ({ ...memory, rollout }),
    enterHealthStage: enterCounts,
    absorbHealth: countBlock,
  },
  judge: judgeByCounts,
  decidesWithin: 7 * hour,
  sessions: (memory, since) => countsSince(memory, since).canary,
};

/** The gates of production. */
export const soundGates: Gates = { rules: soundRules, judge, decidesWithin: day, sessions: () => null };
