// `model@version`: the short form of a registry entry.

import type { ModelEntry } from "../../core/model/revision.js";
import { accepted, nameOf, type Parsed, refused } from "./parsed.js";

/** What stands behind the last `@` is the version. The short form has no parameters. */
export function parseModelReference(input: unknown): Parsed<ModelEntry> {
  if (typeof input !== "string")
    return refused(`A model is a text such as "claude-opus-4-5@20251101", not ${nameOf(input)}.`);
  const text = input.trim();
  const at = text.lastIndexOf("@");
  const model = at < 0 ? text : text.slice(0, at).trim();
  const version = at < 0 ? "" : text.slice(at + 1).trim();
  if (model === "") return refused(`"${text}" names no model.`, 'Write it as in "claude-opus-4-5@20251101".');
  if (version === "") return refused(`"${text}" names a model without its version.`, versionHint(model));
  if (/\s/.test(text)) return refused(`"${text}" has a space in it.`, 'Write it as in "claude-opus-4-5@20251101".');
  return accepted({ model, version, params: {} });
}

/** Versions that are the name of whatever is newest: the same text would mean different models. */
export function isMovingVersion(version: string): boolean {
  return /^(latest|newest|stable|preview|beta|default|current|main)$/i.test(version);
}

/** Many providers put the date into the name: `claude-opus-4-5-20251101` is likely `claude-opus-4-5@20251101`. */
function versionHint(model: string): string {
  const dated = /^(.+)[-_](\d{8}|\d{4}-\d{2}-\d{2})$/.exec(model);
  if (dated !== null) return `Did you mean "${dated[1]}@${dated[2]}"?`;
  return `Write it as in "${model}@VERSION".`;
}
