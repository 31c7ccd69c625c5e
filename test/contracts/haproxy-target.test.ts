// HAProxy keeps the laws of every target, in the real program, and what is special about a proxy: restarts, hands, live requests.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Route } from "../../src/core/model/route.js";
import type { OwnedFile } from "../../src/ports/owned-file.js";
import { openTarget as openAny } from "../../src/providers/catalog.js";
import haproxyTarget from "../../src/providers/targets/haproxy.js";
import { openOwnedFile } from "../../src/providers/targets/snapshot/owned-file.js";
import { trafficTargetLaws } from "../../src/testing/laws/traffic-target.js";
import { type Haproxy, startHaproxy } from "../support/haproxy.js";
import { echoing } from "../support/haproxy-frontend.js";
import { between, type Change, expectNoReturn, expectShare, startLoad } from "../support/keep-alive-load.js";
import { agent, canary, keptWire, now, outside, revisionMet, servedIn, shift, stable } from "../support/proxied.js";

const signal = new AbortController().signal;
let proxy: Haproxy;
beforeAll(async () => {
  proxy = await startHaproxy({ frontend: echoing });
}, 120_000);
afterAll(() => proxy?.stop());
beforeEach(() => proxy.clear());

const openTarget = (map = "live/support.map") =>
  openAny({ kind: "haproxy", path: "live/support.json", map, socket: "live/admin.sock" }, proxy.root, outside);
const mapFile = () => join(proxy.root, "live/support.map");

test.each(trafficTargetLaws)("$name", async (law) => {
  await law.check({
    target: openTarget(),
    now,
    served: servedIn(() => join(proxy.root, "live/support.json")),
  });
});

const put = (weight: number, serial: number, change: Partial<Route> = {}) =>
  openTarget().act(shift(weight, change), { epoch: 1, serial }, signal);
const live = () => openTarget().observe(agent, signal);

test("a restarted HAProxy has the split, its fence and its refusal of older writes", async () => {
  await put(2_500, 7);
  const before = await live();
  await proxy.restart();
  expect(await live()).toEqual(before);
  await expect(put(5_000, 6)).rejects.toMatchObject({ kind: "conflict" });
  expect(await live()).toEqual(before);
});

test("while HAProxy is away a rollback is written for when it starts, and no rise", async () => {
  await put(2_500, 7);
  await proxy.crash();
  await expect(put(5_000, 8)).rejects.toMatchObject({ kind: "unreachable" });
  await expect(put(0, 6, { canary: null, history: [] })).rejects.toMatchObject({ kind: "conflict" });
  const back = put(0, 8, { canary: null, history: [] });
  await expect(back).rejects.toMatchObject({
    kind: "unreachable",
    message: expect.stringContaining("live/support.map has the new split for when it starts"),
  });
  await proxy.start();
  expect(await live()).toMatchObject({ kind: "serving", route: { canary: null, weight: 0 }, fence: { serial: 8 } });
});

test("a fence that HAProxy alone remembers is obeyed", async () => {
  await put(2_500, 7);
  const entry = (await proxy.ask(`show map ${mapFile()}`)).split(" ").slice(1).join(" ").trim();
  await proxy.clear();
  await proxy.ask(`add map ${mapFile()} ${entry}`);
  await expect(put(5_000, 6)).rejects.toMatchObject({ kind: "conflict" });
  expect(existsSync(mapFile())).toBe(false);
});

test("a writer that stalls before the memory is set sets the newer split again, and learns that it was overtaken", async () => {
  const { root } = proxy;
  const contents = openAny({ kind: "snapshot", path: "live/support.json" }, root, outside);
  const map = openOwnedFile(root, "live/support.map");
  const stalling: OwnedFile = {
    path: map.path,
    read: () => map.read(),
    replace: async (...write) => {
      await map.replace(...write);
      await put(5_000, 8);
    },
  };
  const stalled = haproxyTarget.open({ root, contents, map: stalling, socket: "live/admin.sock" }, outside);
  const late = stalled.act(shift(2_500), { epoch: 1, serial: 7 }, signal);
  await expect(late).rejects.toMatchObject({ kind: "conflict", message: expect.stringContaining("overtook") });
  expect(await live()).toMatchObject({ kind: "serving", fence: { serial: 8 }, route: { weight: 5_000 } });
});

test("what is in force is told and not what is written", async () => {
  await put(2_500, 7);
  const older = readFileSync(mapFile(), "utf8").split("\n")[1];
  await put(5_000, 8);
  await proxy.ask(`set map ${mapFile()} ${older}`);
  expect(await live()).toMatchObject({ kind: "serving", fence: { serial: 7 }, route: { weight: 2_500 } });
  await put(5_000, 8);
  expect(await live()).toMatchObject({ kind: "serving", fence: { serial: 8 }, route: { weight: 5_000 } });
});

test("a weight changed by hand is drift, and an emptied map is empty", async () => {
  await put(2_500, 7);
  const entry = readFileSync(mapFile(), "utf8").split("\n")[1] ?? "";
  await proxy.ask(`set map ${mapFile()} ${entry.replace("|2500|", "|100|")}`);
  expect(await live()).toMatchObject({ kind: "serving", route: { weight: 100, canary } });
  await proxy.ask(`clear map ${mapFile()}`);
  expect(await live()).toMatchObject({ kind: "empty" });
});

test.each(["yes", "1|9|x", "1|99999|s|a|-|split|1.1|l|-|murmur3-32|-", "1|1|%zz|a|-|split|1.1|l|-|murmur3-32|-"])(
  "an entry of somebody else (%s) is foreign, and a shift replaces it",
  async (value) => {
    await proxy.ask(`add map ${mapFile()} support ${value}`);
    expect(await live()).toMatchObject({ kind: "foreign" });
    await put(2_500, 1);
    expect(await live()).toMatchObject({ kind: "serving", route: { weight: 2_500 } });
  },
);

test.each([
  ["changed", (text: string) => text.replace("|2500|", "|10000|")],
  ["emptied", () => ""],
])(
  "a map file that is %s by hand is not taken for what was written, and the next shift writes it anew",
  async (_, change) => {
    await put(2_500, 7);
    const written = readFileSync(mapFile(), "utf8");
    writeFileSync(mapFile(), change(written));
    expect(await live()).toMatchObject({
      kind: "foreign",
      because: expect.stringContaining("changed by hand"),
      fence: { serial: 7 },
    });
    await put(2_500, 8);
    expect(await live()).toMatchObject({ kind: "serving", route: { weight: 2_500 } });
  },
);

test("another agent's map file is not replaced", async () => {
  writeFileSync(mapFile(), "billing 1\n");
  await expect(put(2_500, 1)).rejects.toMatchObject({ kind: "rejected", message: expect.stringContaining("billing") });
  expect(readFileSync(mapFile(), "utf8")).toBe("billing 1\n");
});

test("a HAProxy that is down is unreachable, nothing is written, and it is so too for a map that it does not have", async () => {
  const stranger = openTarget("live/other.map");
  expect(await stranger.observe(agent, signal)).toMatchObject({
    kind: "unreachable",
    because: expect.stringContaining("no map"),
  });
  writeFileSync(mapFile(), "");
  await proxy.crash();
  expect(await live()).toMatchObject({ kind: "unreachable" });
  await expect(put(2_500, 1)).rejects.toMatchObject({ kind: "unreachable" });
  expect(readFileSync(mapFile(), "utf8")).toBe("");
  await proxy.start();
});

test("across thousands of keep-alive requests no weight change fails one or closes a connection, and none leaves the canary but by rollback", async () => {
  await put(0, 1);
  const load = startLoad({ url: proxy.url, connections: 16, each: 25 });
  const rises: { readonly weight: number; readonly change: Change }[] = [];
  for (const weight of [100, 500, 1_000, 2_500, 5_000, 10_000])
    rises.push({ weight, change: await load.across(() => put(weight, rises.length + 2)) });
  const rollback = await load.across(() => put(0, 20));
  await load.stop();

  expect(load.hits.length).toBeGreaterThan(4_000);
  expect(load.hits.filter(({ revision }) => revision !== stable && revision !== canary)).toEqual([]);
  expect(load.hits.filter(({ reused }) => !reused)).toHaveLength(16);
  expectNoReturn(
    load.hits.filter(({ ended }) => ended < rollback.begun),
    canary,
  );
  for (const [i, { weight, change }] of rises.entries())
    expectShare(between(load, change, rises[i + 1]?.change ?? rollback), canary, weight);
  expect(new Set(between(load, rollback, null).map(({ revision }) => revision))).toEqual(new Set([stable]));
}, 120_000);

test("a request without a session goes to stable, and the fallback is nobody's to choose", async () => {
  const wire = keptWire();
  await put(10_000, 1);
  expect(await revisionMet({ url: proxy.url, wire, session: "" })).toBe(stable);
  await put(0, 2, { fallback: true });
  expect(await revisionMet({ url: proxy.url, wire, session: "session-1" })).toBe("fallback");
  const chosen = { "x-rollout-revision": canary };
  expect(await revisionMet({ url: proxy.url, wire, session: "session-1", headers: chosen })).toBe("fallback");
  wire.destroy();
});

test("another rollout draws other sessions, and a request cannot choose its revision", async () => {
  const wire = keptWire();
  const drawn = async () => {
    const all = Array.from({ length: 200 }, (_, i) => `session-${i}`);
    const revisions = await Promise.all(all.map((session) => revisionMet({ url: proxy.url, wire, session })));
    return all.filter((_, i) => revisions[i] === canary);
  };
  await put(5_000, 1);
  const first = await drawn();
  await put(5_000, 2, { salt: "support/ro-2" });
  const second = new Set(await drawn());
  const both = first.filter((session) => second.has(session)).length;
  expect(both).toBeGreaterThan(20);
  expect(both).toBeLessThan(80);
  await put(0, 3);
  expect(
    await revisionMet({ url: proxy.url, wire, session: "session-1", headers: { "x-rollout-revision": canary } }),
  ).toBe(stable);
  wire.destroy();
});
