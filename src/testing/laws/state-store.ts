// What holds for every state store.

import assert from "node:assert/strict";
import type { FloorMemory } from "../../core/gate/floor-memory.js";
import type { HealthMemory } from "../../core/gate/health-memory.js";
import type { Event } from "../../core/model/journal.js";
import type { RevisionContent } from "../../core/model/revision.js";
import type { AgentState } from "../../core/model/state.js";
import type { AgentId, Duration, Instant, RevisionId, RolloutId } from "../../core/model/units.js";
import type { StateStore } from "../../ports/state-store.js";
import type { Law } from "../law.js";
import { isConflict, leaseLaws } from "./state-store-leases.js";
import { trailLaws } from "./state-store-trail.js";
import { transferLaws } from "./state-store-transfer.js";

/** One empty "disk", on which a law may open as many stores as it likes, each as another process would. */
export interface StateStoreBench {
  open(): Promise<StateStore>;
  /** The clock that every one of these stores reads. */
  readonly clock: { now(): Instant; advance(by: Duration): void };
  /**
   * Lets another process append the event to the agent's journal over and over, kills it in the middle, and answers the last serial that was
   * acknowledged to it.
   */
  dieAppending(agent: AgentId, event: Event): Promise<number>;
}

const support = "support" as AgentId;
const billing = "billing" as AgentId;

const journalLaws: readonly Law<StateStoreBench>[] = [
  {
    name: "an unknown agent has serial 0 and no entries",
    async check(bench) {
      const store = await bench.open();
      const { serial, snapshot, entries } = await store.load(support);
      assert.deepEqual({ serial, snapshot, entries }, { serial: 0, snapshot: null, entries: [] });
      assert.deepEqual(await store.agents(), []);
      assert.deepEqual(await store.history(support), []);
    },
  },
  {
    name: "what is appended is read back, in order, by everybody",
    async check(bench) {
      const store = await bench.open();
      assert.equal(await store.append(support, 0, paused("first")), 1);
      assert.equal(await store.append(support, 1, paused("second: ä \u{1f512} \u0000 \ud800")), 2);
      const other = await bench.open();
      const expected = [
        { serial: 1, event: paused("first") },
        { serial: 2, event: paused("second: ä \u{1f512} \u0000 \ud800") },
      ];
      assert.deepEqual((await other.load(support)).entries, expected);
      assert.deepEqual(await other.history(support), expected);
      assert.equal((await other.load(support)).serial, 2);
    },
  },
  {
    name: "a stale append is refused and leaves nothing",
    async check(bench) {
      const store = await bench.open();
      await store.append(support, 0, paused("first"));
      await isConflict(store.append(support, 0, paused("stale")));
      await isConflict(store.append(support, 2, paused("from the future")));
      assert.equal((await store.load(support)).serial, 1);
    },
  },
  {
    name: "of two racing appends exactly one wins",
    async check(bench) {
      const [one, two] = [await bench.open(), await bench.open()];
      for (let serial = 0; serial < 5; serial++) {
        const ends = await Promise.allSettled([
          one.append(support, serial, paused("one")),
          two.append(support, serial, paused("two")),
        ]);
        const winners = ends.filter((end) => end.status === "fulfilled");
        assert.deepEqual(winners, [{ status: "fulfilled", value: serial + 1 }]);
      }
      assert.equal((await one.history(support)).length, 5);
    },
  },
  {
    name: "a torn write is whole or absent after reopening",
    async check(bench) {
      const acknowledged = await bench.dieAppending(support, paused("x".repeat(5000)));
      const store = await bench.open();
      const entries = await store.history(support);
      const last = entries.length;
      assert.ok(last === acknowledged || last === acknowledged + 1, `${last} entries, ${acknowledged} acknowledged`);
      entries.forEach((entry, index) => {
        assert.deepEqual(entry, { serial: index + 1, event: paused("x".repeat(5000)) });
      });
      assert.equal(await store.append(support, last, paused("after the crash")), last + 1);
    },
  },
  {
    name: "journals of different agents do not touch each other",
    async check(bench) {
      const store = await bench.open();
      await store.append(support, 0, paused("support"));
      await store.append(billing, 0, paused("billing"));
      assert.deepEqual(await store.agents(), [billing, support]);
      assert.equal((await store.load(support)).serial, 1);
    },
  },
  {
    name: "the lineage never changes",
    async check(bench) {
      const store = await bench.open();
      await store.append(support, 0, paused("first"));
      await store.raiseEpoch(0);
      const other = await bench.open();
      assert.notEqual(store.lineage, "");
      assert.equal(other.lineage, store.lineage);
      assert.equal((await other.load(support)).lineage, store.lineage);
    },
  },
  {
    name: "the epoch rises, at least to what was asked, for everybody",
    async check(bench) {
      const [one, two] = [await bench.open(), await bench.open()];
      const before = (await one.load(support)).epoch;
      const raised = await one.raiseEpoch(before);
      assert.ok(raised > before);
      assert.equal(await two.raiseEpoch(raised + 5), raised + 5);
      assert.equal((await one.load(support)).epoch, raised + 5);
    },
  },
  {
    name: "a number that JSON cannot hold is refused, not changed",
    async check(bench) {
      const store = await bench.open();
      const event = { ...paused("not a time"), at: Number.NaN as Instant };
      await assert.rejects(store.append(support, 0, event));
      assert.equal((await store.load(support)).serial, 0);
    },
  },
];

const snapshotLaws: readonly Law<StateStoreBench>[] = [
  {
    name: "a snapshot stands for the entries before it",
    async check(bench) {
      const store = await bench.open();
      await append(store, 3);
      await store.saveSnapshot(support, 2, stateWith(2));
      const journal = await store.load(support);
      assert.deepEqual(journal.snapshot, { serial: 2, state: stateWith(2) });
      assert.deepEqual(
        journal.entries.map(({ serial }) => serial),
        [3],
      );
      assert.equal(journal.serial, 3);
      assert.equal((await store.history(support)).length, 3);
    },
  },
  {
    name: "a snapshot that is not newer than the one kept is ignored",
    async check(bench) {
      const store = await bench.open();
      await append(store, 3);
      await store.saveSnapshot(support, 3, stateWith(3));
      await store.saveSnapshot(support, 2, stateWith(2));
      await store.saveSnapshot(support, 3, stateWith(99));
      assert.deepEqual((await store.load(support)).snapshot, { serial: 3, state: stateWith(3) });
    },
  },
  {
    name: "a snapshot ahead of the journal is a mistake of ours",
    async check(bench) {
      const store = await bench.open();
      await append(store, 1);
      await assert.rejects(store.saveSnapshot(support, 2, stateWith(2)));
      assert.equal((await store.load(support)).snapshot, null);
    },
  },
];

const revisionLaws: readonly Law<StateStoreBench>[] = [
  {
    name: "a revision is stored once, whatever it was read from",
    async check(bench) {
      const store = await bench.open();
      assert.equal(await store.getRevision(revision("a1").id), null);
      await store.putRevision(revision("a1"));
      await store.putRevision({ ...revision("a1"), origin: { commit: "other", dirty: true } });
      const other = await bench.open();
      assert.deepEqual(await other.getRevision(revision("a1").id), revision("a1"));
    },
  },
  {
    name: "other content under a known id is refused",
    async check(bench) {
      const store = await bench.open();
      await store.putRevision(revision("a1"));
      await assert.rejects(store.putRevision({ ...revision("a1"), release: { kind: "name", name: "other" } }));
      assert.deepEqual(await store.getRevision(revision("a1").id), revision("a1"));
    },
  },
  {
    name: "two agents may have the same revision, and each finds it",
    async check(bench) {
      const store = await bench.open();
      await store.putRevision(revision("a1"));
      await store.putRevision({ ...revision("a1"), agent: billing });
      for (const agent of [support, billing]) assert.deepEqual(await store.findRevisions(agent, "r-"), ["r-a1"]);
      assert.equal((await store.getRevision(revision("a1").id))?.id, "r-a1");
      await assert.rejects(
        store.putRevision({ ...revision("a1"), agent: billing, release: { kind: "name", name: "other" } }),
      );
    },
  },
  {
    name: "revisions are found by the agent and the beginning of their id",
    async check(bench) {
      const store = await bench.open();
      for (const id of ["a2", "a1", "b1"]) await store.putRevision(revision(id));
      await store.putRevision({ ...revision("a3"), agent: billing });
      assert.deepEqual(await store.findRevisions(support, "r-a"), ["r-a1", "r-a2"]);
      assert.deepEqual(await store.findRevisions(support, "r-%"), []);
      assert.equal((await store.findRevisions(support, "")).length, 3);
    },
  },
];

const memoryLaws: readonly Law<StateStoreBench>[] = [
  {
    name: "a memory comes back as it was, to its own rollout alone",
    async check(bench) {
      const store = await bench.open();
      await store.saveMemory(support, memory({ watermark: 100 }));
      const other = await bench.open();
      assert.deepEqual(await other.loadMemory(support, memory({}).rollout), memory({ watermark: 100 }));
      assert.equal(await other.loadMemory(support, "another" as RolloutId), null);
      assert.equal(await other.loadMemory(billing, memory({}).rollout), null);
    },
  },
  {
    name: "memories never go back",
    async check(bench) {
      const store = await bench.open();
      await store.saveMemory(support, memory({ watermark: null }));
      await store.saveMemory(support, memory({ watermark: 200, stage: 3 }));
      for (const older of [{ watermark: null }, { watermark: 100, stage: 5 }, { watermark: 200, stage: 1 }]) {
        await store.saveMemory(support, memory(older));
      }
      assert.deepEqual(await store.loadMemory(support, memory({}).rollout), memory({ watermark: 200, stage: 3 }));
    },
  },
  {
    name: "the memory of floors comes back as it was, apart from those of rollouts, and never goes back",
    async check(bench) {
      const store = await bench.open();
      const floors = (seen: Partial<FloorMemory>): FloorMemory => ({
        configuration: "80%",
        watermark: 200 as Instant,
        watches: {},
        ...seen,
      });
      assert.equal(await store.loadFloors(support), null);
      await store.saveMemory(support, memory({ watermark: 100 }));
      await store.saveFloors(support, floors({}));
      await store.saveFloors(support, floors({ watermark: 100 as Instant }));
      const other = await bench.open();
      assert.deepEqual(await other.loadFloors(support), floors({}));
      assert.equal(await other.loadFloors(billing), null);
      assert.deepEqual(await other.loadMemory(support, memory({}).rollout), memory({ watermark: 100 }));
      await other.saveFloors(support, floors({ configuration: "70%", watermark: null }));
      assert.equal((await store.loadFloors(support))?.configuration, "70%");
    },
  },
  {
    name: "a later stage or another configuration replaces a memory that has seen as much",
    async check(bench) {
      const store = await bench.open();
      await store.saveMemory(support, memory({ watermark: 200, stage: 1 }));
      await store.saveMemory(support, memory({ watermark: 200, stage: 3 }));
      assert.equal((await store.loadMemory(support, memory({}).rollout))?.stage, 3);
      await store.saveMemory(support, memory({ watermark: null, configuration: "new" }));
      assert.equal((await store.loadMemory(support, memory({}).rollout))?.configuration, "new");
    },
  },
];

export const stateStoreLaws: readonly Law<StateStoreBench>[] = [
  ...journalLaws,
  ...trailLaws,
  ...snapshotLaws,
  ...leaseLaws,
  ...revisionLaws,
  ...memoryLaws,
  ...transferLaws,
];

async function append(store: StateStore, count: number): Promise<void> {
  for (let serial = 0; serial < count; serial++) await store.append(support, serial, paused(`entry ${serial + 1}`));
}

function paused(why: string): Event {
  return { kind: "commanded", command: "pause", why, at: 1_700_000_000_000 as Instant, by: "a person", plan: null };
}

/** A store knows nothing of a state but that it is plain data. */
function stateWith(incidents: number): AgentState {
  return { agent: support, stable: null, incidents } as Partial<AgentState> as AgentState;
}

function revision(id: string): RevisionContent {
  return {
    id: `r-${id}` as RevisionId,
    agent: support,
    steps: { planning: { model: "claude-opus-4-5", version: "20251101", params: { temperature: 0.2 } } },
    prompts: [{ path: "prompts/a.md", blob: "abc", name: "a", text: "Be kind.\n" }],
    tools: [],
    release: null,
    origin: { commit: "9f2c1e7", dirty: false },
  };
}

function memory(parts: {
  readonly watermark?: number | null;
  readonly stage?: number;
  readonly configuration?: string;
}): HealthMemory {
  return {
    rollout: "ro-1" as RolloutId,
    configuration: parts.configuration ?? "sha256:c0",
    stage: parts.stage ?? 1,
    watermark: (parts.watermark ?? null) as Instant | null,
    horizon: 50,
    metrics: { task_success_rate: { n: 1 } },
    shared: null,
  };
}
