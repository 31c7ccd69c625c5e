// Being asked to stop.

import type { LastWords } from "../app/world.js";
import type { Signal } from "../core/model/journal.js";
import { interrupted } from "./exit-codes.js";
import type { Terminal } from "./terminal.js";

export interface Hearing {
  readonly lastWords: LastWords;
  /** The first signal that came; null: none did. */
  readonly signal: () => Signal | null;
  readonly end: () => void;
}

/** What a second signal waits for at the most: the store may be what hangs. */
const lastWordsMs = 2_000;

/** The first signal asks the run to stop after the effect in flight; the second ends it once that is recorded, and a third on the spot. */
export function hearSignals(terminal: Terminal, stop: AbortController): Hearing {
  const spoken = new Set<Parameters<LastWords>[0]>();
  let first: Signal | null = null;
  let ending = false;
  const end = (signal: Signal): void => {
    if (ending || spoken.size === 0) terminal.exit(interrupted[signal]);
    ending = true;
    const over = (): void => terminal.exit(interrupted[signal]);
    setTimeout(over, lastWordsMs);
    void Promise.allSettled([...spoken].map((words) => words(signal))).then(over);
  };
  const begin = (signal: Signal): void => {
    first = signal;
    terminal.stderr.write(
      "Stopping: what is under way is finished and recorded first. Interrupt again to stop at once.\n",
    );
    stop.abort();
  };
  const listener = (signal: Signal) => (): void => (first === null ? begin(signal) : end(signal));
  const listeners = { SIGINT: listener("SIGINT"), SIGTERM: listener("SIGTERM") };
  terminal.on("SIGINT", listeners.SIGINT);
  terminal.on("SIGTERM", listeners.SIGTERM);
  return {
    lastWords: (words) => {
      spoken.add(words);
      return () => spoken.delete(words);
    },
    signal: () => first,
    end: () => {
      terminal.off("SIGINT", listeners.SIGINT);
      terminal.off("SIGTERM", listeners.SIGTERM);
    },
  };
}

/** False when the run was asked to stop meanwhile. */
export function pause(milliseconds: number, stop: AbortSignal): Promise<boolean> {
  if (stop.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      stop.removeEventListener("abort", wake);
      resolve(true);
    }, milliseconds);
    const wake = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    stop.addEventListener("abort", wake, { once: true });
  });
}
