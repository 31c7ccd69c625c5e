// Bundles the command line, the library doors and the router into dist/, split so that a command loads only what it needs.
import { existsSync, rmSync } from "node:fs";
import { build } from "esbuild";

const entries = { main: "src/main.ts", index: "src/index.ts", sdk: "src/sdk/index.ts", testing: "src/testing/index.ts" };
const present = Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)));

rmSync("dist", { recursive: true, force: true });
await build({
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
  banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "warning",
});
