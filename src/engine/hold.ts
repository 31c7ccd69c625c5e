// Holding an agent's lease: renewed by a timer, so that one tick may take long, and looked at before each effect, so that whoever slept finds out.

import { type AgentId, type Duration, second } from "../core/model/units.js";
import { Fault } from "../ports/fault.js";
import type { Run } from "./run.js";

export interface Hold {
  /** Throws a `Fault` ("conflict") when somebody else has taken the lease over. */
  readonly renew: () => Promise<void>;
  /** The same, asking the store only where the last answer is getting old. */
  readonly confirm: () => Promise<void>;
}

const life = (30 * second) as Duration;
/** Two beats may be missed. */
const beat = life / 3;

/** For what a person says must be in force now, beside whoever holds the lease: compare and fence keep the truth. */
export const unheld: Hold = { renew: async () => undefined, confirm: async () => undefined };

/** A process that stalls renews nothing: when it wakes, its next effect asks first, by the clock and by the time that passed here. */
export async function whileHeld<T>(run: Run, agent: AgentId, work: (hold: Hold) => Promise<T>): Promise<T> {
  const { store, now } = run.doors;
  const lease = await store.lease(agent, { holder: run.holder, for: life });
  let renewed = { at: now(), tick: performance.now() };
  let lost: Fault | null = null;
  const renew = async (): Promise<void> => {
    const from = { at: now(), tick: performance.now() };
    try {
      await lease.renew();
      renewed = from;
    } catch (error) {
      if (error instanceof Fault && error.kind === "conflict") lost = error;
      throw error;
    }
  };
  const confirm = async (): Promise<void> => {
    if (lost !== null) throw lost;
    const age = Math.max(now() - renewed.at, performance.now() - renewed.tick);
    if (age > beat) await renew();
  };
  const timer = setInterval(() => void renew().catch(unlessFault), beat);
  timer.unref();
  try {
    return await work({ renew, confirm });
  } finally {
    clearInterval(timer);
    await lease.release().catch(unlessFault);
  }
}

/** What is only kept for convenience may fail: a lease runs out by itself, and a snapshot is a cache. */
export function unlessFault(error: unknown): void {
  if (!(error instanceof Fault)) throw error;
}
