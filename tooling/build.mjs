// Bundles the command line, the library doors and the router into dist/, so that a command loads only what it needs.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { buildDoors } from "./build/doors.mjs";
import { bundleModules, writeProgram } from "./build/program.mjs";
import { sampleRepository } from "./build/sample-repository.mjs";

const warmUp = resolve("tooling/build/warm-up.mjs");

const written = new Set([...(await buildDoors("dist")), ...(await buildProgram())]);
// Cleared after the new files stand, so that a program running from dist/ never finds it empty.
for (const name of readdirSync("dist", { recursive: true, encoding: "utf8" })) {
  if (/\.(?:c?js|cache)$/.test(name) && !written.has(name)) rmSync(join("dist", name));
}

/** The names of the files that belong to it. Without a warm-up it starts more slowly, and does the same. */
async function buildProgram() {
  const modules = await bundleModules();
  let packs = await writeProgram(modules, () => true);
  try {
    packs = await writeWarmProgram(modules);
  } catch (error) {
    console.warn(`The program could not be warmed up, so it will start more slowly: ${error.message}`);
  }
  return [
    "main.cjs",
    ...packs.flatMap((path) => [`${path}.cjs`, `${path}.cache`]).map((file) => relative("dist", file)),
  ];
}

async function writeWarmProgram(modules) {
  // What whoever builds has set must not decide what everybody's cache looks like, or which repository git means.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:GIT|NODE|ROLLOUT)_/.test(name)));
  const root = sampleRepository(env);
  const node = (...args) =>
    execFileSync(process.execPath, args, { cwd: root, env, stdio: ["ignore", "ignore", "pipe"] });
  try {
    node(resolve("dist/main.cjs"), "adopt", "support");
    const list = join(root, "loaded.json");
    node(warmUp, "loaded", list);
    const loaded = new Set(JSON.parse(readFileSync(list, "utf8")));
    const packs = await writeProgram(modules, (name) => loaded.has(name));
    node(warmUp, "keep");
    return packs;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
