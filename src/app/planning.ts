// Making a plan: look at each agent, play its pass forward in values, write nothing.

import type { Plan } from "../core/model/plan.js";
import type { Digest } from "../core/model/units.js";
import { type Planned, plan } from "../core/plan/plan.js";
import { forecastOf } from "../engine/forecast.js";
import { type Looked, look } from "../engine/look.js";
import type { Charge, Run } from "../engine/run.js";
import { planLife, type Session } from "./session.js";

/** What an apply with this run would do now to these agents. */
export async function makePlan(session: Session, run: Run, charges: readonly Charge[]): Promise<Plan> {
  const planned: Planned[] = [];
  for (const charge of charges) planned.push(await plannedOf(run, charge));
  const spec = session.spec?.digest ?? ("sha256:none" as Digest);
  return plan(planned, { spec, now: session.world.now(), life: planLife });
}

async function plannedOf(run: Run, charge: Charge): Promise<Planned> {
  const { situation, epoch }: Looked = await look(run, charge, { remember: false });
  return { situation, epoch, forecast: await forecastOf(run, situation) };
}
