/** The Kubernetes target as it is read: made complete, told of in every plan, and apart from those of other clusters. */
import { expect, test } from "vitest";
import { readSpec } from "../../src/config/read-spec.js";
import type { AgentSpec } from "../../src/core/model/spec.js";
import { memoryWorktree } from "../support/memory-worktree.js";

const tree = memoryWorktree({ commit: "0123456789abcdef0123456789abcdef01234567", files: {} });

function read(agents: Readonly<Record<string, string>>): Readonly<Record<string, AgentSpec>> {
  const written = Object.entries(agents).map(([name, keys]) => {
    const target = `kind: kubernetes, path: live/${name}.json, namespace: agents, ${/^route:/.test(keys) ? "" : "route: chat, "}${keys.split("\n")[0]}`;
    const more = keys.split("\n").slice(1);
    return [
      `  ${name}:`,
      "    steps: { planning: a@1 }",
      `    target: { ${target} }`,
      ...more.map((line) => `    ${line}`),
    ];
  });
  const text = ["version: 1", "agents:", ...written.flat(), ""].join("\n");
  const reading = readSpec({ file: "rollout.config.yaml", text, tree });
  if (!reading.ok) throw new Error(reading.problems.map(({ detail }) => detail).join("\n"));
  return reading.value.agents;
}

const services = "stable: { service: s, port: 80 }, canary: { service: c, port: 81 }";
const deployed =
  "stable: { service: s, port: 80, deployment: s }, canary: { service: c, port: 81, deployment: c, container: agent }";

test("what is left out is told apart from what is written", () => {
  expect(read({ support: services }).support?.target).toEqual({
    kind: "kubernetes",
    path: "live/support.json",
    namespace: "agents",
    context: null,
    route: "chat",
    stable: { service: "s", port: 80, deployment: null, container: null },
    canary: { service: "c", port: 81, deployment: null, container: null },
    configMap: null,
    unsticky: null,
    env: [],
  });
  const whole = `${deployed}, context: prod, config_map: routing, unsticky: { because: one shot }, env: [AWS_PROFILE]`;
  expect(read({ support: whole }).support?.target).toMatchObject({
    context: "prod",
    canary: { deployment: "c", container: "agent" },
    configMap: "routing",
    unsticky: "one shot",
    env: ["AWS_PROFILE"],
  });
});

test.each([
  ["requests without the header", services, ["go to stable"]],
  [
    "a gateway that draws",
    `${services}, unsticky: { because: one shot }`,
    ["a session meets both revisions: one shot"],
  ],
  [
    "a release that nobody deploys",
    `${services}\nrelease: images.example.com/a:1`,
    ["go to stable", "deploys no release"],
  ],
  ["a release that rollout deploys", `${deployed}\nrelease: images.example.com/a:1`, ["go to stable"]],
])("every plan is told of %s", (_, keys, told) => {
  const notices = read({ support: keys }).support?.notices ?? [];
  expect(notices).toEqual(told.map((words) => expect.stringContaining(words)));
});

test("objects of two clusters may have the same names, and a cluster that is not named may be any", () => {
  const inProd = `${deployed}, context: prod`;
  expect(Object.keys(read({ sales: inProd, support: `${deployed}, context: stage` }))).toEqual(["sales", "support"]);
  const both = "both change the HTTPRoute agents/chat";
  expect(() => read({ sales: inProd, support: inProd })).toThrow(both);
  expect(() => read({ sales: inProd, support: deployed })).toThrow(both);
});

test("agents may share a config map under the names of their own routing files", () => {
  const shared = (name: string) =>
    `route: ${name}, stable: { service: s, port: 80 }, canary: { service: c, port: 80 }, config_map: routing`;
  expect(Object.keys(read({ sales: shared("sales"), support: shared("support") }))).toEqual(["sales", "support"]);
});
