// A text that people wrote, read to plain values, and where in the text each of them stands.

import type { Span } from "../core/diagnostic/diagnostic.js";
import { spanAt } from "../core/diagnostic/span-at.js";
import type { DocumentPath } from "./document-path.js";

/** Offsets into the text, half-open. */
export type TextRange = readonly [from: number, to: number];

export interface DocumentRanges {
  readonly key: TextRange | null;
  readonly value: TextRange;
}

export interface ConfigDocument {
  /** Relative to the root of the repository. */
  readonly file: string;
  readonly text: string;
  readonly value: unknown;
  /** Where the key and the value of a path stand. What came through an alias has no place of its own; the alias has. */
  readonly rangesOf: (path: DocumentPath) => DocumentRanges | null;
}

/** The place of a key or a value; of what has none, the nearest place around it. */
export function spanOf(document: ConfigDocument, path: DocumentPath, part: "key" | "value"): Span {
  for (let length = path.length; length >= 0; length--) {
    const ranges = document.rangesOf(path.slice(0, length));
    if (ranges === null) continue;
    const wanted = part === "key" || length < path.length ? (ranges.key ?? ranges.value) : ranges.value;
    return rangeSpan(document, wanted);
  }
  return rangeSpan(document, [0, 0]);
}

/** The caret stays on the line where the range begins. */
export function rangeSpan(
  { file, text }: { readonly file: string; readonly text: string },
  [from, to]: TextRange,
): Span {
  const start = Math.min(from, text.length);
  const newline = text.slice(start, to).search(/\r?\n/);
  return spanAt({ name: file, text }, start, Math.max(1, newline < 0 ? to - start : newline));
}
