// Lets several engines run as if at once, one touch at a time, in an order that a seeded die throws.

import { createDie } from "./die.js";
import type { Scenario } from "./scenario.js";
import type { Seat } from "./seat.js";

/** How often an engine falls asleep at a touch, and for how many touches of the others at the most. */
const chanceNaps = { chance: 0.02, longest: 60 };

export class Turnstile {
  readonly #die;
  readonly #waiting: { readonly seat: Seat; readonly go: () => void }[] = [];
  readonly #asleep = new Map<Seat, number>();
  readonly #naps: Scenario["naps"];
  readonly #comers = new Map<string, number>();
  #running: number;

  constructor({ seed, naps }: Pick<Scenario, "seed" | "naps">, engines: number) {
    this.#die = createDie(seed);
    this.#naps = naps;
    this.#running = engines;
  }

  /** Waits for this engine's turn. */
  enter(seat: Seat, door: string): Promise<void> {
    const nth = (this.#comers.get(door) ?? 0) + 1;
    this.#comers.set(door, nth);
    const nap = this.#naps?.find((at) => at.door === door && at.nth === nth);
    if (nap !== undefined) this.#asleep.set(seat, nap.touches);
    return new Promise((go) => {
      this.#waiting.push({ seat, go });
      this.#running -= 1;
      this.#next();
    });
  }

  /** An engine goes home. */
  leave(): void {
    this.#running -= 1;
    this.#next();
  }

  /** Nobody moves on while another one runs: the run is the same however promises are scheduled. */
  #next(): void {
    if (this.#running > 0 || this.#waiting.length === 0) return;
    for (const { seat } of this.#waiting) {
      const left = this.#asleep.get(seat) ?? 0;
      if (left > 0) this.#asleep.set(seat, left - 1);
      else if (this.#naps === null && this.#die.chance(chanceNaps.chance))
        this.#asleep.set(seat, this.#die.below(chanceNaps.longest));
    }
    const awake = this.#waiting.filter(({ seat }) => (this.#asleep.get(seat) ?? 0) === 0);
    const chosen = this.#die.pick(awake.length > 0 ? awake : this.#waiting);
    this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
    this.#running += 1;
    chosen.go();
  }
}
