/** Whatever a store holds comes back from a file, and from another kind of store, byte for byte. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { readStateText, stateText } from "../../src/app/state-document.js";
import type { Event } from "../../src/core/model/journal.js";
import type { RevisionContent } from "../../src/core/model/revision.js";
import type { AgentId, Instant } from "../../src/core/model/units.js";
import type { StateStore } from "../../src/ports/state-store.js";
import { openLibsql } from "../../src/providers/databases/libsql.js";
import { openGitStore } from "../../src/providers/stores/git.js";
import { openPostgresStore } from "../../src/providers/stores/postgres.js";
import { openSqliteStore } from "../../src/providers/stores/sqlite.js";
import { createMemoryStore } from "../../src/testing/memory-store.js";
import { GitRemote, gitEnv } from "../support/git-remote.js";
import { postgresUrl } from "../support/postgres.js";

const now = () => 1_700_000_000_000 as Instant;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/);
const journal = fc.array(
  fc.record({
    why: fc.string({ unit: "binary", maxLength: 12 }),
    at: fc.nat(),
    command: fc.constantFrom("pause", "correct"),
  }),
  { minLength: 1, maxLength: 4 },
);
const anyState = fc.record({
  lineage: fc.uuid(),
  epoch: fc.integer({ min: 1, max: 1_000_000 }),
  journals: fc.dictionary(name, journal, { maxKeys: 4 }),
  revisions: fc.uniqueArray(fc.stringMatching(/^[0-9a-f]{7}$/), { maxLength: 4 }),
  rollouts: fc.uniqueArray(name, { maxLength: 3 }),
  n: fc.double({ noNaN: true, noDefaultInfinity: true }),
});
type AnyState = typeof anyState extends fc.Arbitrary<infer T> ? T : never;

test("export, import, export: the same bytes", async () => {
  await fc.assert(
    fc.asyncProperty(anyState, async (state) => {
      const text = stateText(await (await filled(state)).dump());
      const store = createMemoryStore({ now, lineage: "another" });
      await store.replace(await store.dump(), readStateText(text, "state.json"));
      expect(stateText(await store.dump())).toBe(text);
    }),
    { numRuns: 100 },
  );
});

test("through SQLite, a branch, PostgreSQL and SQLite again nothing is lost", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollout-transfer-"));
  const remote = new GitRemote();
  cleanups.push(
    () => rmSync(folder, { recursive: true }),
    () => remote.remove(),
  );
  let count = 0;
  const databases = new Map<number, string>();
  const stores = {
    sqlite: (id: number) => openSqliteStore({ path: join(folder, `${id}.db`), now, openDatabase: openLibsql }),
    git: (id: number) => openGitStore({ root: remote.bare, branch: `state-${id}`, env: gitEnv, now }),
    postgres: async (id: number) => {
      const url = databases.get(id) ?? (await postgresUrl());
      databases.set(id, url);
      return openPostgresStore({ url, now });
    },
  };
  await fc.assert(
    fc.asyncProperty(anyState, async (state) => {
      let last: StateStore = await filled(state);
      const text = stateText(await last.dump());
      for (const kind of ["sqlite", "git", "postgres", "sqlite"] as const) {
        const id = ++count;
        const empty = await stores[kind](id);
        await empty.replace(await empty.dump(), await last.dump());
        await empty.close();
        const next = await stores[kind](id);
        expect(stateText(await next.dump())).toBe(text);
        await last.close();
        last = next;
      }
      await last.close();
    }),
    { numRuns: 8 },
  );
}, 120_000);

async function filled(state: AnyState): Promise<StateStore> {
  const store = createMemoryStore({ now, lineage: state.lineage });
  for (const [agent, entries] of Object.entries(state.journals)) {
    for (const [serial, { why, at, command }] of entries.entries()) {
      const event = { kind: "commanded", command, why, at, by: "a person", plan: null } as Event;
      await store.append(agent as AgentId, serial, event);
    }
    const memory = { configuration: "80%", watermark: state.epoch, watches: { n: state.n } };
    await store.saveFloors(agent as AgentId, memory as never);
    for (const rollout of state.rollouts) {
      await store.saveMemory(agent as AgentId, { ...memory, rollout, stage: 1, metrics: {}, shared: null } as never);
    }
  }
  for (const id of state.revisions) {
    const parts = { steps: {}, prompts: [], tools: [], release: null, origin: { commit: null, dirty: false } };
    await store.putRevision({ id: `r-${id}`, agent: "support", ...parts } as unknown as RevisionContent);
  }
  await store.raiseEpoch(state.epoch);
  return store;
}
