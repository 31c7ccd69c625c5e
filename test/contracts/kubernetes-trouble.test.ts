// What goes wrong with a cluster is told with what to do, and changes nothing.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { KubernetesTarget } from "../../src/core/model/spec.js";
import { openKubectl } from "../../src/providers/targets/kubernetes/kubectl.js";
import type { Refusal } from "../support/kubernetes-api.js";
import { applyGuide, Cluster, clusterTarget, rest } from "../support/kubernetes-scene.js";
import { agent, shift } from "../support/proxied.js";

const signal = new AbortController().signal;
const cluster = new Cluster();

const refusals: readonly (readonly [string, Refusal, string, string])[] = [
  [
    "no permission",
    { code: 403, reason: "Forbidden", message: 'httproutes "support" is forbidden: User "x" cannot get' },
    "rejected",
    "role",
  ],
  [
    "credentials that are not taken",
    { code: 401, reason: "Unauthorized", message: "Unauthorized" },
    "unreachable",
    "credentials",
  ],
  [
    "too many requests",
    { code: 429, reason: "TooManyRequests", message: "too many requests" },
    "throttled",
    "too many",
  ],
  [
    "an error of the server",
    { code: 500, reason: "InternalError", message: "etcd leader changed" },
    "unreachable",
    "etcd",
  ],
  [
    "a server that gave up",
    { code: 504, reason: "Timeout", message: "request did not complete" },
    "timeout",
    "complete",
  ],
];
test.each(refusals)("%s is told with the API's words", async (_, refusal, kind, words) => {
  cluster.api.hook = () => refusal;
  await expect(cluster.put(2_500, 1)).rejects.toMatchObject({ kind, message: expect.stringContaining(words) });
  expect(await cluster.live()).toMatchObject({ kind: "unreachable", because: expect.stringContaining(words) });
});

const strangers: readonly (readonly [string, Partial<KubernetesTarget>, string])[] = [
  ["a route that is not there", { route: "nobody" }, "create it"],
  ["a context that is not there", { context: "nowhere" }, "nowhere"],
  ["a variable that is not set", { env: ["NOT_SET_ANYWHERE"] }, "NOT_SET_ANYWHERE"],
];
test.each(strangers)("%s is told with what to do", async (_, of, words) => {
  expect(await cluster.live(of)).toMatchObject({ kind: "unreachable", because: expect.stringContaining(words) });
});

test("a machine without kubectl is told so", async () => {
  const bare = clusterTarget({
    api: { ...cluster.api, env: { ...cluster.api.env, PATH: cluster.root } },
    root: cluster.root,
  });
  expect(await bare.observe(agent, signal)).toMatchObject({
    kind: "unreachable",
    because: expect.stringContaining("install kubectl"),
  });
});

test("a cluster that is away is unreachable", async () => {
  const gone = { ...cluster.api, env: { ...cluster.api.env, KUBECONFIG: join(cluster.root, "none") } };
  const target = clusterTarget({ api: gone, root: cluster.root });
  await expect(target.act(shift(100), { epoch: 1, serial: 1 }, signal)).rejects.toMatchObject({
    kind: "unreachable",
  });
});

test("a slow API ends with the time that is given", async () => {
  cluster.api.hook = () => new Promise(() => undefined);
  const late = cluster.open().act(shift(100), { epoch: 1, serial: 1 }, AbortSignal.timeout(500));
  await expect(late).rejects.toMatchObject({ kind: "timeout" });
  cluster.api.hook = null;
});

test("a config map that is gone keeps a rollback from nothing, and every rise", async () => {
  const of = { configMap: "support-routing" };
  await cluster.put(2_500, 1, {}, of);
  cluster.api.hook = ({ object }) =>
    object === "configmaps/support-routing" ? { code: 404, reason: "NotFound", message: "it is gone" } : undefined;
  await expect(cluster.put(5_000, 2, {}, of)).rejects.toMatchObject({ kind: "rejected" });
  expect(cluster.rules()).toHaveLength(2);
  await expect(cluster.put(0, 3, rest, of)).rejects.toMatchObject({
    kind: "rejected",
    message: expect.stringContaining("NotFound"),
  });
  expect(cluster.rules()).toHaveLength(1);
});

test("while the cluster is away the routing file is lowered, and not raised", async () => {
  await cluster.put(2_500, 1);
  const weight = () => JSON.parse(readFileSync(cluster.routingFile, "utf8")).route.weight_basis_points;
  cluster.api.hook = () => ({ code: 503, reason: "ServiceUnavailable", message: "away" });
  await expect(cluster.put(5_000, 2)).rejects.toMatchObject({ kind: "unreachable" });
  expect(weight()).toBe(2_500);
  await expect(cluster.put(0, 0, rest)).rejects.toMatchObject({ kind: "conflict" });
  expect(weight()).toBe(2_500);
  await expect(cluster.put(0, 2, rest)).rejects.toMatchObject({ kind: "unreachable" });
  expect(weight()).toBe(0);
  cluster.api.hook = null;
  await cluster.put(0, 3, rest);
  expect(await cluster.live()).toMatchObject({ kind: "serving", route: { canary: null }, fence: { serial: 3 } });
});

test("rules that the API does not take are told, and change nothing", async () => {
  const many = Array.from({ length: 9 }, (_, n) => {
    return {
      matches: [{ path: { type: "PathPrefix", value: `/${n}` } }],
      backendRefs: [{ name: "support", port: 80 }],
    };
  });
  cluster.api.put("httproutes/support", { spec: { rules: many } });
  await expect(cluster.put(2_500, 1)).rejects.toMatchObject({
    kind: "rejected",
    message: expect.stringContaining("at most 16"),
  });
  expect(cluster.rules()).toHaveLength(9);
});

test("a gateway that does not take up the rules is told, and one that is not there", async () => {
  cluster.api.gateway = false;
  const told = async (words: string) => {
    const late = cluster.open().act(shift(100), { epoch: 1, serial: 1 }, cluster.afterLooks("httproutes/support", 4));
    await expect(late).rejects.toMatchObject({ kind: "timeout", message: expect.stringContaining(words) });
  };
  await told("its gateway has not taken it up");
  applyGuide(cluster.api);
  await told("no gateway accepts it");
});

test("another agent's route is not replaced", async () => {
  await cluster.put(2_500, 1);
  const other = { ...shift(100), agent: "billing" as typeof agent };
  const target = cluster.open({ path: "live/billing.json" });
  await expect(target.act(other, { epoch: 1, serial: 2 }, signal)).rejects.toMatchObject({
    kind: "rejected",
    message: expect.stringContaining("the agent support"),
  });
});

test("kubectl sees of the environment what it needs and what is named", async () => {
  const bin = join(cluster.root, "bin");
  mkdirSync(bin);
  const program = `#!${process.execPath}\nconsole.log(JSON.stringify({ metadata: { resourceVersion: "1", annotations: process.env } }));\n`;
  writeFileSync(join(bin, "kubectl"), program, { mode: 0o755 });
  vi.stubEnv("ROLLOUT_TEST_UNNAMED", "1");
  const environment = { PATH: bin, HOME: cluster.root, NAMED: "2", OTHER: "3", NO_PROXY: "*" };
  const place = { root: cluster.root, namespace: "agents", context: null, env: ["NAMED"] };
  const seen = JSON.parse(await openKubectl({ ...place, environment })(["get"], signal));
  vi.unstubAllEnvs();
  expect(Object.keys(seen.metadata.annotations).sort()).toEqual(["HOME", "NAMED", "NO_PROXY", "PATH"]);
});

test("a plug-in that leaves something running keeps nobody waiting", async () => {
  const bin = join(cluster.root, "bin");
  mkdirSync(bin);
  const script = `sleep 8 & echo '{"metadata":{"resourceVersion":"1"}}'`;
  writeFileSync(join(bin, "kubectl"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const environment = { PATH: `${bin}:${process.env.PATH}` };
  const kubectl = openKubectl({ root: cluster.root, namespace: "agents", context: null, env: [], environment });
  const first = await Promise.race([kubectl(["get"], signal), new Promise((resolve) => setTimeout(resolve, 7_000))]);
  expect(first).toContain('"resourceVersion":"1"');
}, 20_000);

test("the value of a named variable stands in nothing that is told", async () => {
  cluster.api.hook = () => ({ code: 403, reason: "Forbidden", message: "no: SECRET-OF-A-TEST" });
  const named = { ...cluster.api, env: { ...cluster.api.env, PLUGIN_SECRET: "SECRET-OF-A-TEST" } };
  const target = clusterTarget({ api: named, root: cluster.root }, { env: ["PLUGIN_SECRET"] });
  const told = await target.observe(agent, signal);
  expect(JSON.stringify(told)).not.toContain("SECRET-OF-A-TEST");
  expect(JSON.stringify(told)).toContain("***");
});
