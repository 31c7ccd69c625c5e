// Bundles the command line, the library doors and the router into dist/, split so that a command loads only what it needs.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";

const entries = {
  main: "src/main.ts",
  index: "src/index.ts",
  sdk: "src/sdk/index.ts",
  testing: "src/testing/index.ts",
};
const present = Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)));

const { metafile } = await build({
  entryPoints: present,
  outdir: "dist",
  bundle: true,
  splitting: true,
  platform: "node",
  target: "node20.19",
  format: "esm",
  // libsql is a native module and cannot be bundled.
  external: ["libsql"],
  // Some bundled CommonJS packages still call require.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "warning",
  metafile: true,
});

// Cleared after the new files stand, so that a program running from dist/ never finds it empty.
const written = new Set(Object.keys(metafile.outputs).map((file) => relative("dist", file)));
for (const name of existsSync("dist") ? readdirSync("dist", { recursive: true, encoding: "utf8" }) : []) {
  if (name.endsWith(".js") && !written.has(name)) rmSync(join("dist", name));
}
