// A flag definition file of flagd (https://flagd.dev/schema/v0/flags.json) that draws as our own rule does, and says who wrote it.

import { canonicalJson, type ModelEntry, type ServedRevision } from "../../../core/model/revision.js";
import type { RoutingUnit } from "../../../core/model/route.js";
import type { AgentId, Json } from "../../../core/model/units.js";
import { fullWeight } from "../../../core/model/units.js";
import { readSplitLine, type Split, splitLine } from "../../../core/routing/split-line.js";
import type { OwnedText } from "../../../ports/owned-file.js";

/** SHA-256 of the text's UTF-8 form: `sha256:` and 64 hexadecimal digits. */
export type TextDigest = (text: string) => string;

export interface Flags {
  readonly agent: AgentId;
  readonly split: Split;
  /** The attribute of the evaluation context by whose value is drawn. */
  readonly key: string;
  readonly stable: ServedRevision;
  readonly canary: ServedRevision | null;
}

/** `targetingKey` is OpenFeature's name for what is routed; a user stands beside it, as in the router. */
export const usualKeys: Readonly<Record<RoutingUnit, string>> = { session: "targetingKey", user: "user" };

const schema = "https://flagd.dev/schema/v0/flags.json";

/** The flag AGENT has the revision as its value (empty in the fallback), the flags AGENT/STEP the model entry. */
export function flagsText(flags: Flags, digest: TextDigest): string {
  const { agent, split } = flags;
  const { route } = split;
  const { stable, canary } = route;
  const about = { "rollout-agent": agent, "rollout-split": splitLine(split) };
  const revisions = { stable, ...(canary === null ? {} : { canary }), fallback: "" };
  const whole = (checksum: string | null): string => {
    const metadata = checksum === null ? about : { ...about, "rollout-checksum": checksum };
    const document = { $schema: schema, flags: { [agent]: { ...flag(flags, revisions), metadata }, ...steps(flags) } };
    return checksum === null ? canonicalJson(document) : `${JSON.stringify(document, null, 2)}\n`;
  };
  return whole(digest(whole(null)));
}

function flag({ split: { route }, key }: Flags, variants: Readonly<Record<string, Json>>) {
  const rule = targeting(route, key);
  const defaultVariant = route.fallback ? "fallback" : "stable";
  return { state: "ENABLED", variants, defaultVariant, ...(rule === null ? {} : { targeting: rule }) };
}

/** A flag for each step of either arm. As in the router, the fallback has stable's models. */
function steps(flags: Flags): Readonly<Record<string, ReturnType<typeof flag>>> {
  const { agent, stable, canary } = flags;
  const names = [...new Set([...Object.keys(stable.steps), ...Object.keys(canary?.steps ?? {})])].sort();
  const entry = (revision: ServedRevision, step: string): Readonly<Record<string, Json>> => {
    // A flag's values are of one type: an empty object says that this arm has no such step.
    const found: ModelEntry | undefined = Object.hasOwn(revision.steps, step) ? revision.steps[step] : undefined;
    return found === undefined ? {} : { model: found.model, version: found.version, params: found.params };
  };
  return Object.fromEntries(
    names.map((step) => {
      const kept = entry(stable, step);
      const tried = canary === null ? {} : { canary: entry(canary, step) };
      return [`${agent}/${step}`, flag(flags, { stable: kept, ...tried, fallback: kept })];
    }),
  );
}

/** Null: everybody gets the default variant. A session without a key goes to stable, which `fractional` alone would draw too. */
function targeting({ canary, weight, salt, fallback }: Split["route"], key: string): Json | null {
  if (fallback || canary === null || weight === 0) return null;
  const whole = weight === fullWeight;
  // The canary's range is the first one, so that a higher weight takes sessions from stable alone.
  const arms: Json[] = whole
    ? [["canary", fullWeight]]
    : [
        ["canary", weight],
        ["stable", fullWeight - weight],
      ];
  const drawn: Json = whole ? "canary" : { fractional: [{ cat: [salt, { var: key }] }, ...arms] };
  return { if: [{ "===": [{ var: [key, ""] }, ""] }, "stable", drawn] };
}

/** Never throws. */
export function readFlags(text: string | null, digest: TextDigest): OwnedText<Split> {
  if (text === null || text.trim() === "") return { kind: "none" };
  const document = parsed(text);
  const flags = document === null ? null : objectIn(document, "flags");
  if (document === null || flags === null)
    return { kind: "strange", because: "it is no flag definition file, or only the beginning of one" };
  // flagd does not start without a file: this is the one that people begin with.
  if (Object.keys(flags).length === 0) return { kind: "none" };
  for (const [name, one] of Object.entries(flags)) {
    const metadata = isObject(one) ? objectIn(one, "metadata") : null;
    const agent = metadata?.["rollout-agent"];
    const line = metadata?.["rollout-split"];
    if (metadata === null || typeof agent !== "string" || agent !== name) continue;
    const split = typeof line === "string" ? readSplitLine(line) : null;
    const rival = split === null ? null : { lineage: split.lineage, fence: split.fence };
    if (split === null || rival === null)
      return { kind: "damaged", agent, rival, because: "what it says about itself was changed" };
    if (!isWhole(document, metadata, digest))
      return { kind: "damaged", agent, rival, because: "its checksum does not match its content" };
    return { kind: "ours", agent, rival, content: split };
  }
  return { kind: "strange", because: "rollout did not write it" };
}

/** `metadata` is a part of the document. */
function isWhole(document: Fields, metadata: Fields, digest: TextDigest): boolean {
  const { "rollout-checksum": checksum, ...about } = metadata;
  const agent = String(about["rollout-agent"]);
  const flags = objectIn(document, "flags") ?? {};
  const own = objectIn(flags, agent) ?? {};
  try {
    return (
      checksum === digest(canonicalJson({ ...document, flags: { ...flags, [agent]: { ...own, metadata: about } } }))
    );
  } catch {
    // Nested so deeply that its canonical form has no room on the stack: we wrote no such text.
    return false;
  }
}

type Fields = { readonly [key: string]: Json };

function parsed(text: string): Fields | null {
  try {
    const value: Json = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function objectIn(fields: Fields, key: string): Fields | null {
  const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
  return value !== undefined && isObject(value) ? value : null;
}

function isObject(value: Json): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
