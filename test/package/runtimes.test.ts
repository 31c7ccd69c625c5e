// The packed router in every runtime that it is for: the published vectors, and a file that is replaced under it.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packedPackage } from "../support/packed-package.js";
import { routingCases, textAt } from "../support/routing-cases.js";
import { runtimeProgram } from "../support/runtimes.js";
import { accepting, freePort } from "../support/system-program.js";

const every = routingCases().map((given, i) => ({ ...given, isFile: i % 20 === 0 }));
const asked = every.map(({ said, ...rest }) => rest);
const texts = every.map(({ said }) => said);
const files = every.filter(({ isFile }) => isFile).map(({ said }) => said);
const run = promisify(execFile);

let home = "";
beforeAll(() => {
  home = packedPackage();
  for (const name of readdirSync("test/runtimes").filter((file) => /\.[mc]js$/.test(file))) {
    copyFileSync(join("test/runtimes", name), join(home, name));
  }
  // Deno finds packages that a manifest names.
  const dependencies = { "@rollout-engine/rollout": "*" };
  writeFileSync(join(home, "package.json"), JSON.stringify({ type: "module", dependencies }));
  writeFileSync(join(home, "cases.json"), JSON.stringify(asked));
  writeFileSync(join(home, "first.txt"), textAt({ weight: 500 as never, history: [] }));
  writeFileSync(join(home, "second.txt"), textAt({ weight: 5_000 as never, history: [] }));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const followed = {
  weights: [5, 50, 50],
  refused: "it has no format number",
  lines: 1,
  events: ["a", "b", "c"],
  tasks:
    '{"id":"t","started_at":"1970-01-01T00:00:00.000Z","ended_at":"1970-01-01T00:00:00.001Z","agent":"support","session":"a"}\n',
};

describe("with files", () => {
  const deno = ["run", "--no-prompt", "--allow-read=.", "--allow-write=."];
  test.each([
    ["node, modules", () => process.execPath, ["modules.mjs"]],
    ["node, CommonJS", () => process.execPath, ["commonjs.cjs"]],
    ["bun, modules", () => runtimeProgram("bun"), ["modules.mjs"]],
    ["bun, CommonJS", () => runtimeProgram("bun"), ["commonjs.cjs"]],
    ["deno, modules", () => runtimeProgram("deno"), [...deno, "modules.mjs"]],
    ["deno, CommonJS", () => runtimeProgram("deno"), [...deno, "commonjs.cjs"]],
  ])("%s", async (_, program, args) => {
    const live = mkdtempSync(join(home, "live-"));
    mkdirSync(join(live, "elsewhere"));
    symlinkSync(join("elsewhere", "real.json"), join(live, "link.json"));
    const { stdout } = await run(program(), [...args, live], { cwd: home, maxBuffer: 2 ** 26, timeout: 30_000 });
    const said = JSON.parse(stdout);
    expect(said.texts).toEqual(texts);
    expect(said.files).toEqual(files);
    expect(said.watched).toEqual(followed);
    expect(said.polled).toEqual(followed);
  });
});

test("workerd, without files", async () => {
  const outfile = join(home, "bundled.mjs");
  await build({
    entryPoints: [join(home, "worker.mjs")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    conditions: ["workerd"],
    logLevel: "error",
  });
  const port = await freePort();
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "bundled.mjs", esModule = embed "bundled.mjs")],
    compatibilityDate = "2026-01-01"
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
`;
  writeFileSync(join(home, "worker.capnp"), config);
  const server = spawn(runtimeProgram("workerd"), ["serve", resolve(home, "worker.capnp")], { cwd: home });
  try {
    await accepting(server, port);
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: JSON.stringify(asked) });
    expect(await answer.json()).toEqual({ early: "none", refused: null, late: "current", texts });
  } finally {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
  }
});
