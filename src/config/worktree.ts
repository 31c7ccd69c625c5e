// What reading needs of the working tree: handed in, so that everything but the loader is a function of texts.

export interface Worktree {
  /** HEAD's commit; null before the first one, and outside of git. */
  readonly commit: string | null;
  /** Whether the path, or a folder on the way to it, is a symbolic link. What does not exist is none. */
  isLinked(path: string): boolean;
  /** A file by its path from the root. */
  read(path: string): FileRead;
  /** The files under one of the patterns, sorted by path, each once. */
  match(globs: readonly string[]): GlobMatch;
}

export type FileRead =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  /** The path itself, or a folder on the way, is a symbolic link. */
  | { readonly kind: "symlink" }
  | { readonly kind: "unreadable"; readonly because: string };

export interface GlobMatch {
  readonly files: readonly WorkFile[];
  /** Tracked symbolic links. */
  readonly symlinks: readonly string[];
  /** Matching files that git neither tracks nor ignores; without a repository every file counts as tracked. */
  readonly untracked: readonly string[];
}

export interface WorkFile {
  /** POSIX, NFC, relative to the root. */
  readonly path: string;
  /** The git blob hash of the content in the working tree. */
  readonly blob: string;
  /** The content differs from HEAD's. */
  readonly modified: boolean;
  bytes(): Uint8Array;
}
