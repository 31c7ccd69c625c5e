/** When git's index may be believed without reading a file, on a disk that is a table. */
import { expect, test } from "vitest";
import type { Disk, DiskEntry } from "../../src/config/disk.js";
import { readGitIndex } from "../../src/config/git-index.js";
import { openWorktree } from "../../src/config/open-worktree.js";
import { gitBlob } from "../../src/config/revision-digest.js";

interface Entry {
  readonly path: string;
  readonly blob: string;
  readonly size: number;
  readonly mtimeSec: number;
  readonly mtimeNs: number;
  readonly inode: number;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** An index file of version 2 or 4, as gitformat-index(5) says. */
function indexFile(version: 2 | 4, entries: readonly Entry[], extension: Uint8Array = new Uint8Array()): Uint8Array {
  const parts: Uint8Array[] = [];
  let before: Uint8Array = new Uint8Array();
  for (const entry of entries) {
    const name = text(entry.path);
    const head = new Uint8Array(62);
    const view = new DataView(head.buffer);
    view.setUint32(8, entry.mtimeSec);
    view.setUint32(12, entry.mtimeNs);
    view.setUint32(20, entry.inode);
    view.setUint32(24, 0o100644);
    view.setUint32(36, entry.size);
    head.set(Buffer.from(entry.blob, "hex"), 40);
    if (version === 2) {
      const length = Math.ceil((62 + name.length + 1) / 8) * 8;
      const whole = new Uint8Array(length);
      whole.set(head);
      whole.set(name, 62);
      parts.push(whole);
    } else {
      const common = name.findIndex((byte, index) => byte !== before[index]);
      const kept = common < 0 ? Math.min(name.length, before.length) : common;
      parts.push(head, offset(before.length - kept), name.subarray(kept), new Uint8Array(1));
      before = name;
    }
  }
  const start = new Uint8Array(12);
  start.set(text("DIRC"));
  new DataView(start.buffer).setUint32(4, version);
  new DataView(start.buffer).setUint32(8, entries.length);
  return Uint8Array.from([...[start, ...parts, extension, new Uint8Array(20)].flatMap((part) => [...part])]);
}

/** Git's variable-length offset: each further byte adds one to what stands before it. */
function offset(value: number): Uint8Array {
  const bytes = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift(0x80 | (--rest & 0x7f));
  return Uint8Array.from(bytes);
}

const entry: Entry = { path: "tools/a.json", blob: "a".repeat(40), size: 3, mtimeSec: 1000, mtimeNs: 5, inode: 7 };
const stat: DiskEntry = { kind: "file", size: 3, mtimeSec: 1000, mtimeNs: 5, inode: 7 };
const content = text("{}\n");

function blobOf(index: Uint8Array, found: Partial<DiskEntry>, written = 2000): string | undefined {
  const folder: DiskEntry = { ...stat, kind: "folder" };
  const disk: Disk = {
    read: (path) => (path.endsWith("/index") ? index : path.endsWith("a.json") ? content : null),
    look: (path) =>
      path.endsWith(".git") || path.endsWith("tools")
        ? folder
        : path.endsWith("/index")
          ? { ...stat, mtimeSec: written }
          : { ...stat, ...found },
    list: () => [],
    git: () => null,
  };
  return openWorktree(disk, "/repo").match(["tools/**"]).files[0]?.blob;
}

const read = gitBlob(content);

test.each([
  ["everything as the index says", {}, 2000, entry.blob],
  ["another size", { size: 4 }, 2000, read],
  ["another second", { mtimeSec: 1001 }, 2000, read],
  ["another nanosecond", { mtimeNs: 6 }, 2000, read],
  ["another inode", { inode: 8 }, 2000, read],
  ["changed in the second in which the index was written", {}, 1000, read],
])("%s", (_, found, written, expected) => expect(blobOf(indexFile(2, [entry]), found, written)).toBe(expected));

test("an index without fractions of a second is never believed", () => {
  const coarse = indexFile(2, [{ ...entry, mtimeNs: 0 }]);
  expect(blobOf(coarse, { mtimeNs: 0 })).toBe(read);
});

test.each([2, 4] as const)("version %i: names with prefixes in common, short and longer than 128 bytes", (version) => {
  const paths = [
    "a",
    "a/b",
    "a/bc",
    `a/${"x".repeat(200)}`,
    `a/${"x".repeat(199)}y`,
    "b",
    `b/${"y".repeat(20_000)}`,
    "c",
  ];
  const index = readGitIndex(
    indexFile(
      version,
      paths.map((path) => ({ ...entry, path })),
    ),
  );
  expect(index?.entries.map(({ path }) => path)).toEqual(paths);
});

const extension = (name: string, body: Uint8Array): Uint8Array => {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, body.length);
  return Uint8Array.from([...text(name), ...size, ...body]);
};
const tree = (count: number): Uint8Array =>
  Uint8Array.from([...text(`\0${count} 0\n`), ...(count < 0 ? [] : Buffer.from("b".repeat(40), "hex"))]);

test.each([
  ["a whole tree", extension("TREE", tree(1)), "b".repeat(40)],
  ["a tree with something staged", extension("TREE", tree(-1)), null],
  ["an extension that may be skipped", extension("UNTR", text("anything")), null],
  ["none", new Uint8Array(), null],
])("extension: %s", (_, bytes, expected) => expect(readGitIndex(indexFile(2, [entry], bytes))?.tree).toBe(expected));

test.each([
  ["an extension that must be understood", indexFile(2, [entry], extension("link", text("x")))],
  ["an extension that ends beyond the file", indexFile(2, [entry], extension("TREE", tree(1)).subarray(0, 12))],
  ["a torn entry", indexFile(2, [entry]).subarray(0, 50)],
  ["nothing", new Uint8Array()],
  ["another file", text("PACK and some more bytes")],
  ["a later version", Uint8Array.from([...text("DIRC"), 0, 0, 0, 9, 0, 0, 0, 0, ...new Uint8Array(20)])],
])("%s is left to git", (_, bytes) => expect(readGitIndex(bytes)).toBe(null));
