// Keeps the last good snapshot in force, whatever is offered after it, and says why the newest is not.

import type { Snapshot } from "../core/model/snapshot.js";
import type { SnapshotReading } from "../core/routing/snapshot-file.js";
import type { InForce } from "./in-force.js";
import type { Log } from "./log.js";

/** What a look at a snapshot found. `because` is a clause for people: `it is not there`. */
export type Look =
  | { readonly kind: "good"; readonly snapshot: Snapshot }
  | { readonly kind: "bad"; readonly because: string };

export class LastGood {
  readonly #inForce: InForce;
  readonly #log: Log;
  readonly #changed: () => void;
  #agent: string | null;
  #refused: string | null = null;

  /** `agent` is null where the first snapshot decides. `changed` hears of what is refused, and of what is not any more. */
  constructor(
    inForce: InForce,
    agent: string | null,
    { log, changed }: { readonly log: Log; readonly changed: () => void },
  ) {
    this.#inForce = inForce;
    this.#agent = agent;
    this.#log = log;
    this.#changed = changed;
  }

  get agent(): string | null {
    return this.#agent;
  }

  /** Why what was offered last is not in force; null when it is. */
  get refused(): string | null {
    return this.#refused;
  }

  /** Another agent's snapshot is none of ours. */
  lookAt(reading: SnapshotReading): Look {
    if (reading.kind === "refused") return { kind: "bad", because: reading.because };
    const { snapshot } = reading;
    if (this.#agent === null || snapshot.agent === this.#agent) return { kind: "good", snapshot };
    return { kind: "bad", because: `it routes the agent ${snapshot.agent}, not ${this.#agent}` };
  }

  /** Takes it or keeps what is in force. One line in the log for each reason; `name` is what the log calls it. */
  offer(look: Look, name: string): void {
    if (look.kind === "good") {
      if (this.#refused !== null && this.#inForce.snapshot !== null) this.#log(`${name} is good again`);
      this.#refused = null;
      this.#take(look.snapshot, "current");
      return;
    }
    if (look.because === this.#refused) return;
    this.#refused = look.because;
    this.#changed();
    this.#log(`${name} is refused, since ${look.because}; ${this.#standing()}`);
  }

  /** For the start alone, when there is nothing newer. */
  offerPrevious(look: Look, name: string): void {
    if (look.kind === "bad") return;
    this.#take(look.snapshot, "previous");
    this.#log(`${name} is used instead: every session goes to its stable revision`);
  }

  #take(snapshot: Snapshot, origin: "current" | "previous"): void {
    this.#agent ??= snapshot.agent;
    this.#inForce.take(snapshot, origin);
  }

  #standing(): string {
    if (this.#inForce.snapshot !== null) return "the last good snapshot stays in force";
    return this.#inForce.origin === "bootstrap" ? "the bootstrap serves every session" : "every session goes to stable";
  }
}
