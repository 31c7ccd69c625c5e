// The doors of the packed package: types for every way of resolving them, and what a bundler takes in through each.

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generate } from "../../src/app/generate.js";
import { packedPackage } from "../support/packed-package.js";
import { oneAgent, Workspace } from "../support/workspace.js";

const place = "node_modules/@rollout-engine/rollout";
let home = "";
let team: Workspace;
beforeAll(async () => {
  home = packedPackage();
  symlinkSync(resolve("node_modules/@openfeature"), join(home, "node_modules/@openfeature"));
  team = new Workspace(oneAgent);
  await generate(team.world(), { out: "names.ts", check: false });
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
  team.remove();
});

test("every file that the manifest names is in the package", () => {
  const { exports, typesVersions } = JSON.parse(readFileSync(join(home, place, "package.json"), "utf8"));
  const named = JSON.stringify([exports, typesVersions]).match(/\.\/dist\/[^"]+/g) ?? [];
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((file) => !existsSync(join(home, place, file)))).toEqual([]);
});

test.each([
  ["a module", "module", 'import { RolloutProvider } from "@rollout-engine/rollout/openfeature";'],
  ["CommonJS", "commonjs", 'const { RolloutProvider } = require("@rollout-engine/rollout/openfeature");'],
])("the provider for OpenFeature runs as %s", (_, type, opened) => {
  const text = `${opened} console.log(new RolloutProvider("live/support.json").metadata.name);`;
  const args = [`--input-type=${type}`, "--eval", text];
  expect(spawnSync(process.execPath, args, { cwd: home, encoding: "utf8" })).toMatchObject({ stderr: "", status: 0 });
});

describe("types, without those of Node, and with the names that `rollout generate` writes", () => {
  const modern = "node_modules/typescript-native/bin/tsc";
  const strict = { noEmit: true, strict: true, target: "es2022", lib: ["es2022"], types: [] };
  const agent = (names: string) => `
import { type EdgeRouter, routerOf } from "@rollout-engine/rollout/edge";
import { openRouter, type SessionRoute } from "@rollout-engine/rollout/sdk";
import type { SupportPrompts, SupportRouter, SupportSteps } from "${names}";
export async function serve(session: string): Promise<SessionRoute> {
  const router: SupportRouter = await openRouter<SupportSteps, SupportPrompts>("live/support.json");
  const edge: EdgeRouter<SupportSteps, SupportPrompts> = await routerOf<SupportSteps, SupportPrompts>(null);
  const model: string | undefined = router.getModel("planning", edge.route(session))?.model;
  const prompt: string | null = edge.getPrompt("system", router.route(session));
  router.getModel("planing", router.route(session, { startedAt: new Date() }));
  edge.getPrompt("sistem", edge.route(session));
  edge.refresh();
  return [model, prompt].length === 0 ? router.route(session) : edge.route(null);
}
`;
  const wrong = [
    /\(10,\d+\): error TS2345: .*"planing"/,
    /\(11,\d+\): error TS2345: .*"sistem"/,
    /\(12,\d+\): .*refresh/,
  ];

  test.each([
    ["ES modules of Node", modern, "mts", { module: "node16" }],
    ["CommonJS of Node", modern, "cts", { module: "node16" }],
    ["a bundler", modern, "ts", { module: "esnext", moduleResolution: "bundler" }],
    ["the old way", "node_modules/typescript/bin/tsc", "ts", { module: "commonjs", moduleResolution: "node10" }],
  ])("%s", (_, compiler, ending, options) => {
    copyFileSync(join(team.root, "names.ts"), join(home, `names.${ending}`));
    writeFileSync(join(home, `agent.${ending}`), agent(`./names.${ending.replace("ts", "js")}`));
    const said = compiled(compiler, `agent.${ending}`, options);
    expect(said).toEqual(wrong.map((line) => expect.stringMatching(line)));
  });

  test("the library's other doors", () => {
    const doors = ["@rollout-engine/rollout", "@rollout-engine/rollout/testing"];
    writeFileSync(join(home, "doors.mts"), doors.map((door, i) => `export * as door${i} from "${door}";\n`).join(""));
    expect(compiled(modern, "doors.mts", { module: "node16", lib: ["es2022", "dom"] })).toEqual([]);
  });

  test.each(["mts", "cts"])("the provider for OpenFeature, beside the user's own SDK, in .%s", (ending) => {
    const lines = [
      'import { OpenFeature } from "@openfeature/server-sdk";',
      'import { RolloutProvider } from "@rollout-engine/rollout/openfeature";',
      'export const ready = OpenFeature.setProviderAndWait(new RolloutProvider("live/support.json"));',
      "new RolloutProvider(7);",
    ];
    writeFileSync(join(home, `flags.${ending}`), lines.join("\n"));
    // Theirs needs the types of Node.
    const said = compiled(modern, `flags.${ending}`, { module: "node16", skipLibCheck: true });
    expect(said).toEqual([expect.stringMatching(/\(4,\d+\): error TS2345/)]);
  });

  /** What the compiler says of a file, line by line. */
  function compiled(compiler: string, file: string, options: object): readonly string[] {
    const settings = { compilerOptions: { ...strict, ...options }, files: [file] };
    writeFileSync(join(home, "tsconfig.json"), JSON.stringify(settings));
    const args = [resolve(compiler), "--project", home, "--pretty", "false"];
    const { stdout } = spawnSync(process.execPath, args, { cwd: home, encoding: "utf8" });
    return stdout.split("\n").filter((line) => line !== "");
  }
});

describe("bundled", () => {
  /** A user's program of this text as one small file, and what it imports still. */
  async function bundled(text: string) {
    const { outputFiles, metafile, warnings } = await build({
      stdin: { contents: text, resolveDir: home },
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "neutral",
      target: "es2022",
      external: ["node:*"],
      logLevel: "silent",
    });
    expect(warnings).toEqual([]);
    const [output] = Object.values(metafile.outputs);
    const imports = (output?.imports ?? []).map(({ path }) => path);
    return { text: outputFiles[0]?.text ?? "", imports: [...new Set(imports)].sort() };
  }
  /** A bundler is free in the short names that it gives. */
  const nameless = (text = "") => text.replace(/(?<![$\w])[$\w]{1,2}(?![$\w])/g, "_");
  const edge = 'import { routerOf } from "@rollout-engine/rollout/edge"; export const router = await routerOf(null);';

  test("what routes at the edge is small, and needs nothing of Node, neither modules nor names", async () => {
    const { text, imports } = await bundled(edge);
    expect(imports).toEqual([]);
    expect(text).not.toMatch(/\b(?:node:|process\b|Buffer\b|setImmediate\b|require\b|__dirname\b)/);
    expect(text.length).toBeGreaterThan(5_000);
    expect(text.length).toBeLessThan(22_000);
  });

  test("a door of which nothing is used leaves nothing", async () => {
    const unused = ["", "/sdk", "/edge", "/testing"].map(
      (door, i) => `import * as door${i} from "@rollout-engine/rollout${door}";`,
    );
    expect((await bundled(unused.join("\n"))).text).toBe("");
    const beside = `import { openRouter } from "@rollout-engine/rollout/sdk"; ${edge}`;
    const [alone, both] = await Promise.all([edge, beside].map(bundled));
    expect(both?.imports).toEqual([]);
    expect(nameless(both?.text)).toBe(nameless(alone?.text));
  });

  test("the router of files brings no package, and nothing that was not asked for", async () => {
    const sdk = 'import { openRouter } from "@rollout-engine/rollout/sdk"; export const router = openRouter("x");';
    const { text, imports } = await bundled(sdk);
    expect(imports).toEqual(["node:crypto", "node:fs", "node:fs/promises", "node:path"]);
    expect(text.length).toBeLessThan(32_000);
    // Telemetry comes with what asks for it, and with nothing else.
    expect(text).not.toContain("feature_flag");
    const events = 'export { featureFlagEvents } from "@rollout-engine/rollout/sdk";';
    expect(await bundled(events)).toMatchObject({ imports: [], text: expect.stringContaining("feature_flag") });
  });
});

test("the request path imports nothing of Node, and of us the rules alone", async () => {
  const { metafile } = await build({
    entryPoints: ["src/sdk/session-routes.ts"],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    external: ["node:*"],
  });
  const outside = Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
    imports.filter(({ external }) => external).map(({ path }) => `${file} imports ${path}`),
  );
  expect(outside).toEqual([]);
  const strangers = Object.keys(metafile.inputs).filter(
    (file) => !/^src\/(?:sdk|core\/(?:routing|model))\//.test(file),
  );
  expect(strangers).toEqual([]);
  expect(Object.keys(metafile.inputs)).toContain("src/core/routing/murmur3.ts");
});
