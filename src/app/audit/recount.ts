// The evidence of a health gate counted again from the raw tasks, look by look, as the engine counted it.

import { type Difference, differencesIn } from "../../core/diagnostic/differences.js";
import type { HealthMemory } from "../../core/gate/health-memory.js";
import type { JudgedScene } from "../../core/rollout/judge-again.js";
import { gatherHealth } from "../../engine/health.js";
import type { Run } from "../../engine/run.js";
import type { StateStore } from "../../ports/state-store.js";

/** `same`, `differs`: every block that was counted is still there. `unable`: it is not, or nobody knows when it was looked at. */
export type Recount =
  | { readonly kind: "same" }
  | { readonly kind: "differs"; readonly differences: readonly Difference[] }
  | { readonly kind: "unable"; readonly because: string };

/** Counts the scenes of one agent in the order of its journal: each counts what came since the one before. */
export function recounter(run: Run): (scene: JudgedScene) => Promise<Recount | null> {
  const memories = new Map<string, HealthMemory>();
  const counting = countingAnew(run, memories);
  return async ({ state, rollout, gate, evidence, clock }) => {
    if (gate.kind !== "health" || evidence.kind !== "health" || state.stable === null) return null;
    if (rollout.exemptions.length > 0)
      return {
        kind: "unable",
        because: "a gate before it was left without a verdict, so nobody knows what had been counted by then",
      };
    if (state.finished.some(({ canary, failed }) => canary === rollout.canary && !failed))
      return { kind: "unable", because: "an earlier rollout of the same canary handed on what it had counted" };
    const stage = rollout.stages.findIndex((one) => one.kind === "gate" && one.gate === gate);
    const found = await gatherHealth(counting, {
      ...{ state, stable: state.stable, rollout, stage, now: clock.now, remember: true },
    });
    if (found.kind !== "health") return { kind: "unable", because: found.kind === "missing" ? found.because : "" };
    return compare(evidence.memory, found.memory);
  };
}

function compare(recorded: HealthMemory, found: HealthMemory): Recount {
  if (found.watermark === null) return { kind: "unable", because: "the raw tasks are not kept any more" };
  const counts = (memory: HealthMemory) => differencesIn(countsOf(recorded), countsOf(memory), "");
  if (counts(found).length > 0)
    return {
      kind: "unable",
      because: "the raw tasks are not those that were counted: some are no longer kept, or came later",
    };
  const differences = differencesIn({ metrics: recorded.metrics }, { metrics: found.metrics }, "");
  return differences.length === 0 ? { kind: "same" } : { kind: "differs", differences };
}

/** What says whether all of the blocks are there: the last of them, and how many sessions were in them. */
function countsOf({ watermark, shared }: HealthMemory): unknown {
  const course = (shared ?? {}) as { readonly sessions?: unknown; readonly reported?: unknown };
  return { watermark, sessions: course.sessions, reported: course.reported };
}

/** The run with nothing remembered: what is counted here is kept here, and nowhere else. */
function countingAnew(run: Run, memories: Map<string, HealthMemory>): Run {
  // Counting asks a store for memories, and for nothing else.
  const store = {
    loadMemory: async (_, rollout) => memories.get(rollout) ?? null,
    saveMemory: async (_, memory) => void memories.set(memory.rollout, memory),
  } satisfies Pick<StateStore, "loadMemory" | "saveMemory"> as Partial<StateStore> as StateStore;
  return { ...run, doors: { ...run.doors, store } };
}
