// Verdict pictures: what the health gate of a rollout under way has seen, and the SVG files that --svg asks for.

import { join, resolve } from "node:path";
import { gatePicture } from "../core/gate/gate-picture.js";
import type { GatePicture } from "../core/model/gate-picture.js";
import type { PlannedAction } from "../core/model/plan.js";
import type { Rollout } from "../core/model/state.js";
import type { Situation } from "../core/plan/situation.js";
import { pictureSvg } from "../views/svg/picture-svg.js";
import type { DrawnPicture } from "../views/view.js";
import type { World } from "./world.js";

/** Null where no health gate watches, or nothing was counted yet. */
export function watchedPicture(
  { state, sight }: Pick<Situation, "state" | "sight">,
  opinions: PlannedAction["opinions"],
): GatePicture | null {
  const { rollout } = state;
  if (rollout === null || sight.health?.evidence.kind !== "health") return null;
  const { stage: index, evidence } = sight.health;
  const stage = rollout.stages[index];
  if (stage?.kind !== "gate" || stage.gate.kind !== "health") return null;
  const now = opinions.find((opinion) => opinion.stage === index);
  const verdicts = [
    ...passedGates(rollout),
    ...(now === undefined ? [] : [{ at: sight.now, gate: now.gate, result: now.verdict.result }]),
  ];
  return gatePicture({ gate: stage.gate, memory: evidence.memory, weights: rollout.history, verdicts });
}

function passedGates({ passed, stages }: Rollout): Parameters<typeof gatePicture>[0]["verdicts"] {
  return passed.flatMap(({ stage, at, verdict: { result } }) => {
    const left = stages[stage];
    return left?.kind === "gate" && left.gate.kind === "health" ? [{ at, gate: left.gate.name, result }] : [];
  });
}

/** Writes one file for each metric: `DIR/support-task_success_rate.svg`. Nothing without a folder or a picture. */
export async function drawPictures(
  world: Pick<World, "cwd" | "files">,
  what: { readonly about: string; readonly picture: GatePicture | null; readonly folder: string | null },
): Promise<readonly DrawnPicture[]> {
  const { about, picture, folder } = what;
  if (picture === null || folder === null) return [];
  const drawn: DrawnPicture[] = [];
  for (const metric of picture.metrics) {
    const path = join(folder, `${about}-${metric.metric}.svg`);
    await world.files.write(resolve(world.cwd, path), pictureSvg(about, picture, metric));
    drawn.push({ about, metric: metric.metric, path });
  }
  return drawn;
}

/** Whoever asked for files and finds none is told why, beside the answer. */
export function sayNothingDrawn(
  world: Pick<World, "say">,
  { folder, drawn }: { readonly folder: string | null | undefined; readonly drawn: readonly DrawnPicture[] },
): void {
  if (folder != null && drawn.length === 0)
    world.say(`Nothing was written to ${folder}: no gate has looked at metrics that could be drawn.`);
}
