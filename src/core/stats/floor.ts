/**
 * Floors: an absolute limit on one arm, stable or canary, rollout or not. A one-sample betting process against the limit,
 * started anew every 24 hours with a level of its own, so that a breach is proven and not a noisy window (STATISTICS 6).
 */
import { failShifts, failWeights } from "./grid.js";
import { logMixture } from "./log-sum-exp.js";
import { clamp, expit, logit } from "./logistic.js";

/** How long one start of the process lasts, in milliseconds. */
const restartMs = 24 * 60 * 60 * 1000;

/** Plain JSON. `limit`: the badness that may not be exceeded (a floor of 80 % success is 0.2); `since`: ms, null before the first block. */
export interface FloorState {
  readonly limit: number;
  readonly level: number;
  readonly since: number | null;
  readonly bets: readonly number[];
  readonly sessions: number;
  readonly bad: number;
}

/** A floor that has seen nothing. Throws RangeError unless the limit lies in (0, 1) and the level too. */
export function openFloor(config: { readonly limit: number; readonly level: number }): FloorState {
  for (const [name, value] of Object.entries(config)) {
    if (!(value > 0 && value < 1))
      throw new RangeError(`The ${name} of a floor lies between 0 and 1, not at ${value}.`);
  }
  return { ...config, since: null, bets: failShifts.map(() => 0), sessions: 0, bad: 0 };
}

/** One arm's sessions of a block that began at `at` (ms): how many, and the sum of their badness, each in [0, 1]. */
export interface FloorBlock {
  readonly at: number;
  readonly sessions: number;
  readonly bad: number;
}

/** The state after a block. A block that began 24 hours after the process was started starts the next one. */
export function absorbFloor(state: FloorState, block: FloorBlock): FloorState {
  if (!(block.bad >= 0 && block.bad <= block.sessions && Number.isFinite(block.sessions))) {
    throw new RangeError(`A block of ${block.sessions} sessions with ${block.bad} bad is impossible.`);
  }
  const started = state.since === null || block.at - state.since >= restartMs;
  const from: FloorState = started
    ? { ...openFloor({ limit: state.limit, level: state.level }), since: block.at }
    : state;
  const odds = logit(from.limit);
  return {
    ...from,
    bets: from.bets.map((value, index) => value + gain(expit(odds + (failShifts[index] ?? 0)), from.limit, block)),
    sessions: from.sessions + block.sessions,
    bad: from.bad + block.bad,
  };
}

function gain(rate: number, limit: number, block: FloorBlock): number {
  // A limit beyond the reach of clamped log-odds would turn the bet round.
  if (rate <= limit) return 0;
  const inside = clamp(rate, Number.MIN_VALUE, 1 - Number.EPSILON);
  return (
    block.bad * Math.log(inside / limit) + (block.sessions - block.bad) * (Math.log1p(-inside) - Math.log1p(-limit))
  );
}

/** ln of the e-value against "the arm is within its limit", since the last start. */
export function floorLogE(state: FloorState): number {
  return logMixture(failWeights, state.bets);
}

/** Whether the breach is proven now. */
export function floorBreached(state: FloorState): boolean {
  return floorLogE(state) >= Math.log(1 / state.level);
}
