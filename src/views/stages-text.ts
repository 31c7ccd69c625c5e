// Where a rollout stands in its ramp.

import { unreachable } from "../core/diagnostic/invariant.js";
import type { Stage } from "../core/model/gate.js";
import { weightText } from "./amount-text.js";

/** `stage 3 of 7, the canary gate at 5 %`. `stage` is an index; all stages behind reads `after the last stage`. */
export function stageText(stages: readonly Stage[], stage: number): string {
  const at = stages[stage];
  if (at === undefined) return "after the last stage";
  return `stage ${stage + 1} of ${stages.length}, ${stageName(at, stages.slice(0, stage))}`;
}

function stageName(at: Stage, behind: readonly Stage[]): string {
  switch (at.kind) {
    case "weight":
      return `setting ${weightText(at.weight)}`;
    case "gate": {
      const reached = behind.findLast((stage) => stage.kind === "weight");
      const where = reached?.kind === "weight" ? `at ${weightText(reached.weight)}` : "before the first weight";
      return `the ${at.gate.name} gate ${where}`;
    }
    default:
      return unreachable(at);
  }
}

/** `5 % > 50 % > 100 %`. */
export function rampText(stages: readonly Stage[]): string {
  return stages.flatMap((stage) => (stage.kind === "weight" ? [weightText(stage.weight)] : [])).join(" > ");
}
