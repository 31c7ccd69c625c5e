// Lines that fit: wrapping with a hanging indent, columns, and characters that every terminal has.

import { paint, type Style, type Tone } from "./style.js";

/** A space that no line is broken at; it leaves as an ordinary one. */
export const glue = "\u00a0";
/** Stands between parts of one line that no comma parts. */
export const gap = glue.repeat(2);

/** Terminals draw these over two columns. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const combining = /\p{Mark}|\u200d/u;

/** Columns that a text without colour takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += combining.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return columns;
}

/**
 * A paragraph as lines: the first is indented by `first`, the others by `rest`. A number stays with its unit, and a wider gap keeps its width. A word that is longer than
 * the line keeps its line to itself, whole, so that it can be copied.
 */
export function wrapped(
  text: string,
  at: { readonly width: number; readonly first: string; readonly rest: string },
): readonly string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = lines.length === 0 ? at.first : at.rest;
    let empty = true;
    for (const word of glued(paragraph)
      .split(" ")
      .filter((part) => part !== "")) {
      if (!empty && columnsOf(line) + 1 + columnsOf(word) > at.width) {
        lines.push(line);
        line = at.rest;
        empty = true;
      }
      line += empty ? word : ` ${word}`;
      empty = false;
    }
    lines.push(line);
  }
  return lines.map((line) => line.trimEnd());
}

/** Wrapped lines in one tone, indented by the same. */
export function paragraph(
  style: Style,
  text: string,
  as: { readonly indent: string; readonly tone?: Tone; readonly hang?: string },
): readonly string[] {
  const rest = as.indent + (as.hang ?? "");
  return wrapped(text, { width: style.width, first: as.indent, rest }).map((line) =>
    paint(style, as.tone ?? "plain", line),
  );
}

function glued(text: string): string {
  return text
    .replace(/ {2,}/g, (run) => glue.repeat(run.length))
    .replace(/(\d) (?=(?:%|pp|ms|h|min|d|s)(?![\w-]))/g, `$1${glue}`);
}

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
  readonly align?: "left" | "right";
}

/**
 * Columns two spaces apart. Where they do not fit, each row becomes its first cell and, indented below it, the other cells: nothing is cut.
 */
export function table(style: Style, rows: readonly (readonly Cell[])[], indent = ""): readonly string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(0, ...rows.map((row) => columnsOf(row[column]?.text ?? ""))),
  );
  const shown = widths.map((width, column) => ({ width, column })).filter(({ width }) => width > 0);
  const total =
    columnsOf(indent) + shown.reduce((sum, { width }) => sum + width, 0) + 2 * Math.max(0, shown.length - 1);
  if (total > style.width && count > 2) return rows.flatMap((row) => folded(style, row, indent));
  return rows.map((row) => {
    const cells = shown.map(({ width, column }) => {
      const { text = "", tone = "plain", align = "left" } = row[column] ?? {};
      const space = " ".repeat(Math.max(0, width - columnsOf(text)));
      const painted = paint(style, tone, text);
      return align === "right" ? space + painted : painted + space;
    });
    return trimmedEnd(indent + cells.join("  "));
  });
}

function folded(style: Style, row: readonly Cell[], indent: string): readonly string[] {
  const [first, ...rest] = row.filter((cell) => cell.text !== "");
  if (first === undefined) return [];
  const lines = [indent + paint(style, first.tone ?? "plain", first.text)];
  const inner = `${indent}    `;
  let line = inner;
  let columns = columnsOf(inner);
  for (const cell of rest) {
    const gap = line === inner ? 0 : 2;
    if (gap > 0 && columns + gap + columnsOf(cell.text) > style.width) {
      lines.push(line);
      line = inner;
      columns = columnsOf(inner);
    }
    line += (line === inner ? "" : "  ") + paint(style, cell.tone ?? "plain", cell.text);
    columns += (columns === columnsOf(inner) ? 0 : 2) + columnsOf(cell.text);
  }
  if (line !== inner) lines.push(line);
  return lines;
}

function trimmedEnd(line: string): string {
  return line.replace(/ +$/, "");
}

const ascii: Readonly<Record<string, string>> = {
  "·": "-",
  "…": "...",
  "–": "-",
  "—": "-",
  "≥": ">=",
  "≤": "<=",
  "±": "+/-",
  "×": "x",
  "→": "->",
  "↑": "^",
  "↓": "v",
  "“": '"',
  "”": '"',
  "‘": "'",
  "’": "'",
};

/** The lines as one text that ends with a line feed. */
export function finished(style: Style, lines: readonly string[]): string {
  const text = `${lines.join("\n").replaceAll(glue, " ").trimEnd()}\n`;
  return style.unicode ? text : text.replace(/[·…–—≥≤±×→↑↓“”‘’]/g, (character) => ascii[character] ?? "?");
}

/**
 * The same plain data with every control character made visible, so that a name, a reason or an error message from outside cannot steer
 * the terminal that it is shown on. Line feeds and tabs stay.
 */
export function harmless<T>(value: T): T {
  return cleaned(value) as T;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

function cleaned(value: unknown): unknown {
  if (typeof value === "string") return control.test(value) ? value.replace(new RegExp(control, "g"), visible) : value;
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, cleaned(field)]));
}

function visible(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
