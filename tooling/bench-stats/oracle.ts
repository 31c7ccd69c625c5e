/**
 * Wald's sequential test of one rate against another, both known: nobody who has to learn them decides earlier. It looks at
 * the canary's outcomes alone, with the threshold ln(1 / level), once after each tick, as our gates do; or after each session.
 */
import type { Random } from "../../src/core/stats/draws.js";
import type { SceneTick } from "./scene.js";

/** The two rates that it knows: what it tries to show, and what it tries to show false. */
export interface Known {
  readonly truth: number;
  readonly other: number;
}

/** An oracle that looks after each tick. */
export class TickOracle {
  readonly #known: Known;
  readonly #threshold: number;
  #logRatio = 0;
  #canary = 0;
  /** Canary sessions at the decision; null while it has not decided. */
  decided: number | null = null;

  constructor(known: Known, level: number) {
    this.#known = known;
    this.#threshold = Math.log(1 / level);
  }

  look({ canary }: SceneTick): void {
    if (this.decided !== null || canary.kind !== "counts") return;
    const { truth, other } = this.#known;
    const good = canary.sessions - canary.bad;
    this.#logRatio += canary.bad * Math.log(truth / other) + good * Math.log((1 - truth) / (1 - other));
    this.#canary += canary.sessions;
    if (this.#logRatio >= this.#threshold) this.decided = this.#canary;
  }
}

/** Canary sessions of an oracle that looks after each session. */
export function sessionOracle(random: Random, { truth, other }: Known, level: number): number {
  const bad = Math.log(truth / other);
  const good = Math.log((1 - truth) / (1 - other));
  let sessions = 0;
  for (let left = Math.log(1 / level); left > 0; sessions += 1) left -= random() < truth ? bad : good;
  return sessions;
}
