// `rollout history`: every entry of the journals, oldest first.

import { describeEvent } from "../views/describe-event.js";
import type { Answer, HistoryView } from "../views/view.js";
import { chargesOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface HistoryArguments {
  readonly agents: readonly string[];
  /** The newest entries of each agent; null: all. */
  readonly limit: number | null;
}

export async function history(world: World, args: HistoryArguments): Promise<Answer> {
  return withSession(world, { readOnly: true, brokenSpec: true }, async (session) => {
    const agents: HistoryView["agents"][number][] = [];
    for (const { agent } of await chargesOf(session, args.agents)) {
      const entries = await session.store.history(agent);
      const shown = args.limit === null ? entries : entries.slice(-args.limit);
      agents.push({ agent, entries: shown.map((entry) => ({ entry, what: describeEvent(entry.event) })) });
    }
    return { view: { kind: "history", agents }, exit: 0 };
  });
}
