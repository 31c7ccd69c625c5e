// Replacing a file so that the highest fence wins, whoever stalls, crashes or wakes late.
//
// Writers need no lock. Each one makes its text durable in a draft whose name carries its fence, takes away the drafts of lower
// fences, gives up when it sees a higher draft, looks at what is in force, and renames. A stalled writer that wakes late finds its
// draft gone, because a newer writer takes it away *before* it looks at the file: either the older rename came first and is
// replaced, or it fails. A draft that appears after that look for drafts belongs to a writer that will see ours, or our file.

import { randomBytes } from "node:crypto";
import { mkdir, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { compareFences, type Fence } from "../../../core/model/route.js";
import { fenceText } from "../../../ports/check-shift.js";
import { Fault } from "../../../ports/fault.js";
import type { KeptText } from "../../../ports/owned-file.js";
import { syncFolder, writeDurably } from "./durable-file.js";

interface Replacement {
  readonly path: string;
  readonly fence: Fence;
  readonly text: string;
  readonly signal: AbortSignal;
  /**
   * Looks at what is in force, once no older writer can change it any more. Throws a `Fault` when it may not be replaced;
   * answers what to keep of it beside the file.
   */
  readonly look: () => Promise<KeptText | null>;
}

/**
 * Temp, fsync, rename, fsync of the folder; the mode of the old file stays. A symlink is followed, not replaced.
 * Throws a `Fault` ("conflict") when a newer write is under way or overtook this one, ("timeout") when the signal came first.
 */
export async function replaceFenced({ path, fence, text, signal, look }: Replacement): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await linkless(path);
  const mode = await modeOf(file);
  const draft = draftOf(file, fence);
  try {
    await writeDurably(draft, text, mode);
    await overtake(file, fence);
    const kept = await look();
    if (kept !== null)
      await replacePlainly({ file: `${file}${kept.suffix}`, draft: draftOf(file, fence), text: kept.text, mode });
    if (signal.aborted) throw new Fault("timeout", "the shift was abandoned before it was written");
    await rename(draft, file).catch(overtaken);
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(dirname(file));
}

interface PlainReplacement {
  readonly file: string;
  readonly draft: string;
  readonly text: string;
  readonly mode: number | null;
}

async function replacePlainly({ file, draft, text, mode }: PlainReplacement): Promise<void> {
  try {
    await writeDurably(draft, text, mode);
    await rename(draft, file).catch(overtaken);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Hidden, and unique for each try: `.support.json.1.42.9f3a01c2.draft`. */
function draftOf(file: string, fence: Fence): string {
  const token = randomBytes(4).toString("hex");
  return join(dirname(file), `.${basename(file)}.${fenceText(fence)}.${token}.draft`);
}

/** The fence in a draft's name; null for any other file. */
function fenceOfDraft(name: string, file: string): Fence | null {
  const start = `.${basename(file)}.`;
  const match = name.startsWith(start) ? /^(\d+)\.(\d+)\.[0-9a-f]{8}\.draft$/.exec(name.slice(start.length)) : null;
  return match === null ? null : { epoch: Number(match[1]), serial: Number(match[2]) };
}

async function overtake(file: string, fence: Fence): Promise<void> {
  const folder = dirname(file);
  for (const name of await readdir(folder)) {
    const other = fenceOfDraft(name, file);
    if (other === null) continue;
    const order = compareFences(other, fence);
    if (order > 0) {
      throw new Fault(
        "conflict",
        `fence ${fenceText(fence)} is older than ${fenceText(other)}, which is being written`,
      );
    }
    if (order < 0) await rm(join(folder, name), { force: true });
  }
}

function overtaken(error: NodeJS.ErrnoException): never {
  if (error.code !== "ENOENT") throw error;
  throw new Fault("conflict", "a newer write overtook this one", { cause: error });
}

async function linkless(path: string): Promise<string> {
  return realpath(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return path;
    throw error;
  });
}

/** Null where there is no file yet: then the process's own mask decides. */
async function modeOf(file: string): Promise<number | null> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return found === null ? null : found.mode & 0o7777;
}
