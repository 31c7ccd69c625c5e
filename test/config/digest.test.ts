/** Same content, same digest, whoever computes it and however it is written down. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { readSpec } from "../../src/config/read-spec.js";
import { gitBlob, revisionId } from "../../src/config/revision-digest.js";
import type { Spec } from "../../src/core/model/spec.js";
import { memoryWorktree } from "../support/memory-worktree.js";

const files = {
  "prompts/a.md": "a",
  "prompts/b.md": "b",
  "tools/x.json": "{}",
  "tools/y.json": "{}",
  "registry.yaml": "planning: m@1\nparsing: n@2\n",
};

function read(text: string, tree = memoryWorktree({ files })): Spec {
  const reading = readSpec({ file: "rollout.config.yaml", text, tree });
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.value;
}

const value = {
  version: 1,
  strategies: {
    own: { ramp: [{ weight: "5%", hold: "1h" }, { weight: "100%" }], undecided: "hold", gates: { approval: true } },
  },
  agents: {
    support: {
      steps: {
        planning: { model: "m", version: "1", params: { temperature: 0.2, top_p: 0.9, stop: ["a", "b"] } },
        parsing: "n@2",
      },
      prompts: ["prompts/**"],
      tools: ["tools/*.json", "tools/x.json"],
      target: { kind: "snapshot", path: "live/support.json" },
      strategy: "own",
      budget: { cost_usd: 0.5, llm_calls: 40 },
    },
    billing: { steps: { planning: "m@1" }, target: "live/billing.json" },
  },
};

/** The same value with the keys of every map in an order that `order` decides. */
function shuffled(node: unknown, order: (count: number) => number): unknown {
  if (Array.isArray(node)) return node.map((item) => shuffled(item, order));
  if (typeof node !== "object" || node === null) return node;
  const left = Object.entries(node);
  const entries: [string, unknown][] = [];
  while (left.length > 0) {
    const [[key, below] = ["", null]] = left.splice(order(left.length), 1);
    entries.push([key, shuffled(below, order)]);
  }
  return Object.fromEntries(entries);
}

test("the order of keys does not matter", { timeout: 60_000 }, () => {
  const expected = read(stringify(value));
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), (stream) => {
      const order = (count: number): number => Number(stream.next().value) % count;
      expect(read(stringify(shuffled(value, order)))).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

test("how it is written does not matter", () => {
  const expected = read(stringify(value));
  expect(read(JSON.stringify(value))).toEqual(expected);
  expect(read(stringify(value).replaceAll("\n", "\r\n"))).toEqual(expected);
  expect(read(`# a comment\n${stringify(value, { defaultStringType: "QUOTE_DOUBLE" })}`)).toEqual(expected);
});

// Computed by another program: SHA-256 of `rollout-revision-1`, a newline and the canonical JSON of steps, prompts, tools and release.
test("the digest is pinned: another way of computing it would start a canary everywhere", () => {
  expect(read(stringify(value)).agents.support?.revision.id).toBe(
    "r-973c3d60889303631988b4adc4d3ff42977a9e236af5e47582128472fa6568e2",
  );
});

const base = {
  agents: {
    support: { steps: { planning: "m@1" }, prompts: "prompts/**", tools: "tools/**", release: "app@1", target: "a" },
  },
};
const idOf = (agent: object, tree = memoryWorktree({ files })): string =>
  read(
    stringify({ version: 1, registry: "registry.yaml", agents: { support: { ...base.agents.support, ...agent } } }),
    tree,
  ).agents.support?.revision.id ?? "";

test.each([
  ["a model", { steps: { planning: "m2@1" } }],
  ["a version", { steps: { planning: "m@2" } }],
  ["params", { steps: { planning: { model: "m", version: "1", params: { temperature: 0 } } } }],
  ["a step", { steps: { planning: "m@1", parsing: "n@2" } }],
  ["a prompt's absence", { prompts: "prompts/a.md" }],
  ["the release", { release: "app@2" }],
  ["the release by content", { release: { paths: ["tools/**"] } }],
])("%s changes the revision", (_, change) => expect(idOf(change)).not.toBe(idOf({})));

test("a prompt's text changes the revision", () => {
  expect(idOf({}, memoryWorktree({ files: { ...files, "prompts/a.md": "other" } }))).not.toBe(idOf({}));
});

test.each([
  ["empty params", { steps: { planning: { model: "m", version: "1", params: {} } } }],
  ["the registry in place of the map", { steps: ["planning"] }],
  ["the budget", { budget: { cost_usd: 1 } }],
  ["the target", { target: "live/elsewhere.json" }],
  ["the strategy", { strategy: "low-traffic" }],
  ["another spelling of the same files", { prompts: ["prompts/b.md", "prompts/a.md"], tools: "./tools/{x,y}.json" }],
])("%s does not change the revision", (_, change) => expect(idOf(change)).toBe(idOf({})));

test("the agent's name is no part of the revision", () => {
  const { agents } = read(
    stringify({
      version: 1,
      agents: { one: { steps: { a: "m@1" }, target: "x" }, two: { steps: { a: "m@1" }, target: "y" } },
    }),
  );
  expect(agents.one?.revision.id).toBe(agents.two?.revision.id);
});

test("files count in any order", () => {
  const file = (path: string) => ({ path, blob: "0".repeat(40) });
  const id = (tools: readonly string[]) =>
    revisionId({ steps: {}, prompts: [], tools: tools.map(file), release: null });
  expect(id(["b", "a", "c"])).toBe(id(["c", "b", "a"]));
});

// `printf 'hello\n' | git hash-object --stdin`
test("a blob is hashed as git does", () => {
  expect(gitBlob(new TextEncoder().encode("hello\n"))).toBe("ce013625030ba8dba906f756967f9e9ca394464a");
});
