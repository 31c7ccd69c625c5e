// Where a proxy has decided, the router obeys it, as far as the snapshot in force allows.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Route } from "../../src/core/model/route.js";
import type { RevisionId } from "../../src/core/model/units.js";
import type { Router, SessionFacts } from "../../src/sdk/index.js";
import { freshPlace } from "./place.js";
import { atWeight, canary, type published, stable, textOf } from "./support.js";

const place = freshPlace();

function open(change: Partial<Route> = {}): Promise<Router> {
  place.folder.put(textOf(withRoute(change)));
  return place.open();
}

function withRoute(change: Partial<Route>): typeof published {
  const base = atWeight(25);
  return {
    ...base,
    revisions: { ...base.revisions, [old]: base.revisions[stable] },
    route: { ...base.route, ...change },
  } as typeof published;
}

const old = `r-${"d".repeat(64)}` as RevisionId;
const noCanary: Partial<Route> = { rollout: null, canary: null, weight: 0 as Route["weight"], history: [] };
const sessions = Array.from({ length: 200 }, (_, i) => `session-${i}`);

test.each([
  { what: "the canary", revision: canary, expected: { revision: canary, variant: "canary", weight: 25 } },
  { what: "stable", revision: stable, expected: { revision: stable, variant: "stable", weight: 25 } },
  { what: "the stable before it", revision: old, expected: { revision: old, variant: "stable", weight: 25 } },
  { what: "the fallback", revision: "fallback", expected: { revision: null, variant: "fallback", weight: 0 } },
])("$what that is named serves every session, with an id or without", async ({ revision, expected }) => {
  const router = await open({ previous: old });
  for (const session of [...sessions, "", null]) {
    expect(router.route(session, { revision })).toEqual(expected);
    expect(router.route(session, { revision: [revision], startedAt: 0, user: "u" })).toEqual(expected);
  }
  expect(router.getModel("planning", router.route("a", { revision: canary }))?.version).toBe("20260115");
  expect(router.getModel("planning", router.route("a", { revision: old }))?.version).toBe("20251101");
  expect(router.status().unknownRevisions).toBe(0);
  expect(place.lines).toEqual([]);
});

test("what is not in force leaves it to the rule, is counted, and is said once", async () => {
  const router = await open();
  const strange = [
    "",
    "r-unknown",
    old,
    " ",
    "Fallback",
    `${stable}, ${canary}`,
    canary.slice(0, 9),
    "__proto__",
    [],
    [stable, canary],
    7,
    {},
  ];
  for (const [i, revision] of strange.entries()) {
    for (const session of ["a", "b", ""])
      expect(router.route(session, { revision } as SessionFacts)).toBe(router.route(session));
    expect(router.status().unknownRevisions).toBe(3 * (i + 1));
  }
  expect(place.lines).toEqual(['rollout: "" is given as the revision and is not in force: the rule decides']);
});

test("a header that is not there is no decision", async () => {
  const router = await open();
  for (const revision of [undefined, null]) expect(router.route("a", { revision })).toBe(router.route("a"));
  expect(router.status().unknownRevisions).toBe(0);
});

test("whatever is named, only what the snapshot in force names is served, and nothing throws", async () => {
  const router = await open();
  const served = new Set<string | null>([stable, canary, null]);
  fc.assert(
    fc.property(fc.anything(), fc.oneof(fc.anything(), fc.constantFrom(stable, canary, old)), (session, revision) => {
      const route = router.route(session as string, { revision } as SessionFacts);
      expect(served.has(route.revision)).toBe(true);
      expect(route.variant === "canary").toBe(route.revision === canary);
    }),
  );
});

test("a canary that was rolled back is served to nobody", async () => {
  const router = await open();
  expect(router.route("a", { revision: canary }).variant).toBe("canary");
  place.folder.put(textOf(withRoute(noCanary)));
  await router.refresh();
  for (const session of sessions)
    expect(router.route(session, { revision: canary })).toEqual({ revision: stable, variant: "stable", weight: 0 });
  expect(router.status().unknownRevisions).toBe(sessions.length);
});

test("a canary without weight is served to nobody, and is known", async () => {
  const router = await open({ weight: 0 as Route["weight"], history: [] });
  for (const session of sessions) expect(router.route(session, { revision: canary }).revision).toBe(stable);
  expect(router.status().unknownRevisions).toBe(0);
});

test("the fallback of the snapshot wins", async () => {
  const router = await open({ fallback: true });
  for (const revision of [canary, stable, "x"]) expect(router.route("a", { revision }).variant).toBe("fallback");
  expect(router.status().unknownRevisions).toBe(0);
});

test("the kill file wins, over the fallback that a proxy names too", async () => {
  place.folder.put("", "support.json.kill");
  const router = await open();
  for (const revision of [canary, "fallback", "x"]) expect(router.route("a", { revision }).variant).toBe("stable");
  expect(router.status()).toMatchObject({ killed: true, unknownRevisions: 0 });
});

test("the copy of the predecessor serves its stable revision alone, and the bootstrap what it has", async () => {
  place.folder.put(textOf(withRoute({})), "support.json.previous");
  place.folder.put("{");
  const steps = { planning: { model: "m", version: "1" } };
  const fromCopy = await place.open();
  const fromBootstrap = await place.open({ bootstrap: { revision: "r-boot", steps } }, `${place.folder.file}.none`);
  expect(fromCopy.status().origin).toBe("previous");
  expect(fromCopy.route("a", { revision: canary })).toEqual({ revision: stable, variant: "stable", weight: 0 });
  expect(fromBootstrap.route("a", { revision: canary }).revision).toBe("r-boot");
  expect(fromBootstrap.status().unknownRevisions).toBe(0);
});
