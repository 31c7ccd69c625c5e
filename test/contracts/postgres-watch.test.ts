// Hearing of entries as they are appended, and going on hearing after the connection was lost.

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import pg from "pg";
import { afterEach, expect, test, vi } from "vitest";
import type { Event } from "../../src/core/model/journal.js";
import type { AgentId, Instant } from "../../src/core/model/units.js";
import { Fault } from "../../src/ports/fault.js";
import type { StateStore } from "../../src/ports/state-store.js";
import { watchPostgres } from "../../src/providers/stores/postgres/watch.js";
import { openPostgresStore } from "../../src/providers/stores/postgres.js";
import { postgresUrl } from "../support/postgres.js";

const support = "support" as AgentId;
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function open(url: string): Promise<StateStore> {
  const store = await openPostgresStore({ url });
  cleanups.push(() => store.close());
  return store;
}

test("a watcher hears of every commit of its own schema, also after its connection was cut", async () => {
  const url = await postgresUrl();
  const schema = new URL(url).searchParams.get("schema");
  const [store, stranger] = [await open(url), await open(await postgresUrl())];
  const heard = countingBell();
  const watch = await watchPostgres({ url, changed: heard.ring });
  cleanups.push(() => watch.close());
  await stranger.append(support, 0, paused("elsewhere"));
  await store.append(support, 0, paused("first"));
  await heard.times(1);
  await expect(store.append(support, 0, paused("stale"))).rejects.toThrow(Fault);
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  cleanups.push(() => other.end());
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await other.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = $1", [`LISTEN "${schema}"`]);
  await vi.waitUntil(() => vi.getTimerCount() > 0);
  await vi.runOnlyPendingTimersAsync();
  vi.useRealTimers();
  // What may have come meanwhile is one more look.
  await heard.times(2);
  await store.append(support, 1, paused("second"));
  await heard.times(3);
  expect(heard.count()).toBe(3);
});

test("a server that is away when the watch begins is no trouble of the watcher", async () => {
  const watch = await watchPostgres({ url: "postgres://rollout@127.0.0.1:1/state", changed: () => undefined });
  await watch.close();
});

test("a server that stays away is asked once at a time, however long it is away", async () => {
  let asked = 0;
  let gone = 0;
  const away = createServer((socket) => {
    asked += 1;
    socket.on("close", () => {
      gone += 1;
    });
    socket.destroy();
  });
  away.listen(0, "127.0.0.1");
  await once(away, "listening");
  cleanups.push(async () => {
    away.close();
  });
  const { port } = away.address() as AddressInfo;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const watch = await watchPostgres({ url: `postgres://rollout@127.0.0.1:${port}/state`, changed: () => undefined });
  cleanups.push(() => watch.close());
  for (let round = 2; round <= 7; round++) {
    await vi.waitUntil(() => gone >= round - 1 && vi.getTimerCount() > 0);
    await vi.runOnlyPendingTimersAsync();
    await vi.waitUntil(() => gone >= round);
  }
  expect(asked).toBe(7);
});

/** Counts, and lets one wait for a count. */
function countingBell() {
  let count = 0;
  let told: () => void = () => undefined;
  return {
    count: () => count,
    ring: () => {
      count += 1;
      told();
    },
    times: (wanted: number) =>
      new Promise<void>((resolve) => {
        told = () => count >= wanted && resolve();
        told();
      }),
  };
}

function paused(why: string): Event {
  return { kind: "commanded", command: "pause", why, at: 1_700_000_000_000 as Instant, by: "a person", plan: null };
}
