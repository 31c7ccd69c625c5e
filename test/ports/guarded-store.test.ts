/** What somebody wrote into a store by hand: caches are made again, and what must last is refused with a reason. */
import { expect, test } from "vitest";
import type { RevisionContent } from "../../src/core/model/revision.js";
import type { AgentState } from "../../src/core/model/state.js";
import type { AgentId, Instant, RevisionId, RolloutId } from "../../src/core/model/units.js";
import { unknownAgent } from "../../src/core/rollout/replay.js";
import { Fault } from "../../src/ports/fault.js";
import { guardedStore } from "../../src/ports/guarded-store.js";
import type { StateDump } from "../../src/ports/state-dump.js";
import type { StateStore } from "../../src/ports/state-store.js";
import { createMemoryStore } from "../../src/testing/memory-store.js";

const support = "support" as AgentId;
const now = () => 1_700_000_000_000 as Instant;
const paused = { kind: "commanded", command: "pause", why: "a look", at: now(), by: "ada", plan: null } as const;
const whole = unknownAgent(support);

async function storeWith(state: object): Promise<StateStore> {
  const store = createMemoryStore({ now });
  for (const serial of [0, 1, 2]) await store.append(support, serial, paused);
  await store.saveSnapshot(support, 2, state as AgentState);
  return guardedStore(store);
}

test("a snapshot is taken as it is", async () => {
  const { snapshot, entries } = await (await storeWith(whole)).load(support);
  expect([snapshot?.serial, entries.length]).toEqual([2, 1]);
});

test.each([
  ["a field less", { ...whole, rejected: undefined }],
  ["a weight beyond all", { ...whole, inForce: { weight: 10_001 } }],
  ["a text for a number", { ...whole, incidents: "7" }],
  ["nothing of it", { hello: 1 }],
])("a snapshot with %s is folded again from all entries", async (_, state) => {
  const { snapshot, entries, serial } = await (await storeWith(state)).load(support);
  expect([snapshot, entries.length, serial]).toEqual([null, 3, 3]);
});

test("memories of another shape are as if they were not there", async () => {
  const bare = createMemoryStore({ now });
  const store = guardedStore({ ...methodsOf(bare), loadMemory: async () => ({ rollout: 3 }) as never } as StateStore);
  expect(await store.loadMemory(support, "ro-1" as RolloutId)).toBeNull();
});

test("floors whose counts are none are counted again from the blocks, and sound ones are taken", async () => {
  const state = { limit: 0.2, level: 0.001, since: null, bets: [0, 0], sessions: 10, bad: 1 };
  const count = { kind: "share", state };
  const watch = { count, since: 1_700_000_000_000, proven: null };
  const loaded = async (kept: object): Promise<boolean> => {
    const memory = { configuration: "c", watermark: null, watches: { "r-1": { task_success_rate: kept } } };
    const bare = methodsOf(createMemoryStore({ now }));
    const store = guardedStore({ ...bare, loadFloors: async () => memory as never } as StateStore);
    return (await store.loadFloors(support)) !== null;
  };
  expect([await loaded(watch), await loaded({ ...watch, proven: { since: watch.since, count } })]).toEqual([
    true,
    true,
  ]);
  for (const odd of [
    { ...watch, count: 5 },
    { ...watch, proven: undefined },
    { ...watch, count: { kind: "share", state: { ...state, bets: "x" } } },
    { ...watch, proven: { since: watch.since, count: { kind: "mean", state } } },
  ])
    expect(await loaded(odd)).toBe(false);
});

test("a revision of another shape is refused, and text that is no JSON too", async () => {
  const bare = methodsOf(createMemoryStore({ now }));
  const kept = guardedStore({ ...bare, getRevision: async () => ({ id: "r-1" }) as RevisionContent } as StateStore);
  await expect(kept.getRevision("r-1" as RevisionId)).rejects.toThrow(/content of r-1.*agent is missing/);
  const torn = guardedStore({
    ...bare,
    load: async () => JSON.parse("{") as never,
    loadFloors: async () => JSON.parse("{") as never,
    findRevisions: async () => JSON.parse("{") as never,
    dump: async () => JSON.parse("{") as never,
    replace: async () => JSON.parse("{") as never,
  } as StateStore);
  await expect(torn.load(support)).rejects.toThrow(Fault);
  await expect(torn.findRevisions(support, "r-")).rejects.toThrow(Fault);
  await expect(torn.dump()).rejects.toThrow(Fault);
  await expect(torn.replace({} as StateDump, {} as StateDump)).rejects.toThrow(Fault);
  expect(await torn.loadFloors(support)).toBeNull();
});

function methodsOf(store: StateStore): Partial<StateStore> {
  return { lineage: store.lineage, load: (agent) => store.load(agent), history: (agent) => store.history(agent) };
}
