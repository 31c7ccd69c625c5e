// What a revision is made of, and how two revisions differ.

import type { AgentId, Json, RevisionId } from "./units.js";

/** One resolved registry entry. `params` are complete: defaults already applied. */
export interface ModelEntry {
  readonly model: string;
  readonly version: string;
  readonly params: Readonly<Record<string, Json>>;
}

/** A tracked file: repo-relative POSIX path in NFC, and the git blob hash of its content in the working tree. */
export interface TrackedFile {
  readonly path: string;
  readonly blob: string;
}

/** A prompt also carries the name that the SDK asks for and its text, so that one deployment can serve both revisions. */
export interface PromptFile extends TrackedFile {
  readonly name: string;
  readonly text: string;
}

export type Release =
  | { readonly kind: "paths"; readonly files: readonly TrackedFile[] }
  | { readonly kind: "name"; readonly name: string };

/** Everything that can change an agent's behaviour. `id` is the digest of all of it but `origin`. */
export interface RevisionContent {
  readonly id: RevisionId;
  readonly agent: AgentId;
  readonly steps: Readonly<Record<string, ModelEntry>>;
  readonly prompts: readonly PromptFile[];
  readonly tools: readonly TrackedFile[];
  readonly release: Release | null;
  /** Where it was read from; not part of the digest. */
  readonly origin: { readonly commit: string | null; readonly dirty: boolean };
}

/** What a router hands out of a revision. Release and tools are served by their own deployments. */
export interface ServedRevision {
  readonly steps: Readonly<Record<string, ModelEntry>>;
  /** Name -> text. */
  readonly prompts: Readonly<Record<string, string>>;
}

/** The part of a revision that a router serves. */
export function servedRevision(content: RevisionContent): ServedRevision {
  return {
    steps: content.steps,
    prompts: Object.fromEntries(content.prompts.map((prompt) => [prompt.name, prompt.text])),
  };
}

/**
 * A revision as a flat map from component to value, the form in which changes are compared, rejected and shown:
 * `step:planning` -> `claude-opus-4-6@20260115` (with ` {…}` canonical params behind it where there are any),
 * `prompt:prompts/support/system.md` -> blob, `tool:tools/support/refund.json` -> blob, `release` -> name, `release:src/a.ts` -> blob.
 */
export type Components = Readonly<Record<string, string>>;

/** One component that differs; `null` is "not there". */
export interface ComponentChange {
  readonly component: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** The flat form of a revision. */
export function components(content: RevisionContent): Components {
  const flat: Record<string, string> = {};
  for (const [step, entry] of Object.entries(content.steps)) flat[`step:${step}`] = modelText(entry);
  for (const file of content.prompts) flat[`prompt:${file.path}`] = file.blob;
  for (const file of content.tools) flat[`tool:${file.path}`] = file.blob;
  if (content.release?.kind === "name") flat.release = content.release.name;
  if (content.release?.kind === "paths")
    for (const file of content.release.files) flat[`release:${file.path}`] = file.blob;
  return flat;
}

/** `model@version`, followed by the canonical params where there are any. */
export function modelText(entry: ModelEntry): string {
  const params = Object.keys(entry.params).length === 0 ? "" : ` ${canonicalJson(entry.params)}`;
  return `${entry.model}@${entry.version}${params}`;
}

/** What differs from one revision to another, sorted by component. */
export function componentChanges(from: Components, to: Components): readonly ComponentChange[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return names
    .map((component) => ({ component, from: from[component] ?? null, to: to[component] ?? null }))
    .filter((change) => change.from !== change.to);
}

/** Whether every one of `changes` has its new value in `present`. Where a change came from does not matter. */
export function holdsChanges(present: Components, changes: readonly ComponentChange[]): boolean {
  return changes.every((change) => (present[change.component] ?? null) === change.to);
}

/** Canonical JSON (RFC 8785 for the values that we use): keys sorted by UTF-16 code unit, no white space. */
export function canonicalJson(value: unknown): string {
  const copy = sortedCopy(value);
  return copy === unsortable ? canonicalText(value) : JSON.stringify(copy);
}

const unsortable = Symbol("unsortable");

/** The same with its keys in order, so that the platform writes it at once; `unsortable` where an object would order them by itself. */
function sortedCopy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(sortedCopy);
    return items.includes(unsortable) ? unsortable : items;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const copy: Record<string, unknown> = {};
  // Without a comparison of its own, sort goes by UTF-16 code units.
  for (const key of Object.keys(fields).sort()) {
    const field = sortedCopy(fields[key]);
    // Objects put numbers before all other keys, and give one name a meaning of its own.
    if (field === unsortable || (key >= "0" && key < ":") || key === "__proto__") return unsortable;
    copy[key] = field;
  }
  return copy;
}

function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = value as Readonly<Record<string, unknown>>;
  let text = "";
  for (const key of Object.keys(fields).sort()) {
    const field = fields[key];
    if (field !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonicalText(field)}`;
  }
  return `{${text}}`;
}
