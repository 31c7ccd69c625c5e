// `rollout undo`: back to the previous stable, at once, without a pull request. It holds there until the spec agrees.

import { components, holdsChanges, type RevisionContent } from "../core/model/revision.js";
import type { AgentSpec, TargetSpec } from "../core/model/spec.js";
import type { AgentState } from "../core/model/state.js";
import { type AgentId, shortRevision } from "../core/model/units.js";
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
    const standing = { agent, state, serial, spec: charge.spec, because: args.because };
    const body = undoing(standing, { kept, stable, target: state.target });
    const recorded = await record(session, { agent, after: serial, body, by: null });
    const { lines: acted, inForce, exit } = await actNow(session, charge);
    const after = state.fallback === null ? [] : [`Its users meet it when: rollout fallback off ${agent}`];
    const serves = inForce ? [`${agent} serves ${shortRevision(target)} and holds there until the spec agrees.`] : [];
    return {
      view: {
        kind: "message",
        lines: [...recorded, ...acted, ...serves, ...after],
        data: { agent, revision: target, in_force: inForce },
      },
      exit,
    };
  });
}

interface Standing {
  readonly agent: AgentId;
  readonly state: AgentState;
  readonly serial: number;
  readonly spec: AgentSpec | null;
  readonly because: string | null;
}

interface WayBack {
  readonly kept: RevisionContent;
  readonly stable: RevisionContent;
  readonly target: TargetSpec;
}

/** The entry that goes back. Refused where what was before is rejected: whoever undoes a second time means the same as the first. */
function undoing({ agent, state, serial, spec, because }: Standing, { kept, stable, target }: WayBack) {
  const undone = state.rejected.find(({ changes }) => holdsChanges(components(kept), changes));
  if (undone !== undefined) {
    refuse("agent/no-previous", {
      detail: `"${agent}" serves ${shortRevision(stable.id)}, and what was before it is rejected: see incident ${undone.incident}.`,
      hint: `rollout incident show ${undone.incident}`,
      about: agent,
    });
  }
  return rolloutStart(
    { agent, state, serial, revisions: { [kept.id]: components(kept), [stable.id]: components(stable) } },
    {
      origin: "undo",
      because: because ?? "undone by a person",
      target: kept.id,
      stages: straight,
      overrides: {},
      spec: spec ?? {
        algo: "murmur3-32",
        session: defaultSession,
        runbook: null,
        target,
        source: embedded,
        floors: [],
      },
    },
  );
}

const embedded = { kind: "embedded" } as const;

/** For an agent that left the spec: the session settings that the documents state as defaults. */
const defaultSession = { header: "x-session-id", timeout: 1_800_000 as never, unit: "session" as const };
