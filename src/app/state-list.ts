// `rollout state list`: what the state store keeps.

import { shortRevision } from "../core/model/units.js";
import type { Answer } from "../views/view.js";
import { stateOf, withSession } from "./session.js";
import type { World } from "./world.js";

export async function stateList(world: World): Promise<Answer> {
  return withSession(world, { readOnly: true, brokenSpec: true }, async (session) => {
    const agents = await session.store.agents();
    const lines = [`lineage ${session.store.lineage || "(none yet)"}`];
    const data: Record<
      string,
      { readonly serial: number; readonly stable: string | null; readonly rollout: string | null }
    > = {};
    for (const agent of agents) {
      const { serial } = await session.store.load(agent);
      const { stable, rollout } = await stateOf(session, agent);
      data[agent] = { serial, stable, rollout: rollout?.id ?? null };
      lines.push(
        `${agent}  entry ${serial}  stable ${stable === null ? "none" : shortRevision(stable)}  rollout ${rollout?.id ?? "none"}`,
      );
    }
    return { view: { kind: "message", lines, data: { lineage: session.store.lineage, agents: data } }, exit: 0 };
  });
}
