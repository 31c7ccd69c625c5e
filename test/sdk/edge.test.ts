// The router over a snapshot that is handed in: the same answers and the same refusals as over a file.

import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { Snapshot } from "../../src/core/model/snapshot.js";
import {
  type EdgeOptions,
  type EdgeRouter,
  type GivenSnapshot,
  type RouteEvent,
  routerOf,
} from "../../src/sdk/edge.js";
import { openRouter } from "../../src/sdk/index.js";
import { atWeight, canary, damages, Folder, later, published, stable, textOf } from "./support.js";

let lines: string[] = [];
beforeEach(() => {
  lines = [];
});

const handed = (given: GivenSnapshot, options: EdgeOptions = {}): Promise<EdgeRouter> =>
  routerOf(given, { log: (line) => lines.push(line), now: () => later, ...options });
const sessions = Array.from({ length: 400 }, (_, i) => `session-${i}`);
const variants = (router: EdgeRouter) => new Set(sessions.map((session) => router.route(session).variant));
const fenced = (snapshot: Snapshot, epoch: number, serial: number): string =>
  textOf({ ...snapshot, fence: { epoch, serial } });

test("it answers what the router of a file answers", async () => {
  const folder = new Folder();
  folder.put(textOf(published));
  const file = await openRouter(folder.file, { now: () => later, pollMs: 1_000_000 });
  const router = await handed(textOf(published));
  fc.assert(
    fc.property(fc.string(), fc.option(fc.date({ noInvalidDate: false }), { nil: undefined }), (session, startedAt) => {
      expect(router.route(session, { startedAt })).toEqual(file.route(session, { startedAt }));
    }),
  );
  const route = router.route("a");
  expect(router.getModel("planning", route)).toEqual(file.getModel("planning", route));
  expect(router.getPrompt("system", route)).toEqual(file.getPrompt("system", route));
  const { tasks, ...status } = file.status();
  expect(router.status()).toEqual(status);
  await file.close();
  folder.remove();
});

describe.each(Object.entries(damages))("%s", (_, damage) => {
  test("is refused as a file is: one line, the old one stays, and the next good one is taken", async () => {
    const router = await handed(textOf(published));
    const before = sessions.map((session) => router.route(session));
    const because = await router.update(damage);
    expect(await router.update(`${damage} `)).toBe(because);
    expect(sessions.map((session) => router.route(session))).toEqual(before);
    expect(lines).toEqual([
      `rollout: the routing snapshot is refused, since ${because}; the last good snapshot stays in force`,
    ]);
    expect(router.status().refused).toBe(because);
    expect(await router.update(textOf(atWeight(100)))).toBe(null);
    expect(variants(router)).toEqual(new Set(["canary"]));
  });
});

describe("at the start", () => {
  const bootstrap = { revision: "r-built-in", steps: { planning: { model: "claude-haiku-4-5", version: "20251001" } } };

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["half a file", textOf(published).slice(0, 700)],
  ])("where there is %s, the previous one serves its stable revision", async (_, given) => {
    const router = await handed(given, { previous: textOf(atWeight(100)), bootstrap });
    expect(router.status()).toMatchObject({ origin: "previous", revision: stable, canary: null, weight: 0 });
    expect(variants(router)).toEqual(new Set(["stable"]));
    expect(await router.update(textOf(atWeight(100)))).toBe(null);
    expect(router.status()).toMatchObject({ origin: "current", weight: 100 });
  });

  test("a good one needs no previous one", async () => {
    const router = await handed(textOf(published), { previous: textOf(atWeight(100)) });
    expect(router.status()).toMatchObject({ origin: "current", weight: 25 });
  });

  test("without a previous one the bootstrap serves, and without that everybody goes to stable", async () => {
    const built = await handed(null, { bootstrap, previous: "{}" });
    expect(built.route("a")).toEqual({ revision: "r-built-in", variant: "stable", weight: 0 });
    expect(built.getModel("planning", built.route("a"))?.version).toBe("20251001");
    const bare = await handed(null);
    expect(bare.route("a")).toEqual({ revision: null, variant: "stable", weight: 0 });
    expect(bare.status()).toMatchObject({ origin: "none", refused: "it is not there" });
    expect(lines.map((line) => line.split("; ")[1])).toEqual([
      "the bootstrap serves every session",
      "every session goes to stable",
    ]);
  });

  test("another agent than the one asked for is refused", async () => {
    const router = await handed(textOf(published), { agent: "billing" });
    expect(router.status().refused).toBe("it routes the agent support, not billing");
  });

  const cycle: Record<string, unknown> = {};
  cycle.itself = cycle;
  test.each([
    ["a cycle", cycle],
    ["a number", 7 as never],
    ["a function", (() => 7) as never],
    ["more than any snapshot", textOf(published) + " ".repeat(8 * 1_048_576)],
  ])("%s is survived", async (_, given) => {
    const router = await handed(given as GivenSnapshot);
    expect(router.route("a").variant).toBe("stable");
    expect(lines).toHaveLength(1);
  });
});

test("the object that the text says is as good, and one that was changed is not", async () => {
  const object = JSON.parse(textOf(published));
  const router = await handed(object);
  expect(router.status()).toMatchObject({ origin: "current", weight: 25 });
  object.route.weight_basis_points = 10_000;
  expect(await router.update(object)).toBe("its checksum does not match its content");
  expect(router.status().weight).toBe(25);
});

describe("a cache that hands out an old copy", () => {
  test.each([
    [1, 9],
    [0, 11],
  ])("does not bring back the canary of fence %i.%i", async (epoch, serial) => {
    const router = await handed(fenced(atWeight(0), 1, 10));
    expect(await router.update(fenced(atWeight(100), epoch, serial))).toBe("it is older than the one in force");
    expect(variants(router)).toEqual(new Set(["stable"]));
    expect(await router.update(fenced(atWeight(100), 1, 10))).toBe(null);
    expect(await router.update(fenced(atWeight(50), 2, 0))).toBe(null);
  });

  test("does not follow the one before it", async () => {
    const router = await handed(null, { previous: fenced(atWeight(0), 1, 10) });
    expect(await router.update(fenced(atWeight(100), 1, 9))).toBe("it is older than the one in force");
    expect(await router.update(fenced(atWeight(100), 1, 10))).toBe(null);
  });

  test("is not told by a fence of another lineage", async () => {
    const router = await handed(fenced(atWeight(0), 1, 10));
    expect(await router.update(fenced({ ...atWeight(100), lineage: "another" }, 1, 9))).toBe(null);
  });
});

test("of updates under way at once, the one that was asked for last counts", async () => {
  const router = await handed(textOf(published));
  const { [stable]: content } = published.revisions;
  const heavy = { ...(content ?? expect.fail()), prompts: { long: "x".repeat(4_000_000) } };
  const slow = { ...atWeight(100), revisions: { ...published.revisions, [stable]: heavy } };
  await Promise.all([router.update(textOf(slow)), router.update(textOf(atWeight(50)))]);
  expect(router.status().weight).toBe(50);
});

test("killed, it sends every session to stable", async () => {
  const router = await handed(textOf(atWeight(100)));
  router.kill(true);
  expect(variants(router)).toEqual(new Set(["stable"]));
  expect(router.status()).toMatchObject({ killed: true, canary: null, weight: 0 });
  await router.update(textOf(atWeight(100)));
  expect(variants(router)).toEqual(new Set(["stable"]));
  router.kill(false);
  expect(router.route("a")).toEqual({ revision: canary, variant: "canary", weight: 100 });
});

test("the hook is told of every route after what runs now, without a timer", async () => {
  const events: RouteEvent[] = [];
  const router = await handed(textOf(published), { onRoute: (event) => events.push(event) });
  router.route("a");
  router.route(null);
  expect(events).toEqual([]);
  await Promise.resolve();
  expect(events).toMatchObject(["a", ""].map((session) => ({ session, at: later, ...router.route(session) })));
});
