// What a run still writes when a second signal ends it on the spot: that it was interrupted, in the journal of the agent it was at work on.

import type { Signal } from "../core/model/journal.js";
import type { AgentId } from "../core/model/units.js";
import type { Run } from "../engine/run.js";
import { write } from "../engine/tick.js";
import { Fault } from "../ports/fault.js";
import type { World } from "./world.js";

/** What is under way may write an entry meanwhile: then it is tried again behind it. */
const mostAttempts = 3;

/** Does the work; an interruption meanwhile is recorded for the agent. */
export async function withLastWords<T>(
  { lastWords }: World,
  at: { readonly run: Run; readonly agent: AgentId },
  work: () => Promise<T>,
): Promise<T> {
  const forget = lastWords((signal) => recordInterruption(at, signal));
  try {
    return await work();
  } finally {
    forget();
  }
}

/** An agent without a journal has begun nothing. */
async function recordInterruption(
  { run, agent }: { readonly run: Run; readonly agent: AgentId },
  signal: Signal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { serial } = await run.doors.store.load(agent);
    if (serial === 0) return;
    try {
      await write(run, { agent, after: serial }, { kind: "interrupted", signal });
      return;
    } catch (error) {
      const overtaken = error instanceof Fault && error.kind === "conflict";
      if (!overtaken || attempt === mostAttempts) throw error;
    }
  }
}
