// `rollout fallback on|off`: a person sends everybody to the fallback, or back to where the route leads. It acts at once.

import type { EventBody } from "../core/model/journal.js";
import type { AgentState } from "../core/model/state.js";
import type { AgentId } from "../core/model/units.js";
import { Fault } from "../ports/fault.js";
import { routeText } from "../views/describe-event.js";
import type { Answer } from "../views/view.js";
import { actNow } from "./act-now.js";
import { record } from "./command.js";
import { faultProblem, Refusal, refuse } from "./refusal.js";
import { chargeOf, type Session, standingOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface FallbackArguments {
  readonly agent: string;
  readonly on: boolean;
  /** Needed to switch it on. */
  readonly because: string | null;
  /** Named by the person; null: the identity of git or CI. */
  readonly by: string | null;
}

export async function fallback(world: World, args: FallbackArguments): Promise<Answer> {
  if (args.on && (args.because ?? "").trim() === "") {
    refuse("reason/missing", {
      detail: `"fallback on" takes every user away from the agent, and is recorded with a person's reason.`,
      hint: `rollout fallback on ${args.agent} --because "…"`,
    });
  }
  try {
    return await withSession(world, { readOnly: false, brokenSpec: true }, (session) => switched(session, args));
  } catch (error) {
    if (!args.on || !(error instanceof Fault) || error.kind === "conflict") throw error;
    const { problem, exit } = faultProblem(error, args.agent);
    throw new Refusal([{ ...problem, hint: `rollout fallback on ${args.agent} --break-glass --because "…"` }], exit);
  }
}

async function switched(session: Session, args: FallbackArguments): Promise<Answer> {
  const charge = await chargeOf(session, args.agent);
  const { agent } = charge;
  let said = await recordSwitch(session, agent, args);
  let acted = await actNow(session, charge, inForceAs(args));
  // The journal may only have learned now what somebody did at the target.
  if (said === null && (acted.state.fallback !== null) !== args.on) {
    said = await recordSwitch(session, agent, args);
    acted = await actNow(session, charge, inForceAs(args));
  }
  const after = acted.inForce ? whereUsersAre(acted.state, args.on) : [];
  const data = { agent, fallback: args.on, changed: said !== null, in_force: acted.inForce };
  const first = said ?? [`the fallback of ${agent} is ${args.on ? "on" : "off"} already`];
  return { view: { kind: "message", lines: [...first, ...acted.lines, ...after], data }, exit: acted.exit };
}

function inForceAs({ on }: FallbackArguments): Parameters<typeof actNow>[2] {
  return { shows: ({ fallback }) => fallback === on };
}

/** It is wanted whatever was written meanwhile. */
const mostAttempts = 5;

/** Null where it is as it should be: then nothing is recorded, and what is recorded is put in force again where it is not. */
async function recordSwitch(
  session: Session,
  agent: AgentId,
  args: FallbackArguments,
): Promise<readonly string[] | null> {
  const { on, because, by } = args;
  for (let attempt = 1; ; attempt++) {
    const { state, serial } = await standingOf(session, agent);
    check(args, state);
    if ((state.fallback !== null) === on) return null;
    const body: EventBody = { kind: "fallback-switched", on, because: because ?? "rollout fallback off" };
    try {
      return await record(session, { agent, after: serial, body, by });
    } catch (error) {
      const overtaken = error instanceof Fault && error.kind === "conflict";
      if (!overtaken || attempt === mostAttempts) throw error;
    }
  }
}

function check({ agent }: FallbackArguments, { stable, retired }: AgentState): void {
  if (stable === null || retired) {
    refuse("agent/nothing-in-force", {
      detail: `"${agent}" is ${retired ? "retired" : "not adopted"}: there is no route that could lead to a fallback.`,
      hint: `rollout adopt ${agent}`,
      about: agent,
    });
  }
}

function whereUsersAre({ agent, inForce }: AgentState, on: boolean): readonly string[] {
  if (on) return [`Users of ${agent} meet no revision until: rollout fallback off ${agent}`];
  return inForce === null ? [] : [`${agent} is back: ${routeText(inForce)}.`];
}
