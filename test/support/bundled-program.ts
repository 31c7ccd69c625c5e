// A program of the tests as one file that Node runs by itself.

import { build } from "esbuild";

/** Bundles `entry` into `outfile`, which ends in .mjs. */
export async function bundleProgram(entry: string, outfile: string): Promise<void> {
  await build({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm", logLevel: "error" });
}
