// One pass over an agent: ticks until it has made one weight change or rests. Twice, late or at once, a pass moves a ramp by one stage at the most.

import type { Decision } from "../core/model/decision.js";
import { type AgentId, fullWeight } from "../core/model/units.js";
import { moves, stepsAtMost } from "../core/plan/foresee.js";
import type { Situation } from "../core/plan/situation.js";
import { unknownAgent } from "../core/rollout/replay.js";
import { Fault } from "../ports/fault.js";
import { type Hold, unheld, unlessFault, whileHeld } from "./hold.js";
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

/**
 * Holds the agent's lease for the whole pass. `allow` refuses a pass whose situation is not the one that was planned; `takes` ends it before a
 * step that it is not meant for.
 */
export async function pass(
  run: Run,
  charge: Charge,
  allow: (situation: Situation) => Fault | null = () => null,
  takes: (decision: Decision) => boolean = () => true,
): Promise<Passed> {
  const { agent } = charge;
  const decisions: Decision[] = [];
  try {
    return await whileHeld(run, agent, (hold) =>
      passHeld({ ...run, mayAct: hold.confirm }, charge, { allow, takes, decisions, hold }),
    );
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { agent, decisions, last: null, fault: error };
  }
}

/** The same beside whoever holds the lease: for what a person says must be in force now. A tick that loses the race is dropped and tried again. */
export async function passWithoutLease(
  run: Run,
  charge: Charge,
  allow: (situation: Situation) => Fault | null = () => null,
  takes: (decision: Decision) => boolean = () => true,
): Promise<Passed> {
  const decisions: Decision[] = [];
  try {
    return await passHeld(run, charge, { allow, takes, decisions, hold: unheld });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { agent: charge.agent, decisions, last: null, fault: error };
  }
}

async function passHeld(
  run: Run,
  charge: Charge,
  held: {
    readonly allow: (situation: Situation) => Fault | null;
    readonly takes: (decision: Decision) => boolean;
    readonly decisions: Decision[];
    readonly hold: Hold;
  },
): Promise<Passed> {
  const { followsMove } = run.rules ?? soundRules;
  const { decisions } = held;
  let moved = false;
  /** The least weight of the shifts that were begun and not seen to their end: this pass overtakes them, goes no further up, and ends with that. */
  let begun: number | null = null;
  let conflicts = 0;
  let refusal: Fault | null = null;
  for (let count = 0; count < stepsAtMost; count++) {
    const halt = (situation: Situation, decision: Decision): boolean => {
      if (decisions.length === 0) refusal = held.allow(situation);
      const goesFurther = decision.kind === "act" && begun !== null && decision.route.weight > begun;
      return (
        refusal !== null || !held.takes(decision) || goesFurther || (moved && !followsMove(situation.state, decision))
      );
    };
    const ticked: Tick = await tick(run, charge, halt);
    const { situation, decision, result } = ticked;
    const last = { situation, decision };
    if (refusal !== null) return { agent: charge.agent, decisions, last, fault: refusal };
    if (result.kind === "idle") return end(run, { agent: charge.agent, decisions, last, fault: null });
    if (result.kind === "fault") {
      if (decision.kind === "act") begun = Math.min(begun ?? fullWeight, decision.route.weight);
      const again = result.fault.kind === "conflict" && conflicts++ < 3;
      if (!again) return { agent: charge.agent, decisions, last, fault: result.fault };
      // Whoever finds that somebody else wrote may have slept, and been taken over.
      await held.hold.renew();
      continue;
    }
    decisions.push(decision);
    moved ||= moves(situation.state, decision) || (decision.kind === "act" && begun !== null);
    await held.hold.renew();
  }
  return { agent: charge.agent, decisions, last: null, fault: null };
}

/** Keeps the fold for the next reader, now that the pass is over. */
async function end(run: Run, passed: Passed): Promise<Passed> {
  await keepFold(run, passed.agent).catch(unlessFault);
  return passed;
}

async function keepFold(run: Run, agent: AgentId): Promise<void> {
  const { store } = run.doors;
  const journal = await store.load(agent);
  if (journal.entries.length === 0) return;
  const { replay } = run.rules ?? soundRules;
  await store.saveSnapshot(
    agent,
    journal.serial,
    replay(agent, journal.entries, journal.snapshot?.state ?? unknownAgent(agent)),
  );
}
