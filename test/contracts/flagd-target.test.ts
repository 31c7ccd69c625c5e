// flagd keeps the laws of every target, and flagd's own evaluator sends every session where the router sends it.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlagdCore, MemoryStorage } from "@openfeature/flagd-core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RevisionContent } from "../../src/core/model/revision.js";
import type { Route } from "../../src/core/model/route.js";
import type { Json } from "../../src/core/model/units.js";
import { choose } from "../../src/core/routing/choose.js";
import type { ShiftAction } from "../../src/ports/traffic-target.js";
import { openTarget as openAny } from "../../src/providers/catalog.js";
import { trafficTargetLaws } from "../../src/testing/laws/traffic-target.js";
import { agent, canary, now, outside, servedIn, shift, stable } from "../support/proxied.js";

const signal = new AbortController().signal;
let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "flagd-target-"));
  mkdirSync(join(root, "live"));
});
afterEach(() => rmSync(root, { recursive: true }));

const openTarget = (key: string | null = null) =>
  openAny({ kind: "flagd", path: "live/support.json", flags: "live/support.flags.json", key }, root, outside);
const file = () => join(root, "live/support.flags.json");
const read = () => readFileSync(file(), "utf8");
const live = () => openTarget().observe(agent, signal);
const put = (weight: number, serial: number, change: Partial<Route> = {}) =>
  openTarget().act(shift(weight, change), { epoch: 1, serial }, signal);

test.each(trafficTargetLaws)("$name", async (law) => {
  await law.check({
    target: openTarget(),
    now,
    served: servedIn(() => join(root, "live/support.json")),
    draws: ["murmur3-32"],
  });
});

/** flagd's evaluator over the file as it stands, which flagd's own schema has to accept. */
function flagd(): FlagdCore {
  const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
  const storage = new MemoryStorage(silent);
  storage.setConfigurations(read(), true);
  return new FlagdCore(storage, silent);
}

type Context = Readonly<Record<string, string>>;
const arm = (core: FlagdCore, context: Context) => core.resolveStringEvaluation("support", "nobody answered", context);

describe("flagd's evaluator", () => {
  const sessions = Array.from({ length: 3_000 }, (_, i) => `session-${i}`);

  test.each([0, 1, 7, 333, 1_429, 2_500, 5_501, 9_999, 10_000])("agrees at %i basis points", async (weight) => {
    await put(weight, 1);
    const core = flagd();
    for (const session of sessions) {
      const ours = choose(shift(weight).route, session, null, now());
      const theirs = arm(core, { targetingKey: session });
      expect([theirs.variant, theirs.value]).toEqual([ours.variant, ours.revision]);
    }
  });

  test("agrees on every ASCII session at every weight, with any salt", { timeout: 60_000 }, async () => {
    const ascii = fc.string({ unit: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)) });
    const weights = fc.integer({ min: 0, max: 10_000 });
    await fc.assert(
      fc.asyncProperty(weights, ascii, fc.array(ascii, { minLength: 1, maxLength: 40 }), async (weight, salt, ids) => {
        rmSync(join(root, "live"), { recursive: true });
        const action = shift(weight, { salt });
        await openTarget().act(action, { epoch: 1, serial: 1 }, signal);
        const core = flagd();
        for (const id of ids) {
          expect(arm(core, { targetingKey: id }).variant).toBe(choose(action.route, id, null, now()).variant);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("sends who has no key to stable, at every weight", async () => {
    for (const [serial, weight] of [1, 5_000, 10_000].entries()) {
      await put(weight, serial + 1);
      for (const context of [{}, { targetingKey: "" }, { user: "ada" }] as Context[])
        expect(arm(flagd(), context)).toMatchObject({ variant: "stable", value: stable });
    }
  });

  test("takes sessions from stable alone when the weight rises", async () => {
    let before = new Set<string>();
    for (const [serial, weight] of [100, 2_500, 5_000, 10_000].entries()) {
      await put(weight, serial + 1);
      const core = flagd();
      const there = new Set(sessions.filter((session) => arm(core, { targetingKey: session }).value === canary));
      expect([...before].filter((session) => !there.has(session))).toEqual([]);
      before = there;
    }
    expect(before.size).toBe(sessions.length);
  });

  test("sends everybody into the fallback, whose value is empty", async () => {
    await put(5_000, 1, { fallback: true });
    for (const session of ["", "session-1", "session-2"])
      expect(arm(flagd(), { targetingKey: session })).toMatchObject({ variant: "fallback", value: "" });
  });

  test("draws by the user where users are drawn, and by what the spec names", async () => {
    const byUser: ShiftAction = { ...shift(5_000), user: { header: "x-user-id" } };
    await openTarget().act(byUser, { epoch: 1, serial: 1 }, signal);
    const byKey = (key: string, core = flagd()) =>
      sessions.map((session) => arm(core, { [key]: session }).value === canary);
    const ours = sessions.map((session) => choose(byUser.route, session, null, now()).revision === canary);
    expect(byKey("user")).toEqual(ours);
    expect(byKey("targetingKey").some(Boolean)).toBe(false);
    await openTarget("conversation").act(byUser, { epoch: 1, serial: 2 }, signal);
    expect(byKey("conversation")).toEqual(ours);
  });

  test("has the model of each step in its arm, an empty one where the arm has no such step", async () => {
    const entry = (model: string) => ({ model, version: "1", params: { temperature: 0.5 } });
    const [kept, tried] = shift(5_000).contents;
    const contents = [
      { ...(kept ?? expect.fail()), steps: { planning: entry("opus"), parsing: entry("haiku") } },
      { ...(tried ?? expect.fail()), steps: { planning: entry("sonnet"), "tool.use": entry("haiku") } },
    ];
    await openTarget().act({ ...shift(5_000), contents }, { epoch: 1, serial: 1 }, signal);
    const core = flagd();
    const model = (step: string, targetingKey: string) => {
      const found = core.resolveObjectEvaluation(`support/${step}`, { nobody: "answered" }, { targetingKey });
      return found.value as Readonly<Record<string, unknown>>;
    };
    const inCanary = sessions.find((session) => arm(core, { targetingKey: session }).value === canary) ?? "";
    expect(model("planning", "")).toEqual(entry("opus"));
    expect(model("planning", inCanary)).toEqual(entry("sonnet"));
    expect([model("parsing", ""), model("parsing", inCanary)]).toEqual([entry("haiku"), {}]);
    expect([model("tool.use", ""), model("tool.use", inCanary)]).toEqual([{}, entry("haiku")]);
    for (const session of sessions.slice(0, 500)) {
      const wanted = arm(core, { targetingKey: session }).variant === "canary" ? "sonnet" : "opus";
      expect(model("planning", session)).toMatchObject({ model: wanted });
    }
  });
});

test("a draw by md5-100 is refused before anything is written, and nothing to draw is not", async () => {
  await expect(put(700, 1, { algo: "md5-100" })).rejects.toMatchObject({
    kind: "rejected",
    message: expect.stringContaining("flagd cannot draw by md5-100"),
  });
  expect(readdirSync(join(root, "live"))).toEqual([]);
  await put(0, 1, { algo: "md5-100", canary: null, history: [] });
  expect(await live()).toMatchObject({ kind: "serving", route: { algo: "md5-100" } });
});

test("parameters that fill the routing file are read again, and what could not be is refused before anything is written", async () => {
  const withParams = (params: RevisionContent["steps"][string]["params"]): ShiftAction => ({
    ...shift(500),
    contents: shift(500).contents.map((one) => ({ ...one, steps: { answer: { model: "m", version: "1", params } } })),
  });
  // Written with indentation, which the routing file has none of.
  const stop = Array.from({ length: 60 }).reduce<Json>((inner) => [inner], Array<Json>(100_000).fill(0));
  const deep = withParams({ stop });
  await expect(openTarget().act(deep, { epoch: 1, serial: 1 }, signal)).rejects.toMatchObject({
    kind: "rejected",
    message: expect.stringContaining("shorten the steps' params"),
  });
  expect(readdirSync(join(root, "live"))).toEqual([]);
  await openTarget().act(withParams({ system: "x".repeat(3_000_000) }), { epoch: 1, serial: 1 }, signal);
  expect(await live()).toMatchObject({ kind: "serving", route: { weight: 500 } });
});

test.each(["", "\n", "{}", '{"flags":{}}', '{ "$schema": "x", "flags": {}, "metadata": {} }'])(
  "people begin with a file without flags: %j",
  async (text) => {
    writeFileSync(file(), text);
    if (text === "{}") return expect(await live()).toMatchObject({ kind: "foreign" });
    expect(await live()).toMatchObject({ kind: "empty" });
    await put(500, 1);
    expect(await live()).toMatchObject({ kind: "serving", route: { weight: 500 } });
  },
);

describe("what is not as rollout wrote it is foreign", () => {
  const edits: readonly (readonly [name: string, edit: (text: string) => string, because: string])[] = [
    ["another weight", (text) => text.replace("2500", "100"), "checksum"],
    ["another default", (text) => text.replace('"defaultVariant": "stable"', '"defaultVariant": "canary"'), "checksum"],
    ["another revision", (text) => text.replaceAll(canary, stable), "checksum"],
    ["one more flag", (text) => text.replace('"flags": {', '"flags": { "mine": {"state": "DISABLED"},'), "checksum"],
    ["another story of itself", (text) => text.replace("1|2500|", "one|"), "what it says about itself"],
  ];
  test.each(edits)("%s, which the next shift replaces and keeps beside", async (_, edit, because) => {
    await put(2_500, 7);
    const harmed = edit(read());
    writeFileSync(file(), harmed);
    expect(harmed).not.toBe("");
    expect(await live()).toMatchObject({ kind: "foreign", because: expect.stringContaining(because) });
    await expect(put(5_000, 6)).rejects.toMatchObject({ kind: "conflict" });
    expect(read()).toBe(harmed);
    await put(5_000, 8);
    expect(await live()).toMatchObject({ kind: "serving", fence: { serial: 8 }, route: { weight: 5_000 } });
    expect(readFileSync(`${file()}.damaged`, "utf8")).toBe(harmed);
  });

  test.each([
    ["upstream {}", "no flag definition file"],
    ['{"flags":{"banner":{"state":"ENABLED","variants":{"on":true},"defaultVariant":"on"}}}', "did not write it"],
  ])("a file of somebody else (%j), which is never replaced", async (text, because) => {
    writeFileSync(file(), text);
    expect(await live()).toMatchObject({ kind: "foreign", because: expect.stringContaining(because) });
    await expect(put(500, 9)).rejects.toMatchObject({ kind: "rejected", message: expect.stringContaining(because) });
    expect(read()).toBe(text);
    expect(readdirSync(join(root, "live"))).toEqual(["support.flags.json"]);
  });

  test("another agent's file, which is never replaced", async () => {
    await put(500, 1);
    const theirs = read().replaceAll('"support', '"billing');
    writeFileSync(file(), theirs);
    expect(await live()).toMatchObject({ kind: "foreign", because: expect.stringContaining("the agent billing") });
    await expect(put(500, 9)).rejects.toMatchObject({ kind: "rejected" });
    expect(read()).toBe(theirs);
  });
});

test("a write that stopped between the two files shows the flags, and is overtaken by the next", async () => {
  await put(500, 1);
  const before = read();
  await put(2_500, 2);
  writeFileSync(file(), before);
  expect(await live()).toMatchObject({ kind: "serving", fence: { serial: 1 }, route: { weight: 500, history: [] } });
  await expect(put(0, 1)).rejects.toMatchObject({ kind: "conflict" });
  await put(2_500, 3);
  expect(await live()).toMatchObject({ kind: "serving", fence: { serial: 3 }, route: { weight: 2_500 } });
});

test("what cannot be read is unreachable, and its message knows no folder of this machine", async () => {
  mkdirSync(file());
  const found = await live();
  expect(found).toMatchObject({
    kind: "unreachable",
    because: "live/support.flags.json cannot be read: it is not a regular file",
  });
  expect(JSON.stringify(found)).not.toContain(root);
  await expect(put(500, 1)).rejects.toMatchObject({ name: "Fault", kind: "unreachable" });
});
