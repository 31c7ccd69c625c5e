// What gates and floors remember, as it lies in every store: with a digest of itself, so that what was damaged is no memory at all.

import { createHash } from "node:crypto";
import { exactJson } from "../core/model/exact-json.js";

const before = '{"memory":';

/** Canonical JSON of `{ memory, seal }`. Throws a `Bug` where JSON would change a value in silence. */
export function sealedText(memory: object): string {
  const text = exactJson(memory);
  return `${before}${text}${behind(text)}`;
}

/**
 * Null where the text is not what `sealedText` made, to the last digit: a memory is a cache, and counted again from the blocks. Those
 * of before there were seals are null too.
 */
export function unsealed<Memory>(text: string): Memory | null {
  const memory = text.slice(before.length, -sealLength);
  if (text !== `${before}${memory}${behind(memory)}`) return null;
  return JSON.parse(memory) as Memory;
}

function behind(memory: string): string {
  return `,"seal":"sha256:${createHash("sha256").update(memory, "utf8").digest("hex")}"}`;
}

const sealLength = behind("").length;
