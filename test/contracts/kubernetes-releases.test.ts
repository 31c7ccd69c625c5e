// What becomes of releases in a cluster: both revisions are served before traffic moves, and nobody waits to go back.

import { expect, test } from "vitest";
import { Cluster, image, released, rest } from "../support/kubernetes-scene.js";
import { canary, stable } from "../support/proxied.js";

const signal = new AbortController().signal;
const cluster = new Cluster();

test("the canary's deployment gets the image and serves it before the rules send anybody there", async () => {
  await cluster.release(2_500, 1);
  expect(cluster.imageOf("support-canary")).toBe(image(2));
  expect(cluster.imageOf("support")).toBe(image(1));
  expect(cluster.changes()).toEqual([
    "patch deployments/support-canary",
    "patch deployments/support-canary",
    "patch httproutes/support",
  ]);
});

test("a canary that does not come up gets no traffic, and a rollback does not wait for it", async () => {
  await cluster.release(0, 1, rest);
  cluster.api.deploys = false;
  await expect(
    cluster.release(2_500, 2, {}, cluster.afterLooks("deployments/support-canary", 6)),
  ).rejects.toMatchObject({
    kind: "timeout",
    message: expect.stringContaining("deployment support-canary does not serve"),
  });
  expect(cluster.rules()).toHaveLength(1);
  await cluster.release(0, 3, rest);
  expect(await cluster.live()).toMatchObject({ kind: "serving", fence: { serial: 3 } });
});

test.each([
  ["a rollback", 0, rest],
  ["a lower weight", 1_000, {}],
] as const)("%s asks no deployment", async (_, weight, change) => {
  await cluster.release(2_500, 1);
  cluster.api.asked.length = 0;
  await cluster.release(weight, 2, change);
  expect(cluster.api.asked.filter(({ object }) => object.startsWith("deployments/"))).toEqual([]);
});

test("a promotion serves all from the canary until stable's deployment has the image", async () => {
  await cluster.release(10_000, 1);
  cluster.api.deploys = false;
  const promoted = { ...rest, stable: canary, previous: stable };
  await expect(cluster.release(0, 2, promoted, cluster.afterLooks("deployments/support", 7))).rejects.toMatchObject({
    kind: "timeout",
  });
  expect(cluster.imageOf("support")).toBe(image(2));
  expect(cluster.rules()).toMatchObject([
    {
      filters: [{ requestHeaderModifier: { set: [{ value: canary }] } }],
      backendRefs: [{ name: "support-canary" }],
    },
  ]);
  expect(await cluster.live()).toMatchObject({ kind: "serving", route: { stable: canary, canary: null } });
  cluster.api.deploys = true;
  await cluster.release(0, 3, promoted);
  expect(cluster.rules()).toMatchObject([{ backendRefs: [{ name: "support" }] }]);
  expect(cluster.rules()).toHaveLength(1);
});

test("a promotion whose annotation is lost on the way still waits for stable's deployment", async () => {
  await cluster.release(10_000, 1);
  cluster.api.deploys = false;
  const promoted = { ...rest, stable: canary, previous: stable };
  const late = () => cluster.afterLooks("deployments/support", 7);
  await expect(cluster.release(0, 2, promoted, late())).rejects.toMatchObject({ kind: "timeout" });
  cluster.api.change("httproutes/support", ({ metadata }) => {
    delete metadata.annotations;
  });
  await expect(cluster.release(0, 3, promoted, late())).rejects.toMatchObject({ kind: "timeout" });
  expect(cluster.rules()).toMatchObject([{ backendRefs: [{ name: "support-canary" }] }]);
  cluster.api.deploys = true;
  await cluster.release(0, 4, promoted);
  expect(cluster.rules()).toMatchObject([{ backendRefs: [{ name: "support" }] }]);
});

test("a canary that takes another's place gets the deployment only when nobody is sent there any more", async () => {
  await cluster.release(2_500, 1);
  const other = `r-${"c".repeat(64)}` as typeof canary;
  const action = released(2_500, { canary: other });
  const contents = [...action.contents, { ...(action.contents[0] ?? expect.fail()), id: other }].map((content) => {
    return content.id === other ? { ...content, release: { kind: "name", name: image(3) } as const } : content;
  });
  const seen: number[] = [];
  cluster.api.hook = ({ verb, object }) => {
    if (verb === "patch" && object === "deployments/support-canary") seen.push(cluster.rules().length);
    return undefined;
  };
  await cluster.open().act({ ...action, contents }, { epoch: 1, serial: 2 }, signal);
  expect(seen).toEqual([1, 1]);
  expect(cluster.imageOf("support-canary")).toBe(image(3));
  expect(await cluster.live()).toMatchObject({ kind: "serving", route: { canary: other, weight: 2_500 } });
});

test("the fallback waits for no deployment, and what it interrupted goes on afterwards", async () => {
  await cluster.release(10_000, 1);
  cluster.api.deploys = false;
  const promoted = { ...rest, stable: canary, previous: stable };
  await expect(cluster.release(0, 2, promoted, cluster.afterLooks("deployments/support", 7))).rejects.toMatchObject({
    kind: "timeout",
  });
  await cluster.release(0, 3, { ...promoted, fallback: true });
  expect(cluster.rules()).toMatchObject([
    {
      filters: [{ requestHeaderModifier: { set: [{ value: "fallback" }] } }],
      backendRefs: [{ name: "support-canary" }],
    },
  ]);
  expect(await cluster.live()).toMatchObject({ kind: "serving", route: { fallback: true, stable: canary } });
  cluster.api.deploys = true;
  await cluster.release(0, 4, promoted);
  expect(cluster.rules()).toMatchObject([{ backendRefs: [{ name: "support" }] }]);
});

test("a promotion that the fallback overtakes still brings stable's deployment up", async () => {
  await cluster.release(10_000, 1);
  const promoted = { ...rest, stable: canary, previous: stable };
  await cluster.release(0, 2, { ...promoted, fallback: true });
  await cluster.release(0, 3, promoted);
  expect(cluster.imageOf("support")).toBe(image(2));
  expect(cluster.rules()).toMatchObject([{ backendRefs: [{ name: "support" }] }]);
});

test("stable is never taken for a release that its deployment does not run", async () => {
  const action = released(0, { ...rest, stable: canary });
  await expect(cluster.open().act(action, { epoch: 1, serial: 1 }, signal)).rejects.toMatchObject({
    kind: "rejected",
    message: expect.stringContaining("bring it up there"),
  });
  expect(cluster.rules()).toHaveLength(1);
});

test("a writer that wakes late puts back the image that a newer one asked for", async () => {
  let isFirst = true;
  cluster.api.hook = async ({ verb, object, body }) => {
    if (verb !== "patch" || object !== "deployments/support-canary" || !body.includes('containers":[{') || !isFirst)
      return undefined;
    isFirst = false;
    const newer = released(2_500);
    const contents = newer.contents.map((one) => ({
      ...one,
      release: { kind: "name", name: one.id === canary ? image(3) : image(1) } as const,
    }));
    await cluster.open().act({ ...newer, contents }, { epoch: 1, serial: 9 }, signal);
    return undefined;
  };
  await expect(cluster.release(2_500, 8)).rejects.toMatchObject({ kind: "conflict" });
  expect(cluster.imageOf("support-canary")).toBe(image(3));
  expect(await cluster.live()).toMatchObject({ kind: "serving", fence: { serial: 9 } });
});
