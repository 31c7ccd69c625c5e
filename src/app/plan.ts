// `rollout plan`: what would happen, why, and when the rest could. Writes nothing but what --out and --svg ask for.

import { resolve } from "node:path";
import type { Answer, DrawnPicture } from "../views/view.js";
import { drawPictures, sayNothingDrawn } from "./pictures.js";
import { planDigest, planFileText } from "./plan-file.js";
import { makePlan } from "./planning.js";
import { chargesOf, runOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface PlanArguments {
  readonly agents: readonly string[];
  readonly out: string | null;
  /** Folder for SVG files; without one none is written. */
  readonly svg?: string | null;
  /** Exit 2 when there is something to do. */
  readonly detailedExitcode: boolean;
}

export async function plan(world: World, args: PlanArguments): Promise<Answer> {
  return withSession(world, { readOnly: true }, async (session) => {
    const run = await runOf(session, { person: true, plan: null, reads: true });
    const { plan: made, unplanned, pictures } = await makePlan(session, run, await chargesOf(session, args.agents));
    if (args.out !== null) await world.files.write(resolve(world.cwd, args.out), planFileText(made));
    const drawn: DrawnPicture[] = [];
    for (const [about, picture] of Object.entries(pictures))
      drawn.push(...(await drawPictures(world, { about, picture, folder: args.svg ?? null })));
    sayNothingDrawn(world, { folder: args.svg, drawn });
    const changes = made.actions.some((action) => action.kind !== "none" && action.kind !== "hold");
    return {
      view: {
        kind: "plan",
        plan: made,
        digest: planDigest(made),
        now: world.now(),
        savedTo: args.out,
        pictures,
        drawn,
        warnings: session.warnings,
      },
      exit: unplanned.size > 0 ? 1 : args.detailedExitcode && changes ? 2 : 0,
    };
  });
}
