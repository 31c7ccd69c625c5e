// Kubernetes keeps the laws of every target, with the real kubectl against a double of the API; and what is special about an HTTPRoute.

import { readFileSync, rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { KubernetesTarget } from "../../src/core/model/spec.js";
import { trafficTargetLaws } from "../../src/testing/laws/traffic-target.js";
import type { Stored } from "../support/kubernetes-api.js";
import { Cluster, image, rest } from "../support/kubernetes-scene.js";
import { canary, now, servedIn, stable } from "../support/proxied.js";

const cluster = new Cluster();
const unsticky = { unsticky: "a test says so" };
const settings: readonly (readonly [string, Partial<KubernetesTarget>])[] = [
  ["by a header", {}],
  ["by weights, with a config map", { ...unsticky, configMap: "support-routing" }],
];

describe.each(settings)("%s", (_, change) => {
  test.each(trafficTargetLaws)("$name", async (law) => {
    await law.check({ target: cluster.open(change), now, served: servedIn(() => cluster.routingFile) });
  });
});

test("a header sends the canary's requests to its service, and stable's service is told its own revision", async () => {
  await cluster.put(2_500, 1);
  expect(cluster.rules()).toMatchObject([
    {
      matches: [
        {
          path: { type: "PathPrefix", value: "/" },
          headers: [{ type: "Exact", name: "x-rollout-revision", value: canary }],
        },
      ],
      backendRefs: [{ name: "support-canary", port: 80 }],
    },
    {
      filters: [
        {
          type: "RequestHeaderModifier",
          requestHeaderModifier: { set: [{ name: "x-rollout-revision", value: stable }] },
        },
      ],
      backendRefs: [{ name: "support", port: 80 }],
    },
  ]);
  await cluster.put(0, 2, rest);
  expect(cluster.rules()).toMatchObject([{ backendRefs: [{ name: "support" }] }]);
  expect(cluster.rules()).toHaveLength(1);
});

test("without stickiness the weights of the backends are basis points, and each is told its revision", async () => {
  await cluster.put(2_501, 1, {}, unsticky);
  const told = (value: string) => [{ requestHeaderModifier: { set: [{ name: "x-rollout-revision", value }] } }];
  expect(cluster.rules()).toMatchObject([
    {
      backendRefs: [
        { name: "support", weight: 7_499, filters: told(stable) },
        { name: "support-canary", weight: 2_501, filters: told(canary) },
      ],
    },
  ]);
});

test("rules with their own matches and filters keep them, and rules of others are left alone", async () => {
  const mine = {
    name: "chat",
    matches: [{ path: { type: "PathPrefix", value: "/chat" } }, { headers: [{ name: "x-beta", value: "1" }] }],
    filters: [
      { type: "RequestHeaderModifier", requestHeaderModifier: { set: [{ name: "x-team", value: "support" }] } },
    ],
    backendRefs: [{ name: "support", port: 80 }],
  };
  const others = {
    matches: [{ path: { type: "PathPrefix", value: "/files" } }],
    backendRefs: [{ name: "files", port: 80 }],
  };
  cluster.api.put("httproutes/support", {
    spec: { rules: [others, mine, { backendRefs: [{ name: "support", port: 80 }] }] },
  });
  const before = cluster.rules();
  await cluster.put(2_500, 1);
  expect(cluster.rules().map(({ name = null, backendRefs = [] }) => [name, backendRefs[0]?.name])).toEqual([
    [null, "files"],
    ["chat-canary", "support-canary"],
    ["chat", "support"],
    [null, "support-canary"],
    [null, "support"],
  ]);
  expect(cluster.rules()[1]?.filters).toMatchObject([
    { requestHeaderModifier: { set: [{ name: "x-team" }, { value: canary }] } },
  ]);
  expect(cluster.rules()[1]?.matches?.map(({ headers = [] }) => headers.length)).toEqual([1, 2]);
  expect(await cluster.live()).toMatchObject({ kind: "serving", route: { weight: 2_500 } });
  await cluster.put(0, 2, { ...rest, fallback: true });
  expect(cluster.rules().map(({ name, matches, backendRefs }) => ({ name, matches, backendRefs }))).toEqual(
    before.map(({ name, matches, backendRefs }) => ({ name, matches, backendRefs })),
  );
  expect(cluster.rules()[1]?.filters).toMatchObject([
    { requestHeaderModifier: { set: [{ name: "x-team" }, { name: "x-rollout-revision", value: "fallback" }] } },
  ]);
  expect(cluster.rules()[0]?.filters).toBeUndefined();
});

describe("somebody else's hand", () => {
  test("a change between our look and our write is kept, and the write is made again behind it", async () => {
    let hands = 2;
    cluster.api.hook = ({ verb }) => {
      if (verb === "patch" && hands-- > 0)
        cluster.api.change("httproutes/support", ({ metadata }) => {
          metadata.annotations = { ...metadata.annotations, [`team/${hands}`]: "was here" };
        });
      return undefined;
    };
    await cluster.put(2_500, 1);
    expect(Object.keys(cluster.api.read("httproutes/support").metadata.annotations ?? {}).sort()).toEqual([
      "rollout/split",
      "team/0",
      "team/1",
    ]);
    expect(cluster.changes()).toHaveLength(3);
  });

  test("a newer write between our look and our write is never overwritten", async () => {
    let isFirst = true;
    cluster.api.hook = async ({ verb }) => {
      if (verb !== "patch" || !isFirst) return undefined;
      isFirst = false;
      await cluster.put(0, 9, rest);
      return undefined;
    };
    await expect(cluster.put(2_500, 8)).rejects.toMatchObject({ kind: "conflict" });
    expect(await cluster.live()).toMatchObject({
      kind: "serving",
      fence: { serial: 9 },
      route: { weight: 0, canary: null },
    });
    expect(cluster.rules()).toHaveLength(1);
  });

  test("a route that changes at every try ends as a conflict", async () => {
    let count = 0;
    cluster.api.hook = ({ verb }) => {
      if (verb === "patch")
        cluster.api.change("httproutes/support", ({ metadata }) => {
          metadata.annotations = { count: String(count++) };
        });
      return undefined;
    };
    await expect(cluster.put(2_500, 1)).rejects.toMatchObject({
      kind: "conflict",
      message: expect.stringContaining("5 tries"),
    });
  });

  const hands: readonly (readonly [string, Partial<KubernetesTarget>, (route: Stored) => void, object])[] = [
    [
      "takes the canary's rule out",
      {},
      ({ spec }) => {
        spec?.rules?.shift();
      },
      { kind: "serving", route: { canary, weight: 0 } },
    ],
    [
      "puts the first manifest back",
      {},
      ({ spec }) => {
        if (spec !== undefined) spec.rules = [{ backendRefs: [{ name: "support", port: 80 }] }];
      },
      { kind: "serving", route: { canary, weight: 0 } },
    ],
    [
      "lowers a weight",
      unsticky,
      ({ spec }) => {
        for (const ref of spec?.rules?.[0]?.backendRefs ?? []) ref.weight = ref.name === "support" ? 99 : 1;
      },
      { kind: "serving", route: { canary, weight: 100 } },
    ],
    [
      "raises a weight",
      unsticky,
      ({ spec }) => {
        for (const ref of spec?.rules?.[0]?.backendRefs ?? []) ref.weight = 50;
      },
      { kind: "serving", route: { canary, weight: 5_000 } },
    ],
    [
      "sends all to the canary",
      {},
      ({ spec }) => {
        for (const ref of spec?.rules?.[1]?.backendRefs ?? []) ref.name = "support-canary";
      },
      { kind: "foreign", because: expect.stringContaining("all its traffic goes to the canary's service") },
    ],
    [
      "asks for another revision",
      {},
      ({ spec }) => {
        for (const header of spec?.rules?.[0]?.matches?.[0]?.headers ?? []) header.value = "r-other";
      },
      { kind: "foreign", because: expect.stringContaining("r-other") },
    ],
    [
      "writes nonsense into the annotation",
      {},
      ({ metadata }) => {
        metadata.annotations = { "rollout/split": "nonsense" };
      },
      { kind: "foreign", because: expect.stringContaining("cannot be read") },
    ],
    [
      "takes the annotation away",
      {},
      ({ metadata }) => {
        delete metadata.annotations;
      },
      { kind: "empty" },
    ],
  ];
  test.each(hands)("that %s is seen, and the next shift sets it right", async (_, of, change, seen) => {
    await cluster.put(2_500, 1, {}, of);
    cluster.api.change("httproutes/support", change);
    expect(await cluster.live(of)).toMatchObject(seen);
    await cluster.put(2_500, 2, {}, of);
    expect(await cluster.live(of)).toMatchObject({ kind: "serving", route: { canary, weight: 2_500 } });
  });

  test("a rollback is not barred by rules that disagree, or by a third backend", async () => {
    const rule = (path: string) => ({
      matches: [{ path: { type: "PathPrefix", value: path } }],
      backendRefs: [{ name: "support", port: 80 }],
    });
    cluster.api.put("httproutes/support", { spec: { rules: [rule("/a"), rule("/b")] } });
    await cluster.put(2_500, 1);
    cluster.api.change("httproutes/support", ({ spec }) => {
      spec?.rules?.shift();
      spec?.rules?.at(-1)?.backendRefs?.push({ name: "files", port: 80 });
    });
    expect(await cluster.live()).toMatchObject({ kind: "foreign", because: expect.stringContaining("other backends") });
    await expect(cluster.put(5_000, 2)).rejects.toMatchObject({ kind: "rejected" });
    await cluster.put(0, 3, rest);
    expect(cluster.rules().map(({ backendRefs = [] }) => backendRefs.map(({ name }) => name))).toEqual([
      ["support"],
      ["support", "files"],
    ]);
  });

  test("another image in the canary's deployment is seen, and set right", async () => {
    await cluster.release(2_500, 1);
    cluster.api.change("deployments/support-canary", ({ spec }) => {
      for (const container of spec?.template?.spec.containers ?? []) container.image = "debug:1";
    });
    expect(await cluster.live()).toMatchObject({ kind: "foreign", because: expect.stringContaining("runs debug:1") });
    await cluster.release(2_500, 2);
    expect(cluster.imageOf("support-canary")).toBe(image(2));
    expect(await cluster.live()).toMatchObject({ kind: "serving", route: { weight: 2_500 } });
  });

  test("a rule that has a third backend is not ours to change", async () => {
    const refs = [{ name: "support" }, { name: "files" }];
    cluster.api.put("httproutes/support", { spec: { rules: [{ backendRefs: refs }] } });
    await expect(cluster.put(2_500, 1)).rejects.toMatchObject({
      kind: "rejected",
      message: expect.stringContaining("other backends"),
    });
  });
});

test("the config map holds the routing file, and an older writer is refused by it", async () => {
  const of = { configMap: "support-routing" };
  await cluster.put(2_500, 5, {}, of);
  expect(cluster.api.read("configmaps/support-routing").data).toEqual({
    "support.json": readFileSync(cluster.routingFile, "utf8"),
  });
  rmSync(cluster.routingFile);
  expect(await cluster.live(of)).toMatchObject({ kind: "serving", route: { history: [{ weight: 2_500 }] } });
  cluster.api.change("httproutes/support", ({ metadata }) => {
    delete metadata.annotations;
  });
  await expect(cluster.put(5_000, 4, {}, of)).rejects.toMatchObject({ kind: "conflict" });
});
