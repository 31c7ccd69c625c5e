// LiteLLM's target keeps the laws of every target. LiteLLM itself is a Python program that does not run here: the file is read as its
// documentation and its reader say, by a gateway on loopback that knows nothing else of it.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import type { RevisionContent } from "../../src/core/model/revision.js";
import type { Route } from "../../src/core/model/route.js";
import type { LitellmTarget } from "../../src/core/model/spec.js";
import type { Json, RevisionId } from "../../src/core/model/units.js";
import type { Outside } from "../../src/ports/outside.js";
import type { ShiftAction } from "../../src/ports/traffic-target.js";
import { openTarget as openAny } from "../../src/providers/catalog.js";
import { trafficTargetLaws } from "../../src/testing/laws/traffic-target.js";
import { type Gateway, readConfig, startGateway } from "../support/gateway.js";
import { agent, canary, now, servedIn, shift, outside as silent, stable } from "../support/proxied.js";

const signal = new AbortController().signal;
const key = "a key of the gateway";
const outside: Outside = { ...silent, fetch, secret: (name) => (name === "GATEWAY_KEY" ? key : silent.secret(name)) };
const providers = [
  { models: "claude-*", as: "anthropic/{model}-{version}", params: { api_key: "os.environ/ANTHROPIC_API_KEY" } },
  { models: "*", as: "openai/{model}-{version}", params: {} },
];

let root = "";
let gateway: Gateway | null = null;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "litellm-target-"));
  mkdirSync(join(root, "live"));
  writeFileSync(
    join(root, "live/config.yaml"),
    "# ours\ninclude: [support.models.yaml]\nmodel_list:\n  - { model_name: mine, litellm_params: { model: openai/mine } }\n",
  );
  writeFileSync(file(), "model_list: []\n");
});
afterEach(async () => {
  await gateway?.stop();
  gateway = null;
  rmSync(root, { recursive: true });
});

const file = () => join(root, "live/support.models.yaml");
const read = () => readFileSync(file(), "utf8");
const openTarget = (change: Partial<LitellmTarget> = {}) => {
  const files = { path: "live/support.json", include: "live/support.models.yaml" };
  const spec = { ...files, providers, reload: ["true"], url: null, key: null, ...change };
  return openAny({ kind: "litellm", ...spec }, root, outside);
};
const withSteps = (weight: number, change: Partial<Route> = {}): ShiftAction => {
  const action = shift(weight, change);
  return { ...action, contents: [revision(stable, "20251101"), revision(canary, "20260115")] };
};
const put = (weight: number, serial: number, change: Partial<Route> = {}, target = openTarget()) =>
  target.act(withSteps(weight, change), { epoch: 1, serial }, signal);
const live = (target = openTarget()) => target.observe(agent, signal);
const names = () => readConfig(join(root, "live")).map(({ model_name }) => model_name);

function revision(id: RevisionId, version: string, params: Readonly<Record<string, Json>> = {}): RevisionContent {
  const steps = {
    planning: { model: "claude-opus-4-5", version, params },
    parsing: { model: "gpt-5", version: "1", params: {} },
  };
  return { id, agent, steps, prompts: [], tools: [], release: null, origin: { commit: null, dirty: false } };
}

test.each(trafficTargetLaws)("$name", { timeout: 30_000 }, async (law) => {
  await law.check({
    target: openTarget(),
    now,
    served: servedIn(() => join(root, "live/support.json")),
  });
});

describe("the models", () => {
  test("are those of each revision by its id, and stable's without one, beside those of other people", async () => {
    await put(500, 1);
    const steps = ["parsing", "planning"];
    const ours = steps.flatMap((step) => [`support/${step}`, `support/${step}/${stable}`, `support/${step}/${canary}`]);
    expect(names()).toEqual(["mine", ...ours]);
    const entries = new Map(readConfig(join(root, "live")).map((entry) => [entry.model_name, entry]));
    expect(entries.get(`support/planning/${canary}`)).toEqual({
      model_name: `support/planning/${canary}`,
      litellm_params: { model: "anthropic/claude-opus-4-5-20260115", api_key: "os.environ/ANTHROPIC_API_KEY" },
      model_info: { rollout: { agent: "support", step: "planning", revision: canary } },
    });
    expect(entries.get("support/planning")?.litellm_params.model).toBe("anthropic/claude-opus-4-5-20251101");
    expect(entries.get(`support/parsing/${stable}`)?.litellm_params).toEqual({ model: "openai/gpt-5-1" });
    expect(Object.keys(parse(read()))).toEqual(["model_list"]);
  });

  test("of what was in force stay for the tasks under way until the next shift", async () => {
    await put(500, 1);
    await put(0, 2, { canary: null, rollout: null, history: [] });
    expect(names()).toContain(`support/planning/${canary}`);
    await put(0, 3, { canary: null, rollout: null, history: [] });
    expect(names()).not.toContain(`support/planning/${canary}`);
    expect(names()).toContain(`support/planning/${stable}`);
  });

  test("carry every parameter of the registry through YAML as it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (params) => {
        fc.pre(!Object.hasOwn(params, "model") && !Object.hasOwn(params, "__proto__"));
        rmSync(join(root, "live/support.json"), { force: true });
        writeFileSync(file(), "");
        const contents = [revision(stable, "1", params as Readonly<Record<string, Json>>), revision(canary, "2")];
        await openTarget().act({ ...withSteps(500), contents }, { epoch: 1, serial: 1 }, signal);
        for (const version of ["1.1", "1.2"] as const) {
          const list = parse(read(), { version }).model_list as readonly {
            model_name: string;
            litellm_params: unknown;
          }[];
          const found = list.find(({ model_name }) => model_name === `support/planning/${stable}`);
          const wanted = { model: "anthropic/claude-opus-4-5-1", ...providers[0]?.params, ...params };
          expect(found?.litellm_params).toEqual(JSON.parse(JSON.stringify(wanted)));
        }
        expect(read()).toMatch(/^[\x20-\x7e\n]*$/);
      }),
      { numRuns: 60 },
    );
  });

  test("of a revision that no provider takes are refused before anything is written", async () => {
    const narrow = openTarget({ providers: [{ models: "claude-*", as: "a/{model}-{version}", params: {} }] });
    await expect(put(500, 1, {}, narrow)).rejects.toMatchObject({
      kind: "rejected",
      message: "no provider of the target takes the model gpt-5 of support/parsing",
    });
    const contents = [revision(stable, "1", { model: "other" }), revision(canary, "2")];
    const strange = openTarget().act({ ...withSteps(500), contents }, { epoch: 1, serial: 1 }, signal);
    await expect(strange).rejects.toMatchObject({ kind: "rejected", message: expect.stringContaining('"model"') });
    expect(readdirSync(join(root, "live")).sort()).toEqual(["config.yaml", "support.models.yaml"]);
    expect(read()).toBe("model_list: []\n");
  });
});

describe("a gateway that reads its configuration when it is told to", () => {
  const asking = () => {
    const { url, reload } = gateway ?? expect.fail();
    return openTarget({ url, reload, key: "GATEWAY_KEY" });
  };
  beforeEach(async () => {
    gateway = await startGateway(join(root, "live"), key);
  });

  test("is told when it lacks a model, and not when the weight alone changes or a revision leaves", async () => {
    const reloads: number[] = [];
    const routes: readonly (readonly [number, Partial<Route>])[] = [
      [0, { canary: null, rollout: null, history: [] }],
      [500, {}],
      [2_500, {}],
      [0, { canary: null, rollout: null, history: [] }],
      [500, {}],
      [10_000, {}],
      [0, { stable: canary, previous: stable, canary: null, history: [] }],
    ];
    for (const [index, [weight, change]] of routes.entries()) {
      await put(weight, index + 1, change, asking());
      expect(await live(asking())).toMatchObject({ kind: "serving", route: { weight }, fence: { serial: index + 1 } });
      reloads.push(gateway?.reloads() ?? 0);
    }
    // Promotion gives the name without a revision to the other model.
    expect(reloads).toEqual([1, 2, 2, 2, 2, 2, 3]);
    const now = gateway?.deployments().find(({ model_name }) => model_name === "support/planning");
    expect(now?.litellm_params.model).toBe("anthropic/claude-opus-4-5-20260115");
  });

  test("serves a canary before any session is sent to it", async () => {
    await put(0, 1, { canary: null, history: [] }, asking());
    const lame = openTarget({ url: gateway?.url ?? "", reload: ["false"], key: "GATEWAY_KEY" });
    await expect(put(500, 2, {}, lame)).rejects.toMatchObject({ kind: "unreachable" });
    expect(await live(asking())).toMatchObject({ kind: "serving", route: { canary: null }, fence: { serial: 1 } });
    const idle = openTarget({ url: gateway?.url ?? "", reload: ["true"], key: "GATEWAY_KEY" });
    const tooShort = idle.act(withSteps(500), { epoch: 1, serial: 3 }, AbortSignal.timeout(400));
    await expect(tooShort).rejects.toMatchObject({
      kind: "timeout",
      message: expect.stringContaining("did not take it up"),
    });
    expect(await live(asking())).toMatchObject({ kind: "serving", route: { canary: null } });
    await put(500, 4, {}, asking());
    expect(await live(asking())).toMatchObject({ kind: "serving", route: { canary, weight: 500 } });
  });

  test("is not waited for by a rollback", async () => {
    await put(500, 1, {}, asking());
    const target = asking();
    await gateway?.stop();
    gateway = null;
    await put(0, 2, { canary: null, rollout: null, history: [] }, target);
    expect(await live(openTarget())).toMatchObject({ kind: "serving", route: { canary: null }, fence: { serial: 2 } });
    expect(await live(target)).toMatchObject({
      kind: "unreachable",
      because: expect.stringContaining("does not answer"),
    });
  });

  test("moves the split between revisions that were in force already, whatever becomes of its reload", async () => {
    await put(5_000, 1, {}, asking());
    const lame = openTarget({ url: gateway?.url ?? "", reload: ["false"], key: "GATEWAY_KEY" });
    const promoted = { stable: canary, previous: stable, canary: null, history: [] };
    await expect(put(0, 2, promoted, lame)).rejects.toMatchObject({ kind: "unreachable" });
    expect(await live(asking())).toMatchObject({ kind: "serving", route: { stable: canary }, fence: { serial: 2 } });
    // The way back, while what was written last is not known to be what the gateway has.
    await expect(put(0, 3, { canary: null, history: [] }, lame)).rejects.toMatchObject({ kind: "unreachable" });
    expect(await live(asking())).toMatchObject({ kind: "serving", route: { stable }, fence: { serial: 3 } });
    await put(0, 4, { canary: null, history: [] }, asking());
    const alone = gateway?.deployments().find(({ model_name }) => model_name === "support/planning");
    expect(alone?.litellm_params.model).toBe("anthropic/claude-opus-4-5-20251101");
  });

  test("gets the name without a revision also where the reload of a promotion failed before", async () => {
    await put(5_000, 1, {}, asking());
    const promoted = { stable: canary, previous: stable, canary: null, history: [] };
    const alone = () => gateway?.deployments().find(({ model_name }) => model_name === "support/planning");
    for (const [index, url] of [gateway?.url ?? "", null].entries()) {
      const lame = openTarget({ url, reload: ["false"], key: "GATEWAY_KEY" });
      await expect(put(0, index + 2, promoted, lame)).rejects.toMatchObject({ kind: "unreachable" });
      expect(alone()?.litellm_params.model).toBe("anthropic/claude-opus-4-5-20251101");
    }
    await put(0, 4, promoted, asking());
    expect(alone()?.litellm_params.model).toBe("anthropic/claude-opus-4-5-20260115");
  });

  test("that came back without a model is drift, and the same shift again repairs it", async () => {
    await put(500, 1, {}, asking());
    const written = read();
    writeFileSync(file(), "model_list: []\n");
    await fetch(`${gateway?.url}/reload`);
    writeFileSync(file(), written);
    expect(await live(asking())).toMatchObject({ kind: "foreign", because: expect.stringContaining("does not serve") });
    await put(500, 2, {}, asking());
    expect(await live(asking())).toMatchObject({ kind: "serving", fence: { serial: 2 } });
  });

  test("that asks for another key, or answers with something else, is unreachable", async () => {
    await put(500, 1, {}, asking());
    const { url, reload } = gateway ?? expect.fail();
    expect(await live(openTarget({ url, reload }))).toMatchObject({
      kind: "unreachable",
      because: `LiteLLM at ${url} answers 401 when it is asked for its models`,
    });
    const elsewhere = openTarget({ url: `${url}/reload#`, reload });
    expect(await live(elsewhere)).toMatchObject({
      kind: "unreachable",
      because: expect.stringContaining("no list of models"),
    });
    const unset = openTarget({ url, reload, key: "NEVER_SET" });
    expect(JSON.stringify(await live(unset))).toContain("no secrets");
    await expect(put(500, 2, {}, unset)).rejects.toThrow("no secrets");
  });
});

const aFolder = (): void => {
  rmSync(file());
  mkdirSync(file());
};

test.each<[string, () => void, Partial<LitellmTarget>]>([
  ["a file of somebody else among the models", () => writeFileSync(file(), "model_list: [{ model_name: x }]\n"), {}],
  ["a folder in the place of the models", aFolder, {}],
  [
    "a spec whose providers take no model of it",
    () => undefined,
    { providers: [{ models: "other", as: "a/{model}-{version}", params: {} }] },
  ],
])("%s keeps every rise back, and no rollback", async (_, harm, change) => {
  await put(2_500, 1);
  harm();
  const target = openTarget(change);
  await expect(put(5_000, 2, {}, target)).rejects.toMatchObject({ name: "Fault" });
  const split = () => JSON.parse(readFileSync(join(root, "live/support.json"), "utf8"));
  expect(split().route).toMatchObject({ canary, weight_basis_points: 2_500 });
  await expect(put(0, 0, { canary: null, history: [] }, target)).rejects.toMatchObject({ name: "Fault" });
  expect(split().route).toMatchObject({ canary, weight_basis_points: 2_500 });
  await expect(put(0, 3, { canary: null, history: [] }, target)).rejects.toMatchObject({ name: "Fault" });
  expect(split().route).toMatchObject({ canary: null, weight_basis_points: 0 });
});

describe("what is not as rollout wrote it is foreign", () => {
  test.each<[string, (text: string) => string, string]>([
    ["another model", (text) => text.replace("20260115", "20260101"), "checksum"],
    ["one more model", (text) => `${text}  - { model_name: x, litellm_params: { model: y } }\n`, "checksum"],
    ["another fence", (text) => text.replace(" 1.7 ", " 1.9 "), "checksum"],
    ["another story of itself", (text) => text.replace(" 1.7 ", " one "), "what it says about itself"],
  ])("%s, which the next shift replaces and keeps beside", async (_, edit, because) => {
    await put(2_500, 7);
    const harmed = edit(read());
    expect(harmed).not.toBe(read());
    writeFileSync(file(), harmed);
    expect(await live()).toMatchObject({ kind: "foreign", because: expect.stringContaining(because) });
    await expect(put(5_000, 6)).rejects.toMatchObject({ kind: "conflict" });
    expect(read()).toBe(harmed);
    await put(5_000, 10);
    expect(await live()).toMatchObject({ kind: "serving", route: { weight: 5_000 } });
    expect(readFileSync(`${file()}.damaged`, "utf8")).toBe(harmed);
  });

  test("a file of somebody else, or of another agent, which is never replaced", async () => {
    for (const text of [
      stringify({ model_list: [{ model_name: "x" }] }),
      "# rollout billing line-a 1.1 taken sha256:0\nmodel_list: []\n",
    ]) {
      writeFileSync(file(), text);
      expect(await live()).toMatchObject({ kind: "foreign" });
      await expect(put(500, 9)).rejects.toMatchObject({ kind: "rejected" });
      expect(read()).toBe(text);
    }
  });

  test("a split of a revision whose models are not there", async () => {
    await put(0, 1, { canary: null, history: [] });
    const before = read();
    await put(500, 2);
    writeFileSync(file(), before);
    expect(await live()).toMatchObject({
      kind: "foreign",
      because: `live/support.models.yaml does not have the model support/planning/${canary}`,
    });
  });
});
