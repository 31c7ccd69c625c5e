// The runbooks of a repository, from its disk.

import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunbookFile } from "./runbook.js";

/** The folder that teams keep them in. */
const runbookFolder = "runbooks";

/** Every Markdown file of the folder, sorted by name; none where there is no folder. `root` is absolute. */
export async function loadRunbooks(root: string): Promise<readonly RunbookFile[]> {
  const names = await readdir(join(root, runbookFolder)).catch(() => []);
  const found = names.filter((name) => name.endsWith(".md") && name !== "README.md").sort();
  return Promise.all(
    found.map(async (name) => {
      const path = `${runbookFolder}/${name}`;
      return { name: path, text: await readFile(join(root, path), "utf8") };
    }),
  );
}

/** Whether a path relative to the root is there; outside of the root nothing is. */
export async function isThere(root: string, path: string): Promise<boolean> {
  if (path.split("/").includes("..") || path.startsWith("/")) return false;
  return access(join(root, path)).then(
    () => true,
    () => false,
  );
}
