// The patches of an HTTPRoute: what they make of any rules, and that kubectl makes the same of them as the double of the API.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patchOf } from "../../src/providers/targets/kubernetes/cluster-object.js";
import {
  type HttpRoute,
  readRules,
  ruleOperations,
  type Split,
} from "../../src/providers/targets/kubernetes/route-rules.js";
import { applyPatch, DoesNotApply, type Operation } from "../support/json-patch.js";
import type { Stored, StoredFilter, StoredRule } from "../support/kubernetes-api.js";
import { defaulted, invalidity } from "../support/kubernetes-rules.js";
import { canary, stable } from "../support/proxied.js";
import { systemProgram } from "../support/system-program.js";

const services = { stable: { service: "support", port: 80 }, canary: { service: "support-canary", port: 8080 } };
const told = { set: [{ name: "X-Team", value: "support" }] };

type Pair = { type: string; value: string };
type HeaderMatch = { name: string; value: string };

const match = fc.record(
  {
    path: fc.constantFrom<Pair[]>({ type: "PathPrefix", value: "/" }, { type: "PathPrefix", value: "/chat" }),
    headers: fc.constantFrom<HeaderMatch[][]>([{ name: "x-beta", value: "1" }], []),
  },
  { requiredKeys: [] },
);
const rule = (name: string) =>
  fc.record(
    {
      backendRefs: fc.constant<{ name: string; port: number }[]>([{ name, port: 80 }]),
      matches: fc.array(match, { minLength: 1, maxLength: 3 }),
      filters: fc.constantFrom<StoredFilter[][]>(
        [{ type: "RequestHeaderModifier", requestHeaderModifier: told }],
        [{ type: "URLRewrite" }, { type: "RequestHeaderModifier", requestHeaderModifier: told }],
      ),
    },
    { requiredKeys: ["backendRefs"] },
  );
const rules = fc
  .tuple(fc.array(fc.oneof(rule("support"), rule("files")), { maxLength: 4 }), rule("support"))
  .map(([some, one]): StoredRule[] => structuredClone([...some, one]));
const split: fc.Arbitrary<Split> = fc.record({
  home: fc.constantFrom("stable", "canary"),
  stable: fc.constantFrom<string>(stable, canary, "fallback"),
  canary: fc.option(
    fc.record({ revision: fc.constantFrom(stable, canary), weight: fc.integer({ min: 1, max: 10_000 }) }),
  ),
  unsticky: fc.boolean(),
});

function routeOf(all: StoredRule[]): Stored {
  const metadata = { name: "support", namespace: "agents", resourceVersion: "7" };
  return defaulted({ apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata, spec: { rules: all } });
}

function patched(route: Stored, wanted: Split): { readonly operations: readonly Operation[]; readonly route: Stored } {
  const operations = operationsFor(route, wanted);
  return { operations, route: defaulted(applyPatch(route, operations) as Stored) };
}

/** As they are handed to kubectl. */
function operationsFor(route: Stored, wanted: Split): readonly Operation[] {
  const found = route as HttpRoute;
  const { args } = patchOf("httproutes/support", found, ruleOperations(found.spec?.rules ?? [], services, wanted));
  return JSON.parse((args.find((arg) => arg.startsWith("--patch=")) ?? "").slice("--patch=".length));
}

test("whatever the rules were, they say what is wanted, the API takes them, and a second time there is nothing to change", () => {
  fc.assert(
    fc.property(rules, fc.array(split, { minLength: 1, maxLength: 4 }), (all, splits) => {
      let route = routeOf(all);
      for (const wanted of splits) {
        // While the gateway draws, stable is at home.
        const home = wanted.canary === null ? wanted.home : "stable";
        ({ route } = patched(route, { ...wanted, home }));
        expect(invalidity(route)).toBeNull();
        const { revision = null, weight = 0 } = wanted.canary ?? {};
        expect(readRules(route.spec?.rules ?? [], services)).toEqual({
          home,
          told: wanted.stable,
          twin: wanted.unsticky ? null : revision,
          share: wanted.unsticky && revision !== null ? weight : null,
        });
        expect(operationsFor(route, { ...wanted, home })).toHaveLength(1);
      }
    }),
    { numRuns: 300 },
  );
});

test("what the rules matched, and the rules of others, are as before when the canary is gone", () => {
  const kept = (all: readonly StoredRule[] = []) =>
    all.map(({ matches, backendRefs = [] }) => ({ matches, backends: backendRefs.map(({ name }) => name) }));
  fc.assert(
    fc.property(rules, split, (all, wanted) => {
      const before = routeOf(all);
      const { route } = patched(before, { ...wanted, home: "stable" });
      const after = patched(route, { home: "stable", stable, canary: null, unsticky: wanted.unsticky }).route;
      expect(kept(after.spec?.rules)).toEqual(kept(before.spec?.rules));
      const others = (of: Stored) => of.spec?.rules?.filter(({ backendRefs = [] }) => backendRefs[0]?.name === "files");
      expect(others(after)).toEqual(others(before));
    }),
  );
});

test("a patch does not apply to another version, nor where a name in its path is another", () => {
  const route = routeOf([{ backendRefs: [{ name: "support", port: 80 }] }]);
  const operations = operationsFor(route, {
    home: "stable",
    stable,
    canary: { revision: canary, weight: 1 },
    unsticky: false,
  });
  const newer = { ...route, metadata: { ...route.metadata, resourceVersion: "8" } };
  expect(() => applyPatch(newer, operations)).toThrow("/metadata/resourceVersion");
  const renamed = routeOf([{ backendRefs: [{ name: "files", port: 80 }] }]);
  expect(() => applyPatch(renamed, operations)).toThrow("/spec/rules/0/backendRefs/0/name");
});

describe("kubectl patch --local", () => {
  let folder: string;
  let program: string;
  beforeAll(() => {
    program = systemProgram("kubectl", "kubernetes-client");
    folder = mkdtempSync(join(tmpdir(), "rollout-patches-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const local = (route: Stored, operations: readonly Operation[]): readonly string[] => {
    const file = join(folder, "route.json");
    writeFileSync(file, JSON.stringify(route));
    return [
      "patch",
      "--local",
      "--type=json",
      `--filename=${file}`,
      `--patch=${JSON.stringify(operations)}`,
      "--output=json",
    ];
  };
  const env = () => ({ PATH: process.env.PATH ?? "", HOME: folder });

  const simple: StoredRule = { backendRefs: [{ name: "support", port: 80 }] };
  const chat: StoredRule = {
    matches: [{ path: { type: "PathPrefix", value: "/chat" } }, { headers: [{ name: "x-beta", value: "1" }] }],
    filters: [{ type: "RequestHeaderModifier", requestHeaderModifier: told }],
    backendRefs: [{ name: "support", port: 80 }],
  };
  const drawn: Split = { home: "stable", stable, canary: { revision: canary, weight: 2_500 }, unsticky: false };
  const rested: Split = { ...drawn, canary: null };
  const courses: readonly (readonly [string, StoredRule[], readonly Split[]])[] = [
    ["a canary by a header", [simple], [drawn]],
    ["a canary by a header in several rules", [chat, { backendRefs: [{ name: "files", port: 80 }] }, simple], [drawn]],
    ["a canary that goes", [chat, simple], [drawn, rested]],
    ["a canary by weights", [chat], [{ ...drawn, unsticky: true }]],
    [
      "another weight",
      [chat],
      [
        { ...drawn, unsticky: true },
        { ...drawn, unsticky: true, canary: { revision: canary, weight: 1 } },
      ],
    ],
    [
      "a promotion by way of the canary's service",
      [chat],
      [drawn, { ...rested, home: "canary", stable: canary }, { ...rested, stable: canary }],
    ],
    ["a fallback", [simple], [rested, { ...rested, stable: "fallback" }]],
  ];
  test.each(courses)("makes the same of %s", (_, all, splits) => {
    let route = routeOf(all);
    for (const wanted of splits) {
      const { operations, route: next } = patched(route, wanted);
      const printed = execFileSync(program, local(route, operations), { env: env(), encoding: "utf8" });
      expect(JSON.parse(printed)).toEqual(applyPatch(route, operations));
      route = next;
    }
  });

  const document = { ...routeOf([simple]), metadata: { name: "support", annotations: { "a/b": "1", "c~d": "2" } } };
  const takes: readonly (readonly Operation[])[] = [
    [{ op: "add", path: "/metadata/annotations/e~1f", value: "3" }],
    [{ op: "replace", path: "/metadata/annotations/a~1b", value: "3" }],
    [{ op: "replace", path: "/spec/nothing", value: 1 }],
    [{ op: "remove", path: "/metadata/annotations/c~0d" }],
    [{ op: "add", path: "/spec/rules/-", value: simple }],
    [{ op: "add", path: "/spec/rules/0", value: chat }],
    [{ op: "test", path: "/spec/rules/0/backendRefs/0/name", value: "support" }],
    [{ op: "copy", from: "/spec/rules/0", path: "/spec/rules/1" }],
    [{ op: "move", from: "/metadata/annotations/a~1b", path: "/metadata/annotations/g" }],
  ];
  test.each(takes.map((operations) => [JSON.stringify(operations), operations] as const))(
    "takes %s alike",
    (_, operations) => {
      const printed = execFileSync(program, local(document, operations), { env: env(), encoding: "utf8" });
      expect(JSON.parse(printed)).toEqual(applyPatch(document, operations));
    },
  );

  const refuses: readonly (readonly Operation[])[] = [
    [{ op: "test", path: "/metadata/name", value: "other" }],
    [{ op: "test", path: "/spec/rules/0/backendRefs/0/nothing", value: 1 }],
    [{ op: "remove", path: "/metadata/nothing" }],
    [{ op: "replace", path: "/spec/rules/7", value: 1 }],
    [{ op: "remove", path: "/spec/rules/7" }],
    [{ op: "add", path: "/spec/rules/7", value: simple }],
    [{ op: "add", path: "/spec/nothing/here", value: 1 }],
  ];
  test.each(refuses.map((operations) => [JSON.stringify(operations), operations] as const))(
    "refuses %s alike",
    (_, operations) => {
      expect(() => applyPatch(document, operations)).toThrow(DoesNotApply);
      expect(spawnSync(program, local(document, operations), { env: env() }).status).toBe(1);
    },
  );
});
