// What an apply would do now, played forward in values alone: the same steps, folded into the same state.

import type { Decision, Sight } from "../model/decision.js";
import type { EventBody, Operation } from "../model/journal.js";
import type { LiveState, Route } from "../model/route.js";
import { sameRoute } from "../model/route.js";
import type { AgentState } from "../model/state.js";
import type { Digest } from "../model/units.js";
import { noWeight } from "../model/units.js";
import { fold } from "../rollout/replay.js";
import { next } from "./next.js";
import type { Situation } from "./situation.js";

/** Steps that one pass over an agent takes at the most: a limit, far above what any agent needs. */
export const stepsAtMost = 24;

export interface Foreseen {
  readonly events: readonly EventBody[];
  readonly shifts: readonly Route[];
  readonly operations: readonly Operation[];
  /** Why the first step is taken, alerts apart; null when there is none. */
  readonly first: string | null;
  /** Why the pass ends: a wait, a rest, or what comes behind the one weight change. */
  readonly last: Decision;
  readonly state: AgentState;
}

/** Plays the steps of one pass: until one weight change has been made, or the agent rests or waits. */
export function foresee(situation: Situation): Foreseen {
  const events: EventBody[] = [];
  const shifts: Route[] = [];
  const operations: Operation[] = [];
  let first: string | null = null;
  let now = situation;
  let moved = false;
  let step = next(now);
  for (let count = 0; count < stepsAtMost; count++) {
    if (step.kind === "wait" || step.kind === "rest" || (moved && !followsMove(now.state, step))) break;
    moved ||= moves(now.state, step);
    if (step.kind !== "note" || !isAlert(step.event)) first ??= step.because;
    if (step.kind === "act") shifts.push(step.route);
    if (step.kind === "note") events.push(step.event);
    if (step.kind === "operate") operations.push(step.operation);
    now = stepped(now, step);
    step = next(now);
  }
  return { events, shifts, operations, first, last: step, state: now.state };
}

/** A breach that is told and turns no rollout: it changes nothing that a plan proposes. */
export function isAlert(event: EventBody): boolean {
  return event.kind === "floor-breached" && (event.arm === "stable" || event.both);
}

/** The one thing that a pass does to an agent: giving a revision another share, or adopting. */
export function moves(state: AgentState, step: Decision): boolean {
  if (step.kind === "act") return changesShares(state, step.route);
  return step.kind === "note" && step.event.kind === "agent-adopted";
}

/** Whether a step still belongs to the pass after its one weight change: bookkeeping does, another judgement or move does not. */
export function followsMove(state: AgentState, step: Decision): boolean {
  if (step.kind === "note") return step.event.kind === "rollout-finished";
  if (step.kind === "act") return !changesShares(state, step.route);
  return step.kind === "operate";
}

/** Whether putting this route in force gives any revision another share. */
function changesShares(state: AgentState, route: Route): boolean {
  if (state.inForce === null) return route.canary !== null;
  if (sameRoute(state.inForce, route)) return false;
  return shares(state.inForce) !== shares(route);
}

function shares(route: Route): string {
  if (route.fallback) return "fallback";
  const canary = route.canary ?? route.stable;
  const split = new Map([[route.stable, 10_000 - route.weight]]);
  split.set(canary, (split.get(canary) ?? 0) + route.weight);
  return JSON.stringify([...split].filter(([, weight]) => weight > 0).sort());
}

/** The situation after a step went well. */
function stepped(situation: Situation, step: Decision): Situation {
  const { sight } = situation;
  if (step.kind === "note") return folded(situation, step.event, sight);
  if (step.kind === "operate") {
    const begun = folded(situation, { kind: "operation-begun", operation: step.operation }, sight);
    return folded(begun, { kind: "operation-done", id: step.operation.id, result: "" }, sight);
  }
  if (step.kind !== "act") return situation;
  const live: LiveState = {
    kind: "serving",
    route: step.route,
    lineage: sight.lineage,
    fence: { epoch: 0, serial: situation.serial + 1 },
    served: {},
    observedAt: sight.now,
  };
  const begun = folded(situation, { kind: "shift-begun", route: step.route }, sight);
  return folded(begun, { kind: "shift-done" }, { ...sight, live });
}

function folded(situation: Situation, body: EventBody, sight: Sight): Situation {
  const event = { at: sight.now, by: "plan", plan: null as Digest | null, ...body };
  return { ...situation, state: fold(situation.state, event), serial: situation.serial + 1, sight };
}

/** The canary's share in force. */
export function weightInForce(state: AgentState): Route["weight"] {
  return state.inForce?.canary ? state.inForce.weight : noWeight;
}
