// The working tree over a disk: tracked files by git's index, hashes as git would give them, symbolic links refused.

import type { Disk, DiskEntry } from "./disk.js";
import { gitFolders, headCommit } from "./git-head.js";
import { type GitIndex, type IndexEntry, readGitIndex } from "./git-index.js";
import { fixedRoot, globMatcher } from "./glob.js";
import { gitBlob } from "./revision-digest.js";
import type { FileRead, GlobMatch, WorkFile, Worktree } from "./worktree.js";

/** Folders that are never looked into for files that git does not track. */
const unlisted = [".git", "node_modules"];
const mostListed = 20_000;

export function openWorktree(disk: Disk, root: string): Worktree {
  const folders = gitFolders(disk, root);
  const indexFile = folders === null ? null : `${folders.own}/index`;
  let known: TrackedTree | null | undefined;
  const tracked = (): TrackedTree | null => {
    known ??= indexFile === null ? null : readTracked(disk, root, indexFile);
    return known;
  };
  let linkedFolders: Map<string, boolean> | null = null;
  const isLinked = (path: string): boolean => {
    linkedFolders ??= new Map();
    return leadsThroughLink(disk, root, path, linkedFolders);
  };
  return {
    commit: folders === null ? null : headCommit(disk, root, folders),
    isLinked,
    read: (path) => (isLinked(path) ? { kind: "symlink" } : readText(disk, `${root}/${path}`)),
    match: (globs) => {
      const matchers = globs.map(globMatcher);
      const matches = (path: string): boolean => matchers.some((matcher) => matcher(path));
      const tree = tracked();
      const onDisk = listed(disk, root, globs).filter(matches);
      return tree === null
        ? plainMatch(disk, root, onDisk)
        : trackedMatch({ disk, root, tree, matches, onDisk, isLinked });
    },
  };
}

interface TrackedTree {
  readonly index: GitIndex;
  /** When the index was written: files changed at the same moment or later cannot be trusted to be what it says. */
  readonly writtenSec: number;
  /** Paths whose staged content differs from HEAD's. */
  readonly staged: () => ReadonlySet<string>;
}

function readTracked(disk: Disk, root: string, indexFile: string): TrackedTree | null {
  const bytes = disk.read(indexFile);
  // A repository without an index has nothing tracked yet.
  const index = bytes === null ? { entries: [], tree: null } : (readGitIndex(bytes) ?? indexByGit(disk, root));
  if (index === null) return null;
  let staged: ReadonlySet<string> | null = null;
  return {
    index,
    writtenSec: disk.look(indexFile)?.mtimeSec ?? 0,
    staged: () => {
      // While the index stands for a whole tree nothing is staged: git forgets the tree with the first change.
      staged ??= index.tree !== null ? new Set() : stagedByGit(disk, root);
      return staged;
    },
  };
}

function stagedByGit(disk: Disk, root: string): ReadonlySet<string> {
  return new Set((disk.git(root, ["diff", "--cached", "--name-only", "-z"]) ?? "").split("\0"));
}

/** For indexes that only git itself reads. */
function indexByGit(disk: Disk, root: string): GitIndex | null {
  const answer = disk.git(root, ["ls-files", "--stage", "-z"]);
  if (answer === null) return null;
  const entries = answer.split("\0").flatMap((line): IndexEntry[] => {
    const match = /^(\d{6}) ([0-9a-f]+) \d\t(.+)$/s.exec(line);
    if (match === null) return [];
    const [, mode, blob = "", path = ""] = match;
    const kind = mode === "120000" ? "symlink" : mode === "160000" ? "submodule" : "file";
    return [{ path, blob, kind, size: -1, mtimeSec: -1, mtimeNs: 0, inode: 0 }];
  });
  return { entries, tree: null };
}

interface Matching {
  readonly disk: Disk;
  readonly root: string;
  readonly tree: TrackedTree;
  readonly matches: (path: string) => boolean;
  readonly onDisk: readonly string[];
  readonly isLinked: (path: string) => boolean;
}

function trackedMatch({ disk, root, tree, matches, onDisk, isLinked }: Matching): GlobMatch {
  const files = new Map<string, WorkFile>();
  const symlinks = new Set<string>();
  const known = new Set<string>();
  for (const entry of tree.index.entries) {
    const path = entry.path.normalize("NFC");
    if (entry.kind === "submodule" || !matches(path)) continue;
    known.add(path);
    const found = disk.look(`${root}/${entry.path}`);
    if (found?.kind === "symlink" || (found !== null && isLinked(entry.path))) symlinks.add(path);
    else if (found?.kind === "file")
      files.set(path, workFile(disk, `${root}/${entry.path}`, { path, entry, found, tree }));
  }
  const strangers = onDisk.filter((path) => !known.has(path));
  return {
    files: sorted(files.values()),
    symlinks: [...symlinks].sort(),
    untracked: withoutIgnored(disk, root, strangers),
  };
}

interface Tracked {
  readonly path: string;
  readonly entry: IndexEntry;
  readonly found: DiskEntry;
  readonly tree: TrackedTree;
}

/** As git does, a file whose size, times and inode are those of the index is taken for unchanged without being read. */
function workFile(disk: Disk, at: string, { path, entry, found, tree }: Tracked): WorkFile {
  const untouched =
    entry.mtimeNs !== 0 &&
    entry.size === found.size &&
    entry.mtimeSec === found.mtimeSec &&
    entry.mtimeNs === found.mtimeNs &&
    entry.inode === found.inode &&
    found.mtimeSec < tree.writtenSec;
  let content: { readonly blob: string; readonly bytes: Uint8Array } | null = null;
  const read = (): { readonly blob: string; readonly bytes: Uint8Array } => {
    content ??= contentAs(entry.blob, disk.read(at) ?? new Uint8Array());
    return content;
  };
  return {
    path,
    get blob() {
      return untouched ? entry.blob : read().blob;
    },
    get modified() {
      return (!untouched && read().blob !== entry.blob) || tree.staged().has(entry.path);
    },
    bytes: () => read().bytes,
  };
}

/**
 * The content that git would take: where only the ends of lines differ from what is tracked, the checkout has converted them,
 * and the tracked content is meant. So one content has one hash on every machine.
 */
function contentAs(trackedBlob: string, bytes: Uint8Array): { readonly blob: string; readonly bytes: Uint8Array } {
  const blob = gitBlob(bytes);
  if (blob === trackedBlob || !bytes.includes(13)) return { blob, bytes };
  const plain = bytes.filter((byte, index) => !(byte === 13 && bytes[index + 1] === 10));
  const plainBlob = gitBlob(plain);
  return plainBlob === trackedBlob ? { blob: plainBlob, bytes: plain } : { blob, bytes };
}

/** Without git every file counts as tracked, and none as changed. */
function plainMatch(disk: Disk, root: string, paths: readonly string[]): GlobMatch {
  const symlinks = paths.filter((path) => disk.look(`${root}/${path}`)?.kind === "symlink");
  const files = paths
    .filter((path) => !symlinks.includes(path))
    .map((path): WorkFile => {
      const bytes = disk.read(`${root}/${path}`) ?? new Uint8Array();
      return { path: path.normalize("NFC"), blob: gitBlob(bytes), modified: false, bytes: () => bytes };
    });
  return { files: sorted(files), symlinks, untracked: [] };
}

function sorted(files: Iterable<WorkFile>): readonly WorkFile[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Every file below the fixed parts of the patterns. Links to folders are not followed. */
function listed(disk: Disk, root: string, globs: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const walk = (folder: string): void => {
    for (const { name, kind } of disk.list(folder === "" ? root : `${root}/${folder}`)) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (found.size >= mostListed || unlisted.includes(name)) continue;
      if (kind === "folder") walk(path);
      else found.add(path.normalize("NFC"));
    }
  };
  for (const folder of new Set(globs.map(fixedRoot))) walk(folder);
  return [...found].sort();
}

function withoutIgnored(disk: Disk, root: string, paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return paths;
  const answer = disk.git(root, ["ls-files", "--others", "--exclude-standard", "-z"]);
  if (answer === null) return paths;
  const strangers = new Set(answer.split("\0").map((path) => path.normalize("NFC")));
  return paths.filter((path) => strangers.has(path));
}

function readText(disk: Disk, at: string): FileRead {
  try {
    if (disk.look(at)?.kind === "folder") return { kind: "unreadable", because: "it is a folder" };
    const bytes = disk.read(at);
    return bytes === null ? { kind: "missing" } : { kind: "text", text: new TextDecoder().decode(bytes) };
  } catch (error) {
    return { kind: "unreadable", because: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether the path, or a folder on the way to it, is a symbolic link. */
function leadsThroughLink(disk: Disk, root: string, path: string, known: Map<string, boolean>): boolean {
  const found = known.get(path);
  if (found !== undefined) return found;
  const cut = path.lastIndexOf("/");
  const above = cut > 0 && leadsThroughLink(disk, root, path.slice(0, cut), known);
  const linked = above || disk.look(`${root}/${path}`)?.kind === "symlink";
  known.set(path, linked);
  return linked;
}
