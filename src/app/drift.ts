// `rollout drift`: does each target show what was last put in force? With --correct a person has it set again.

import { sameRoute } from "../core/model/route.js";
import { look } from "../engine/look.js";
import { write } from "../engine/tick.js";
import { routeText } from "../views/describe-event.js";
import type { Answer, DriftView } from "../views/view.js";
import { passNow } from "./apply-agent.js";
import { chargesOf, runOf, withSession } from "./session.js";
import { liveText } from "./status.js";
import type { World } from "./world.js";

export interface DriftArguments {
  readonly agents: readonly string[];
  /** Record a person's wish to set drifted targets again, and do it. */
  readonly correct: boolean;
}

export async function drift(world: World, args: DriftArguments): Promise<Answer> {
  return withSession(world, { readOnly: !args.correct, brokenSpec: true }, async (session) => {
    const run = await runOf(session, { person: true, plan: null });
    const agents: DriftView["agents"][number][] = [];
    for (const charge of await chargesOf(session, args.agents)) {
      const { situation } = await look(run, charge, { remember: false });
      const { state, sight, spec } = situation;
      const { inForce } = state;
      const target = state.target ?? spec?.target ?? null;
      const shown = sight.live.kind === "serving" && inForce !== null && sameRoute(sight.live.route, inForce);
      const drifted = inForce !== null && !shown;
      if (drifted && args.correct) {
        await write(
          run,
          { agent: charge.agent, after: situation.serial },
          { kind: "commanded", command: "correct", why: "drift --correct" },
        );
        await passNow(session, charge, run.onEvent);
      }
      const because =
        inForce === null
          ? "nothing was put in force yet"
          : drifted
            ? "the target shows another route"
            : "as last put in force";
      agents.push({
        agent: charge.agent,
        target: target === null ? "no target" : run.doors.target(target).describe(),
        drifted: drifted && !args.correct,
        wanted: inForce === null ? "nothing" : routeText(inForce),
        live: liveText(sight.live),
        because: drifted && args.correct ? "set again" : because,
      });
    }
    return { view: { kind: "drift", now: world.now(), agents }, exit: 0 };
  });
}
