// `rollout status`: where each agent stands, what its target shows, and what its sessions did in the last hour. Writes nothing but what --svg asks for.

import type { PlannedAction } from "../core/model/plan.js";
import { type LiveState, sameRoute } from "../core/model/route.js";
import type { SourceSpec } from "../core/model/spec.js";
import { hour, type Instant, later, type RevisionId } from "../core/model/units.js";
import { planAgent } from "../core/plan/plan.js";
import type { Situation } from "../core/plan/situation.js";
import { unknownAgent } from "../core/rollout/replay.js";
import { look, targetInUse } from "../engine/look.js";
import { patience } from "../engine/patience.js";
import type { Charge, Run } from "../engine/run.js";
import { Fault } from "../ports/fault.js";
import { routeText } from "../views/describe-event.js";
import type { AgentStatus, Answer, ArmFigures, DrawnPicture } from "../views/view.js";
import { drawPictures, sayNothingDrawn, watchedPicture } from "./pictures.js";
import { asFault } from "./refusal.js";
import { chargesOf, runOf, type Session, withSession } from "./session.js";
import type { World } from "./world.js";

export interface StatusArguments {
  readonly agents: readonly string[];
  /** Pictures over time instead of one line for each metric. */
  readonly pictures?: boolean;
  /** Folder for SVG files; without one nothing is written. */
  readonly svg?: string | null;
}

export async function status(world: World, args: StatusArguments): Promise<Answer> {
  return withSession(world, { readOnly: true, brokenSpec: true }, async (session) => {
    const run = await runOf(session, { person: true, plan: null, reads: true });
    const agents: AgentStatus[] = [];
    let unseen = 0;
    for (const charge of await chargesOf(session, args.agents)) {
      try {
        agents.push(await statusOf(session, run, charge));
      } catch (error) {
        unseen += 1;
        agents.push(unseenStatus(charge, asFault(error, world)));
      }
    }
    const drawn: DrawnPicture[] = [];
    for (const { agent, picture } of agents)
      drawn.push(...(await drawPictures(world, { about: agent, picture, folder: args.svg ?? null })));
    sayNothingDrawn(world, { folder: args.svg, drawn });
    const warnings = [...session.problems, ...session.warnings];
    const exit = session.spec === null || unseen > 0 ? 1 : 0;
    return {
      view: { kind: "status", now: world.now(), agents, charts: args.pictures ?? false, drawn, warnings },
      exit,
    };
  });
}

/** One agent that cannot be looked at hides no other. */
function unseenStatus({ agent, spec }: Charge, fault: Fault): AgentStatus {
  return {
    agent,
    state: unknownAgent(agent),
    action: null,
    target: {
      name: spec === null ? "no target" : `${spec.target.kind} ${spec.target.path}`,
      shows: "not looked at",
      asWanted: false,
    },
    floors: spec?.floors ?? [],
    stable: null,
    canary: null,
    window: "1 h",
    problem: `it cannot be looked at: ${fault.message}`,
    picture: null,
  };
}

async function statusOf(session: Session, run: Run, charge: Charge): Promise<AgentStatus> {
  const { situation, epoch } = await look(run, charge, { remember: false });
  const { state, sight } = situation;
  const action: PlannedAction = planAgent({ situation, epoch, forecast: [] });
  const window = { from: later(sight.now, -hour), to: sight.now };
  const canary = state.rollout?.canary ?? null;
  const source = (state.rollout ?? situation.spec)?.source ?? { kind: "embedded" };
  return {
    agent: charge.agent,
    state,
    action,
    target: targetShown(run, situation),
    floors: state.retired ? [] : ((state.rollout ?? situation.spec)?.floors ?? []),
    stable: await figuresOf(run, { charge, source, revision: state.stable, window }),
    canary: await figuresOf(run, { charge, source, revision: canary, window }),
    window: "1 h",
    problem:
      session.spec === null ? "the spec has errors: canaries are watched and rolled back, nothing is raised" : null,
    picture: watchedPicture(situation, action.opinions),
  };
}

function targetShown(run: Run, { state, spec, sight }: Situation): AgentStatus["target"] {
  const target = targetInUse(spec, state);
  const name = target === null ? "no target" : run.doors.target(target).describe();
  const { live } = sight;
  const asWanted = live.kind === "serving" && state.inForce !== null && sameRoute(live.route, state.inForce);
  return { name, shows: liveText(live), asWanted };
}

/** A live state in a few words. */
export function liveText(live: LiveState): string {
  if (live.kind === "serving") return routeText(live.route);
  if (live.kind === "empty") return "nothing yet";
  return `${live.kind}: ${live.because}`;
}

async function figuresOf(
  run: Run,
  of: {
    readonly charge: Charge;
    readonly source: SourceSpec;
    readonly revision: RevisionId | null;
    readonly window: { readonly from: Instant; readonly to: Instant };
  },
): Promise<ArmFigures | null> {
  if (of.revision === null) return null;
  try {
    const query = { agent: of.charge.agent, revision: of.revision, ...of.window };
    return { revision: of.revision, ...(await run.doors.source(of.source).figures(query, patience(run))) };
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}
