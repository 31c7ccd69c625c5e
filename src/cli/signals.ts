// Being asked to stop.

import { interrupted } from "./exit-codes.js";
import type { Terminal } from "./terminal.js";

export type Signal = keyof typeof interrupted;

export interface Hearing {
  /** The first signal that came; null: none did. */
  readonly signal: () => Signal | null;
  readonly end: () => void;
}

/** The first signal asks the run to stop after the effect in flight; the second ends it on the spot. */
export function hearSignals(terminal: Terminal, stop: AbortController): Hearing {
  let first: Signal | null = null;
  const listener = (signal: Signal) => (): void => {
    if (first !== null) terminal.exit(interrupted[signal]);
    first = signal;
    terminal.stderr.write(
      "Stopping: what is under way is finished and recorded first. Interrupt again to stop at once.\n",
    );
    stop.abort();
  };
  const listeners = { SIGINT: listener("SIGINT"), SIGTERM: listener("SIGTERM") };
  terminal.on("SIGINT", listeners.SIGINT);
  terminal.on("SIGTERM", listeners.SIGTERM);
  return {
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
