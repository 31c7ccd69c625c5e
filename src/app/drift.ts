// `rollout drift`: does each target show what was last put in force? With --correct a person has it set again.

import { sameRoute } from "../core/model/route.js";
import type { Situation } from "../core/plan/situation.js";
import { look, targetInUse } from "../engine/look.js";
import type { Charge, Run } from "../engine/run.js";
import { write } from "../engine/tick.js";
import { routeText } from "../views/describe-event.js";
import type { Answer, DriftView } from "../views/view.js";
import { actNow } from "./act-now.js";
import { chargesOf, runOf, type Session, withSession } from "./session.js";
import { liveText } from "./status.js";
import type { World } from "./world.js";

export interface DriftArguments {
  readonly agents: readonly string[];
  /** Record a person's wish to set drifted targets again, and do it. */
  readonly correct: boolean;
}

type Row = DriftView["agents"][number];

export async function drift(world: World, args: DriftArguments): Promise<Answer> {
  return withSession(world, { readOnly: !args.correct, brokenSpec: true }, async (session) => {
    const run = await runOf(
      session,
      args.correct ? { person: true, plan: null } : { person: true, plan: null, reads: true },
    );
    const agents: Row[] = [];
    const exits: number[] = [];
    for (const charge of await chargesOf(session, args.agents)) {
      const { situation } = await look(run, charge, { remember: false });
      const row = rowOf(run, situation);
      const corrected =
        args.correct && isOurs(situation) && row.drifted
          ? await correct(session, run, { charge, situation, row })
          : null;
      agents.push(corrected?.row ?? row);
      exits.push(corrected?.exit ?? (isUnknown(situation) ? 1 : 0));
    }
    return { view: { kind: "drift", now: world.now(), agents }, exit: Math.max(0, ...exits) };
  });
}

/** Another journal's route is not ours to set again: that is `recover`. */
function isOurs({ sight: { live, lineage } }: Situation): boolean {
  return live.kind !== "serving" || live.lineage === lineage;
}

/** Something was put in force, and nobody can say whether it still is. */
function isUnknown({ state, sight }: Situation): boolean {
  return state.inForce !== null && sight.live.kind === "unreachable";
}

function rowOf(run: Run, situation: Situation): Row {
  const { agent, state, sight, spec } = situation;
  const { inForce } = state;
  const target = targetInUse(spec, state);
  const shown = sight.live.kind === "serving" && inForce !== null && sameRoute(sight.live.route, inForce);
  const drifted = inForce !== null && !(shown && isOurs(situation));
  return {
    agent,
    target: target === null ? "no target" : run.doors.target(target).describe(),
    drifted,
    wanted: inForce === null ? "nothing" : routeText(inForce),
    live: liveText(sight.live),
    because: reasonOf(situation, drifted),
  };
}

function reasonOf(situation: Situation, drifted: boolean): string {
  const { state, agent } = situation;
  if (!isOurs(situation)) return `the target carries a route of another journal: rollout recover ${agent}`;
  if (state.inForce === null) return "nothing was put in force yet";
  if (isUnknown(situation)) return "what it shows is not known: the target cannot be read";
  return drifted ? "the target shows another route" : "as last put in force";
}

/** Sets again what the journal calls for. Traffic that somebody took from the canary stays away: then the rollout pauses. */
async function correct(
  session: Session,
  run: Run,
  { charge, situation, row }: { readonly charge: Charge; readonly situation: Situation; readonly row: Row },
): Promise<{ readonly row: Row; readonly exit: number }> {
  const { agent } = charge;
  const body = { kind: "commanded", command: "correct", why: "drift --correct" } as const;
  await write(run, { agent, after: situation.serial }, body);
  const { state, passed, inForce, exit } = await actNow(session, charge);
  const paused = situation.state.rollout?.paused === null && state.rollout?.paused != null;
  const because = !inForce
    ? `not set again yet: ${passed.fault?.message ?? passed.last?.decision.because ?? "the pass was cut short"}`
    : paused
      ? `set again without the traffic that was taken from the canary; paused until: rollout resume ${agent}`
      : "set again";
  const live = inForce && state.inForce !== null ? routeText(state.inForce) : row.live;
  return { row: { ...row, drifted: !inForce, wanted: inForce ? live : row.wanted, live, because }, exit };
}
