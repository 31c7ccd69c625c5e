import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, test } from "vitest";
import type { Duration, Instant } from "../../src/core/model/units.js";
import { openLibsql } from "../../src/providers/databases/libsql.js";
import { openGitStore } from "../../src/providers/stores/git.js";
import { openPostgresStore } from "../../src/providers/stores/postgres.js";
import { openSqliteStore } from "../../src/providers/stores/sqlite.js";
import { type StateStoreBench, stateStoreLaws } from "../../src/testing/laws/state-store.js";
import { createMemoryStore } from "../../src/testing/memory-store.js";
import { GitRemote, gitEnv } from "../support/git-remote.js";
import { postgresUrl } from "../support/postgres.js";
import { killWhileAppending } from "./start-appending.js";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const benches: Readonly<Record<string, () => Promise<StateStoreBench>>> = {
  memory: async () => {
    const clock = virtualClock();
    const store = createMemoryStore({ now: clock.now, lineage: "lineage-1" });
    return {
      open: async () => store,
      clock,
      async dieAppending(agent, event) {
        for (let serial = 0; serial < 3; serial++) await store.append(agent, serial, event);
        return 2;
      },
    };
  },
  sqlite: async () => {
    const folder = await mkdtemp(join(tmpdir(), "rollout-store-"));
    cleanups.push(() => rm(folder, { recursive: true }));
    const clock = virtualClock();
    const path = join(folder, "deep/state.db");
    return {
      async open() {
        const store = await openSqliteStore({ path, now: clock.now, openDatabase: openLibsql });
        cleanups.push(() => store.close());
        return store;
      },
      clock,
      dieAppending: (agent, event) => killWhileAppending({ path, agent, event, acknowledgements: 7 }),
    };
  },
  postgres: async () => {
    const clock = virtualClock();
    const url = await postgresUrl();
    return {
      async open() {
        const store = await openPostgresStore({ url, now: clock.now });
        cleanups.push(() => store.close());
        return store;
      },
      clock,
      dieAppending: (agent, event) => killWhileAppending({ path: url, agent, event, acknowledgements: 7 }),
    };
  },
  "git, pushed over the git protocol": () => gitBench((remote) => remote.serveGit()),
  "git, pushed over HTTP": () => gitBench((remote) => remote.serveHttp()),
  "git without a remote": async () => {
    const remote = new GitRemote();
    cleanups.push(() => remote.remove());
    const clone = await remote.clone();
    remote.git(clone, "remote", "remove", "origin");
    return gitBenchOf(async () => clone);
  },
};

/** The ways to put a commit on the branch differ in how the compare and swap is asked and answered, and in nothing else. */
function matters(kind: string, law: string): boolean {
  return !/HTTP|without/.test(kind) || /racing|torn|stale append|takes another|read back/.test(law);
}

/** Each store has a clone of its own. */
async function gitBench(serve: (remote: GitRemote) => Promise<unknown>): Promise<StateStoreBench> {
  const remote = new GitRemote();
  cleanups.push(() => remote.remove());
  await serve(remote);
  return gitBenchOf(() => remote.clone());
}

function gitBenchOf(clone: () => Promise<string>): StateStoreBench {
  const clock = virtualClock();
  return {
    async open() {
      const root = await clone();
      const options = { root, branch: "rollout-state", env: gitEnv, freshForMs: 0 };
      const store = await openGitStore({ ...options, now: clock.now });
      cleanups.push(() => store.close());
      return store;
    },
    clock,
    dieAppending: async (agent, event) =>
      killWhileAppending({ path: `git:${await clone()}`, agent, event, acknowledgements: 3 }),
  };
}

for (const [kind, bench] of Object.entries(benches)) {
  describe(`state store: ${kind}`, () => {
    for (const law of stateStoreLaws.filter(({ name }) => matters(kind, name)))
      test(law.name, async () => law.check(await bench()), 20_000);
  });
}

function virtualClock(): StateStoreBench["clock"] {
  let now = 1_700_000_000_000;
  return {
    now: () => now as Instant,
    advance: (by: Duration) => {
      now += by;
    },
  };
}
