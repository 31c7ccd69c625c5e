// nginx keeps the laws of every target, in the real program, and what is special about one that is reloaded.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Route } from "../../src/core/model/route.js";
import { openTarget as openAny } from "../../src/providers/catalog.js";
import { trafficTargetLaws } from "../../src/testing/laws/traffic-target.js";
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

test("across reloads only requests on a connection that nginx closes fail, and sessions move towards the canary alone", async () => {
  const wire = keptWire();
  const sessions = Array.from({ length: 300 }, (_, i) => `session-${i}`);
  const met = (session: string) =>
    revisionMet({ url: proxy.url, wire, session }).catch((error) => {
      if (error.reused === true) return null;
      throw error;
    });
  const everyone = () => Promise.all(sessions.map(met));
  await put(0, 1);
  proxy.serve('default_type text/plain; return 200 "$rollout_revision_support";');
  await put(0, 2);
  expect(new Set(await everyone())).toEqual(new Set([stable]));
  let moved: readonly string[] = [];
  for (const [i, weight] of [100, 500, 2_500, 5_000, 10_000].entries()) {
    const [, during] = await Promise.all([put(weight, i + 3), everyone()]);
    const after = await everyone();
    for (const [n, session] of sessions.entries()) {
      if (!moved.includes(session)) continue;
      expect([canary, null]).toContain(during[n]);
      expect(after[n]).toBe(canary);
    }
    moved = sessions.filter((_, n) => after[n] === canary);
    // Four standard deviations of a fair draw.
    expect(Math.abs(moved.length - (300 * weight) / 10_000)).toBeLessThanOrEqual(4 * Math.sqrt(300 * 0.25));
  }
  expect(moved).toEqual(sessions);
  expect(await met("")).toBe(stable);
  await put(0, 20);
  expect(new Set(await everyone())).toEqual(new Set([stable]));
  await put(0, 21, { fallback: true });
  expect(await met("session-1")).toBe("fallback");
  wire.destroy();
}, 60_000);
