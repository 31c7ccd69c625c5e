/**
 * What the methods for rates, means and quantiles share: a pair of e-processes, FAIL and PASS, kept as log-values of their
 * bets. A bet's log-value is the sum of the log e-values of its blocks; wealth is never moved between bets, so a process is
 * a convex mixture of test supermartingales and P(it ever reaches 1/level) <= level (STATISTICS sections 1, 2 and 6).
 */
import { failWeights, gridShare, horizonShare, passWeights } from "./grid.js";
import { logMixture } from "./log-sum-exp.js";

/** One direction: a log-value for each bet of the grid, and one for the bet aimed at the stage's end (null: there is none). */
export interface Bets {
  readonly grid: readonly number[];
  readonly horizon: number | null;
}

export interface Process {
  readonly fail: Bets;
  readonly pass: Bets;
  /** Canary sessions planned for the stage (null: unknown, nothing is aimed at the stage's end) and seen in it so far. */
  readonly planned: number | null;
  readonly seen: number;
}

/** Log e-values of the two directions. */
export interface LogE {
  readonly fail: number;
  readonly pass: number;
}

/** Evidence in nats that each direction must reach: ln(1 / (alpha * weight)) and ln(1 / beta). */
export interface Targets {
  readonly fail: number;
  readonly pass: number;
}

function freshBets(size: number, withHorizon: boolean): Bets {
  return { grid: new Array<number>(size).fill(0), horizon: withHorizon ? 0 : null };
}

/** A process that has seen nothing. Whether it has horizon bets is settled here for good, because it settles their shares. */
export function openProcess(plan: { readonly planned: number | null; readonly passHorizon: boolean }): Process {
  const aimed = plan.planned !== null;
  return {
    fail: freshBets(failWeights.length, aimed),
    pass: freshBets(passWeights.length, aimed && plan.passHorizon),
    planned: plan.planned,
    seen: 0,
  };
}

/** The log-value of one direction's bets together. */
function mixBets(bets: Bets, weights: readonly number[]): number {
  const grid = logMixture(weights, bets.grid);
  return bets.horizon === null ? grid : logMixture([gridShare, horizonShare], [grid, bets.horizon]);
}

/** Anything that bets: the states of rates, means and quantiles. */
export interface Betting {
  readonly process: Process;
}

/** ln of the FAIL and PASS e-values so far. */
export function logE({ process }: Betting): LogE {
  return { fail: mixBets(process.fail, failWeights), pass: mixBets(process.pass, passWeights) };
}

/** The FAIL grid's log-value counted from a snapshot of its bets: a process that started at the snapshot. */
export function logESince({ process }: Betting, snapshot: readonly number[]): number {
  return logMixture(
    failWeights,
    process.fail.grid.map((value, index) => value - (snapshot[index] ?? 0)),
  );
}

/**
 * A stage begins: PASS starts anew, FAIL keeps all its evidence, and the horizon is counted from here.
 * `planned` is ignored by a process that was opened without a horizon.
 */
export function enterStage<State extends Betting>(state: State, planned: number): State {
  const { fail, pass, planned: before } = state.process;
  const process: Process = {
    fail,
    pass: freshBets(pass.grid.length, pass.horizon !== null),
    planned: before === null ? null : planned,
    seen: 0,
  };
  return { ...state, process };
}

/** The stage was extended: the horizon moves out, never in. Evidence stays as it is. */
export function extendStage<State extends Betting>(state: State, planned: number): State {
  const before = state.process.planned;
  return before === null ? state : { ...state, process: { ...state.process, planned: Math.max(before, planned) } };
}

/** What a block adds to each bet. */
export interface Gains {
  readonly fail: Bets;
  readonly pass: Bets;
}

function add(bets: Bets, gains: Bets): Bets {
  return {
    grid: bets.grid.map((value, index) => value + (gains.grid[index] ?? 0)),
    horizon: bets.horizon === null ? null : bets.horizon + (gains.horizon ?? 0),
  };
}

/** `late`: the block belongs to an earlier stage, so it speaks for FAIL alone and does not count towards this stage's plan. */
export interface Arrival {
  readonly canary: number;
  readonly late: boolean;
}

/** The process after a block; `gains` is null where nothing was bet on it. */
export function advanceProcess(process: Process, gains: Gains | null, arrival: Arrival): Process {
  return {
    fail: gains === null ? process.fail : add(process.fail, gains.fail),
    pass: gains === null || arrival.late ? process.pass : add(process.pass, gains.pass),
    planned: process.planned,
    seen: process.seen + (arrival.late ? 0 : arrival.canary),
  };
}

/** What decides how far a bet that is aimed at the stage's end should reach. */
export interface Aim {
  readonly process: Process;
  readonly current: number;
  readonly target: number;
  readonly variance: number;
  readonly canary: number;
  readonly stable: number;
}

/**
 * The effect, in units of the metric, that would just complete the proof at the stage's end; null where there is nothing
 * left to prove or no session left to prove it with (STATISTICS section 2, "Horizon component").
 */
export function horizonReach(aim: Aim): number | null {
  const { planned, seen } = aim.process;
  const need = aim.target + Math.log(1 / horizonShare) - aim.current;
  if (planned === null || need <= 0 || seen >= planned || aim.stable === 0) return null;
  const stableShare = aim.stable / (aim.canary + aim.stable);
  return Math.sqrt((2 * need * aim.variance) / (stableShare * Math.max(planned - seen, 4)));
}
