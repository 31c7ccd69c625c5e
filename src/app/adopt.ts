// `rollout adopt`: a person takes what is live, or the registry without overrides, as stable. Nothing is compared.

import type { AgentState } from "../core/model/state.js";
import type { Answer } from "../views/view.js";
import { actNow } from "./act-now.js";
import { faultProblem, Refusal, refuse } from "./refusal.js";
import { chargeOf, stateOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface AdoptArguments {
  readonly agent: string;
}

export async function adopt(world: World, args: AdoptArguments): Promise<Answer> {
  return withSession(world, { readOnly: false }, async (session) => {
    const charge = await chargeOf(session, args.agent);
    if (isAdopted(await stateOf(session, charge.agent))) {
      refuse("agent/already-adopted", {
        detail: `"${args.agent}" is adopted.`,
        hint: `rollout plan ${args.agent}`,
        about: args.agent,
      });
    }
    const { lines, passed, state, inForce, exit } = await actNow(session, charge, { person: true });
    const adopted = isAdopted(state);
    if (!adopted && passed.fault !== null) {
      const { problem, exit: code } = faultProblem(passed.fault, args.agent);
      throw new Refusal([problem], code);
    }
    const decision = passed.last?.decision ?? null;
    const hint = adopted ? `rollout plan ${args.agent}` : (decision?.hint ?? null);
    const said = adopted ? lines : [decision?.because ?? "nothing was adopted"];
    const next = hint === null ? [] : [`Next: ${hint}`];
    return {
      view: { kind: "message", lines: [...said, ...next], data: { agent: args.agent, adopted, in_force: inForce } },
      exit: adopted ? exit : 1,
    };
  });
}

function isAdopted({ stable, retired }: AgentState): boolean {
  return stable !== null && !retired;
}
