// Commands that act at once: one pass behind the recorded word, and what of it is in force when the command returns.

import { type Route, sameRoute } from "../core/model/route.js";
import type { AgentState } from "../core/model/state.js";
import { want } from "../core/rollout/want.js";
import type { Passed } from "../engine/pass.js";
import type { Charge, Run } from "../engine/run.js";
import { describeEvent } from "../views/describe-event.js";
import { passNow } from "./apply-agent.js";
import { type Session, stateOf } from "./session.js";

export interface ActedNow {
  /** What was recorded on the way, and what of it is not in force yet. */
  readonly lines: readonly string[];
  readonly passed: Passed;
  readonly state: AgentState;
  readonly inForce: boolean;
  /** 15 where the target does not show yet what was said; 1 where only something behind it failed. */
  readonly exit: number;
}

/** `person`: may adopt. `shows`: what the route in force must be; left out: all that the journal calls for. */
export async function actNow(
  session: Session,
  charge: Charge,
  { person = false, shows }: { readonly person?: boolean; readonly shows?: (inForce: Route) => boolean } = {},
): Promise<ActedNow> {
  const events: string[] = [];
  const onEvent: Run["onEvent"] = (_, event) => events.push(describeEvent(event));
  const passed = await passNow(session, charge, { person, onEvent });
  const state = await stateOf(session, charge.agent);
  const inForce = isInForce(state, shows);
  const exit = !inForce ? 15 : passed.fault === null ? 0 : 1;
  return { lines: [...events, ...leftOver(passed, inForce)], passed, state, inForce, exit };
}

/** The target was read back with what the journal calls for. */
function isInForce(state: AgentState, shows?: (inForce: Route) => boolean): boolean {
  const wanted = want(state);
  if (wanted === null || state.inForce === null || state.inDoubt) return false;
  return shows === undefined ? sameRoute(state.inForce, wanted) : shows(state.inForce);
}

function leftOver({ fault, last }: Passed, inForce: boolean): readonly string[] {
  if (inForce) return fault === null ? [] : [`it is in force; the next apply does the rest: ${fault.message}`];
  const because = fault?.message ?? last?.decision.because ?? "the pass was cut short";
  const line = `it is recorded, but not in force yet: ${because}`;
  return fault === null ? [line] : [line, "the next apply sets the target again"];
}
