// Edits of YAML as splices of its text, so that every byte that was not meant stays: comments, order, quotes, line ends.

import { type Document, isAlias, isMap, isScalar, type Pair, parseDocument, type Scalar, type YAMLMap } from "yaml";
import type { Checked, Diagnostic } from "../core/diagnostic/diagnostic.js";
import { canonicalJson } from "../core/model/revision.js";
import type { Json } from "../core/model/units.js";
import { repoProblem } from "./diagnostics.js";
import { textSource, valueSource } from "./yaml-text.js";

export interface TextFile {
  /** Relative to the repository's root. */
  readonly name: string;
  readonly text: string;
}

/** Keys from the root. `after` is the sibling that a new key stands behind, where the map has it; else it comes last. */
export type YamlEdit =
  | { readonly kind: "set"; readonly path: readonly string[]; readonly value: Json; readonly after?: string }
  | { readonly kind: "remove"; readonly path: readonly string[] };

/**
 * The text after the edits, one after the other. Setting what is set already, and removing what is not there, changes nothing.
 * Each edit is checked by reading the new text: anything but the intended value having changed is a problem, not a result.
 */
export function editYaml(file: TextFile, edits: readonly YamlEdit[]): Checked<string> {
  let text = file.text;
  for (const edit of edits) {
    const edited = editOnce({ name: file.name, text }, edit);
    if (!edited.ok) return edited;
    text = edited.value;
  }
  return { ok: true, value: text, warnings: [] };
}

/** The plain value of a YAML text; null for an empty one. */
export function readYamlValue(file: TextFile): Checked<Json> {
  const document = open(file);
  return document.ok ? { ok: true, value: document.value.value, warnings: [] } : document;
}

interface Opened {
  readonly document: Document;
  readonly value: Json;
}
interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function editOnce(file: TextFile, edit: YamlEdit): Checked<string> {
  const before = open(file);
  if (!before.ok) return before;
  const expected = applied(before.value.value, edit);
  if (canonicalJson(expected) === canonicalJson(before.value.value))
    return { ok: true, value: file.text, warnings: [] };
  const splices =
    edit.kind === "set" ? setting(file, before.value.document, edit) : removing(file, before.value.document, edit.path);
  if (!Array.isArray(splices)) return { ok: false, problems: [splices as Diagnostic] };
  const text = spliced(file.text, splices);
  const after = open({ name: file.name, text });
  if (after.ok && canonicalJson(withoutEmpty(after.value.value)) === canonicalJson(withoutEmpty(expected))) {
    return { ok: true, value: text, warnings: [] };
  }
  const about = edit.path.join(".");
  const detail = `${about} is written in a way that cannot be edited in ${file.name} without touching other lines.`;
  return { ok: false, problems: [repoProblem({ code: "repo/bad-yaml", detail, about, at: { file, offset: 0 } })] };
}

/** The value as it should be afterwards. */
function applied(value: Json, { path, ...edit }: YamlEdit): Json {
  const [key, ...rest] = path;
  const map = isFields(value) ? value : {};
  if (key === undefined) return "value" in edit ? edit.value : null;
  if (edit.kind === "remove") {
    if (!Object.hasOwn(map, key)) return value;
    if (rest.length > 0) return { ...map, [key]: applied(map[key] ?? null, { kind: "remove", path: rest }) };
    return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key));
  }
  return { ...map, [key]: applied(map[key] ?? null, { ...edit, path: rest } as YamlEdit) };
}

function setting(
  file: TextFile,
  document: Document,
  edit: Extract<YamlEdit, { kind: "set" }>,
): readonly Splice[] | Diagnostic {
  let map: unknown = document.contents;
  let parent: Pair | null = null;
  for (const [depth, key] of edit.path.entries()) {
    const rest = edit.path.slice(depth);
    if (!isMap(map)) return insertedIntoNothing(file, { parent, node: map, rest, value: edit.value });
    if (map.anchor !== undefined) return sharedValue(file, map, edit.path);
    const pair = find(map, key);
    if (pair === null) return inserted(file, map, { rest, value: edit.value, after: edit.after ?? null });
    parent = pair;
    map = pair.value;
    if (isAlias(map)) return sharedValue(file, map, edit.path);
  }
  return parent === null ? [] : replaced(file, parent, edit);
}

function replaced(
  file: TextFile,
  pair: Pair,
  edit: Extract<YamlEdit, { kind: "set" }>,
): readonly Splice[] | Diagnostic {
  const node = pair.value as Scalar | YAMLMap | null;
  if (node?.anchor !== undefined) return sharedValue(file, node, edit.path);
  const [from, to] = rangeOf(node) ?? rangeOf(pair.key) ?? [0, 0];
  const source = file.text.slice(from, to);
  const within = isInFlow(file.text, from, to) ? "flow" : "block";
  const like = isScalar(node) ? source : null;
  const text = typeof edit.value === "string" ? textSource(edit.value, like, within) : valueSource(edit.value, within);
  if (node === null || from === to)
    return [{ from: colonAfter(file.text, pair), to: colonAfter(file.text, pair), text: ` ${text}` }];
  if (isMap(node) && node.flow !== true) {
    const start = lineStart(file.text, from);
    const colon = colonAfter(file.text, pair);
    return [
      { from: colon, to: colon, text: ` ${text}` },
      { from: start, to: lineEnd(file.text, to), text: "" },
    ];
  }
  return [{ from, to, text }];
}

interface Insertion {
  readonly rest: readonly string[];
  readonly value: Json;
}

function inserted(
  file: TextFile,
  map: YAMLMap,
  insertion: Insertion & { readonly after: string | null },
): readonly Splice[] {
  const { rest, value, after } = insertion;
  const neighbour = (after === null ? null : find(map, after)) ?? map.items.at(-1) ?? null;
  if (map.flow === true) {
    const source = nestedFlow(rest, value);
    const end = (rangeOf(map)?.[1] ?? 0) - 1;
    if (neighbour === null)
      return [{ from: end, to: end, text: file.text[end - 1] === " " ? `${source} ` : ` ${source} ` }];
    const at = endOf(neighbour);
    return [{ from: at, to: at, text: `, ${source}` }];
  }
  const first = rangeOf(map.items[0]?.key) ?? [0, 0];
  const at = neighbour === null ? file.text.length : lineEnd(file.text, endOf(neighbour));
  return [
    {
      from: at,
      to: at,
      text: lines(file.text, { at, indent: first[0] - lineStart(file.text, first[0]), rest, value }),
    },
  ];
}

/** Under a key without a value, under `~` or `{}`, or in a file without any value. */
function insertedIntoNothing(
  file: TextFile,
  place: Insertion & { readonly parent: Pair | null; readonly node: unknown },
): readonly Splice[] | Diagnostic {
  const { parent, node, rest, value } = place;
  if (parent === null) {
    const at = file.text.length;
    return [{ from: at, to: at, text: lines(file.text, { at, indent: 0, rest, value }) }];
  }
  const [from, to] = rangeOf(node) ?? [0, 0];
  if (from < to || isInFlow(file.text, from, to)) {
    if (isScalar(node) && node.value !== null) return notAMap(file, from, rest);
    const source = nestedFlow(rest, value, "{ ", " }");
    const colon = colonAfter(file.text, parent);
    return [from < to ? { from, to, text: source } : { from: colon, to: colon, text: ` ${source}` }];
  }
  const key = rangeOf(parent.key) ?? [0, 0];
  const at = lineEnd(file.text, key[1]);
  const indent = key[0] - lineStart(file.text, key[0]) + indentStep(file.text);
  return [{ from: at, to: at, text: lines(file.text, { at, indent, rest, value }) }];
}

function removing(file: TextFile, document: Document, path: readonly string[]): readonly Splice[] | Diagnostic {
  let map: unknown = document.contents;
  for (const key of path.slice(0, -1)) {
    if (isMap(map) && map.anchor !== undefined) return sharedValue(file, map, path);
    map = isMap(map) ? find(map, key)?.value : null;
    if (isAlias(map)) return sharedValue(file, map, path);
  }
  const pair = isMap(map) ? find(map, path.at(-1) ?? "") : null;
  if (!isMap(map) || pair === null) return [];
  if (map.anchor !== undefined || hasAnchor(pair)) return sharedValue(file, map, path);
  const from = rangeOf(pair.key)?.[0] ?? 0;
  const to = endOf(pair);
  if (map.flow !== true) return [{ from: lineStart(file.text, from), to: lineEnd(file.text, to), text: "" }];
  const index = map.items.indexOf(pair);
  const [next, before] = [map.items[index + 1], map.items[index - 1]];
  if (next !== undefined) return [{ from, to: rangeOf(next.key)?.[0] ?? to, text: "" }];
  if (before !== undefined) return [{ from: endOf(before), to, text: "" }];
  const open = rangeOf(map) ?? [from, to];
  return file.text.slice(...open).includes("#")
    ? [{ from, to, text: "" }]
    : [{ from: open[0], to: open[1], text: "{}" }];
}

/** `a:`, `  b: value`, each on a line of its own, ready to stand at `at`. */
function lines(text: string, place: Insertion & { readonly at: number; readonly indent: number }): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const step = indentStep(text);
  const rendered = place.rest.map((key, depth) => {
    const last = depth === place.rest.length - 1 ? ` ${valueSource(place.value, "block")}` : "";
    return `${" ".repeat(place.indent + depth * step)}${textSource(key, null, "block")}:${last}${eol}`;
  });
  const open = place.at > 0 && text[place.at - 1] !== "\n" ? eol : "";
  return `${open}${rendered.join("")}`;
}

function nestedFlow(rest: readonly string[], value: Json, open = "", close = ""): string {
  const [key = "", ...deeper] = rest;
  const inner = deeper.length === 0 ? valueSource(value, "flow") : nestedFlow(deeper, value, "{ ", " }");
  return `${open}${textSource(key, null, "flow")}: ${inner}${close}`;
}

function open(file: TextFile): Checked<Opened> {
  const document = parseDocument(file.text, { merge: false, prettyErrors: false, logLevel: "silent" });
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) return broken(file, error.pos[0], `${error.message}.`);
  try {
    const value: Json = document.toJS({ maxAliasCount: 100 }) ?? null;
    if (value === null || isFields(value)) return { ok: true, value: { document, value }, warnings: [] };
    return broken(file, 0, "A map was expected.");
  } catch (failure) {
    return broken(file, 0, `${failure instanceof Error ? failure.message : failure}.`);
  }
}

function broken(file: TextFile, offset: number, detail: string): Checked<never> {
  return { ok: false, problems: [repoProblem({ code: "repo/bad-yaml", detail, at: { file, offset } })] };
}

function notAMap(file: TextFile, offset: number, rest: readonly string[]): Diagnostic {
  const detail = `${rest[0]} cannot be written here: a map was expected.`;
  return repoProblem({ code: "repo/bad-yaml", detail, at: { file, offset } });
}

function sharedValue(file: TextFile, node: unknown, path: readonly string[]): Diagnostic {
  const detail = `${path.join(".")} stands behind an anchor or an alias, and other places would change with it.`;
  return repoProblem({ code: "repo/shared-through-alias", detail, at: { file, offset: rangeOf(node)?.[0] ?? 0 } });
}

function find(map: YAMLMap, key: string): Pair | null {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key) ?? null;
}

function hasAnchor(pair: Pair): boolean {
  const node = pair.value as Scalar | null;
  return node?.anchor !== undefined;
}

function rangeOf(node: unknown): readonly [number, number] | null {
  const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[0] === undefined || range[1] === undefined ? null : [range[0], range[1]];
}

function endOf(pair: Pair): number {
  return rangeOf(pair.value)?.[1] ?? rangeOf(pair.key)?.[1] ?? 0;
}

function colonAfter(text: string, pair: Pair): number {
  return text.indexOf(":", rangeOf(pair.key)?.[1] ?? 0) + 1;
}

/** Brackets that are open before the place: close enough, since every edit is checked afterwards. */
function isInFlow(text: string, from: number, to: number): boolean {
  const line = text.slice(lineStart(text, from), to);
  return /[{[]/.test(text.slice(lineStart(text, from), from)) || (from === to && /[{[]/.test(line));
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Behind the line break of the line that `at` stands on; block values end behind theirs already. */
function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === "\n") return at;
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

/** How far the file indents: its least indentation, or two. */
function indentStep(text: string): number {
  const indents = [...text.matchAll(/^( +)[^\s#-]/gm)].map((match) => match[1]?.length ?? 0);
  return indents.length === 0 ? 2 : Math.min(...indents);
}

function spliced(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((a, b) => b.from - a.from)
    .reduce((done, { from, to, text: put }) => done.slice(0, from) + put + done.slice(to), text);
}

/** A map whose last line is gone reads as nothing. */
function withoutEmpty(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isFields(value)) return value;
  const fields = Object.entries(value).map(([key, item]) => [key, withoutEmpty(item)] as const);
  return fields.length === 0 ? null : Object.fromEntries(fields);
}

export function isFields(value: unknown): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
