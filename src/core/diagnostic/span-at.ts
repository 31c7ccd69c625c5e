// A place in a text, ready to print.

import type { Span } from "./diagnostic.js";

/** Lines longer than this (machine-written JSON on one line) are not shown around a place. */
const longestShown = 200;

/** Lines are shown in logs: the password of an address is not, nor what stands for a key where only its variable should. */
const secrets: readonly RegExp[] = [
  /(:\/\/[^\s/@:"']*:)([^\s/@]+)(?=@)/g,
  /((?:[_-]key|token|secret|password|credentials?)(?:_id)?["']?\s*:\s*["']?)(?!os\.environ\/)([^\s,{}"']+)/gi,
  /(\bBearer\s+)([\w.~+/=-]+)/gi,
  /((?:^|[\s"':])sk-)([\w-]+)/g,
];

/** What is hidden takes up the same place. */
function withoutSecrets(line: string): string {
  const hide = (_: string, before: string, secret: string): string => before + "*".repeat(secret.length);
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, hide), line);
}

/** The span of `length` characters at `offset`, with the line before and the line after it. */
export function spanAt(
  { name, text }: { readonly name: string; readonly text: string },
  offset: number,
  length: number,
): Span {
  const start = startOfLine(text, offset);
  const line = linesBefore(text, start) + 1;
  const snippet = [lineBefore(text, start), lineAt(text, start), lineAfter(text, start)].flatMap((shown, index) =>
    shown === null ? [] : [{ line: line + index - 1, text: withoutSecrets(shown) }],
  );
  const printable = snippet.every((shown) => shown.text.length <= longestShown);
  return { file: name, line, column: offset - start + 1, length, snippet: printable ? snippet : [] };
}

/** Files of megabytes have many places: nothing is copied to count their lines. */
function linesBefore(text: string, end: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

/** Where the line begins that holds the offset. */
function startOfLine(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
}

function lineAt(text: string, start: number): string {
  const end = text.indexOf("\n", start);
  return text.slice(start, end < 0 ? text.length : end).replace(/\r$/, "");
}

function lineBefore(text: string, start: number): string | null {
  return start === 0 ? null : lineAt(text, startOfLine(text, start - 1));
}

function lineAfter(text: string, start: number): string | null {
  const end = text.indexOf("\n", start);
  return end < 0 ? null : lineAt(text, end + 1);
}
