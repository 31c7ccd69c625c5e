// What every command shares that changes the state itself: who may, what is kept of before, and the entry that tells of it.

import { join } from "node:path";
import type { EventBody } from "../core/model/journal.js";
import type { AgentId } from "../core/model/units.js";
import { entryText } from "../ports/entry-format.js";
import type { StateDump } from "../ports/state-dump.js";
import { refuse } from "./refusal.js";
import type { Session } from "./session.js";
import { stateOf } from "./session.js";
import { stateText } from "./state-document.js";
import type { World } from "./world.js";

/** Asks a person, who must write `yes`. */
export type Ask = (question: string) => Promise<boolean>;

export function demandReason(command: string, because: string | null): string {
  if ((because ?? "").trim() !== "") return because ?? "";
  return refuse("reason/missing", {
    detail: `"state ${command}" is recorded with a person's reason.`,
    hint: `rollout state ${command} --because "…"`,
  });
}

export async function demandConsent(
  world: World,
  said: { readonly autoApprove: boolean; readonly ask: Ask; readonly question: string; readonly command: string },
): Promise<void> {
  if (said.autoApprove || (world.interactive && (await said.ask(said.question)))) return;
  refuse("state/not-confirmed", {
    detail: world.interactive ? "Nothing was changed." : "Nobody sits at a terminal, and --auto-approve was not given.",
    hint: `rollout state ${said.command} --because "…" --auto-approve`,
  });
}

/** Throws a `Refusal` for an agent without a journal. */
export async function demandKnown({ store }: Session, name: string): Promise<AgentId> {
  const agents = await store.agents();
  if (agents.includes(name as AgentId)) return name as AgentId;
  const known = agents.length === 0 ? "It knows none." : `It knows ${agents.join(", ")}.`;
  return refuse("agent/unknown", { detail: `The state does not know "${name}". ${known}`, about: name });
}

/** Between rollouts, and while nobody works on it: under one, sessions of the canary would be left to nobody. */
export async function demandRest(session: Session, agent: AgentId): Promise<void> {
  const { rollout } = await stateOf(session, agent);
  if (rollout !== null) {
    refuse("agent/rollout-under-way", {
      detail: `A rollout of "${agent}" is under way (${rollout.id}).`,
      hint: `rollout abort ${agent} --because "…"`,
      about: agent,
    });
  }
  await demandNobody(session, agent);
}

export async function demandNobody({ store }: Session, agent: AgentId): Promise<void> {
  const lease = await store.leaseOf(agent);
  if (lease === null) return;
  const until = new Date(lease.until).toISOString();
  refuse(
    "state/lock-held",
    {
      detail: `${lease.holder} is working on ${agent}, until ${until} unless it goes on.`,
      hint: `rollout state unlock ${agent} --because "…"`,
      about: agent,
    },
    11,
  );
}

/** Writes the whole state beside the project's own, never over an earlier copy; answers the path, relative to the root. */
export async function keepCopy({ world, root }: Session, dump: StateDump, before: string): Promise<string> {
  const time = new Date(world.now()).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const kept = await world.files.list(join(root, ".rollout"));
  const name = (count: number): string => `before-${before}-${time}${count === 1 ? "" : `-${count}`}.json`;
  let count = 1;
  while (kept.includes(name(count))) count += 1;
  const path = `.rollout/${name(count)}`;
  await world.files.write(join(root, path), stateText(dump));
  return path;
}

/** The text of an entry that a person's command leaves. */
export async function editEntry(world: World, body: Extract<EventBody, { kind: "state-edited" }>): Promise<string> {
  return entryText({ ...body, at: world.now(), by: await world.by(), plan: null });
}
