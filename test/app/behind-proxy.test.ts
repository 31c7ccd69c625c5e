// An agent's process behind a real HAProxy, as the guides show both: the proxy decides once, and the router serves what it decided.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Route } from "../../src/core/model/route.js";
import type { Weight } from "../../src/core/model/units.js";
import { openTarget } from "../../src/providers/catalog.js";
import { openRouter, type Router, type SessionRoute } from "../../src/sdk/index.js";
import { type Haproxy, startHaproxy } from "../support/haproxy.js";
import { forwarding } from "../support/haproxy-frontend.js";
import { agent, canary, keptWire, outside, revisionMet, shift, stable } from "../support/proxied.js";

interface Answer {
  readonly named: string | null;
  readonly route: SessionRoute;
}

const signal = new AbortController().signal;
const wire = keptWire();
let proxy: Haproxy;
let server: Server;
let router: Router;
beforeAll(async () => {
  server = createServer((request, response) => {
    const { "x-session-id": session, "x-rollout-revision": revision = null } = request.headers;
    const route = router.route(String(session ?? ""), { revision });
    response.end(JSON.stringify({ named: revision, route }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  proxy = await startHaproxy({ frontend: (map) => forwarding(map, port) });
  router = await openRouter(join(proxy.root, "live/support.json"), { agent, log: () => {} });
}, 120_000);
afterAll(async () => {
  wire.destroy();
  await router?.close();
  server?.close();
  await proxy?.stop();
});

let serial = 0;
const shiftNow = (weight: number, change: Partial<Route> = {}) => {
  serial += 1;
  const target = { kind: "haproxy", path: "live/support.json", map: "live/support.map", socket: "live/admin.sock" };
  return openTarget(target as never, proxy.root, outside).act(shift(weight, change), { epoch: 1, serial }, signal);
};
const sessions = Array.from({ length: 300 }, (_, i) => `session-${i}`);
const ask = async (session: string, headers = {}): Promise<Answer> =>
  JSON.parse(await revisionMet({ url: proxy.url, wire, session, headers })) as Answer;
const everyone = () => Promise.all(sessions.map((session) => ask(session)));
const variants = async () => new Set((await everyone()).map(({ route }) => route.variant));
/** What HAProxy holds in its memory, and a way to bring it back there, as one that lags behind the routing file. */
const mapEntry = async () => (await proxy.ask(`show map ${join(proxy.root, "live/support.map")}`)).trim().split(" ");
const lagBehind = ([, name, value]: readonly string[]) =>
  proxy.ask(`set map ${join(proxy.root, "live/support.map")} ${name} ${value}`);

test("a proxy's decision is served through rises, a lagging proxy, rollback, fallback and promotion", async () => {
  await shiftNow(2_500);
  // By the watch on the folder, as in production.
  while (router.status().canary === null) await pause(5);
  let moved = new Set<string>();
  for (const weight of [2_500, 5_000]) {
    await shiftNow(weight);
    await router.refresh();
    const answers = await everyone();
    for (const { named, route } of answers) expect(route.revision).toBe(named);
    // The two rules differ, so that an ignored header would show.
    expect(answers.some(({ route }, i) => router.route(sessions[i]).variant !== route.variant)).toBe(true);
    const onCanary = new Set(sessions.filter((_, i) => answers[i]?.route.variant === "canary"));
    expect([...moved].filter((session) => !onCanary.has(session))).toEqual([]);
    expect(onCanary.size).toBeGreaterThan(moved.size);
    moved = onCanary;
  }
  const chosen = await ask("", { "x-rollout-revision": canary });
  expect(chosen).toMatchObject({ named: stable, route: { variant: "stable" } });

  const entry = await mapEntry();
  await shiftNow(0, { canary: null, rollout: null, history: [] });
  await router.refresh();
  expect(await variants()).toEqual(new Set(["stable"]));
  expect(router.status().unknownRevisions).toBe(0);
  await lagBehind(entry);
  const lagging = await everyone();
  expect(lagging.filter(({ named }) => named === canary)).toHaveLength(moved.size);
  expect(new Set(lagging.map(({ route }) => route.revision))).toEqual(new Set([stable]));
  expect(router.status().unknownRevisions).toBe(moved.size);

  await shiftNow(0, { canary: null, rollout: null, history: [], fallback: true });
  await router.refresh();
  expect(new Set((await everyone()).map(({ named, route }) => `${named} ${route.variant}`))).toEqual(
    new Set(["fallback fallback"]),
  );

  const promoted = { stable: canary, canary: null, previous: stable, rollout: null, history: [], weight: 0 as Weight };
  await shiftNow(0, promoted);
  await router.refresh();
  expect(new Set((await everyone()).map(({ route }) => route.revision))).toEqual(new Set([canary]));
  await lagBehind(entry);
  for (const { named, route } of await everyone())
    expect(route).toEqual({ revision: named, variant: "stable", weight: 0 });
}, 60_000);
