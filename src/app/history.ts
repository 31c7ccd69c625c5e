// `rollout history`: every entry of the journals, oldest first.

import { describeEntries } from "../views/describe-event.js";
import type { Answer, HistoryView } from "../views/view.js";
import { everyCharge, withSession } from "./session.js";
import type { World } from "./world.js";

export interface HistoryArguments {
  readonly agents: readonly string[];
  /** The newest entries of each agent; null: all. */
  readonly limit: number | null;
}

export async function history(world: World, args: HistoryArguments): Promise<Answer> {
  return withSession(world, { readOnly: true, brokenSpec: true }, async (session) => {
    const agents: HistoryView["agents"][number][] = [];
    for (const { agent } of await everyCharge(session, args.agents)) {
      const entries = describeEntries(await session.store.history(agent));
      agents.push({ agent, entries: args.limit === null ? entries : entries.slice(-args.limit) });
    }
    return { view: { kind: "history", agents }, exit: 0 };
  });
}
