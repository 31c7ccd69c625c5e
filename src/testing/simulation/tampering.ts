// How an engine is broken on purpose: what it sees, what it does, how it judges.

import type { Decision } from "../../core/model/decision.js";
import type { Judge } from "../../core/model/gate.js";
import type { EventBody } from "../../core/model/journal.js";
import type { Route } from "../../core/model/route.js";
import type { AgentState, Rollout } from "../../core/model/state.js";
import type { Situation } from "../../core/plan/situation.js";
import type { Rules } from "../../engine/rules.js";
import type { Doors } from "../../engine/run.js";
import type { TrafficTarget } from "../../ports/traffic-target.js";
import type { MemoryTarget } from "../memory-target.js";

/** One deliberate fault: in the rules, between the engine and its doors, or in the target. */
export interface Sabotage {
  readonly name: string;
  readonly rules?: (sound: Rules) => Rules;
  readonly doors?: (doors: Doors) => Doors;
  readonly target?: (target: MemoryTarget) => TrafficTarget;
}

/** The engine sees something else than there is. */
export function sees(change: (situation: Situation) => Situation): NonNullable<Sabotage["rules"]> {
  return (sound) => ({ ...sound, next: (situation) => sound.next(change(situation)) });
}

/** The engine decides as it should, and does something else. */
export function does(change: (decision: Decision, situation: Situation) => Decision): NonNullable<Sabotage["rules"]> {
  return (sound) => ({ ...sound, next: (situation) => change(sound.next(situation), situation) });
}

export function judges(change: (judge: Judge) => Judge): NonNullable<Sabotage["doors"]> {
  return (doors) => ({ ...doors, judge: change(doors.judge) });
}

export function withState(situation: Situation, fields: Partial<AgentState>): Situation {
  return { ...situation, state: { ...situation.state, ...fields } };
}

export function withRollout(situation: Situation, fields: Partial<Rollout>): Situation {
  const { rollout } = situation.state;
  return rollout === null ? situation : withState(situation, { rollout: { ...rollout, ...fields } });
}

export function note(event: EventBody): Decision {
  return { kind: "note", event, because: "sabotage", code: null, hint: null };
}

export function act(route: Route): Decision {
  return { kind: "act", route, because: "sabotage", code: null, hint: null };
}
