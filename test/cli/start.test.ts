/** The built program starts from packs with V8's code caches: it must use them where they are sound, and never need them. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/** A copy of what was built, installed where the path has blanks and nothing may be written. */
const home = mkdtempSync(join(tmpdir(), "rollout start "));
const built = join(home, "an installation");
const caches = readdirSync("dist/program").filter((name) => name.endsWith(".cache"));

beforeAll(() => {
  cpSync("dist/main.cjs", join(built, "dist/main.cjs"));
  cpSync("dist/program", join(built, "dist/program"), { recursive: true });
  symlinkSync(resolve("node_modules"), join(built, "node_modules"), "junction");
  chmodSync(join(built, "dist/program"), 0o555);
});

afterAll(() => {
  chmodSync(join(built, "dist/program"), 0o755);
  rmSync(home, { recursive: true });
});

/** What each opened pack says after every module of the program has run. */
function openEverything(...flags: readonly string[]): readonly string[] {
  const script = `
    const { program } = require(process.argv[1]);
    try { program.load("./looked for in every pack.js"); } catch (error) { if (!/build it again/.test(error.message)) throw error; }
    for (const pack of program.packs) for (const name of Object.keys(pack.modules)) program.load("./" + name);
    const say = { true: "refused", false: "used", undefined: "absent" };
    console.log(program.packs.map(({ script }) => say[script.cachedDataRejected]).join("\\n"));
  `;
  const output = execFileSync(process.execPath, [...flags, "-e", script, join(built, "dist/main.cjs")], {
    env: { ...process.env, NODE_OPTIONS: "" },
    encoding: "utf8",
  });
  return output.trim().split("\n");
}

test("both packs start from their caches, and hold every module that they ask for", () => {
  expect(openEverything()).toEqual(["used", "used"]);
});

test("functions keep their names, for stack traces", () => {
  const [pack = ""] = readdirSync("dist/program").filter((name) => /^start-.*\.cjs$/.test(name));
  expect(readFileSync(join("dist/program", pack), "utf8")).toMatch(/async function runCli\(/);
});

test("caches made under other flags of V8 are refused, and the program runs", () => {
  expect(openEverything("--no-opt")).toEqual(["refused", "refused"]);
});

const truncated = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length >> 1);

test.each([
  { what: "missing", change: () => null },
  { what: "empty", change: () => Buffer.alloc(0) },
  { what: "cut off", change: truncated },
  { what: "damaged in the middle", change: (bytes: Buffer) => withFlippedByte(bytes, bytes.length >> 1) },
  { what: "damaged in its seal", change: (bytes: Buffer) => withFlippedByte(bytes, bytes.length - 1) },
  { what: "made by another Node", change: (bytes: Buffer, pack: Buffer) => sealedBy("v20.0.0 x64", bytes, pack) },
  { what: "made for another pack", change: (bytes: Buffer) => sealedBy(undefined, bytes, Buffer.from("({})")) },
])("a cache that is $what is not looked at, and the program runs", ({ change }) => {
  const originals = caches.map((name) => readFileSync(join("dist/program", name)));
  const folder = join(built, "dist/program");
  chmodSync(folder, 0o755);
  try {
    for (const [index, name] of caches.entries()) {
      const bytes = originals[index] ?? Buffer.alloc(0);
      const changed = change(bytes, readFileSync(join(folder, name.replace(/cache$/, "cjs"))));
      rmSync(join(folder, name));
      if (changed !== null) writeFileSync(join(folder, name), changed);
    }
    expect(openEverything()).toEqual(["absent", "absent"]);
    const { stdout, status } = spawnSync(process.execPath, [
      join(built, "dist/main.cjs"),
      "explain",
      "config/unknown-key",
    ]);
    expect([status, stdout.toString()]).toEqual([0, expect.stringContaining("Unknown key")]);
  } finally {
    for (const [index, name] of caches.entries()) writeFileSync(join(folder, name), originals[index] ?? "");
    chmodSync(folder, 0o555);
  }
});

test("without a word it is the command line: its exit code is the process's", () => {
  const { status, stderr } = spawnSync(process.execPath, [join(built, "dist/main.cjs"), "plam"], { encoding: "utf8" });
  expect([status, stderr]).toEqual([1, expect.stringContaining('"plan"')]);
});

test("the native part of SQLite is found beside the program, or by way of libsql", () => {
  const standIn = readFileSync("tooling/build/libsql-native.cjs");
  const found = ["with nothing but libsql", "with both"].map((name) => {
    const folder = join(home, name);
    mkdirSync(join(folder, "node_modules"), { recursive: true });
    symlinkSync(resolve("node_modules/libsql"), join(folder, "node_modules/libsql"), "junction");
    if (name === "with both")
      symlinkSync(resolve("node_modules/@libsql"), join(folder, "node_modules/@libsql"), "junction");
    writeFileSync(join(folder, "native.cjs"), standIn);
    const script = "console.log(typeof require(process.argv[1]).requireNative().databaseOpen)";
    return execFileSync(process.execPath, ["-e", script, join(folder, "native.cjs")], { encoding: "utf8" }).trim();
  });
  expect(found).toEqual(["function", "function"]);
});

function withFlippedByte(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 0x5a;
  return changed;
}

/** Sealed as the build seals, but for another Node or another pack. */
function sealedBy(node: string | undefined, bytes: Buffer, pack: Buffer): Buffer {
  const data = bytes.subarray(0, -32);
  const seal = createHash("sha256")
    .update(`${node ?? `${process.version} ${process.arch}`}\n`)
    .update(pack)
    .update(data);
  return Buffer.concat([data, seal.digest()]);
}
