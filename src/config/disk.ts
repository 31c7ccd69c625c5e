// The disk as the working tree sees it: handed in by the loader.

export interface DiskEntry {
  readonly kind: "file" | "folder" | "symlink" | "other";
  readonly size: number;
  readonly mtimeSec: number;
  readonly mtimeNs: number;
  /** Lower 32 bits. */
  readonly inode: number;
}

export interface Disk {
  /** Null where there is nothing. Throws where something is, and cannot be read. */
  read(path: string): Uint8Array | null;
  /** Of the path itself, never of what a symbolic link leads to; null where there is nothing. */
  look(path: string): DiskEntry | null;
  /** Names in a folder; empty where it cannot be read. */
  list(folder: string): readonly { readonly name: string; readonly kind: DiskEntry["kind"] }[];
  /** What git prints; null where it fails or is not installed. Dear: for the rare cases that its files do not tell. */
  git(folder: string, args: readonly string[]): string | null;
}
