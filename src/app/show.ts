// `rollout show`: a saved plan, or a revision by the beginning of its id.

import { resolve } from "node:path";
import { componentChanges, components } from "../core/model/revision.js";
import { type AgentId, type RevisionId, shortRevision } from "../core/model/units.js";
import type { Answer } from "../views/view.js";
import { readPlanFile } from "./plan-file.js";
import { Refusal, refuse } from "./refusal.js";
import { type Session, stateOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface ShowArguments {
  /** A plan file's path, or `r-3f2a91c`. */
  readonly what: string;
}

export async function show(world: World, args: ShowArguments): Promise<Answer> {
  if (/^r-[0-9a-f]*$/.test(args.what)) return showRevision(world, args.what);
  const text = await world.files.read(resolve(world.cwd, args.what));
  if (text === null)
    refuse("file/missing", {
      detail: `There is no file "${args.what}".`,
      hint: "rollout show FILE, or rollout show r-3f2a91c",
      about: args.what,
    });
  const read = readPlanFile(text, args.what);
  if (!read.ok) throw new Refusal(read.problems);
  const { plan, digest } = read.value;
  return {
    view: { kind: "plan", plan, digest, now: world.now(), savedTo: null, pictures: {}, drawn: [], warnings: [] },
    exit: 0,
  };
}

async function showRevision(world: World, prefix: string): Promise<Answer> {
  return withSession(world, { readOnly: true, brokenSpec: true }, async (session) => {
    const { agent, revision } = await findRevision(session, prefix);
    const fromSpec = session.spec?.agents[agent];
    const content =
      (await session.store.getRevision(revision)) ??
      [fromSpec?.revision, fromSpec?.base].find((candidate) => candidate?.id === revision) ??
      null;
    if (content === null)
      return refuse("revision/unknown", { detail: `The content of ${shortRevision(revision)} is not kept.` });
    const { stable } = await stateOf(session, agent);
    const against = stable === null || stable === revision ? null : await session.store.getRevision(stable);
    const changes = against === null ? [] : componentChanges(components(against), components(content));
    return { view: { kind: "revision", content, changes, against: against?.id ?? null }, exit: 0 };
  });
}

/** The one revision of spec and state that starts with `prefix`. */
async function findRevision(
  session: Session,
  prefix: string,
): Promise<{ readonly agent: AgentId; readonly revision: RevisionId }> {
  const found = new Map<RevisionId, AgentId>();
  for (const spec of Object.values(session.spec?.agents ?? {})) {
    for (const content of [spec.revision, spec.base])
      if (content.id.startsWith(prefix)) found.set(content.id, spec.agent);
  }
  for (const agent of await session.store.agents()) {
    for (const revision of await session.store.findRevisions(agent, prefix)) found.set(revision, agent);
  }
  const [only] = found;
  if (only === undefined || found.size > 1) {
    const detail =
      found.size === 0 ? `No revision starts with "${prefix}".` : `${found.size} revisions start with "${prefix}".`;
    return refuse("revision/unknown", { detail, hint: "rollout history" });
  }
  return { revision: only[0], agent: only[1] };
}
