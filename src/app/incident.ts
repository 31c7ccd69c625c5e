// `rollout incident list|show`: the record of every rollback and undo, read from the journals.

import type { Incident } from "../core/model/incident.js";
import { incidentsOf } from "../runbook/incident.js";
import { describeEvent } from "../views/describe-event.js";
import type { Answer } from "../views/view.js";
import { drawPictures, sayNothingDrawn } from "./pictures.js";
import { refuse } from "./refusal.js";
import { everyCharge, type Session, withSession } from "./session.js";
import type { World } from "./world.js";

export async function incidentList(world: World, args: { readonly agents: readonly string[] }): Promise<Answer> {
  return withSession(world, { readOnly: true, brokenSpec: true }, async (session) => {
    return { view: { kind: "incidents", incidents: await allIncidents(session, args.agents) }, exit: 0 };
  });
}

export async function incidentShow(
  world: World,
  args: { readonly id: string; readonly svg?: string | null },
): Promise<Answer> {
  return withSession(world, { readOnly: true, brokenSpec: true }, async (session) => {
    const agents = await everyCharge(session, []);
    const named = agents.filter(({ agent }) => agent === args.id.replace(/-\d+$/, "")).map(({ agent }) => agent);
    const incidents = await allIncidents(session, named);
    const incident = incidents.find((candidate) => candidate.id === args.id);
    if (incident === undefined) {
      const known = incidents.map(({ id }) => id).join(", ");
      return refuse("incident/unknown", {
        detail: `There is no incident "${args.id}".`,
        hint: known === "" ? null : `Incidents: ${known}`,
      });
    }
    const { id: about, picture } = incident;
    const drawn = await drawPictures(world, { about, picture, folder: args.svg ?? null });
    sayNothingDrawn(world, { folder: args.svg, drawn });
    return { view: { kind: "incident", incident, drawn }, exit: 0 };
  });
}

/** Newest first. */
async function allIncidents(session: Session, agents: readonly string[]): Promise<readonly Incident[]> {
  const found: Incident[] = [];
  for (const { agent } of await everyCharge(session, agents)) {
    found.push(...incidentsOf(agent, await session.store.history(agent), describeEvent));
  }
  return found.sort((a, b) => b.at - a.at);
}
