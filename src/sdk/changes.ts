// Tells whoever asked that what is in force has changed: outside the request, and once for changes that come together.

import { callOutside } from "./call-outside.js";
import type { Log } from "./log.js";

export class Changes {
  readonly #listeners = new Set<() => unknown>();
  readonly #log: Log;
  readonly #later: (task: () => void) => void;
  #due = false;

  /** `later` runs a task once, after what runs now. */
  constructor(log: Log, later: (task: () => void) => void) {
    this.#log = log;
    this.#later = later;
  }

  /** Answers how to end it. */
  subscribe(listener: () => unknown): () => void {
    // Wrapped, so that a listener that is given twice is told twice, and ended once at a time.
    const own = (): unknown => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  tell(): void {
    if (this.#due || this.#listeners.size === 0) return;
    this.#due = true;
    this.#later(() => this.#tellNow());
  }

  #tellNow(): void {
    this.#due = false;
    const failed = (because: string): void => this.#log(`a listener for changes failed: ${because}`);
    // A copy: who asks anew while being told is told of the next change.
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) callOutside(listener, failed);
  }
}
