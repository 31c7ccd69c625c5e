// What the reviewed policy does about a health gate whose time is over before the evidence decided.

import type { Decision } from "../model/decision.js";
import type { GateClock, HealthGate } from "../model/gate.js";
import type { EventBody, Judgement } from "../model/journal.js";
import type { Rollout } from "../model/state.js";
import { type AgentId, type Instant, later } from "../model/units.js";

/** When a health gate's time is over: a pause stops it. */
export function untilOf(gate: HealthGate, clock: GateClock): Instant {
  return later(clock.since, gate.until + clock.pausedFor);
}

/** `until` is over. An alarm is never walked past by a policy, and evidence that is not there decides nothing. */
export function decideUndecided(
  agent: AgentId,
  at: { readonly rollout: Rollout; readonly gate: HealthGate; readonly judged: Judgement },
): Decision {
  const { rollout, gate, judged } = at;
  const { verdict, evidence } = judged;
  const because = `${verdict.because}; its time is over`;
  const alarms = Number(verdict.figures.alarms ?? 0);
  const sessions = Number(verdict.figures.canary_sessions ?? 0);
  // Evidence that is missing, stale or under an alarm decides nothing, in either direction.
  const unseen = evidence.kind === "missing" || alarms > 0;
  const undecided = unseen ? "hold" : gate.undecided;
  if (undecided === "rollback")
    return note({ kind: "rollout-turned", rollout: rollout.id, cause: "undecided", because, judged });
  if (undecided !== "hold" && sessions >= undecided.proceed.minSessions) {
    const units = verdict.figures.unit === "user" ? "users" : "sessions";
    const policy = `unproven after ${sessions} ${units}: ${undecided.proceed.because}`;
    const { id, stage } = rollout;
    return note({ kind: "gate-exempted", rollout: id, stage, exemption: "policy", because: policy, judged });
  }
  const hint = `rollout proceed ${agent} --because "…"`;
  return { kind: "wait", until: null, because, code: `gate/${gate.name}-undecided`, hint };
}

function note(event: EventBody & { readonly because: string }): Decision {
  return { kind: "note", event, because: event.because, code: null, hint: null };
}
