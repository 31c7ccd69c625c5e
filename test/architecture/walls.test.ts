/** The walls stand, and the check that says so sees every breach that is planted before it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { checkWalls, readSources } from "../../tooling/walls/check-walls.js";
import { describeViolation, type RuleName } from "../../tooling/walls/violation.js";

type Tree = Readonly<Record<string, string>>;
interface Planted {
  readonly title: string;
  readonly tree: Tree;
  /** Every breach of the tree, as `file:line`, and the rule that must name it. */
  readonly breaches: readonly (readonly [place: string, rule: RuleName])[];
}

/** A file that imports everything given, so that nothing in a tree is an orphan. */
function main(...files: readonly string[]): Tree {
  return { "src/main.ts": files.map((file) => `import "./${file}.js";\n`).join("") };
}

const planted: readonly Planted[] = [
  {
    title: "core imports a Node module",
    tree: { ...main("core/plan/digest"), "src/core/plan/digest.ts": 'import { createHash } from "node:crypto";\n' },
    breaches: [["src/core/plan/digest.ts:1", "core-is-pure"]],
  },
  {
    title: "core imports a package, and only its types",
    tree: { ...main("core/plan/read"), "src/core/plan/read.ts": 'import type { Document } from "yaml";\n' },
    breaches: [["src/core/plan/read.ts:1", "core-is-pure"]],
  },
  {
    title: "core imports a port, and only its type",
    tree: {
      ...main("core/plan/look", "ports/store"),
      "src/core/plan/look.ts": '\nimport type { Store } from "../../ports/store.js";\n',
      "src/ports/store.ts": "export interface Store {}\n",
    },
    breaches: [["src/core/plan/look.ts:2", "core-is-pure"]],
  },
  {
    title: "core names a port inside a type",
    tree: {
      ...main("core/plan/look", "ports/store"),
      "src/core/plan/look.ts": 'export type Kept = import("../../ports/store.js").Store;\n',
      "src/ports/store.ts": "export interface Store {}\n",
    },
    breaches: [["src/core/plan/look.ts:1", "core-is-pure"]],
  },
  {
    title: "core reads the clock, draws a number, waits, prints, fetches and asks the process",
    tree: {
      ...main("core/plan/now"),
      "src/core/plan/now.ts": [
        "export const now = () => Date.now();",
        "export const at = new Date(0);",
        "export const chance = () => Math.random();",
        "export const later = () => setTimeout(now, 1);",
        'export const say = () => console.log("x");',
        'export const ask = () => fetch("http://localhost");',
        "export const home = process.env.HOME;",
        "export const id = globalThis.crypto;",
        "export type When = Date;",
      ].join("\n"),
    },
    breaches: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((line) => [`src/core/plan/now.ts:${line}`, "core-is-pure"] as const),
  },
  {
    title: "a room imports a room that the table does not give it",
    tree: {
      ...main("engine/tick", "config/read"),
      "src/engine/tick.ts": 'import type { Read } from "../config/read.js";\n',
      "src/config/read.ts": "export type Read = string;\n",
    },
    breaches: [["src/engine/tick.ts:1", "rooms"]],
  },
  {
    title: "a lazy import is an import",
    tree: {
      ...main("views/plan-view", "engine/tick"),
      "src/views/plan-view.ts": 'export const load = () => import("../engine/tick.js");\n',
      "src/engine/tick.ts": "export const tick = 1;\n",
    },
    breaches: [["src/views/plan-view.ts:1", "rooms"]],
  },
  {
    title: "the router imports more of core than routing and model",
    tree: {
      ...main("sdk/router", "core/routing/choose", "core/plan/plan"),
      "src/sdk/router.ts": 'import "../core/routing/choose.js";\nimport "../core/plan/plan.js";\n',
      "src/core/routing/choose.ts": "export const choose = 1;\n",
      "src/core/plan/plan.ts": "export const plan = 1;\n",
    },
    breaches: [["src/sdk/router.ts:2", "rooms"]],
  },
  {
    title: "a room imports main.ts",
    tree: { "src/main.ts": 'import "./cli/run.js";\n', "src/cli/run.ts": 'import type { World } from "../main.js";\n' },
    breaches: [
      ["src/cli/run.ts:1", "no-cycles"],
      ["src/cli/run.ts:1", "rooms"],
    ],
  },
  {
    title: "a file stands in no room",
    tree: { ...main("misc/thing", "other"), "src/misc/thing.ts": "export {};\n", "src/other.ts": "export {};\n" },
    breaches: [
      ["src/misc/thing.ts:1", "rooms"],
      ["src/other.ts:1", "rooms"],
    ],
  },
  {
    title: "a provider imports another provider",
    tree: {
      ...main("providers/stores/sqlite", "providers/sources/embedded"),
      "src/providers/stores/sqlite.ts": "export const open = 1;\n",
      "src/providers/sources/embedded.ts": 'import { open } from "../stores/sqlite.js";\n',
    },
    breaches: [["src/providers/sources/embedded.ts:1", "providers-are-strangers"]],
  },
  {
    title: "engine and app import a provider",
    tree: {
      ...main("engine/tick", "app/plan", "providers/catalog"),
      "src/engine/tick.ts": 'import type { Catalog } from "../providers/catalog.js";\n',
      "src/app/plan.ts": 'import type { Catalog } from "../providers/catalog.js";\n',
      "src/providers/catalog.ts": "export type Catalog = string;\n",
    },
    breaches: [
      ["src/app/plan.ts:1", "providers-are-strangers"],
      ["src/engine/tick.ts:1", "providers-are-strangers"],
    ],
  },
  {
    title: "two files import each other's types",
    tree: {
      ...main("core/model/plan"),
      "src/core/model/plan.ts":
        'import type { State } from "./state.js";\nexport interface Plan { readonly of: State }\n',
      "src/core/model/state.ts":
        'import type { Plan } from "./plan.js";\nexport interface State { readonly by: Plan }\n',
    },
    breaches: [["src/core/model/plan.ts:1", "no-cycles"]],
  },
  {
    title: "three files import each other in a circle",
    tree: {
      ...main("engine/look"),
      "src/engine/look.ts": 'import "./decide.js";\n',
      "src/engine/decide.ts": 'import "./act.js";\n',
      "src/engine/act.ts": 'import "./look.js";\n',
    },
    breaches: [["src/engine/act.ts:1", "no-cycles"]],
  },
  {
    title: "a file that nobody imports",
    tree: { ...main("core/stats/normal"), "src/core/stats/normal.ts": "", "src/core/stats/gamma.ts": "export {};\n" },
    breaches: [["src/core/stats/gamma.ts:1", "no-orphans"]],
  },
  {
    title: "what ships imports a test and a tool",
    tree: {
      ...main("testing/world"),
      "src/testing/world.ts": 'import "../../test/support/table.js";\nimport "../../tooling/walls/table.js";\n',
      "test/support/table.ts": "export {};\n",
    },
    breaches: [
      ["src/testing/world.ts:1", "src-never-imports-test"],
      ["src/testing/world.ts:2", "src-never-imports-test"],
    ],
  },
  {
    title: "effects away from the rim",
    tree: {
      ...main("views/page", "engine/tick", "app/plan"),
      "src/views/page.ts": 'import { readFileSync } from "node:fs";\n',
      "src/engine/tick.ts": 'export const run = () => import("execa");\n',
      "src/app/plan.ts": 'import { readFile } from "fs/promises";\n',
    },
    breaches: [
      ["src/app/plan.ts:1", "effects-at-the-rim"],
      ["src/engine/tick.ts:1", "effects-at-the-rim"],
      ["src/views/page.ts:1", "effects-at-the-rim"],
    ],
  },
  {
    title: "a second loader in config",
    tree: {
      ...main("config/load-files", "config/read-registry"),
      "src/config/load-files.ts": 'import { readFileSync } from "node:fs";\n',
      "src/config/read-registry.ts": 'import { readFileSync } from "node:fs";\n',
    },
    breaches: [
      ["src/config/load-files.ts:1", "effects-at-the-rim"],
      ["src/config/read-registry.ts:1", "effects-at-the-rim"],
    ],
  },
  {
    title: "the router brings a package",
    tree: { ...main("sdk/router"), "src/sdk/router.ts": 'import { parse } from "yaml";\n' },
    breaches: [["src/sdk/router.ts:1", "dependency-free"]],
  },
  {
    title: "generated types that run",
    tree: {
      ...main("core/generated/spec"),
      "src/core/generated/spec.ts": "export interface Spec {}\nexport const a = 1;\n",
    },
    breaches: [["src/core/generated/spec.ts:2", "generated-is-types"]],
  },
  {
    title: "a barrel, a name passed on, and a door used from inside",
    tree: {
      ...main("core/gate/index", "engine/judge", "app/plan"),
      "src/core/gate/index.ts": "export {};\n",
      "src/core/gate/judge.ts": "export const judge = 1;\n",
      "src/engine/judge.ts": 'export { judge } from "../core/gate/judge.js";\n',
      "src/app/plan.ts": 'import { law } from "../testing/index.js";\n',
      "src/testing/index.ts": "export const law = 1;\n",
    },
    breaches: [
      ["src/app/plan.ts:1", "no-barrels"],
      ["src/core/gate/index.ts:1", "no-barrels"],
      ["src/engine/judge.ts:1", "no-barrels"],
      ["src/main.ts:1", "no-barrels"],
    ],
  },
];

/** Looks like several breaches and is none. */
const sound: Tree = {
  "src/main.ts": [
    'import { catalog } from "./providers/catalog.js";',
    'import "./app/plan.js";',
    'import "./config/load-files.js";',
    'import "./engine/wait.js";',
    'import { readFileSync } from "node:fs";',
  ].join("\n"),
  "src/index.ts": 'export { plan } from "./core/plan/plan.js";\nexport { choose } from "./sdk/index.js";\n',
  "src/sdk/index.ts": 'export { choose } from "../core/routing/choose.js";\nimport { watch } from "node:fs";\n',
  "src/app/plan.ts": 'import { plan } from "../core/plan/plan.js";\nimport { sep } from "node:path";\n',
  "src/config/load-files.ts": 'import { readFileSync } from "node:fs";\n',
  "src/engine/wait.ts": "export const now = () => Date.now();\n",
  "src/providers/catalog.ts": 'import sqlite from "./stores/sqlite.js";\nexport const catalog = [sqlite];\n',
  "src/providers/stores/sqlite.ts": 'import "./sqlite/open.js";\nimport Database from "libsql";\n',
  "src/providers/stores/sqlite/open.ts": "export {};\n",
  "src/core/generated/spec.ts": "export interface Spec { readonly Date: string }\nexport type { Spec as Shape };\n",
  "src/core/routing/choose.ts": "export const choose = Math.max(1, 2);\n",
  "src/core/plan/plan.ts": [
    'import type { Spec } from "../generated/spec.js";',
    "export function plan(process: { readonly fetch: () => Spec }): Spec {",
    "  return process.fetch();",
    "}",
    "export const words = { Date: 1, console: 2 } as const;",
  ].join("\n"),
};

test.each(planted.map((one) => [one.title, one] as const))("planted: %s", (_, { tree, breaches }) => {
  const found = inTree(tree, checkWalls);
  expect(found.map(({ file, line, rule }) => `${file}:${line} ${rule}`).sort()).toEqual(
    breaches.map(([place, rule]) => `${place} ${rule}`).sort(),
  );
  for (const violation of found) expect(violation.remedy).toMatch(/^[A-Za-z].{20,}\.$/);
});

test("a sound tree is not accused", () => {
  expect(inTree(sound, checkWalls)).toEqual([]);
});

test("the walls of this house stand", () => {
  expect(readSources(process.cwd(), "src").length).toBeGreaterThan(50);
  expect(checkWalls(process.cwd()).map(describeViolation)).toEqual([]);
});

function inTree<T>(tree: Tree, look: (root: string) => T): T {
  const root = mkdtempSync(join(tmpdir(), "rollout-walls-"));
  try {
    for (const [file, text] of Object.entries(tree)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    return look(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
