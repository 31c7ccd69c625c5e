// The validator's errors in sentences for people.

import { nearest } from "../core/diagnostic/nearest.js";
import type { SchemaError } from "../ports/schema-validator.js";
import { consequenceOf } from "./consequences.js";
import { type DocumentPath, pathText, valueAt } from "./document-path.js";
import type { Complaint } from "./report.js";
import { type Shape, shapeAt } from "./shape.js";
import { nameOf } from "./units/parsed.js";

type Described = Omit<Complaint, "document">;

/** Null for errors that only say that another error was found. */
export function describeSchemaError(shape: Shape, value: unknown, error: SchemaError): Described | null {
  const { keyword, params } = error;
  const path = errorPath(value, error.instancePath);
  const found = valueAt(value, path);
  const here = path.length === 0 ? "The file" : `"${pathText(path)}"`;
  switch (keyword) {
    case "if":
      return null;
    case "additionalProperties":
      return unknownKey(path, String(params.additionalProperty), knownKeys(shapeAt(shape, path), found));
    case "propertyNames":
      return {
        code: "config/bad-name",
        detail: `"${String(params.propertyName)}" cannot be used as a name: names begin with a letter or a digit and go on with letters, digits, ".", "-" and "_".`,
        path: [...path, String(params.propertyName)],
        part: "key",
      };
    case "required":
      return {
        code: "config/missing-key",
        detail: `${here} lacks "${String(params.missingProperty)}".`,
        path,
        part: "key",
      };
    case "type":
      return {
        code: "config/wrong-type",
        detail: `${here} is ${nameOf(found)}, and must be ${typeNames(params.type)}.`,
        hint: quoteHint(found, params.type),
        path,
      };
    case "enum":
    case "const":
      return unknownValue(path, found, allowedBy(error), shapeAt(shape, path)?.kinds ?? {});
    case "pattern": {
      if (error.propertyName !== undefined) return null;
      const like = shapeAt(shape, path)?.like;
      return {
        code: "config/bad-value",
        detail: `${here} is ${nameOf(found)}, which is not of the form that it takes.`,
        hint: like === undefined ? null : `Write it as in ${JSON.stringify(like)}.`,
        path,
      };
    }
    case "minimum":
    case "exclusiveMinimum":
    case "maximum":
      return {
        code: "config/out-of-range",
        detail: `${here} is ${String(found)}, and must be ${String(params.comparison)} ${String(params.limit)}.`,
        path,
      };
    default:
      return { code: "config/bad-value", detail: `${here} is ${refusedText(keyword)}.`, path };
  }
}

function refusedText(keyword: string): string {
  return keyword === "minItems" ? "empty, and takes at least one" : `refused by the schema (${keyword})`;
}

/** The validator's pointer as a path: what is an index is told by the value. */
function errorPath(value: unknown, pointer: string): DocumentPath {
  const path: (string | number)[] = [];
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(valueAt(value, path)) ? Number(key) : key);
  }
  return path;
}

interface KnownKeys {
  readonly here: readonly string[];
  /** Whatever the kind. */
  readonly anywhere: readonly string[];
  /** What the keys depend on; null where on nothing. */
  readonly kind: string | null;
}

function knownKeys(shape: Shape | null, found: unknown): KnownKeys {
  const anywhere = Object.keys(shape?.keys ?? {});
  const kind = typeof found === "object" && found !== null && "kind" in found ? found.kind : null;
  const ofKind = typeof kind === "string" && Object.hasOwn(shape?.kinds ?? {}, kind) ? shape?.kinds?.[kind] : undefined;
  return ofKind === undefined
    ? { here: anywhere, anywhere, kind: null }
    : { here: ofKind, anywhere, kind: String(kind) };
}

function unknownKey(parent: DocumentPath, key: string, { here: known, anywhere, kind }: KnownKeys): Described {
  const of = { code: "config/unknown-key", path: [...parent, key], part: "key" } as const;
  const where = kind === null ? "here" : `of the kind ${kind}`;
  const list =
    known.length === 0
      ? ""
      : ` ${known.length === 1 ? `The only key ${where} is` : `Keys ${where} are`} ${inWords(known)}.`;
  if (anywhere.includes(key)) {
    const detail = `"${key}" is not known beside this kind, so it would change nothing.${kind === null ? "" : list}`;
    return { ...of, detail, hint: null };
  }
  const near = nearest(key, known);
  const hint = near === null ? null : `Did you mean "${near}"?`;
  return { ...of, detail: `${consequenceOf(parent, key)}${list}`, hint };
}

function allowedBy({ keyword, params }: SchemaError): readonly unknown[] {
  return keyword === "enum" ? (params.allowedValues as readonly unknown[]) : [params.allowedValue];
}

/** `kinds`: of a map that may stand here in the place of the word, with the keys of each. */
function unknownValue(
  path: DocumentPath,
  found: unknown,
  allowed: readonly unknown[],
  kinds: NonNullable<Shape["kinds"]>,
): Described {
  const known = [...allowed.filter((word) => typeof word === "string"), ...Object.keys(kinds)];
  const near = typeof found === "string" ? nearest(found, known) : null;
  const words = allowed.map((word) => (typeof word === "string" ? `"${word}"` : String(word)));
  const isMapToo = Object.keys(kinds).length > 0;
  const needs = near === null || allowed.includes(near) ? undefined : kinds[near]?.[1];
  const meant = needs === undefined ? `"${near}"` : `a map: { kind: ${near}, ${needs}: … }`;
  if (needs !== undefined && near === found)
    return {
      code: "config/unknown-value",
      detail: `"${pathText(path)}" is ${nameOf(found)}, a kind that needs more than its name.`,
      hint: `Write it as ${meant}.`,
      path,
    };
  return {
    code: "config/unknown-value",
    detail: `"${pathText(path)}" is ${nameOf(found)}, and takes ${words.length === 1 ? `only ${words[0]}` : inWords(words, "or")}${isMapToo ? ", or a map with its kind" : ""}.`,
    hint: near === null ? null : `Did you mean ${meant}?`,
    path,
  };
}

const namesOfTypes: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  object: "a map",
  array: "a list",
  null: "nothing",
};

function typeNames(types: unknown): string {
  const names = (Array.isArray(types) ? types : [types])
    .filter((type) => type !== "null")
    .map((type) => namesOfTypes[String(type)] ?? String(type));
  return inWords(names, "or");
}

function quoteHint(found: unknown, types: unknown): string | null {
  const wanted = Array.isArray(types) ? types : [types];
  if (
    typeof found === "string" &&
    /^-?\d+(\.\d+)?$/.test(found) &&
    wanted.some((type) => type === "number" || type === "integer")
  ) {
    return "Write it without quotes to make it a number.";
  }
  const bare = typeof found === "string" ? /^\$?(\d+(?:\.\d+)?) ?(?:USD|s|sec)?$/.exec(found)?.[1] : undefined;
  if (bare !== undefined && wanted.includes("number")) return `Write it without a unit, as in ${bare}.`;
  if (typeof found === "string" && wanted.length === 1 && wanted[0] === "array")
    return "Write it in brackets, its words parted by commas, to make it a list.";
  const isText = typeof found === "object" || typeof found === "string";
  return !isText && wanted.includes("string") ? "Write it in quotes to make it a text." : null;
}

function inWords(words: readonly string[], last: "and" | "or" = "and"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}
