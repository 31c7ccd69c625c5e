// RFC 6902 as the Kubernetes API applies it, with the words in which it refuses. Unlike the RFC it lets `replace` make a key.

import { isDeepStrictEqual } from "node:util";

export interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** Why a patch does not apply. */
export class DoesNotApply extends Error {}

/** A new document; the one that is given stays as it is. Throws `DoesNotApply`. */
export function applyPatch(document: unknown, operations: readonly Operation[]): unknown {
  const holder = { root: structuredClone(document) };
  for (const operation of operations) applyOne(holder, operation);
  return holder.root;
}

type Holder = { root: unknown };

function applyOne(holder: Holder, { op, path, from = "", value }: Operation): void {
  const missing = (at: string): DoesNotApply =>
    new DoesNotApply(`${op} operation does not apply: doc is missing path: "${at}": missing value`);
  if (op === "test") {
    if (isDeepStrictEqual(read(holder, path), value)) return;
    throw new DoesNotApply(`testing value ${path} failed: test failed`);
  }
  const isMade = op === "add" || op === "replace";
  if (!isMade && read(holder, op === "move" || op === "copy" ? from : path) === undefined) throw missing(path);
  const moved = op === "move" || op === "copy" ? structuredClone(read(holder, from)) : value;
  if (op === "remove" || op === "move" || op === "replace") {
    if (!remove(holder, op === "move" ? from : path)) throw missing(path);
  }
  if (op !== "remove" && !add(holder, path, structuredClone(moved))) throw missing(path);
}

function parts(path: string): readonly string[] {
  if (path !== "" && !path.startsWith("/")) throw new DoesNotApply(`the path ${path} is no pointer`);
  return ["root", ...path.split("/").slice(1)].map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function read(holder: Holder, path: string): unknown {
  let at: unknown = holder;
  for (const part of parts(path)) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}

function place(holder: Holder, path: string): { readonly in: unknown; readonly name: string } {
  const all = parts(path);
  const above = all.slice(1, -1).map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`);
  return { in: all.length === 1 ? holder : read(holder, above.join("")), name: all.at(-1) ?? "" };
}

function remove(holder: Holder, path: string): boolean {
  const { in: parent, name } = place(holder, path);
  if (Array.isArray(parent)) return parent.splice(Number(name), 1).length === 1;
  return typeof parent === "object" && parent !== null && Reflect.deleteProperty(parent, name);
}

function add(holder: Holder, path: string, value: unknown): boolean {
  const { in: parent, name } = place(holder, path);
  if (Array.isArray(parent)) {
    const index = name === "-" ? parent.length : Number(name);
    if (!Number.isInteger(index) || index < 0 || index > parent.length) return false;
    parent.splice(index, 0, value);
    return true;
  }
  if (typeof parent !== "object" || parent === null) return false;
  (parent as Record<string, unknown>)[name] = value;
  return true;
}
