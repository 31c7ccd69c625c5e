// The door of the packed package beside the user's own OpenFeature: the guide's program, CommonJS, and types.

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packedPackage } from "../support/packed-package.js";

const guide = readFileSync("docs/guide/openfeature.md", "utf8");
const program = /```js file=agent\.mjs\n(.*?)```/s.exec(guide)?.[1] ?? "";
const output = /```text\n(.*?)```/s.exec(guide)?.[1] ?? "";

let home = "";
beforeAll(() => {
  home = packedPackage();
  symlinkSync(resolve("node_modules/@openfeature"), join(home, "node_modules/@openfeature"));
  mkdirSync(join(home, "live"));
  copyFileSync("test/vectors/routing/support.json", join(home, "live/support.json"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function run(file: string, text: string): string {
  writeFileSync(join(home, file), text);
  return execFileSync(process.execPath, [file], { cwd: home, encoding: "utf8" });
}

test("the guide's program says what the guide says", () => {
  expect(run("agent.mjs", program)).toBe(output);
});

test("the same in CommonJS", () => {
  const required = program.replace(/import (\{.*?\}) from (".*?");/g, "const $1 = require($2);");
  expect(required).toContain("require(");
  expect(run("agent.cjs", `(async () => {\n${required}\n})();`)).toBe(output);
});

test.each([
  ["mts", "node16", []],
  ["cts", "node16", []],
  ["ts", "bundler", ["--module", "esnext"]],
])("types of a .%s file, resolved as for %s", (ending, resolution, more) => {
  const text = `
import { OpenFeature, type Provider } from "@openfeature/server-sdk";
import { type Agents, RolloutProvider } from "@rollout-engine/rollout/openfeature";
import { openRouter } from "@rollout-engine/rollout/sdk";
export async function start(): Promise<Provider> {
  const agents: Agents = { support: await openRouter<"planning">("live/support.json"), billing: "live/billing.json" };
  const provider = new RolloutProvider(agents, { pollMs: 5_000 });
  await OpenFeature.setProviderAndWait(provider);
  return new RolloutProvider(7);
}
`;
  writeFileSync(join(home, `start.${ending}`), text);
  const args = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--types", "node"];
  const roots = ["--typeRoots", resolve("node_modules/@types"), "--pretty", "false"];
  const { stdout } = spawnSync(
    process.execPath,
    [
      resolve("node_modules/typescript-native/bin/tsc"),
      ...args,
      ...roots,
      ...(more.length === 0 ? ["--module", resolution] : [...more, "--moduleResolution", resolution]),
      `start.${ending}`,
    ],
    { cwd: home, encoding: "utf8" },
  );
  expect(stdout.trim().split("\n")).toEqual([expect.stringMatching(/\(9,\d+\): error TS2345: .*'Agents'/)]);
});
