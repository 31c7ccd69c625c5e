// A prompt file as the router serves it: its name and its text.

import type { PromptFile } from "../core/model/revision.js";
import { fixedRoot, globMatcher } from "./glob.js";
import type { WorkFile } from "./worktree.js";

export const largestPromptBytes = 1_048_576;

/** The file name without its extension, relative to the fixed part of the first pattern that matches. */
function promptName(path: string, globs: readonly string[]): string {
  const glob = globs.find((candidate) => globMatcher(candidate)(path)) ?? "";
  const root = fixedRoot(glob);
  const relative = root === "" ? path : path.slice(root.length + 1);
  return relative.replace(/(?<=[^/])\.[^./]+$/, "");
}

function promptText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export interface ReadPrompt {
  readonly file: WorkFile;
  readonly name: string;
  readonly bytes: number;
  /** Null where the bytes are no UTF-8. */
  readonly text: string | null;
  /** As a revision holds it. */
  readonly prompt: PromptFile;
}

export function readPrompt(file: WorkFile, globs: readonly string[]): ReadPrompt {
  const content = file.bytes();
  const name = promptName(file.path, globs);
  const text = promptText(content);
  const prompt = { path: file.path, blob: file.blob, name, text: text ?? "" };
  return { file, name, bytes: content.byteLength, text, prompt };
}
