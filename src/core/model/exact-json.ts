// The text under which a value is kept: canonical, and refused where JSON would change it in silence.

import { Bug } from "../diagnostic/invariant.js";
import { canonicalJson } from "./revision.js";

/** Canonical JSON of plain data. Throws a `Bug` naming the place of whatever JSON cannot give back: NaN, an infinity, a Map, a hole. */
export function exactJson(value: unknown): string {
  demandPlain(value, "$");
  return canonicalJson(value);
}

function demandPlain(value: unknown, place: string): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new Bug(`${place} is ${value}, which JSON cannot hold`);
    return;
  }
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      demandPlain(item, `${place}[${index}]`);
    });
    return;
  }
  if (typeof value !== "object") throw new Bug(`${place} is of type ${typeof value}, which JSON cannot hold`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new Bug(`${place} is not plain data`);
  for (const [key, field] of Object.entries(value)) {
    if (field !== undefined) demandPlain(field, `${place}.${key}`);
  }
}
