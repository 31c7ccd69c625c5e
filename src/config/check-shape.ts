// Step two: the schema. Every error at once, each at its place; what is wrong is taken out, so that the later steps can go on.

import type { SchemaValidator } from "../ports/schema-validator.js";
import type { ConfigCode } from "./diagnostics.js";
import type { ConfigDocument } from "./document.js";
import { type DocumentPath, pathKey, pathText, valueAt } from "./document-path.js";
import { findNotYet } from "./not-yet.js";
import type { Report } from "./report.js";
import { describeSchemaError } from "./schema-error.js";
import type { Shape } from "./shape.js";
import { parseUnit, type Unit } from "./units/parse-unit.js";

export interface Checking {
  readonly document: ConfigDocument;
  readonly shape: Shape;
  readonly validate: SchemaValidator;
  readonly report: Report;
}

/** The document's value without what is refused, which the document itself keeps: unknown keys are gone, refused values are undefined. */
export function checkShape(checking: Checking): unknown {
  const { document, report, validate } = checking;
  const { value } = document;
  const refused: DocumentPath[] = [...refuseNotYet(checking, value)];
  const roots = new Set(refused.map(pathKey));
  const above = new Set(refused.flatMap((path) => path.map((_, length) => pathKey(path.slice(0, length)))));
  const isKnown = (path: DocumentPath): boolean =>
    refused.length > 0 &&
    (path.some((_, index) => roots.has(pathKey(path.slice(0, index + 1)))) || roots.has(pathKey([])));
  const errors = validate(value) ? [] : (validate.errors ?? []);
  const wrong: DocumentPath[] = [];
  for (const error of errors) {
    const complaint = describeSchemaError(checking.shape, value, error);
    if (complaint === null || isKnown(complaint.path)) continue;
    // What a map lacks beside a word that is not built yet depends on that word.
    if (error.keyword === "required" && (above.has(pathKey(complaint.path)) || roots.has(pathKey(complaint.path))))
      continue;
    report.add({ ...complaint, document });
    if (error.keyword !== "required") wrong.push(complaint.path);
  }
  visitUnits(checking.shape, value, [], (unit, found, path) => {
    if (isKnown(path)) return;
    const parsed = parseUnit(unit, found);
    if (parsed.ok) return;
    report.add({ code: codes[unit], detail: parsed.because, hint: parsed.hint, document, path });
    wrong.push(path);
  });
  if (refused.length === 0 && wrong.length === 0) return value;
  const sound: unknown = structuredClone(value);
  for (const path of [...refused, ...wrong]) prune(sound, path);
  return sound;
}

const codes: Readonly<Record<Unit, ConfigCode>> = {
  duration: "config/bad-duration",
  weight: "config/bad-weight",
  points: "config/bad-margin",
  relative: "config/bad-margin",
  rate: "config/bad-margin",
  ceiling: "config/bad-margin",
  score: "config/bad-score",
  model: "config/bad-model",
  path: "config/bad-path",
  glob: "config/bad-path",
  state: "config/bad-state",
  days: "config/bad-time",
  hours: "config/bad-time",
  instant: "config/bad-time",
  zone: "config/bad-time",
};

/** Reports every word that is not built yet; answers what must not be looked at further. */
function refuseNotYet({ document, report }: Checking, value: unknown): readonly DocumentPath[] {
  return findNotYet(value).map(({ path, what, wholeKey }) => {
    // An address may carry a password: its scheme says enough.
    const word = String(valueAt(value, path)).replace(/:.*/, ":…");
    const subject = wholeKey ? `"${pathText(path)}" is` : `"${word}" for "${pathText(path)}" is`;
    report.add({
      code: "config/not-yet",
      detail: `${subject} not built yet: ${what}.`,
      document,
      path,
      part: wholeKey ? "key" : "value",
    });
    // Which keys stand beside a kind depends on the kind.
    return path.at(-1) === "kind" ? path.slice(0, -1) : path;
  });
}

/** Calls back for every value that is to be read as a unit. */
function visitUnits(
  shape: Shape,
  value: unknown,
  path: DocumentPath,
  visit: (unit: Unit, value: unknown, path: DocumentPath) => void,
): void {
  if (shape.unit !== undefined && (!shape.mixed || typeof value === "string")) {
    visit(shape.unit, value, path);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, below] of Object.entries(value)) {
    const inner = Array.isArray(value) ? shape.items : (shape.keys?.[key] ?? shape.each);
    if (inner !== undefined) visitUnits(inner, below, [...path, Array.isArray(value) ? Number(key) : key], visit);
  }
}

/** Items of lists keep their places: theirs becomes undefined. */
function prune(root: unknown, path: DocumentPath): void {
  const parent = valueAt(root, path.slice(0, -1));
  const last = path.at(-1);
  if (last === undefined || typeof parent !== "object" || parent === null) return;
  if (Array.isArray(parent)) parent[Number(last)] = undefined;
  else delete (parent as Record<string, unknown>)[last];
}
