// Making a plan: look at each agent, play its pass forward in values, write nothing.

import type { GatePicture } from "../core/model/gate-picture.js";
import type { Plan, PlannedAction } from "../core/model/plan.js";
import { type AgentId, type Digest, noWeight } from "../core/model/units.js";
import { planAgent, planOf } from "../core/plan/plan.js";
import { forecastOf } from "../engine/forecast.js";
import { look } from "../engine/look.js";
import type { Charge, Run } from "../engine/run.js";
import type { Fault } from "../ports/fault.js";
import { watchedPicture } from "./pictures.js";
import { asFault } from "./refusal.js";
import { planLife, type Session } from "./session.js";

export interface MadePlan {
  readonly plan: Plan;
  /** Agents that could not be looked at, and why: they hold in the plan. */
  readonly unplanned: ReadonlyMap<AgentId, Fault>;
  /** What the health gates of rollouts under way have seen. */
  readonly pictures: Readonly<Record<AgentId, GatePicture>>;
}

/** What an apply with this run would do now to these agents. One that cannot be looked at keeps no other from its rollback. */
export async function makePlan(session: Session, run: Run, charges: readonly Charge[]): Promise<MadePlan> {
  const unplanned = new Map<AgentId, Fault>();
  const actions: PlannedAction[] = [];
  const pictures: Record<AgentId, GatePicture> = {};
  for (const charge of charges) {
    try {
      const { situation, epoch } = await look(run, charge, { remember: false });
      const action = planAgent({ situation, epoch, forecast: await forecastOf(run, situation) });
      const picture = watchedPicture(situation, action.opinions);
      if (picture !== null) pictures[charge.agent] = picture;
      actions.push(action);
    } catch (error) {
      const fault = asFault(error, session.world);
      unplanned.set(charge.agent, fault);
      actions.push(unseen(session, charge, fault));
    }
  }
  const spec = session.spec?.digest ?? ("sha256:none" as Digest);
  return { plan: planOf(actions, { spec, now: session.world.now(), life: planLife }), unplanned, pictures };
}

function unseen({ store }: Session, { agent }: Charge, fault: Fault): PlannedAction {
  return {
    agent,
    kind: "hold",
    from: null,
    to: null,
    weightFrom: noWeight,
    weightTo: noWeight,
    because: `it cannot be looked at: ${fault.message}`,
    code: "door/fault",
    hint: null,
    earliest: null,
    opinions: [],
    changes: [],
    warnings: [],
    progress: null,
    queued: null,
    forecast: [],
    basis: { lineage: store.lineage, epoch: 0, serial: 0, live: "unreachable" },
  };
}
