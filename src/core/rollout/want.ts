// What traffic should be, computed from the journal alone. Nobody remembers "what I was doing".

import type { Route, WeightChange } from "../model/route.js";
import type { AgentState, Rollout } from "../model/state.js";
import { fullWeight, type Instant, noWeight, type Weight } from "../model/units.js";

/**
 * The route that the journal calls for; null before adoption. Aborting: nothing for the canary; paused, with the fallback on, or where nothing
 * may be raised: no more than was confirmed. Under the fallback the route stays what it was, for when it is switched off.
 */
export function want(state: AgentState, mayRaise = true): Route | null {
  if (state.stable === null) return null;
  const rollout = state.rollout;
  const fallback = state.fallback !== null;
  const weight = rollout === null ? noWeight : wantedWeight(rollout, mayRaise && !fallback);
  if (rollout === null || weight === noWeight) {
    return {
      rollout: null,
      algo: "murmur3-32",
      salt: "",
      stable: state.stable,
      canary: null,
      weight: noWeight,
      history: [],
      previous: rollout === null ? servablePrevious(state) : null,
      fallback,
    };
  }
  return {
    rollout: rollout.id,
    algo: rollout.algo,
    salt: rollout.salt,
    stable: state.stable,
    canary: rollout.canary,
    weight,
    history: rollout.history,
    previous: null,
    fallback,
  };
}

/** Sessions under way end on what was stable before; but not on what a person has undone, which nobody is to meet any more. */
function servablePrevious({ previous, rejected }: AgentState): Route["previous"] {
  const revision = previous?.revision ?? null;
  return rejected.some((rejection) => rejection.revision === revision) ? null : revision;
}

/** Whether a route gives its canary more than it is known to have. */
export function raises({ inForce }: AgentState, route: Route): boolean {
  return route.weight > (inForce !== null && inForce.canary === route.canary ? inForce.weight : noWeight);
}

/** The canary's share that the stages reached so far allow. */
function wantedWeight(rollout: Rollout, mayRaise: boolean): Weight {
  if (rollout.course === "aborting") return noWeight;
  const reached = rollout.course === "promoting" ? fullWeight : reachedWeight(rollout);
  return rollout.paused === null && mayRaise ? reached : (Math.min(reached, rollout.confirmed) as Weight);
}

function reachedWeight(rollout: Rollout): Weight {
  if (rollout.stage >= rollout.stages.length) return fullWeight;
  let reached = noWeight;
  for (const stage of rollout.stages.slice(0, rollout.stage + 1)) if (stage.kind === "weight") reached = stage.weight;
  return reached;
}

/** The wanted route as it is put in force at `now`: its history ends with its weight. */
export function routeFrom(route: Route, now: Instant): Route {
  if (route.canary === null) return route;
  const last = route.history.at(-1);
  if (last?.weight === route.weight) return route;
  const history: readonly WeightChange[] = [...route.history, { at: now, weight: route.weight }];
  return { ...route, history };
}

/** The health gate that watches the weight in force, by its index in the stages; null where none does. */
export function activeHealthGate(rollout: Rollout): number | null {
  if (rollout.course === "aborting" || rollout.weightSince === null) return null;
  let weight = -1;
  for (let index = 0; index < Math.min(rollout.stage, rollout.stages.length); index++) {
    if (rollout.stages[index]?.kind === "weight") weight = index;
  }
  if (weight < 0) return null;
  for (let index = weight + 1; index < rollout.stages.length; index++) {
    const stage = rollout.stages[index];
    if (stage?.kind === "weight") return null;
    if (stage?.kind === "gate" && stage.gate.kind === "health") return stage.gate.skip === null ? index : null;
  }
  return null;
}
