// What the gates of a rollout will need, at the traffic of the last day.

import type { GateForecast } from "../core/model/plan.js";
import { noWeight } from "../core/model/units.js";
import { forecastGates } from "../core/plan/forecast.js";
import type { Situation } from "../core/plan/situation.js";
import { Fault } from "../ports/fault.js";
import { sessionsPerHour } from "../ports/metric-source.js";
import { patience } from "./patience.js";
import type { Run } from "./run.js";

/** Empty where nothing is to come, or where there is no traffic to reckon with. */
export async function forecastOf(run: Run, { agent, spec, state, sight }: Situation): Promise<readonly GateForecast[]> {
  const rollout = state.rollout;
  const starts = rollout === null && spec !== null && state.stable !== null && spec.revision.id !== state.stable;
  if (!starts && (rollout === null || rollout.course !== "forward")) return [];
  const stages = rollout === null ? (spec?.stages ?? []) : rollout.stages.slice(rollout.stage);
  if (state.stable === null) return [];
  const { unit } = (rollout ?? spec)?.session ?? { unit: "session" as const };
  try {
    const source = run.doors.source(rollout?.source ?? spec?.source ?? { kind: "embedded" });
    const history = await source.history({ agent, stable: state.stable, unit, before: sight.now }, patience(run));
    const inForce = rollout?.confirmed ?? noWeight;
    return forecastGates({
      stages,
      inForce,
      unit,
      sessionsPerHour: sessionsPerHour(history),
      history: history.samples,
    });
  } catch (error) {
    if (error instanceof Fault) return [];
    throw error;
  }
}
