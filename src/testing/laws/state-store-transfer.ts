// What holds for every state store when a whole state is taken out, put in another's place, or declared as moved.

import assert from "node:assert/strict";
import type { FloorMemory } from "../../core/gate/floor-memory.js";
import type { HealthMemory } from "../../core/gate/health-memory.js";
import type { Event } from "../../core/model/journal.js";
import type { RevisionContent } from "../../core/model/revision.js";
import type { AgentId, Duration, Instant } from "../../core/model/units.js";
import { Fault } from "../../ports/fault.js";
import { linkedAs, type StateDump } from "../../ports/state-dump.js";
import type { StateStore } from "../../ports/state-store.js";
import type { Law } from "../law.js";
import { createMemoryStore } from "../memory-store.js";

const support = "support" as AgentId;
const minute = 60_000 as Duration;

interface TransferBench {
  open(): Promise<StateStore>;
  readonly clock: { now(): Instant; advance(by: Duration): void };
}

export const transferLaws: readonly Law<TransferBench>[] = [
  {
    name: "an empty store dumps as one",
    async check(bench) {
      const store = await bench.open();
      const { lineage, moved, journals, revisions, memories, floors } = await store.dump();
      const nothing = { moved: null, journals: [], revisions: [], memories: [], floors: [] };
      assert.deepEqual({ moved, journals, revisions, memories, floors }, nothing);
      assert.equal(lineage, store.lineage);
    },
  },
  {
    name: "a whole state takes another's place, and comes back out as it went in",
    async check(bench) {
      const other = createMemoryStore({ now: bench.clock.now, lineage: "from elsewhere" });
      await fill(other);
      const brought = await other.dump();
      const store = await bench.open();
      await store.append("billing" as AgentId, 0, paused("of another state"));
      await store.lease(support, { holder: "ci-4711", for: minute });
      await store.replace(await store.dump(), brought);
      const opened = await bench.open();
      assert.deepEqual(await opened.dump(), brought);
      assert.equal(opened.lineage, "from elsewhere");
      assert.deepEqual(await opened.agents(), [support]);
      const before = (await other.load(support)).entries;
      assert.deepEqual(await opened.history(support), before);
      assert.equal(await opened.append(support, before.length, paused("goes on")), before.length + 1);
      assert.equal((await opened.loadMemory(support, healthMemory.rollout))?.configuration, "sha256:c0");
      assert.deepEqual(await opened.loadFloors(support), floorMemory);
      assert.deepEqual(await opened.getRevision(content.id), content);
      assert.equal(await opened.leaseOf(support), null);
    },
  },
  {
    name: "a state that moved on since it was dumped is not replaced",
    async check(bench) {
      const [one, two] = [await bench.open(), await bench.open()];
      await fill(one);
      const before = await one.dump();
      await two.append(support, 2, paused("in between"));
      await assert.rejects(one.replace(before, { ...before, epoch: 9 }), isFault("conflict", "moved"));
      assert.equal((await two.load(support)).serial, 3);
    },
  },
  {
    name: "a revision that was stored since the dump is not lost by a replacement",
    async check(bench) {
      const [one, two] = [await bench.open(), await bench.open()];
      await fill(one);
      const before = await one.dump();
      const later = { ...content, id: "r-b2" as RevisionContent["id"] };
      await two.putRevision(later);
      await assert.rejects(one.replace(before, { ...before, epoch: 9 }), isFault("conflict", "moved"));
      assert.deepEqual(await two.getRevision(later.id), later);
    },
  },
  {
    name: "whoever looked at the state that was replaced writes nothing to the one in its place",
    async check(bench) {
      const [one, late] = [await bench.open(), await bench.open()];
      await fill(one);
      const other = createMemoryStore({ now: bench.clock.now, lineage: "from elsewhere" });
      await fill(other);
      const { serial } = await late.load(support);
      await one.replace(await one.dump(), await other.dump());
      // A store that lives in one object has nobody who looked before.
      if (late === one) return;
      await assert.rejects(late.append(support, serial, paused("late")), isFault("conflict", "replaced"));
      assert.equal((await (await bench.open()).load(support)).serial, serial);
    },
  },
  {
    name: "an append follows the entry that was looked at, not another history's of the same number",
    async check(bench) {
      const [one, late] = [await bench.open(), await bench.open()];
      await one.append(support, 0, paused("of both"));
      const copied = await one.dump();
      await one.append(support, 1, paused("of one"));
      const { serial } = await late.load(support);
      const twice = createMemoryStore({ now: bench.clock.now, lineage: copied.lineage });
      await twice.replace(await twice.dump(), copied);
      await twice.append(support, 1, paused("of the copy"));
      await one.replace(await one.dump(), await twice.dump());
      await assert.rejects(
        late.append(support, serial, paused("late")),
        isFault("conflict", "another one than was looked at"),
      );
      const { entries } = await (await bench.open()).load(support);
      assert.deepEqual(entries.at(-1)?.event, paused("of the copy"));
      assert.equal((await late.load(support)).serial, serial);
      assert.equal(await late.append(support, serial, paused("looked again")), serial + 1);
    },
  },
  {
    name: "a state that has moved is neither worked on nor told as if it were true, and can still be taken out",
    async check(bench) {
      const [store, stale] = [await bench.open(), await bench.open()];
      await fill(store);
      const before = await store.dump();
      await store.replace(before, { ...before, moved: "git:rollout-state" });
      const refused = isFault("unsupported", "git:rollout-state");
      await assert.rejects(stale.append(support, 2, paused("late")), refused);
      await assert.rejects(stale.lease(support, { holder: "late", for: minute }), refused);
      await assert.rejects(stale.load(support), refused);
      await assert.rejects(stale.history(support), refused);
      const after: StateDump = await stale.dump();
      assert.deepEqual(after, { ...before, moved: "git:rollout-state" });
      await stale.replace(after, before);
      assert.equal((await store.load(support)).serial, 2);
    },
  },
  {
    name: "whose lease was freed by somebody else cannot renew it",
    async check(bench) {
      const [one, two] = [await bench.open(), await bench.open()];
      const lease = await one.lease(support, { holder: "ci-4711", for: minute });
      assert.deepEqual(await two.leaseOf(support), { holder: "ci-4711", until: bench.clock.now() + minute });
      await two.unlock(support);
      assert.equal(await two.leaseOf(support), null);
      bench.clock.advance((minute / 2 + 1) as Duration);
      await assert.rejects(lease.renew(), isFault("conflict", "ci-4711"));
      await two.lease(support, { holder: "laptop", for: minute });
      await lease.release();
      assert.equal((await one.leaseOf(support))?.holder, "laptop");
    },
  },
  {
    name: "a journal goes on under another agent's name, with links of its own",
    async check(bench) {
      const store = await bench.open();
      await fill(store);
      const before = await store.dump();
      const events = (before.journals[0]?.entries ?? []).map(({ event }) => event);
      const renamed = linkedAs(before.lineage, "help" as AgentId, events);
      await store.replace(before, { ...before, journals: [renamed] });
      const opened = await bench.open();
      assert.deepEqual(await opened.agents(), ["help"]);
      assert.equal((await opened.history("help" as AgentId)).length, 2);
      assert.equal((await opened.load(support)).serial, 0);
    },
  },
];

async function fill(store: StateStore): Promise<void> {
  await store.append(support, 0, paused("first"));
  await store.append(support, 1, paused("second: ä \u{1f512} \ud800"));
  await store.putRevision(content);
  await store.saveMemory(support, healthMemory);
  await store.saveFloors(support, floorMemory);
  await store.raiseEpoch(4);
}

const content: RevisionContent = {
  id: "r-a1" as RevisionContent["id"],
  agent: support,
  steps: { planning: { model: "opus", version: "1", params: { temperature: 0.2 } } },
  prompts: [],
  tools: [],
  release: null,
  origin: { commit: null, dirty: false },
};

/** A store knows nothing of a memory but what says which is newer. */
const healthMemory = {
  ...{ rollout: "ro-1", configuration: "sha256:c0", stage: 1, watermark: 100, horizon: 50 },
  ...{ metrics: { task_success_rate: { n: 1 } }, shared: null },
} as unknown as HealthMemory;
const floorMemory: FloorMemory = { configuration: "80%", watermark: 200 as Instant, watches: {} };

function paused(why: string): Event {
  return { kind: "commanded", command: "pause", why, at: 1_700_000_000_000 as Instant, by: "a person", plan: null };
}

function isFault(kind: Fault["kind"], naming: string): (error: unknown) => boolean {
  return (error) => error instanceof Fault && error.kind === kind && error.message.includes(naming);
}
