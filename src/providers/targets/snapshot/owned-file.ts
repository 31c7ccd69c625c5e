// The file that another target owns beside the routing file, on the disk.

import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { Fault } from "../../../ports/fault.js";
import { maxOwnedBytes, type OwnedFile } from "../../../ports/owned-file.js";
import { systemReason } from "./system-reason.js";

/** `root`: absolute; `path`: relative to it. */
export function openOwnedFile(root: string, path: string): OwnedFile {
  const file = resolve(root, path);
  const read = (): string | null => {
    try {
      return contentOf(file);
    } catch (error) {
      throw new Fault("unreachable", `${path} cannot be read: ${systemReason(error)}`, { cause: error });
    }
  };
  return {
    path,
    read,
    replace: async (text, fence, signal, look) => {
      look();
      try {
        const { replaceFenced } = await import("./fenced-file.js");
        await replaceFenced({ path: file, fence, text, signal, look: async () => look() });
      } catch (error) {
        if (error instanceof Fault) throw error;
        throw new Fault("unreachable", `${path} cannot be written: ${systemReason(error)}`, { cause: error });
      }
    },
  };
}

function contentOf(file: string): string | null {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return null;
  // Reading a pipe or a device could take for ever.
  if (!found.isFile()) throw new Fault("rejected", "it is not a regular file");
  if (found.size > maxOwnedBytes) throw new Fault("rejected", `it has ${found.size} bytes, more than rollout writes`);
  return readFileSync(file, "utf8");
}
