// `rollout undo`: back to the previous stable, at once, without a pull request. It holds there until the spec agrees.

import { components, holdsChanges } from "../core/model/revision.js";
import { shortRevision } from "../core/model/units.js";
import { rolloutStart, straight } from "../core/plan/start.js";
import type { Answer } from "../views/view.js";
import { actNow } from "./act-now.js";
import { record } from "./command.js";
import { refuse } from "./refusal.js";
import { chargeOf, standingOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface UndoArguments {
  readonly agent: string;
  readonly because: string | null;
}

export async function undo(world: World, args: UndoArguments): Promise<Answer> {
  return withSession(world, { readOnly: false, brokenSpec: true }, async (session) => {
    const charge = await chargeOf(session, args.agent);
    const { agent } = charge;
    const { state, serial } = await standingOf(session, agent);
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
    const revisions = { [target]: components(kept), [stable.id]: components(stable) };
    const undone = state.rejected.find(({ changes }) => holdsChanges(components(kept), changes));
    if (undone !== undefined) {
      refuse("agent/no-previous", {
        detail: `"${agent}" serves ${shortRevision(stable.id)} already, and what was before it is rejected: see incident ${undone.incident}.`,
        hint: `rollout incident show ${undone.incident}`,
        about: agent,
      });
    }
    const settings = charge.spec ?? {
      algo: "murmur3-32" as const,
      session: defaultSession,
      runbook: null,
      target: state.target,
      floors: [],
    };
    const body = rolloutStart(
      { agent, state, serial, revisions },
      {
        origin: "undo",
        because: args.because ?? "undone by a person",
        target,
        stages: straight,
        overrides: {},
        spec: settings,
      },
    );
    const recorded = await record(session, { agent, after: serial, body, by: null });
    const { lines: acted, inForce, exit } = await actNow(session, charge);
    const serves = inForce ? [`${agent} serves ${shortRevision(target)} and holds there until the spec agrees.`] : [];
    return {
      view: {
        kind: "message",
        lines: [...recorded, ...acted, ...serves],
        data: { agent, revision: target, in_force: inForce },
      },
      exit,
    };
  });
}

/** For an agent that left the spec: the session settings that the documents state as defaults. */
const defaultSession = { header: "x-session-id", timeout: 1_800_000 as never, unit: "session" as const };
