// `rollout undo`: back to the previous stable, at once, without a pull request. It holds there until the spec agrees.

import { components } from "../core/model/revision.js";
import { shortRevision } from "../core/model/units.js";
import { rolloutStart, straight } from "../core/plan/start.js";
import { describeEvent } from "../views/describe-event.js";
import type { Answer } from "../views/view.js";
import { passNow } from "./apply-agent.js";
import { record } from "./command.js";
import { refuse } from "./refusal.js";
import { chargeOf, stateOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface UndoArguments {
  readonly agent: string;
  readonly because: string | null;
}

export async function undo(world: World, args: UndoArguments): Promise<Answer> {
  return withSession(world, { readOnly: false, brokenSpec: true }, async (session) => {
    const charge = await chargeOf(session, args.agent);
    const { agent } = charge;
    const state = await stateOf(session, agent);
    if (state.rollout !== null) {
      refuse("agent/rollout-under-way", {
        detail: `A rollout of "${agent}" is under way.`,
        hint: `rollout abort ${agent}`,
        about: agent,
      });
    }
    const target = state.previous?.revision;
    const kept = target === undefined ? null : await session.store.getRevision(target);
    const stable = state.stable === null ? null : await session.store.getRevision(state.stable);
    if (target === undefined || kept === null || stable === null || state.target === null) {
      return refuse("agent/no-previous", {
        detail: `"${agent}" has no former stable revision to go back to.`,
        about: agent,
      });
    }
    const journal = await session.store.load(agent);
    const revisions = { [target]: components(kept), [stable.id]: components(stable) };
    const settings = charge.spec ?? {
      algo: "murmur3-32" as const,
      session: defaultSession,
      runbook: null,
      target: state.target,
    };
    const body = rolloutStart(
      { agent, state, serial: journal.serial, revisions },
      {
        origin: "undo",
        because: args.because ?? "undone by a person",
        target,
        stages: straight,
        overrides: {},
        spec: settings,
      },
    );
    const lines = await record(session, { agent, body, by: null });
    const passed = await passNow(session, charge, (_, event) => lines.push(describeEvent(event)));
    if (passed.fault !== null)
      lines.push(
        `it is recorded, but not in force yet: ${passed.fault.message}`,
        "the next apply sets the target again",
      );
    else lines.push(`${agent} serves ${shortRevision(target)} and holds there until the spec agrees.`);
    return {
      view: { kind: "message", lines, data: { agent, revision: target, in_force: passed.fault === null } },
      exit: passed.fault === null ? 0 : 15,
    };
  });
}

/** For an agent that left the spec: the session settings that the documents state as defaults. */
const defaultSession = { header: "x-session-id", timeout: 1_800_000 as never, unit: "session" as const };
