// The router on a real file: what it answers.

import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Snapshot } from "../../src/core/model/snapshot.js";
import type { Instant, RevisionId } from "../../src/core/model/units.js";
import { choose } from "../../src/core/routing/choose.js";
import { openRouter, type RouteEvent, type SessionRoute } from "../../src/sdk/index.js";
import { freshPlace } from "./place.js";
import { atWeight, canary, later, published, stable, textOf } from "./support.js";

const place = freshPlace();
const { open } = place;

const sessions = Array.from({ length: 400 }, (_, i) => `session-${i}`);
const onStable: SessionRoute = { revision: stable, variant: "stable", weight: 0 };

describe("with a good snapshot", () => {
  test("it sends every session where the core does", async () => {
    place.folder.put(textOf(published));
    const router = await open();
    const startedAt = Date.UTC(2026, 10, 23, 10) as Instant;
    for (const session of sessions) {
      const now = later as Instant;
      expect(router.route(session)).toMatchObject({ ...choose(published.route, session, null, now), weight: 25 });
      expect(router.route(session, { startedAt })).toMatchObject({
        ...choose(published.route, session, startedAt, now),
        weight: 5,
      });
      expect(router.route(session, { startedAt: new Date(startedAt) })).toBe(router.route(session, { startedAt }));
    }
  });

  test("where users are drawn, all sessions of a user go one way, by the session's own start, and nobody's go to stable", async () => {
    place.folder.put(textOf({ ...published, unit: "user" }));
    const router = await open();
    const now = later as Instant;
    const startedAt = Date.UTC(2026, 10, 23, 10) as Instant;
    for (const user of sessions) {
      for (const session of ["a", "b", user])
        expect(router.route(session, { user })).toMatchObject(choose(published.route, user, null, now));
      expect(router.route("a", { user, startedAt })).toMatchObject(choose(published.route, user, startedAt, now));
      expect(router.route(user).variant).toBe("stable");
      expect(router.route(user, { user: "" }).variant).toBe("stable");
    }
    // A user's id may carry the time at which the account was made: it says nothing about the session.
    const born = "018bc2f4-6b00-7cc3-98c4-dc0c0c07398f";
    expect(router.route("a", { user: born }).weight).toBe(25);
    const hex = startedAt.toString(16).padStart(12, "0");
    const session = `${hex.slice(0, 8)}-${hex.slice(8)}-7cc3-98c4-dc0c0c07398f`;
    expect(router.route(session, { user: born }).weight).toBe(5);
  });

  test("where sessions are drawn, whose they are changes nothing", async () => {
    place.folder.put(textOf(published));
    const router = await open();
    for (const session of sessions) expect(router.route(session, { user: "u" })).toBe(router.route(session));
  });

  test("the time in a UUIDv7 counts as its start", async () => {
    place.folder.put(textOf(published));
    const router = await open();
    const hex = Date.UTC(2026, 10, 23, 10).toString(16).padStart(12, "0");
    const session = `${hex.slice(0, 8)}-${hex.slice(8)}-7cc3-98c4-dc0c0c07398f`;
    expect(router.route(session).weight).toBe(5);
    expect(router.route(session, { startedAt: later }).weight).toBe(25);
  });

  test("a session without an id goes to stable, and nothing that is passed throws", async () => {
    place.folder.put(textOf(atWeight(100)));
    const router = await open();
    const strange = [undefined, null, "", 7, {}, Number.NaN, []];
    for (const session of strange) expect(router.route(session as string).variant).toBe("stable");
    for (const startedAt of [Number.NaN, "x", null, new Date("x"), {}, Number.POSITIVE_INFINITY]) {
      expect(router.route("a", { startedAt: startedAt as number }).variant).toBe("canary");
    }
    expect(router.route("a", null as never).variant).toBe("canary");
    expect(router.getModel("planning", undefined as never)?.version).toBe("20251101");
  });

  test("models and prompts are those of the session's revision, and nobody can change them", async () => {
    place.folder.put(textOf(published));
    const router = await open();
    const route = (revision: string): SessionRoute => ({ revision, variant: "canary", weight: 5 });
    expect(router.getModel("planning", route(stable))?.model).toBe("claude-opus-4-5");
    expect(router.getModel("planning", route(canary))?.model).toBe("claude-opus-4-6");
    expect(router.getModel("parsing", route(canary))?.params).toEqual({ temperature: 0.2 });
    expect(router.getPrompt("tools/refund", route(canary))).toBe("Ask before you refund.");
    const params = router.getModel("parsing", route(canary))?.params as Record<string, unknown>;
    expect(() => {
      params.temperature = 2;
    }).toThrow(TypeError);
    expect(() => Object.assign(router.route("a"), { variant: "canary" })).toThrow(TypeError);
  });

  test("what it does not have is null: a step, a prompt, a revision, a name that every object has", async () => {
    place.folder.put(textOf(published));
    const router = await open();
    const route = router.route("a");
    expect(router.getModel("planing", route)).toBe(null);
    expect(router.getModel("constructor", route)).toBe(null);
    expect(router.getPrompt("__proto__", route)).toBe(null);
    expect(router.getModel("planning", { ...route, revision: "r-unknown" })).toBe(null);
  });

  test("a task that was routed before a rollback goes on with its own revision", async () => {
    place.folder.put(textOf(atWeight(100)));
    const router = await open();
    const route = router.route("a");
    const { [stable]: content } = published.revisions;
    const rest = { ...published.route, canary: null, weight: 0, history: [] } as unknown as Snapshot["route"];
    place.folder.put(textOf({ ...published, route: rest, revisions: { [stable]: content ?? expect.fail() } }));
    await router.refresh();
    expect(router.route("a")).toEqual(onStable);
    expect(router.getModel("planning", route)?.version).toBe("20260115");
  });

  test("the fallback is no revision, and stable's models still answer there", async () => {
    place.folder.put(textOf({ ...published, route: { ...published.route, fallback: true } }));
    const router = await open();
    const route = router.route("a");
    expect(route).toMatchObject({ variant: "fallback", revision: null });
    expect(router.getModel("planning", route)?.version).toBe("20251101");
  });

  test("the hook is told of every route, later", async () => {
    place.folder.put(textOf(published));
    const events: RouteEvent[] = [];
    const router = await open({ onRoute: (event) => events.push(event) });
    router.route("a");
    router.route(null);
    expect(events).toEqual([]);
    await new Promise(setImmediate);
    const { rollout } = published.route;
    const common = { agent: "support", user: "", at: later, rollout, version: "1.41" };
    expect(events).toEqual([
      { ...common, session: "a", reason: "split", ...router.route("a") },
      { ...common, session: "", reason: "default", ...router.route("") },
    ]);
  });

  test("a hook that fails is complained of once", async () => {
    place.folder.put(textOf(published));
    const router = await open({
      onRoute: () => {
        throw new Error("out of disk");
      },
    });
    for (const session of ["a", "b"]) router.route(session);
    await new Promise(setImmediate);
    expect(place.lines).toEqual(["rollout: onRoute failed: Error: out of disk"]);
  });

  test("status tells what is in force", async () => {
    place.folder.put(textOf(published));
    const router = await open();
    expect(router.status()).toEqual({
      agent: "support",
      origin: "current",
      revision: stable,
      canary,
      weight: 25,
      rollout: published.route.rollout,
      fallback: false,
      unit: "session",
      steps: ["planning", "parsing"],
      version: "1.41",
      ageMs: 3 * 3_600_000,
      killed: false,
      refused: null,
      unknownRevisions: 0,
      events: { waiting: 0, dropped: 0 },
      tasks: { waiting: 0, dropped: 0 },
    });
  });
});

describe("what no file could mend is said at once", () => {
  test.each(["", "https://rollout.example/v1/snapshot/support"])("the path %j", async (path) => {
    await expect(openRouter(path)).rejects.toThrow(TypeError);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])(
    "a look every %d ms, which timers would make every one",
    async (pollMs) => {
      await expect(openRouter(place.folder.file, { pollMs })).rejects.toThrow("pollMs");
    },
  );

  test("the address of no server", async () => {
    await expect(openRouter(place.folder.file, { tasks: { url: "not an address" } })).rejects.toThrow(TypeError);
  });
});

test("growing never reshuffles, in the router as in the core", async () => {
  const routers = await Promise.all(
    [1, 5, 25, 100].map((percent) => {
      place.folder.put(textOf(atWeight(percent)), `${percent}.json`);
      return open({}, join(place.folder.path, `${percent}.json`));
    }),
  );
  fc.assert(
    fc.property(fc.string(), (session) => {
      const seen = routers.map((router) => router.route(session).variant);
      expect(seen.join(" ")).toMatch(session === "" ? /^(stable ?)+$/ : /^(stable )*(canary ?)+$/);
    }),
  );
});

test("a revision is whatever text the snapshot gives it", async () => {
  const id = "__proto__" as RevisionId;
  const { [stable]: content } = published.revisions;
  const revisions = Object.fromEntries([[id, content ?? expect.fail()]]);
  place.folder.put(textOf({ ...published, revisions, route: { ...atWeight(0).route, stable: id, canary: null } }));
  const router = await open();
  expect(router.getModel("planning", router.route("a"))?.version).toBe("20251101");
});
