import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Every file that the repository keeps and that is still there, relative to its root, with forward slashes. */
export function trackedFiles(): readonly string[] {
  const listed = execFileSync("git", ["ls-files", "-z"], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return listed.split("\0").filter((file) => file !== "" && existsSync(file));
}
