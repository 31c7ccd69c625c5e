// What the reader of one written value answers: the value, or why the text is none.

import { invariant } from "../../core/diagnostic/invariant.js";

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  /** `because` is a full sentence; `hint` a likely correction, null where none is near. */
  | { readonly ok: false; readonly because: string; readonly hint: string | null };

export function accepted<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function refused(
  because: string,
  hint: string | null = null,
): { ok: false; because: string; hint: string | null } {
  return { ok: false, because, hint };
}

/** How a value that has the wrong type is named in a sentence. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "string") return value === "" ? "an empty text" : `the text "${value}"`;
  return typeof value === "boolean" ? `${value}` : `the number ${String(value)}`;
}

/** The value of what the schema step has already read once without a complaint. */
export function readAgain<T>(parsed: Parsed<T>): T {
  invariant(parsed.ok, "a value was read again and is refused now");
  return parsed.value;
}
