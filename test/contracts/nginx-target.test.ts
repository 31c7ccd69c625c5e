// nginx keeps the laws of every target, in the real program, and what is special about one that is reloaded.

import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Route } from "../../src/core/model/route.js";
import { openTarget as openAny } from "../../src/providers/catalog.js";
import { trafficTargetLaws } from "../../src/testing/laws/traffic-target.js";
import { between, type Change, expectNoReturn, expectShare, startLoad } from "../support/keep-alive-load.js";
import { type Nginx, startNginx } from "../support/nginx.js";
import { agent, canary, keptWire, now, outside, revisionMet, servedIn, shift, stable } from "../support/proxied.js";

const signal = new AbortController().signal;
let proxy: Nginx;
beforeAll(async () => {
  proxy = await startNginx();
}, 120_000);
afterAll(() => proxy?.stop());
beforeEach(() => proxy.clear());

const openTarget = (reload = proxy.reload) => {
  const { root, status } = proxy;
  const files = { path: "live/support.json", include: "live/support.conf" };
  return openAny({ kind: "nginx", ...files, status, reload }, root, outside);
};
const include = () => join(proxy.root, "live/support.conf");

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

test("a restarted nginx has the split, its fence and its refusal of older writes", async () => {
  await put(2_500, 7);
  const before = await live();
  await proxy.restart();
  expect(await live()).toEqual(before);
  await expect(put(5_000, 6)).rejects.toMatchObject({ kind: "conflict" });
  expect(await live()).toEqual(before);
});

test("while nginx is away a rollback is written for when it starts, and no rise", async () => {
  await put(2_500, 7);
  await proxy.crash();
  await expect(put(5_000, 8)).rejects.toMatchObject({ kind: "unreachable" });
  await expect(put(0, 6, { canary: null, history: [] })).rejects.toMatchObject({ kind: "conflict" });
  await expect(put(0, 8, { canary: null, history: [] })).rejects.toMatchObject({ kind: "unreachable" });
  await proxy.start();
  expect(await live()).toMatchObject({ kind: "serving", route: { canary: null, weight: 0 }, fence: { serial: 8 } });
});

test("what is in force is told and not what is written, and the next shift puts it in force", async () => {
  await put(2_500, 7);
  const lame = openTarget(["true"]);
  await expect(lame.act(shift(5_000), { epoch: 1, serial: 8 }, AbortSignal.timeout(400))).rejects.toMatchObject({
    kind: "timeout",
  });
  expect(await live()).toMatchObject({ kind: "serving", fence: { serial: 7 }, route: { weight: 2_500 } });
  await put(5_000, 8);
  expect(await live()).toMatchObject({ kind: "serving", fence: { serial: 8 }, route: { weight: 5_000 } });
});

test("a configuration that nginx refuses is told with its words, and what was in force stays", async () => {
  await put(2_500, 7);
  proxy.serve("no_such_word;");
  await expect(put(5_000, 8)).rejects.toMatchObject({
    kind: "unreachable",
    message: expect.stringContaining("no_such_word"),
  });
  expect(await live()).toMatchObject({ kind: "serving", route: { weight: 2_500 } });
});

test("a weight changed by hand is drift", async () => {
  await put(2_500, 7);
  const other = shift(100);
  const text = readFileSync(include(), "utf8")
    .replaceAll("|2500|", `|${other.route.weight}|`)
    .replace("25.00%", "1.00%");
  writeFileSync(include(), text);
  await proxy.restart();
  expect(await live()).toMatchObject({ kind: "serving", route: { weight: 100, canary } });
});

test.each([
  ["a share", (text: string) => text.replace("25.00%", "99.99%")],
  ["an arm", (text: string) => text.replace(/default +\$rollout_drawn_support/, "default canary")],
  ["all of it", () => ""],
])(
  "%s that is changed by hand in the include alone is not taken for what was written, and the next shift writes it anew",
  async (_, change) => {
    await put(2_500, 7);
    writeFileSync(include(), change(readFileSync(include(), "utf8")));
    expect(await live()).toMatchObject({
      kind: "foreign",
      because: expect.stringContaining("changed by hand"),
      fence: { serial: 7 },
    });
    await put(2_500, 8);
    expect(await live()).toMatchObject({ kind: "serving", route: { weight: 2_500 } });
  },
);

test.each(["# rollout billing 1\n", "server {}\n"])(
  "a file that is somebody else's (%j) is not replaced",
  async (text) => {
    writeFileSync(include(), text);
    await expect(put(2_500, 1)).rejects.toMatchObject({ kind: expect.stringMatching(/rejected|unreachable/) });
    expect(readFileSync(include(), "utf8")).toBe(text);
  },
);

test("a header that would be more than a name in the configuration is refused before anything is written", async () => {
  const strange = { ...shift(100), sessionHeader: "x; }" };
  await expect(openTarget().act(strange, { epoch: 1, serial: 1 }, signal)).rejects.toMatchObject({ kind: "rejected" });
  expect(readFileSync(include(), "utf8")).toBe("");
});

test("an nginx that is down is unreachable, and nothing is written", async () => {
  await put(2_500, 1);
  const before = readFileSync(include(), "utf8");
  await proxy.crash();
  expect(await live()).toMatchObject({ kind: "unreachable" });
  await expect(put(5_000, 2)).rejects.toMatchObject({ kind: "unreachable" });
  expect(readFileSync(include(), "utf8")).toBe(before);
  await proxy.start();
});

test("across thousands of keep-alive requests and reloads only a request on a connection that nginx closed fails, and none leaves the canary but by rollback", async () => {
  await put(0, 1);
  proxy.serve('default_type text/plain; return 200 "$rollout_revision_support";');
  await put(0, 2);
  const load = startLoad({ url: proxy.url, connections: 16, each: 25 });
  const rises: { readonly weight: number; readonly change: Change }[] = [];
  for (const weight of [100, 500, 2_500, 5_000, 10_000])
    rises.push({ weight, change: await load.across(() => put(weight, rises.length + 3)) });
  const rollback = await load.across(() => put(0, 20));
  await load.stop();

  expect(load.hits.length).toBeGreaterThan(4_000);
  const failed = load.hits.filter(({ revision }) => revision === null);
  // Each reload closes each connection once, and a request may be on its way on it.
  expect(failed.length).toBeLessThanOrEqual(16 * (rises.length + 1));
  expect(failed.filter(({ reused, code }) => !reused || !["ECONNRESET", "EPIPE"].includes(code ?? ""))).toEqual([]);
  const answered = load.hits.filter(({ revision }) => revision !== null);
  expect(new Set(answered.map(({ revision }) => revision))).toEqual(new Set([stable, canary]));
  // Old and new workers both answer while a change is under way.
  const settled = rises.map(({ change }, i) => between(load, change, rises[i + 1]?.change ?? rollback));
  expectNoReturn(settled.flat(), canary);
  for (const [i, { weight }] of rises.entries()) expectShare(settled[i] ?? [], canary, weight);
  const after = between(load, rollback, null).filter(({ revision }) => revision !== null);
  expect(new Set(after.map(({ revision }) => revision))).toEqual(new Set([stable]));
}, 120_000);

test("a request that is in flight at a reload is answered", async () => {
  const waiting: ServerResponse[] = [];
  const agentProcess = createServer((request, response) => {
    response.setHeader("x-decided", String(request.headers["x-rollout-revision"]));
    waiting.push(response);
  }).listen(0, "127.0.0.1");
  await once(agentProcess, "listening");
  await put(0, 1);
  const { port } = agentProcess.address() as AddressInfo;
  proxy.serve(`proxy_set_header x-rollout-revision $rollout_revision_support; proxy_pass http://127.0.0.1:${port};`);
  await put(0, 2);
  const sent = Array.from({ length: 8 }, () => fetch(proxy.url, { headers: { "x-session-id": "session-1" } }));
  while (waiting.length < sent.length) await once(agentProcess, "request");
  await put(10_000, 3);
  for (const response of waiting) response.end("done");
  for (const answer of await Promise.all(sent)) {
    expect([answer.status, await answer.text(), answer.headers.get("x-decided")]).toEqual([200, "done", stable]);
  }
  agentProcess.close();
});

test("a request without a session goes to stable, and the fallback is everybody's", async () => {
  const wire = keptWire();
  await put(10_000, 1);
  proxy.serve('default_type text/plain; return 200 "$rollout_revision_support";');
  await put(10_000, 2);
  expect(await revisionMet({ url: proxy.url, wire, session: "" })).toBe(stable);
  wire.destroy();
  await put(0, 3, { fallback: true });
  const other = keptWire();
  expect(await revisionMet({ url: proxy.url, wire: other, session: "session-1" })).toBe("fallback");
  other.destroy();
});
