// Where an engine sits: what it was told when its pass began, and what it has done since.

import type { Declared } from "./strategy.js";

/** One engine process: a crash ends its life, and the next one takes the seat. */
export interface Seat {
  readonly name: string;
  life: number;
  /** Nothing of a dead process runs on. */
  dead: boolean;
  attended: boolean;
  watchOnly: boolean;
  declared: Declared | null;
  /** The canary's share that strangers left, as this engine has seen it; null: it saw nothing of the kind. */
  sawLowered: number | null;
  /** The target was read since this engine's last shift. */
  readBack: boolean;
  /** How many commits the branch had when this engine last looked; null: it never did. */
  foundTip: number | null;
  /** Of the pass under way. */
  pass: PassRecord;
}

export interface PassRecord {
  troubles: number;
  /** Whether the metrics were there during the whole pass. */
  readable: boolean;
  /** Shifts that gave a revision another share, as the journal has them. */
  readonly moves: string[];
  /** Weights to which the canary was raised. */
  readonly raises: Set<number>;
}

export function newPass(): PassRecord {
  return { troubles: 0, readable: true, moves: [], raises: new Set() };
}

export function newSeat(name: string): Seat {
  return {
    name,
    life: 1,
    dead: false,
    attended: true,
    watchOnly: false,
    declared: null,
    sawLowered: null,
    readBack: false,
    foundTip: null,
    pass: newPass(),
  };
}

/** A life at a seat: who wrote an entry. */
export interface Author {
  readonly seat: Seat;
  readonly life: number;
}
