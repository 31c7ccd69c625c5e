// What holds for the journal as every state store keeps it: the same links, so that an audit of any store says the same.

import assert from "node:assert/strict";
import { exactJson } from "../../core/model/exact-json.js";
import type { Event } from "../../core/model/journal.js";
import type { AgentState } from "../../core/model/state.js";
import type { AgentId, Instant } from "../../core/model/units.js";
import { checkChain, firstLink } from "../../ports/entry-chain.js";
import { readEntry } from "../../ports/entry-format.js";
import type { StateStore } from "../../ports/state-store.js";
import type { Law } from "../law.js";

const support = "support" as AgentId;

export const trailLaws: readonly Law<{ open(): Promise<StateStore> }>[] = [
  {
    name: "the trail gives every entry with its link, the head, and the snapshot",
    async check(bench) {
      const store = await bench.open();
      assert.deepEqual(await store.trail(support), { entries: [], head: null, snapshot: null });
      assert.deepEqual(await store.trailed(), []);
      for (const serial of [0, 1, 2]) await store.append(support, serial, paused(serial));
      const state = { agent: support, stable: null, incidents: 2 } as Partial<AgentState> as AgentState;
      await store.saveSnapshot(support, 2, state);
      const other = await bench.open();
      const { entries, head, snapshot } = await other.trail(support);
      checkChain(support, firstLink(other.lineage, support), entries, 0);
      const events = entries.map((entry) => readEntry(support, entry));
      assert.deepEqual(events, await other.history(support));
      assert.deepEqual(head, { serial: 3, hash: entries[2]?.hash });
      assert.deepEqual(snapshot, { serial: 2, state: exactJson(state) });
      assert.deepEqual(await other.trailed(), [support]);
    },
  },
];

function paused(serial: number): Event {
  const at = (1_700_000_000_000 + serial) as Instant;
  return {
    kind: "commanded",
    command: "pause",
    why: `entry ${serial + 1}: \u00e4 "quoted"`,
    at,
    by: "a person",
    plan: null,
  };
}
