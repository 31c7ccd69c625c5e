// Which model each step of each agent serves, by the journal: who is promoted on what.

import { modelText } from "../core/model/revision.js";
import type { AgentState } from "../core/model/state.js";
import type { AgentId } from "../core/model/units.js";
import { replay } from "../core/rollout/replay.js";
import type { StateStore } from "../ports/state-store.js";

export type StableModels = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Agent -> step -> `model@version` and canonical params of the stable revision, for every agent that the journal knows. */
export async function readStableModels(store: StateStore): Promise<StableModels> {
  const models: Record<string, Readonly<Record<string, string>>> = {};
  for (const agent of await store.agents()) {
    const { stable } = await readAgentState(store, agent);
    const content = stable === null ? null : await store.getRevision(stable);
    const steps = Object.entries(content?.steps ?? {}).map(([step, entry]) => [step, modelText(entry)] as const);
    models[agent] = Object.fromEntries(steps);
  }
  return models;
}

export async function readAgentState(store: StateStore, agent: AgentId): Promise<AgentState> {
  const { snapshot, entries } = await store.load(agent);
  return snapshot === null ? replay(agent, entries) : replay(agent, entries, snapshot.state);
}
