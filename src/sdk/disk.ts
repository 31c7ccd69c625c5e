// All that the router does with the disk, and the digest of what it reads there.

import { createHash } from "node:crypto";
import { constants, type FSWatcher, watch } from "node:fs";
import { appendFile, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";

export function textDigest(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

export type FileReading =
  | { readonly kind: "text"; readonly text: string; readonly identity: string }
  | { readonly kind: "absent"; readonly identity: string }
  | { readonly kind: "unreadable"; readonly because: string; readonly identity: string };

/** Never throws. The identity changes whenever the file does: replaced, rewritten in place, gone or back. */
export async function readRegularFile(path: string, limit: number): Promise<FileReading> {
  try {
    // A pipe would make everybody wait for its writer.
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await handle.stat({ bigint: true });
      const identity = identityOf(found);
      if (!found.isFile()) return { kind: "unreadable", because: "it is not a regular file", identity };
      if (found.size > limit)
        return { kind: "unreadable", because: `it has ${found.size} bytes, more than any snapshot`, identity };
      return { kind: "text", text: await handle.readFile("utf8"), identity };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = codeOf(error);
    if (isAbsence(code)) return { kind: "absent", identity: absent };
    return { kind: "unreadable", because: `it cannot be read (${code})`, identity: code };
  }
}

const absent = "absent";

/** Never throws. */
export async function fileIdentity(path: string): Promise<string> {
  try {
    return identityOf(await stat(path, { bigint: true }));
  } catch (error) {
    const code = codeOf(error);
    return isAbsence(code) ? absent : code;
  }
}

/** Null when the disk does not say. */
export async function fileExists(path: string): Promise<boolean | null> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return isAbsence(codeOf(error)) ? false : null;
  }
}

interface Identifiable {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: Identifiable): string {
  return `${dev}.${ino}.${size}.${mtimeNs}.${ctimeNs}`;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown";
}

function isAbsence(code: string): boolean {
  return code === "ENOENT" || code === "ENOTDIR";
}

/**
 * Watches a folder, not a file: atomic renames and ConfigMap swaps change names beside the one that is read, so every event counts.
 * Where watching does not work, nothing happens, and whoever polls is the net.
 */
export class FolderWatch {
  readonly #folder: string;
  readonly #onEvent: () => void;
  #watcher: FSWatcher | null = null;
  #watched = "";

  constructor(folder: string, onEvent: () => void) {
    this.#folder = folder;
    this.#onEvent = onEvent;
  }

  /** Begins to watch, or begins again when the folder is another one under the same name. Never throws. */
  async arm(): Promise<void> {
    try {
      const { dev, ino } = await stat(this.#folder, { bigint: true });
      if (this.#watcher !== null && this.#watched === `${dev}.${ino}`) return;
      this.disarm();
      this.#watched = `${dev}.${ino}`;
      this.#watcher = watch(this.#folder, { persistent: false }, this.#onEvent);
      // Deno asks for it beside the option, or a router that nobody closed would keep the process.
      this.#watcher.unref();
      this.#watcher.on("error", () => this.disarm());
    } catch {
      this.disarm();
    }
  }

  disarm(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }
}

/** Appends whole lines; a line that a crash left unfinished is ended first. Throws what the system throws. */
export async function appendLines(path: string, lines: readonly string[], isFirst: boolean): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const start = isFirst && (await endsInside(path)) ? "\n" : "";
  await appendFile(path, `${start}${lines.join("\n")}\n`);
}

/** Whether the last line has no end. */
async function endsInside(path: string): Promise<boolean> {
  const handle = await open(path, "a+");
  try {
    const { size } = await handle.stat();
    if (size === 0) return false;
    const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: size - 1 });
    return buffer[0] !== 0x0a;
  } finally {
    await handle.close();
  }
}
