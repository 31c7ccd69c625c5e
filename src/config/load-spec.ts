// The one file of this room that reads the disk: finds the spec, and shows the working tree to the reading.

import { type BigIntStats, existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Diagnostic } from "../core/diagnostic/diagnostic.js";
import type { Spec } from "../core/model/spec.js";
import { type ConfigCode, summaryOf } from "./diagnostics.js";
import type { Disk, DiskEntry } from "./disk.js";
import { openWorktree } from "./open-worktree.js";
import { readSpec } from "./read-spec.js";

const specFile = "rollout.config.yaml";

export interface LoadOptions {
  /** Where the command was run: the spec is looked for here and in the folders above. */
  readonly cwd: string;
  /** The spec itself, relative to `cwd`; looked for where it is not given. */
  readonly file?: string | null | undefined;
  /** Read in the place of what the file holds: to see what a change of it would mean. */
  readonly text?: string;
}

export interface Loaded {
  readonly spec: Spec;
  /** Absolute: the root of the git repository, or the spec's folder outside of git. Paths of the spec start here. */
  readonly root: string;
  /** The spec's own file, relative to the root. */
  readonly file: string;
}

export type LoadedSpec =
  | { readonly ok: true; readonly value: Loaded; readonly warnings: readonly Diagnostic[] }
  | {
      readonly ok: false;
      readonly problems: readonly Diagnostic[];
      /** Null where no spec was found. */
      readonly root: string | null;
      /** Where the state is, and the agents that no problem touches, for watching alone; null where no spec could be read. */
      readonly partial: Loaded | null;
    };

/** Finds and reads the spec. Never throws for what people wrote. */
export async function loadSpec({ cwd, file, text: instead }: LoadOptions): Promise<LoadedSpec> {
  const found = file ? resolve(cwd, file) : findUpward(resolve(cwd));
  if (found === null) {
    const detail = `There is no ${specFile} in ${basename(resolve(cwd)) || "this folder"} or above it, up to the root of the repository.`;
    return failure("config/not-found", detail, "rollout init");
  }
  const root = gitRoot(dirname(found)) ?? dirname(found);
  const name = relative(root, found).replaceAll("\\", "/");
  let text: string;
  try {
    text = instead ?? readFileSync(found, "utf8");
  } catch (error) {
    return failure("config/unreadable", `${file ?? name} cannot be read: ${reasonOf(error)}.`, null);
  }
  const reading = readSpec({ file: name, text: text.replace(/^\uFEFF/, ""), tree: openWorktree(disk, root) });
  if (reading.ok) return { ok: true, value: { spec: reading.value, root, file: name }, warnings: reading.warnings };
  return { ok: false, problems: reading.problems, root, partial: { spec: reading.partial, root, file: name } };
}

/** The disk of this process. */
export const disk: Disk = {
  read: (path) => {
    try {
      return readFileSync(path);
    } catch (error) {
      if (isAbsence(error)) return null;
      throw error;
    }
  },
  look: (path) => {
    const found = lookOrNull(path);
    if (found === null) return null;
    const kind = found.isFile()
      ? "file"
      : found.isDirectory()
        ? "folder"
        : found.isSymbolicLink()
          ? "symlink"
          : "other";
    return {
      kind,
      size: Number(found.size),
      mtimeSec: Number(found.mtimeNs / 1_000_000_000n),
      mtimeNs: Number(found.mtimeNs % 1_000_000_000n),
      inode: Number(found.ino & 0xffff_ffffn),
    };
  },
  list: (folder) => {
    try {
      return readdirSync(folder, { withFileTypes: true }).map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
    } catch {
      return [];
    }
  },
  git: (folder, args) => {
    // Importing it costs more than all the rest of this file, and it is hardly ever needed.
    const { spawnSync } = process.getBuiltinModule("node:child_process");
    const { status, stdout } = spawnSync("git", args, {
      cwd: folder,
      encoding: "utf8",
      timeout: 30_000,
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return status === 0 ? stdout : null;
  },
};

function lookOrNull(path: string): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): DiskEntry["kind"] {
  return entry.isFile() ? "file" : entry.isDirectory() ? "folder" : entry.isSymbolicLink() ? "symlink" : "other";
}

/** The spec in this folder or the nearest above it, up to the root of the repository. */
function findUpward(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, specFile);
    if (existsSync(candidate)) return candidate;
    if (existsSync(join(folder, ".git")) || dirname(folder) === folder) return null;
  }
}

function gitRoot(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return folder;
    if (dirname(folder) === folder) return null;
  }
}

function failure(code: ConfigCode, detail: string, hint: string | null): LoadedSpec {
  const { severity, summary } = summaryOf(code);
  return {
    ok: false,
    problems: [{ code, severity, summary, detail, hint, about: null, span: null }],
    root: null,
    partial: null,
  };
}

function isAbsence(error: unknown): boolean {
  const code = (error as { code?: string }).code;
  return code === "ENOENT" || code === "ENOTDIR";
}

function reasonOf(error: unknown): string {
  if (isAbsence(error)) return "there is no such file";
  return error instanceof Error ? error.message : String(error);
}
