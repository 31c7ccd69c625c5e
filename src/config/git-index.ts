// Git's index file, read directly: which files are tracked, without the price of starting git.
// Format: gitformat-index(5), versions 2 to 4, SHA-1 repositories.

export interface IndexEntry {
  /** As git keeps it: POSIX, relative to the root of the work tree. */
  readonly path: string;
  /** The blob that was last added. */
  readonly blob: string;
  readonly kind: "file" | "symlink" | "submodule";
  readonly size: number;
  readonly mtimeSec: number;
  readonly mtimeNs: number;
  /** Lower 32 bits. */
  readonly inode: number;
}

export interface GitIndex {
  readonly entries: readonly IndexEntry[];
  /** The tree that the whole index stands for, where git has noted it; null while something is staged, or when it has not. */
  readonly tree: string | null;
}

const fixedBytes = 62;
const kinds: Readonly<Record<number, IndexEntry["kind"]>> = { 8: "file", 10: "symlink", 14: "submodule" };

/** Null for what is not an index of a known kind: split and sparse indexes, other hashes, torn files. */
export function readGitIndex(bytes: Uint8Array): GitIndex | null {
  try {
    return parseIndex(bytes);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function parseIndex(bytes: Uint8Array): GitIndex | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(4);
  if (view.getUint32(0) !== 0x44495243 || version < 2 || version > 4) return null;
  const count = view.getUint32(8);
  const entries: IndexEntry[] = [];
  let at = 12;
  let path = "";
  for (let index = 0; index < count; index++) {
    const extended = version >= 3 && (view.getUint16(at + 60) & 0x4000) !== 0;
    const nameAt = at + fixedBytes + (extended ? 2 : 0);
    const name = version === 4 ? compressedName(bytes, nameAt, path) : plainName(bytes, nameAt);
    if (name === null) return null;
    path = name.path;
    const kind = kinds[view.getUint32(at + 24) >>> 12];
    // A kind that no version knows, such as a folder of a sparse index.
    if (kind === undefined) return null;
    entries.push({
      path,
      kind,
      blob: hex(bytes.subarray(at + 40, at + 60)),
      size: view.getUint32(at + 36),
      mtimeSec: view.getUint32(at + 8),
      mtimeNs: view.getUint32(at + 12),
      inode: view.getUint32(at + 20),
    });
    at = version === 4 ? name.end + 1 : at + Math.ceil((name.end - at + 1) / 8) * 8;
  }
  return readExtensions(bytes, view, at, entries);
}

/** Extensions stand between the entries and the checksum; those in small letters must be understood. */
function readExtensions(
  bytes: Uint8Array,
  view: DataView,
  from: number,
  entries: readonly IndexEntry[],
): GitIndex | null {
  let tree: string | null = null;
  let at = from;
  while (at + 8 <= bytes.byteLength - 20) {
    const name = decode(bytes.subarray(at, at + 4));
    if (!/^[A-Z]/.test(name)) return null;
    const size = view.getUint32(at + 4);
    if (name === "TREE") tree = rootTree(bytes.subarray(at + 8, at + 8 + size));
    at += 8 + size;
  }
  return at === bytes.byteLength - 20 ? { entries, tree } : null;
}

/** The first record of the cached tree is the root: an empty name, NUL, entry count, space, subtree count, newline, hash. */
function rootTree(bytes: Uint8Array): string | null {
  const head = /^\0(-?\d+) \d+\n/.exec(decode(bytes.subarray(0, 40)));
  if (head === null || Number(head[1]) < 0) return null;
  return hex(bytes.subarray(head[0].length, head[0].length + 20));
}

interface Name {
  readonly path: string;
  /** Offset of the NUL behind the name. */
  readonly end: number;
}

function plainName(bytes: Uint8Array, at: number): Name | null {
  const end = bytes.indexOf(0, at);
  return end < 0 ? null : { path: decode(bytes.subarray(at, end)), end };
}

/** Version 4: how many bytes to drop from the end of the path before, then what to put there. */
function compressedName(bytes: Uint8Array, from: number, before: string): Name | null {
  let at = from;
  let byte = bytes[at++] ?? 0;
  let drop = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    byte = bytes[at++] ?? 0;
    drop = ((drop + 1) << 7) | (byte & 0x7f);
  }
  const end = bytes.indexOf(0, at);
  if (end < 0) return null;
  const kept = new TextEncoder().encode(before);
  const path = new Uint8Array(kept.byteLength - drop + end - at);
  path.set(kept.subarray(0, kept.byteLength - drop));
  path.set(bytes.subarray(at, end), kept.byteLength - drop);
  return { path: decode(path), end };
}

const decoder = new TextDecoder();

function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}
