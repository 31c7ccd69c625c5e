// A program of the user's keeps the laws of every target: the one that the guide shows. Programs that break them are refused.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Duration } from "../../src/core/model/units.js";
import { openTarget as openAny } from "../../src/providers/catalog.js";
import { trafficTargetLaws } from "../../src/testing/laws/traffic-target.js";
import { agent, canary, now, outside, servedIn, shift } from "../support/proxied.js";

const guide = readFileSync(new URL("../../docs/guide/command-target.md", import.meta.url), "utf8");
const program = /```js file=scripts\/split\.mjs\n(.*?)```/s.exec(guide)?.[1] ?? "";
const signal = new AbortController().signal;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "command-target-"));
  mkdirSync(join(root, "live"));
  writeFileSync(join(root, "split.mjs"), program);
});
afterEach(() => rmSync(root, { recursive: true }));

const target = (env: readonly string[] = [], timeout = 10_000) =>
  openAny(
    {
      kind: "command",
      path: "live/support.json",
      run: [process.execPath, "split.mjs"],
      timeout: timeout as Duration,
      env,
    },
    root,
    outside,
  );
const kept = () => join(root, "live/support.split.json");
const put = (weight: number, serial: number) => target().act(shift(weight), { epoch: 1, serial }, signal);
const live = () => target().observe(agent, signal);

test.each(trafficTargetLaws)("$name", { timeout: 30_000 }, async (law) => {
  await law.check({
    target: target(),
    now,
    served: servedIn(() => join(root, "live/support.json")),
  });
});

test("a weight changed by hand is drift, and what the program alone remembers is obeyed", async () => {
  await put(2_500, 7);
  writeFileSync(kept(), readFileSync(kept(), "utf8").replace('"weight":2500', '"weight":100'));
  expect(await live()).toMatchObject({ kind: "serving", route: { weight: 100, canary } });
  rmSync(join(root, "live/support.json"));
  await expect(put(5_000, 6)).rejects.toMatchObject({ kind: "conflict" });
  expect(await live()).toMatchObject({ kind: "serving", fence: { serial: 7 } });
});

test("a program that does not do what it was told is a conflict", async () => {
  writeFileSync(join(root, "split.mjs"), "console.log(JSON.stringify({ format: 1, in_force: null }))");
  await expect(put(2_500, 7)).rejects.toMatchObject({
    kind: "conflict",
    message: expect.stringContaining("does not have in force what it was given"),
  });
});

test.each([
  ["", "nothing was printed"],
  ["done", "it is not JSON"],
  ["[]", "not an object"],
  ['{"format":2,"in_force":null}', "format is not 1"],
  ['{"format":1}', "in_force"],
  ['{"format":1,"in_force":{}}', "in_force.rollout"],
])("an answer that is %j is foreign and refused", async (printed, because) => {
  writeFileSync(join(root, "split.mjs"), `process.stdout.write(${JSON.stringify(printed)})`);
  const found = await live();
  expect(found).toMatchObject({ kind: "foreign", because: expect.stringContaining(because) });
  await expect(put(2_500, 1)).rejects.toMatchObject({ kind: "rejected" });
});

test("a program that fails, hangs or lacks its variable is no answer", async () => {
  writeFileSync(join(root, "split.mjs"), "process.exit(3)");
  expect(await live()).toMatchObject({ kind: "unreachable", because: expect.stringContaining("the code 3") });
  const lacking = await target(["ROLLOUT_TEST_NEVER_SET"]).observe(agent, signal);
  expect(JSON.stringify(lacking)).toContain("target.env");
  writeFileSync(join(root, "split.mjs"), "setInterval(() => 0, 1000)");
  const late = await target([], 300).observe(agent, signal);
  expect(late).toMatchObject({ kind: "unreachable", because: expect.stringContaining("target.timeout") });
});
