// Sessions stay where they are while the weight rises, and nothing sticky outlives a rollback.

import { beforeEach, describe, expect, test } from "vitest";
import type { Route } from "../../src/core/model/route.js";
import type { Snapshot } from "../../src/core/model/snapshot.js";
import type { Instant, Weight } from "../../src/core/model/units.js";
import type { Router, SessionRoute } from "../../src/sdk/index.js";
import { freshPlace } from "./place.js";
import { later, published, stable, textOf } from "./support.js";

const place = freshPlace();
let now = later;
let router: Router;
beforeEach(() => {
  now = later;
});

async function serve(snapshot: Snapshot): Promise<void> {
  place.folder.put(textOf(snapshot));
  router = await place.open({ now: () => now });
}

const at = (hour: number): Instant => Date.UTC(2026, 10, 23, hour) as Instant;
const routed = (route: Partial<Route>): Snapshot => ({ ...published, route: { ...published.route, ...route } });
const rise = (hour: number, percent: number) => ({ at: at(hour), weight: (percent * 100) as Weight });
/** 5 % at nine, 25 % at eleven, everybody at one. */
const risen = routed({ weight: 10_000 as Weight, history: [rise(9, 5), rise(11, 25), rise(13, 100)] });
/** A session's start: said, and in its id. */
const ways: Record<string, (started: Instant, i: number) => SessionRoute> = {
  "startedAt, in milliseconds": (startedAt, i) => router.route(`session-${i}`, { startedAt }),
  "startedAt, a date": (started, i) => router.route(`session-${i}`, { startedAt: new Date(started) }),
  "a UUIDv7": (started, i) => router.route(uuid7(started, i)),
  "a ULID": (started, i) => router.route(ulid(started, i)),
};
const sessions = Array.from({ length: 200 }, (_, i) => i);

describe.each(Object.entries(ways))("by %s", (_, ask) => {
  test.each([
    [8, 0],
    [9, 5],
    [10, 5],
    [12, 25],
    [13, 100],
    [14, 100],
    [15, 100],
  ])("what counts for a session of %i o'clock is %i %", async (hour, weight) => {
    await serve(risen);
    const routes = sessions.map((i) => ask(at(hour), i));
    expect(new Set(routes.map((route) => route.weight))).toEqual(new Set([weight]));
    const canaries = routes.filter(({ variant }) => variant === "canary").length / sessions.length;
    expect(Math.abs(canaries - weight / 100)).toBeLessThan(0.15);
  });

  test.each([
    ["takes the canary away", { canary: null, weight: 0 as Weight, history: [] }],
    ["lowers the weight to nothing", { weight: 0 as Weight, history: [...risen.route.history, rise(14, 0)] }],
  ])("a rollback that %s moves everybody at once", async (_, route) => {
    await serve(risen);
    const served = () => sessions.map((i) => ask(at(13), i));
    expect(new Set(served().map(({ variant }) => variant))).toEqual(new Set(["canary"]));
    place.folder.put(textOf({ ...risen, route: { ...risen.route, ...route } }));
    await router.refresh();
    expect(new Set(served().map(({ revision }) => revision))).toEqual(new Set([stable]));
  });
});

test("the clock is asked again for whoever starts after the last look at it", async () => {
  now = at(10);
  await serve(risen);
  expect(router.route("a", { startedAt: at(9) }).weight).toBe(5);
  now = at(14);
  expect(router.route("a", { startedAt: at(12) }).weight).toBe(25);
  expect(router.route("a", { startedAt: at(15) }).weight).toBe(100);
});

test("without an id a session goes to stable, whenever it started", async () => {
  await serve(risen);
  for (const session of ["", null, undefined]) {
    expect(router.route(session, { startedAt: at(14) }).variant).toBe("stable");
    expect(router.route(session).variant).toBe("stable");
  }
});

test("with the md5 rule it is the same", async () => {
  await serve({ ...risen, route: { ...risen.route, algo: "md5-100" } });
  // MD5 of `ab`, as a number, is 0 modulo 100; of `a` it is 97.
  expect(["ab", "a"].map((session) => router.route(session, { startedAt: at(10) }).variant)).toEqual([
    "canary",
    "stable",
  ]);
  expect(router.route("a").variant).toBe("canary");
  expect(router.route("", { startedAt: at(14) }).variant).toBe("stable");
});

test("contents of the last sixteen revisions are kept for the tasks that they were routed to", async () => {
  await serve(published);
  const [content] = Object.values(published.revisions);
  const routes: SessionRoute[] = [];
  for (let i = 0; i < 20; i++) {
    const id = `r-${i}` as typeof stable;
    const revisions = { [id]: content ?? expect.fail() };
    place.folder.put(
      textOf({
        ...published,
        revisions,
        route: { ...published.route, stable: id, canary: null, previous: null, weight: 0 as Weight, history: [] },
      }),
    );
    await router.refresh();
    routes.push(router.route("a"));
  }
  expect(routes.map((route) => router.getModel("planning", route) !== null)).toEqual(routes.map((_, i) => i >= 4));
});

function uuid7(started: Instant, i: number): string {
  const hex = started.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7cc3-98c4-${String(i).padStart(12, "0")}`;
}

/** Crockford's digits: ten for the time, sixteen for the rest. */
function ulid(started: Instant, i: number): string {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const time = Array.from({ length: 10 }, (_, place) => digits[Math.floor(started / 32 ** (9 - place)) % 32]).join("");
  return `${time}${String(i).padStart(16, "0")}`;
}
