// The guide's program, with the packed package beside the user's own OpenFeature.

import { execFileSync } from "node:child_process";
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

test("it says what the guide says", () => {
  writeFileSync(join(home, "agent.mjs"), program);
  expect(execFileSync(process.execPath, ["agent.mjs"], { cwd: home, encoding: "utf8" })).toBe(output);
});
