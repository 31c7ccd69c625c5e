// The library's doors. Those of the router bring nothing of Node where they need nothing, and open for CommonJS too.
import { relative } from "node:path";
import { build } from "esbuild";

const library = { index: "src/index.ts", testing: "src/testing/index.ts" };
export const routerDoors = {
  sdk: "src/sdk/index.ts",
  edge: "src/sdk/edge.ts",
  openfeature: "src/openfeature/index.ts",
};

const shared = { bundle: true, logLevel: "warning", metafile: true };
const modules = { ...shared, format: "esm", splitting: true, chunkNames: "chunks/[name]-[hash]" };
/** Runs wherever it is asked to; what it imports is there or is not. */
const anywhere = { platform: "neutral", target: "es2022", packages: "external", external: ["node:*"] };

/** Answers the names of the files that it wrote below the folder. */
export async function buildDoors(outdir) {
  const builds = [
    build({
      ...modules,
      entryPoints: library,
      outdir,
      platform: "node",
      target: "node20.19",
      // A native module cannot be bundled.
      external: ["libsql"],
      // Some bundled CommonJS packages still call require.
      banner: {
        js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
      },
    }),
    build({ ...modules, ...anywhere, entryPoints: routerDoors, outdir }),
    build({
      ...shared,
      ...anywhere,
      entryPoints: routerDoors,
      outdir,
      format: "cjs",
      outExtension: { ".js": ".cjs" },
    }),
  ];
  const outputs = (await Promise.all(builds)).flatMap(({ metafile }) => Object.keys(metafile.outputs));
  return outputs.map((file) => relative(outdir, file));
}
