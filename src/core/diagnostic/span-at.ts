// A place in a text, ready to print.

import type { Span } from "./diagnostic.js";

/** Lines longer than this (machine-written JSON on one line) are not shown around a place. */
const longestShown = 200;

/** The span of `length` characters at `offset`, with the line before and the line after it. */
export function spanAt(file: { readonly name: string; readonly text: string }, offset: number, length: number): Span {
  const before = file.text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  const lines = file.text.split(/\r?\n/);
  const snippet = [line - 1, line, line + 1]
    .filter((number) => number >= 1 && number <= lines.length)
    .map((number) => ({ line: number, text: lines[number - 1] ?? "" }));
  const printable = snippet.every(({ text }) => text.length <= longestShown);
  return { file: file.name, line, column: offset - start + 1, length, snippet: printable ? snippet : [] };
}
