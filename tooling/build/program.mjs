// The program as packs of modules: what `status` and `plan` load in the first, everything else in the second.
import { createHash } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { build, transform } from "esbuild";
import { lighterPackages } from "./lighter-packages.mjs";

const target = "node20.19";

/** Every module of the program by its name: the text of a function's body, with `exports`, `require`, `module` and `__dirname` in scope. */
export async function bundleModules() {
  const { outputFiles } = await build({
    entryPoints: { main: "src/main.ts" },
    outdir: "unwritten",
    write: false,
    bundle: true,
    splitting: true,
    platform: "node",
    target,
    format: "esm",
    chunkNames: "[name]-[hash]",
    define: { "import.meta.dirname": "__dirname", "import.meta.url": "module.url" },
    plugins: [lighterPackages],
    legalComments: "none",
    logLevel: "warning",
  });
  const bodies = outputFiles.map(async ({ path, text }) => [basename(path), await bodyOf(text)]);
  return new Map(await Promise.all(bodies));
}

/** Functions keep their names, for stack traces. */
async function bodyOf(module) {
  const { code } = await transform(module, {
    platform: "node",
    target,
    format: "cjs",
    // A script from a cache has no `import()`; `require` does the same here.
    supported: { "dynamic-import": false },
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 120,
    legalComments: "none",
    logLevel: "warning",
    logOverride: { "empty-import-meta": "error" },
  });
  return asAscii(code);
}

/** One byte for each character is read fastest. Only patterns still hold others. */
function asAscii(code) {
  return code.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Writes the packs and the file that starts them. Answers their paths, without endings. */
export async function writeProgram(modules, isFirst) {
  const [first, rest] = [
    [...modules].filter(([name]) => isFirst(name)),
    [...modules].filter(([name]) => !isFirst(name)),
  ];
  const packs = [
    ["start", first],
    ["rest", rest],
  ].map(([name, chosen]) => writePack(name, chosen));
  await build({
    entryPoints: { main: "src/start.ts" },
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target,
    format: "cjs",
    define: { PACKS: JSON.stringify(packs.map((path) => basename(path))) },
    logLevel: "warning",
  });
  return packs;
}

function writePack(name, modules) {
  const text = `({\n${modules.map(([id, body]) => `${JSON.stringify(id)}:function(exports,require,module,__dirname){${body}}`).join(",\n")}\n})\n`;
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 8);
  const path = join("dist/program", `${name}-${digest}`);
  replaceFile(`${path}.cjs`, text);
  return path;
}

/** A program that is running from dist/ never reads half a file. */
export function replaceFile(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, content);
  renameSync(`${path}.${process.pid}`, path);
}
