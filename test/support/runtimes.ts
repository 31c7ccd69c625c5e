// The runtimes that tests run programs in, besides the Node that runs the tests.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

const home = "test/runtimes";

/** Where the packages of test/runtimes keep each program, by platform. */
const places = {
  bun: {
    "linux-x64": "@oven/bun-linux-x64/bin/bun",
    "linux-arm64": "@oven/bun-linux-aarch64/bin/bun",
    "darwin-x64": "@oven/bun-darwin-x64/bin/bun",
    "darwin-arm64": "@oven/bun-darwin-aarch64/bin/bun",
  },
  deno: { "linux-x64": "@deno/linux-x64-glibc/deno", "linux-arm64": "@deno/linux-arm64-glibc/deno" },
  workerd: {
    "linux-x64": "@cloudflare/workerd-linux-64/bin/workerd",
    "linux-arm64": "@cloudflare/workerd-linux-arm64/bin/workerd",
  },
} satisfies Record<string, Record<string, string>>;

/** The path of its program. Their packages are installed on first use; where there is none for this platform, the PATH is looked at. */
export function runtimeProgram(name: keyof typeof places): string {
  const place = (places[name] as Record<string, string>)[`${process.platform}-${process.arch}`];
  if (place !== undefined) {
    const packaged = resolve(home, "node_modules", place);
    if (!existsSync(packaged)) install();
    if (existsSync(packaged)) return packaged;
  }
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Error(`These tests run ${name}: \`npm ci\` in ${home} has none for this platform, and none is on the PATH`);
}

/** The binaries lie in the packages: no install script is needed. */
function install(): void {
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: home, stdio: "ignore" });
}
