// A command that looks again and again: by the clock, and at once when somebody wrote to the state.

import { pause } from "./signals.js";

export interface Rounds {
  readonly everyMs: number;
  readonly stop: AbortSignal;
  /** Hears of changes; answers how to end it. */
  readonly watch: (changed: () => void) => Promise<{ close(): Promise<void> }>;
}

/** Ends when it is asked to stop. Changes that come during a look are one more look after it. */
export async function lookAgain({ everyMs, stop, watch }: Rounds, look: () => Promise<void>): Promise<void> {
  let woken = new AbortController();
  const hearing = await watch(() => woken.abort());
  try {
    while (!stop.aborted) {
      await pause(everyMs, AbortSignal.any([stop, woken.signal]));
      if (stop.aborted) return;
      woken = new AbortController();
      await look();
    }
  } finally {
    await hearing.close();
  }
}
