// The pure functions that the engine is made of, in one place: the simulator hands in broken ones to see that somebody notices.

import { fitsGate } from "../core/gate/health-accumulator.js";
import { absorbHealth, enterHealthStage, handOnHealth, openHealth } from "../core/gate/kinds/health.js";
import { followsMove } from "../core/plan/foresee.js";
import { next } from "../core/plan/next.js";
import { replay } from "../core/rollout/replay.js";

export interface Rules {
  readonly replay: typeof replay;
  readonly next: typeof next;
  readonly followsMove: typeof followsMove;
  readonly fitsGate: typeof fitsGate;
  readonly openHealth: typeof openHealth;
  readonly handOnHealth: typeof handOnHealth;
  readonly enterHealthStage: typeof enterHealthStage;
  readonly absorbHealth: typeof absorbHealth;
}

/** The ones that every run works by. */
export const soundRules: Rules = {
  replay,
  next,
  followsMove,
  fitsGate,
  openHealth,
  handOnHealth,
  enterHealthStage,
  absorbHealth,
};
