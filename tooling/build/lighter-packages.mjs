// Three packages, bundled without the part of them that a start would pay for and never use.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const yaml = join(dirname(require.resolve("yaml/package.json")), "browser/dist/index.js");
const native = require.resolve("./libsql-native.cjs");

export const lighterPackages = {
  name: "lighter-packages",
  setup(build) {
    // The same source as ES modules, which can be taken apart.
    build.onResolve({ filter: /^yaml$/ }, () => ({ path: yaml }));
    replaceIn(build, /commander[\\/]lib[\\/]command\.js$/, {
      // Only for subcommands that are programs of their own.
      from: /const childProcess = require\('node:child_process'\);/,
      to: "const childProcess = { spawn: (...args) => require('node:child_process').spawn(...args) };",
    });
    replaceIn(build, /libsql[\\/]index\.js$/, {
      from: /const \{ load, currentTarget \}[\s\S]*?\nfunction requireNative\(\) \{[\s\S]*?\n\}\n/,
      to: `const { requireNative } = require(${JSON.stringify(native)});\n`,
    });
  },
};

/** A package that changed must not lose its replacement in silence. */
function replaceIn(build, filter, { from, to }) {
  build.onLoad({ filter }, ({ path }) => {
    const text = readFileSync(path, "utf8");
    if (!from.test(text)) throw new Error(`${path} is not what tooling/build/lighter-packages.mjs knows`);
    return { contents: text.replace(from, () => to), loader: "js" };
  });
}
