// The provider in the real OpenFeature SDK: values, reasons and metadata of flags, and what it refuses.

import { type Client, type EvaluationContext, type Hook, OpenFeature } from "@openfeature/server-sdk";
import fc from "fast-check";
import { afterEach, beforeEach, expect, expectTypeOf, test, vi } from "vitest";
import type { AgentId } from "../../src/core/model/units.js";
import { type Agents, RolloutProvider, type RolloutProviderOptions } from "../../src/openfeature/index.js";
import type { Router } from "../../src/sdk/index.js";
import { freshPlace } from "../sdk/place.js";
import { atWeight, canary, Folder, later, published, stable, textOf } from "../sdk/support.js";

const place = freshPlace();
beforeEach(() => place.folder.put(textOf(published)));
afterEach(async () => {
  vi.useRealTimers();
  await OpenFeature.close();
});

const quiet = { log: () => {}, pollMs: 1_000_000, now: () => later };

async function client(agents: Agents, options: RolloutProviderOptions = quiet): Promise<Client> {
  await OpenFeature.setProviderAndWait("agents", new RolloutProvider(agents, options)).catch(() => {});
  return OpenFeature.getClient("agents");
}

const { rollout } = published.route;
const planning = (version: string) =>
  ({
    [stable]: { model: "claude-opus-4-5", version: "20251101" },
    [canary]: { model: "claude-opus-4-6", version: "20260115" },
  })[version];

test("for thousands of sessions the flags say what the router says", async () => {
  const routed = await place.open();
  const flags = await client(routed);
  const start = Date.UTC(2026, 10, 23, 10);
  for (let i = 0; i < 2_000; i++) {
    const targetingKey = `session-${i}`;
    const startedAt = [undefined, start, new Date(start), new Date(start).toISOString()][i % 4];
    const route = routed.route(targetingKey, startedAt === undefined ? {} : { startedAt: start });
    const context = { targetingKey, ...(startedAt === undefined ? {} : { startedAt }) };
    const { revision, variant, weight } = route;
    const details = {
      variant,
      reason: "SPLIT",
      flagMetadata: { agent: "support", revision, rollout, weight, version: "1.41" },
    };
    expect(await flags.getStringDetails("support", "x", context)).toMatchObject({ value: variant, ...details });
    expect(await flags.getBooleanDetails("support", false, context)).toMatchObject({
      value: variant === "canary",
      ...details,
    });
    expect(await flags.getObjectValue("support", {}, context)).toEqual(route);
    const model = routed.getModel("planning", route);
    expect(model).toMatchObject(planning(revision ?? "") ?? {});
    expect(await flags.getObjectDetails("support/planning", {}, context)).toMatchObject({ value: model, ...details });
    expect(await flags.getStringValue("support/planning", "", context)).toBe(`${model?.model}@${model?.version}`);
  }
});

test("any session, any start, any revision that a proxy names: the router's answer", async () => {
  const routed = await place.open();
  const flags = await client(routed);
  const revisions = fc.oneof(fc.constantFrom(stable, canary, "fallback"), fc.string());
  await fc.assert(
    fc.asyncProperty(
      fc.string(),
      fc.date(),
      fc.option(revisions, { nil: undefined }),
      async (session, startedAt, revision) => {
        const context = {
          targetingKey: session,
          startedAt,
          ...(revision === undefined ? {} : { rolloutRevision: revision }),
        };
        const route = routed.route(session, { startedAt, revision });
        expect(await flags.getObjectValue("support", {}, context)).toEqual(route);
      },
    ),
  );
});

const inFallback = { ...published, route: { ...published.route, fallback: true } };
const withoutCanary = {
  ...published,
  route: { ...published.route, canary: null, weight: 0, history: [] },
} as unknown as typeof published;
const context: EvaluationContext = { targetingKey: "session-1" };

test.each([
  { what: "a draw", put: published, context, expected: { reason: "SPLIT" } },
  { what: "no canary", put: withoutCanary, context, expected: { value: "stable", reason: "STATIC" } },
  {
    what: "the fallback",
    put: inFallback,
    context,
    expected: { value: "fallback", variant: "fallback", reason: "STATIC" },
  },
  {
    what: "the fallback, which a proxy names too",
    put: inFallback,
    context: { ...context, rolloutRevision: "fallback" },
    expected: { value: "fallback", reason: "STATIC" },
  },
  { what: "no session", put: atWeight(100), context: {}, expected: { value: "stable", reason: "DEFAULT" } },
  {
    what: "a proxy's decision",
    put: published,
    context: { ...context, rolloutRevision: canary },
    expected: { value: "canary", reason: "TARGETING_MATCH", flagMetadata: { revision: canary } },
  },
  {
    what: "a revision that is not in force",
    put: atWeight(100),
    context: { ...context, rolloutRevision: "r-gone" },
    expected: { value: "canary", reason: "SPLIT" },
  },
  {
    what: "a user, where users are drawn",
    put: { ...atWeight(100), unit: "user" as const },
    context: { ...context, user: "ada" },
    expected: { value: "canary", reason: "SPLIT" },
  },
  {
    what: "no user, where users are drawn",
    put: { ...atWeight(100), unit: "user" as const },
    context,
    expected: { value: "stable", reason: "DEFAULT" },
  },
])("the reason of $what", async ({ put, context: asked, expected }) => {
  place.folder.put(textOf(put));
  const flags = await client(place.folder.file);
  const details = await flags.getStringDetails("support", "x", asked);
  expect(details).toMatchObject(expected);
  expect(details.errorCode).toBe(undefined);
});

test("the kill file is DISABLED, the copy of the predecessor and the bootstrap are STALE, nothing is DEFAULT", async () => {
  place.folder.put("", "support.json.kill");
  const killed = await client(place.folder.file);
  expect(await killed.getStringDetails("support", "x", context)).toMatchObject({ value: "stable", reason: "DISABLED" });

  const elsewhere = new Folder();
  elsewhere.put(textOf(published), "support.json.previous");
  const steps = { planning: { model: "m", version: "1" } };
  const stale = { value: { model: "claude-opus-4-5" }, variant: "stable", reason: "STALE" };
  const copied = await client(elsewhere.file);
  expect(await copied.getObjectDetails("support/planning", {}, context)).toMatchObject(stale);
  const missing = `${elsewhere.file}.none`;
  const bootstrapped = await client({ support: missing }, { ...quiet, bootstrap: { steps } });
  expect(await bootstrapped.getStringDetails("support/planning", "", context)).toMatchObject({
    value: "m@1",
    reason: "STALE",
  });

  const unserved = await place.open({ agent: "support" }, missing);
  const nothing = await client(unserved);
  expect(await nothing.getStringDetails("support", "x", context)).toMatchObject({ value: "stable", reason: "DEFAULT" });
  expect(await nothing.getStringDetails("support/planning", "x", context)).toMatchObject({
    value: "x",
    errorCode: "PROVIDER_NOT_READY",
  });
  elsewhere.remove();
});

test.each([
  { flag: "billing", kind: "String", code: "FLAG_NOT_FOUND", message: "no agent billing is routed here: support" },
  { flag: "", kind: "String", code: "FLAG_NOT_FOUND", message: "no agent" },
  { flag: "support/planing", kind: "Object", code: "FLAG_NOT_FOUND", message: "no step planing: planning, parsing" },
  { flag: "support/", kind: "Object", code: "FLAG_NOT_FOUND", message: "no step" },
  { flag: "support/constructor", kind: "Object", code: "FLAG_NOT_FOUND", message: "no step constructor" },
  {
    flag: "support",
    kind: "Number",
    code: "TYPE_MISMATCH",
    message: "support has no number value: string, boolean, object",
  },
  { flag: "support/planning", kind: "Boolean", code: "TYPE_MISMATCH", message: "object, string" },
  { flag: "support/planning", kind: "Number", code: "TYPE_MISMATCH", message: "object, string" },
] as const)("$kind $flag is the default, and says why", async ({ flag, kind, code, message }) => {
  const flags = await client(place.folder.file);
  const fallback = { String: "x", Object: { a: 1 }, Number: 7, Boolean: true }[kind];
  const ask = flags[`get${kind}Details`] as (flag: string, fallback: unknown, context: object) => Promise<object>;
  expect(await ask.call(flags, flag, fallback, context)).toMatchObject({
    value: fallback,
    reason: "ERROR",
    errorCode: code,
    errorMessage: expect.stringContaining(message),
  });
});

test("one provider holds many agents, and each flag is its own agent's", async () => {
  const billing = new Folder();
  const theirs = { ...atWeight(100), agent: "billing" as AgentId };
  billing.put(textOf(theirs));
  const flags = await client({ support: await place.open(), billing: billing.file });
  expect(await flags.getStringDetails("billing", "x", context)).toMatchObject({
    value: "canary",
    flagMetadata: { agent: "billing" },
  });
  expect(await flags.getStringDetails("support", "x", context)).toMatchObject({
    flagMetadata: { agent: "support", weight: 25 },
  });
  billing.remove();
});

test("hooks see variant, reason and metadata", async () => {
  const flags = await client(place.folder.file);
  const seen: unknown[] = [];
  const hook: Hook = {
    after: (_, details) => void seen.push([details.variant, details.reason, details.flagMetadata.rollout]),
  };
  const asked = { ...context, rolloutRevision: canary };
  await flags.getObjectValue("support/planning", {}, asked, { hooks: [hook] });
  expect(seen).toEqual([["canary", "TARGETING_MATCH", rollout]]);
});

test("before it is open there are no answers, and nothing throws", async () => {
  const provider = new RolloutProvider(place.folder.file, quiet);
  expect(await provider.resolveStringEvaluation("support", "x", {})).toMatchObject({
    value: "x",
    errorCode: "PROVIDER_NOT_READY",
  });
});

test("what it opened it closes", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  await client({ support: place.folder.file });
  expect(vi.getTimerCount()).toBe(1);
  await OpenFeature.close();
  expect(vi.getTimerCount()).toBe(0);
});

test("what it opens is closed where it was replaced meanwhile, or another file cannot be opened", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const replaced = new RolloutProvider(place.folder.file, quiet);
  const opening = replaced.initialize();
  await replaced.onClose();
  await expect(opening).rejects.toThrow("closed while it was opening");
  expect(vi.getTimerCount()).toBe(0);
  const half = new RolloutProvider({ support: place.folder.file, billing: "https://rollout.example" }, quiet);
  await expect(half.initialize()).rejects.toThrow("is an address");
  expect(vi.getTimerCount()).toBe(0);
  await half.onClose();
});

test("without any agent it is not ready, and says so", async () => {
  await expect(new RolloutProvider({}).initialize()).rejects.toThrow("no agent is given");
});

test.each([["7"], ["session 12"], [""], [Object.create(null)], [[]], [null], [true]])(
  "a start of %j is no start",
  async (startedAt) => {
    const provider = new RolloutProvider(place.folder.file, quiet);
    await provider.initialize();
    const asked = { ...context, startedAt } as EvaluationContext;
    expect(await provider.resolveStringEvaluation("support", "x", asked)).toEqual(
      await provider.resolveStringEvaluation("support", "x", context),
    );
    await provider.onClose();
  },
);

test("what was handed to it stays open", async () => {
  const handed = await place.open();
  await client({ support: handed });
  await OpenFeature.setProviderAndWait("agents", new RolloutProvider(place.folder.file, quiet));
  const told: number[] = [];
  handed.subscribe(({ weight }) => told.push(weight));
  place.folder.put(textOf(atWeight(50)));
  await handed.refresh();
  await new Promise(setImmediate);
  expect(told).toEqual([50]);
});

test("a provider takes one router, one file, or several by name", () => {
  expectTypeOf<Router<"planning">>().toExtend<Agents>();
  expectTypeOf<{ support: string; billing: Router<"parsing"> }>().toExtend<Agents>();
  // @ts-expect-error the agent of a file stands before it
  expectTypeOf(new RolloutProvider("live/support.json", { agent: "support" })).toEqualTypeOf<RolloutProvider>();
  // @ts-expect-error a number routes nothing
  expectTypeOf(new RolloutProvider({ support: 7 })).toEqualTypeOf<RolloutProvider>();
});
