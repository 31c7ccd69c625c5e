// The package as its users get it: built, packed and unpacked in a folder of its own, with nothing beside it.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** A new folder below which `@rollout-engine/rollout` is found. The doors are in it, not the program. */
export function packedPackage(): string {
  const home = mkdtempSync(join(tmpdir(), "rollout-packed-"));
  const made = join(home, "made");
  mkdirSync(made);
  copyFileSync("package.json", join(made, "package.json"));
  const node = (...args: readonly string[]) => execFileSync(process.execPath, args, { stdio: ["ignore", "pipe", 2] });
  const doors = "const { buildDoors } = await import(process.argv[1]); await buildDoors(process.argv[2]);";
  node("--input-type=module", "--eval", doors, resolve("tooling/build/doors.mjs"), join(made, "dist"));
  const types = join(made, "dist/types");
  node("node_modules/typescript-native/bin/tsc", "-p", "tsconfig.doors.json", "--outDir", types);
  node("tooling/build/commonjs-types.mjs", types);
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", home], {
      cwd: made,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
  const place = join(home, "node_modules/@rollout-engine/rollout");
  mkdirSync(place, { recursive: true });
  execFileSync("tar", ["-xzf", join(home, filename), "-C", place, "--strip-components=1"]);
  return home;
}
