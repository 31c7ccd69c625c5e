// A working tree in memory, for readings that must not touch the disk.
import { globMatcher } from "../../src/config/glob.js";
import { gitBlob } from "../../src/config/revision-digest.js";
import type { WorkFile, Worktree } from "../../src/config/worktree.js";

export interface MemoryTree {
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly commit?: string | null;
  readonly untracked?: readonly string[];
  readonly links?: readonly string[];
  readonly modified?: readonly string[];
}

export function memoryWorktree({
  files,
  commit = null,
  untracked = [],
  links = [],
  modified = [],
}: MemoryTree): Worktree {
  const isLinked = (path: string): boolean => links.some((link) => path === link || path.startsWith(`${link}/`));
  const bytesOf = (path: string): Uint8Array => {
    const content = files[path] ?? "";
    return typeof content === "string" ? new TextEncoder().encode(content) : content;
  };
  const workFile = (path: string): WorkFile => ({
    path,
    blob: gitBlob(bytesOf(path)),
    modified: modified.includes(path),
    bytes: () => bytesOf(path),
  });
  return {
    commit,
    isLinked,
    read: (path) => {
      if (isLinked(path)) return { kind: "symlink" };
      return Object.hasOwn(files, path)
        ? { kind: "text", text: new TextDecoder().decode(bytesOf(path)) }
        : { kind: "missing" };
    },
    match: (globs) => {
      const matchers = globs.map(globMatcher);
      const matching = Object.keys(files)
        .filter((path) => matchers.some((matches) => matches(path)))
        .sort();
      return {
        files: matching.filter((path) => !untracked.includes(path) && !isLinked(path)).map(workFile),
        symlinks: matching.filter(isLinked),
        untracked: matching.filter((path) => untracked.includes(path)),
      };
    },
  };
}
