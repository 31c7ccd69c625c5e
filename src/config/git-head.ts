// Where HEAD points, read from git's own files.

import type { Disk } from "./disk.js";

export interface GitFolders {
  /** This work tree's own folder: HEAD and the index. */
  readonly own: string;
  /** Shared by every work tree: refs and objects. */
  readonly common: string;
}

/** The folders of the repository whose root is `root`; null where it is none. */
export function gitFolders(disk: Disk, root: string): GitFolders | null {
  const dotGit = `${root}/.git`;
  const found = disk.look(dotGit)?.kind;
  if (found === "folder") return { own: dotGit, common: dotGit };
  if (found !== "file") return null;
  const link = /^gitdir: (.+)$/m.exec(textOf(disk, dotGit) ?? "")?.[1];
  if (link === undefined) return null;
  const own = absolute(root, link.trim());
  const common = textOf(disk, `${own}/commondir`);
  return { own, common: common === null ? own : absolute(own, common.trim()) };
}

/** HEAD's commit; null before the first. */
export function headCommit(disk: Disk, root: string, { own, common }: GitFolders): string | null {
  const head = textOf(disk, `${own}/HEAD`)?.trim() ?? "";
  if (isHash(head)) return head;
  const branch = /^ref: (.+)$/.exec(head)?.[1];
  if (branch === undefined || branch === "refs/heads/.invalid") return askGit(disk, root);
  const loose = textOf(disk, `${common}/${branch}`)?.trim();
  if (loose !== undefined) return isHash(loose) ? loose : askGit(disk, root);
  const packed = textOf(disk, `${common}/packed-refs`) ?? "";
  const line = packed.split("\n").find((candidate) => candidate.endsWith(` ${branch}`));
  return line === undefined ? null : line.slice(0, line.indexOf(" "));
}

function askGit(disk: Disk, root: string): string | null {
  const answer = disk.git(root, ["rev-parse", "--verify", "--quiet", "HEAD"])?.trim() ?? "";
  return isHash(answer) ? answer : null;
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text);
}

function absolute(from: string, path: string): string {
  return path.startsWith("/") || /^[A-Za-z]:/.test(path) ? path : `${from}/${path}`;
}

function textOf(disk: Disk, path: string): string | null {
  const bytes = disk.read(path);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}
