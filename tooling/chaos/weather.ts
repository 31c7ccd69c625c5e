/** What befalls a run of the program at a touch of the outside: told to it in its environment, read by the wrapped entry. */

export type Trouble =
  /** SIGKILL right before the touch, or right after it came back. */
  | "kill-before"
  | "kill-after"
  /** SIGKILL while a program that was started is still at work. */
  | "kill-during"
  /** SIGSTOP: the run sleeps there until somebody wakes it. */
  | "stall-before"
  | "stall-after"
  /** The touch is made, and then says that it timed out. */
  | "timeout-after"
  /** The touch is never answered. */
  | "silence"
  /** The target shows what it showed before. */
  | "lie"
  /** The disk has no room at the touch. */
  | "full"
  /** The touch takes its time. */
  | "linger"
  /** The state file is taken away, or another empty one put in its place. */
  | "store-gone"
  | "store-replaced";

export interface Spell {
  /** The number of the touch, from 1; or the name of one. */
  readonly at: number | string;
  /** Of the touches of that name; 1 where nothing is said. */
  readonly nth?: number;
  readonly trouble: Trouble;
}

export interface Weather {
  /** The built program: `dist/main.cjs` or a bundle that exports `main`. */
  readonly program: string;
  readonly spells: readonly Spell[];
  /** Each touch is noted here, one a line, before it is made. */
  readonly log: string | null;
  /** Added to the clock at each touch in turn, in milliseconds: a clock that jumps. */
  readonly jumps: readonly number[];
  /** The journals are written here as the store's own door tells them, as JSON. */
  readonly journals: string | null;
}

/** The variable that carries it. */
export const weatherVariable = "ROLLOUT_CHAOS";
