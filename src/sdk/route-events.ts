// Tells the hook of every route, outside the request that asked for it.

import { callOutside } from "./call-outside.js";
import type { Log } from "./log.js";
import type { RouteEvent } from "./router.js";

/** Events that may wait: a hook that is slower than the traffic loses the rest, not the process. */
const mostWaiting = 10_000;

export class RouteEvents {
  readonly #hook: (event: RouteEvent) => unknown;
  readonly #log: Log;
  readonly #later: (task: () => void) => void;
  #waiting: RouteEvent[] = [];
  #dropped = 0;
  #complained = false;

  /** `later` runs a task once, after what runs now. */
  constructor(hook: (event: RouteEvent) => unknown, log: Log, later: (task: () => void) => void) {
    this.#hook = hook;
    this.#log = log;
    this.#later = later;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(event: RouteEvent): void {
    if (this.#waiting.length >= mostWaiting) {
      this.#dropped += 1;
      this.#complain("cannot follow: route events are lost");
      return;
    }
    this.#waiting.push(event);
    if (this.#waiting.length === 1) this.#later(() => this.#tell());
  }

  #tell(): void {
    const events = this.#waiting;
    this.#waiting = [];
    const failed = (because: string): void => this.#complain(`failed: ${because}`);
    for (const event of events) callOutside(() => this.#hook(event), failed);
  }

  /** Once: a hook that fails fails for every session. */
  #complain(what: string): void {
    if (this.#complained) return;
    this.#complained = true;
    this.#log(`onRoute ${what}`);
  }
}
