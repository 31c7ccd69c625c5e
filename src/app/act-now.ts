// Commands that act at once: one pass behind the recorded word, and what of it is in force when the command returns.

import { sameRoute } from "../core/model/route.js";
import type { AgentState } from "../core/model/state.js";
import { want } from "../core/rollout/want.js";
import type { Charge } from "../engine/run.js";
import { describeEvent } from "../views/describe-event.js";
import { passNow } from "./apply-agent.js";
import { type Session, stateOf } from "./session.js";

export interface ActedNow {
  /** What was recorded on the way, and what of it is not in force yet. */
  readonly lines: readonly string[];
  readonly inForce: boolean;
  /** 15 where the target does not show yet what was said; 1 where only something behind it failed. */
  readonly exit: number;
}

export async function actNow(session: Session, charge: Charge): Promise<ActedNow> {
  const lines: string[] = [];
  const { fault, last } = await passNow(session, charge, (_, event) => lines.push(describeEvent(event)));
  const inForce = isInForce(await stateOf(session, charge.agent));
  if (inForce) {
    if (fault !== null) lines.push(`it is in force; the next apply does the rest: ${fault.message}`);
    return { lines, inForce, exit: fault === null ? 0 : 1 };
  }
  if (fault === null)
    lines.push(`it is recorded, but not in force yet: ${last?.decision.because ?? "the pass was cut short"}`);
  else lines.push(`it is recorded, but not in force yet: ${fault.message}`, "the next apply sets the target again");
  return { lines, inForce, exit: fault === null ? 0 : 15 };
}

/** The target was read back with what the journal calls for. */
function isInForce(state: AgentState): boolean {
  const wanted = want(state);
  return wanted !== null && state.inForce !== null && !state.inDoubt && sameRoute(state.inForce, wanted);
}
