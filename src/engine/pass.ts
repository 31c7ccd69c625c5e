// One pass over an agent: ticks until it has made one weight change or rests. Twice, late or at once, a pass moves a ramp by one stage at the most.

import type { Decision } from "../core/model/decision.js";
import type { AgentId, Duration } from "../core/model/units.js";
import { moves, stepsAtMost } from "../core/plan/foresee.js";
import type { Situation } from "../core/plan/situation.js";
import { unknownAgent } from "../core/rollout/replay.js";
import type { Fault } from "../ports/fault.js";
import { soundRules } from "./rules.js";
import type { Charge, Run } from "./run.js";
import { type Tick, tick } from "./tick.js";

export interface Passed {
  readonly agent: AgentId;
  readonly decisions: readonly Decision[];
  /** The situation and decision at which the pass ended. */
  readonly last: { readonly situation: Situation; readonly decision: Decision } | null;
  /** Somebody else wrote in between, the target refused, or the store could not be reached. */
  readonly fault: Fault | null;
}

const leaseLife = 30_000 as Duration;

/** Holds the agent's lease for the whole pass. `allow` refuses a pass whose situation is not the one that was planned. */
export async function pass(
  run: Run,
  charge: Charge,
  allow: (situation: Situation) => Fault | null = () => null,
): Promise<Passed> {
  const { store } = run.doors;
  const lease = await store.lease(charge.agent, { holder: run.holder, for: leaseLife });
  try {
    return await passHeld(run, charge, { allow, renew: () => lease.renew() });
  } finally {
    await lease.release();
  }
}

async function passHeld(
  run: Run,
  charge: Charge,
  held: { readonly allow: (situation: Situation) => Fault | null; readonly renew: () => Promise<void> },
): Promise<Passed> {
  const { followsMove } = run.rules ?? soundRules;
  const decisions: Decision[] = [];
  let moved = false;
  let conflicts = 0;
  let refusal: Fault | null = null;
  for (let count = 0; count < stepsAtMost; count++) {
    const halt = (situation: Situation, decision: Decision): boolean => {
      if (decisions.length === 0) refusal = held.allow(situation);
      return refusal !== null || (moved && !followsMove(situation.state, decision));
    };
    const ticked: Tick = await tick(run, charge, halt);
    const { situation, decision, result } = ticked;
    const last = { situation, decision };
    if (refusal !== null) return { agent: charge.agent, decisions, last, fault: refusal };
    if (result.kind === "idle") return end(run, { agent: charge.agent, decisions, last, fault: null });
    if (result.kind === "fault") {
      const again = result.fault.kind === "conflict" && conflicts++ < 3;
      if (!again) return { agent: charge.agent, decisions, last, fault: result.fault };
      continue;
    }
    decisions.push(decision);
    moved ||= moves(situation.state, decision);
    await held.renew();
  }
  return { agent: charge.agent, decisions, last: null, fault: null };
}

/** Keeps the fold for the next reader, now that the pass is over. */
async function end(run: Run, passed: Passed): Promise<Passed> {
  const { store } = run.doors;
  const journal = await store.load(passed.agent);
  if (journal.entries.length > 0) {
    const { replay } = run.rules ?? soundRules;
    const state = replay(passed.agent, journal.entries, journal.snapshot?.state ?? unknownAgent(passed.agent));
    await store.saveSnapshot(passed.agent, journal.serial, state);
  }
  return passed;
}
