// What gates and floors remember, in PostgreSQL: caches, which never go back.

import { type FloorMemory, keepsNewFloors } from "../../../core/gate/floor-memory.js";
import type { HealthMemory } from "../../../core/gate/health-memory.js";
import { keepsNewMemory } from "../../../core/gate/keeps-new-memory.js";
import type { AgentId, RolloutId } from "../../../core/model/units.js";
import { sealedText, unsealed } from "../../../ports/sealed-memory.js";
import type { StateStore } from "../../../ports/state-store.js";
import type { OpenState, PostgresRow } from "./connections.js";

export type Memories = Pick<StateStore, "loadMemory" | "saveMemory" | "loadFloors" | "saveFloors">;

/** Floors are watched with a rollout or without: their memory stands where no rollout's can. */
const noRollout = "" as RolloutId;

export function memoriesIn(state: OpenState): Memories {
  return {
    loadMemory: (agent, rollout) => load<HealthMemory>(state, { agent, rollout }),
    saveMemory: (agent, memory) => save(state, { agent, rollout: memory.rollout }, memory, keepsNewMemory),
    loadFloors: (agent) => load<FloorMemory>(state, { agent, rollout: noRollout }),
    saveFloors: (agent, memory) => save(state, { agent, rollout: noRollout }, memory, keepsNewFloors),
  };
}

interface Place {
  readonly agent: AgentId;
  readonly rollout: RolloutId;
}

async function load<Memory>({ connections, schema }: OpenState, { agent, rollout }: Place): Promise<Memory | null> {
  const text = `SELECT memory FROM ${schema}.memories WHERE agent = $1 AND rollout = $2`;
  return memoryOf(await connections.read(text, agent, rollout));
}

/** Of two that are the first at once one is dropped: it is a cache, and made again from the blocks where it is behind. */
async function save<Memory extends object>(
  { connections, schema, readOnly }: OpenState,
  { agent, rollout }: Place,
  memory: Memory,
  keepsNew: (kept: Memory | null, memory: Memory) => boolean,
): Promise<void> {
  if (readOnly) return;
  const text = sealedText(memory);
  const here = "agent = $1 AND rollout = $2";
  await connections.write(async (sql) => {
    const found = await sql.query(`SELECT memory FROM ${schema}.memories WHERE ${here} FOR UPDATE`, agent, rollout);
    if (!keepsNew(memoryOf<Memory>(found), memory)) return;
    const change =
      found.length === 0
        ? `INSERT INTO ${schema}.memories VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`
        : `UPDATE ${schema}.memories SET memory = $3 WHERE ${here}`;
    await sql.query(change, agent, rollout, text);
  });
}

function memoryOf<Memory>([row]: readonly PostgresRow[]): Memory | null {
  return row === undefined ? null : unsealed<Memory>(row.memory as string);
}
