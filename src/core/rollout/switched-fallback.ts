// What the switch of the fallback does to the state of an agent.

import type { Event } from "../model/journal.js";
import type { AgentState, FallbackOn } from "../model/state.js";
import { afterFallback } from "./stopped-clock.js";

/** Twice is the same as once: it is on since the first time. What it does to a rollout is to stop its clock. */
export function switched(state: AgentState, event: Extract<Event, { kind: "fallback-switched" }>): AgentState {
  const { fallback, rollout } = state;
  if (event.on) return fallback === null ? { ...state, fallback: onSince(event, event.because) } : state;
  if (fallback === null) return state;
  const served = rollout === null ? null : afterFallback(rollout, fallback, event.at);
  return { ...state, rollout: served, fallback: null, fallbackEndedAt: event.at };
}

/** On since this entry. */
export function onSince({ at, by }: Event, because: string): FallbackOn {
  return { since: at, by, because };
}
