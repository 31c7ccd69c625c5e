// `rollout adopt`: a person takes what is live, or the registry without overrides, as stable. Nothing is compared.

import type { Event } from "../core/model/journal.js";
import { pass } from "../engine/pass.js";
import { describeEvent } from "../views/describe-event.js";
import type { Answer } from "../views/view.js";
import { faultProblem, Refusal, refuse } from "./refusal.js";
import { chargeOf, runOf, stateOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface AdoptArguments {
  readonly agent: string;
}

export async function adopt(world: World, args: AdoptArguments): Promise<Answer> {
  return withSession(world, { readOnly: false }, async (session) => {
    const charge = await chargeOf(session, args.agent);
    const before = await stateOf(session, charge.agent);
    if (before.stable !== null && !before.retired) {
      refuse("agent/already-adopted", {
        detail: `"${args.agent}" is adopted.`,
        hint: `rollout plan ${args.agent}`,
        about: args.agent,
      });
    }
    const written: Event[] = [];
    const run = await runOf(session, { person: true, plan: null, onEvent: (_, event) => written.push(event) });
    const passed = await pass(run, charge);
    if (passed.fault !== null) {
      const { problem, exit } = faultProblem(passed.fault, args.agent);
      throw new Refusal([problem], exit);
    }
    const adopted = written.some((event) => event.kind === "agent-adopted");
    const lines = adopted
      ? written.map((event) => describeEvent(event))
      : [passed.last?.decision.because ?? "nothing was adopted"];
    if (adopted) lines.push(`Next: rollout plan ${args.agent}`);
    return { view: { kind: "message", lines, data: { agent: args.agent, adopted } }, exit: adopted ? 0 : 1 };
  });
}
