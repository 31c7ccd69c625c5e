// The routing file as text, format 1 (schema/snapshot.schema.json): indented JSON with a checksum over its canonical form.

import { instantText, parseInstant } from "../model/instant-text.js";
import { canonicalJson, type ModelEntry, type ServedRevision } from "../model/revision.js";
import type { Fence, Route, RoutingRule, WeightChange } from "../model/route.js";
import type { Snapshot } from "../model/snapshot.js";
import {
  type AgentId,
  fullWeight,
  type Instant,
  type Json,
  noWeight,
  type RevisionId,
  type RolloutId,
  type Weight,
} from "../model/units.js";

/** SHA-256 of the text's UTF-8 form: `sha256:` and 64 hexadecimal digits. Handed in, since the core has no platform. */
export type TextDigest = (text: string) => string;

export type SnapshotReading =
  | { readonly kind: "snapshot"; readonly snapshot: Snapshot }
  /** `because` is a clause for people: `its checksum does not match its content`. `newer`: another version of this program wrote it. */
  | { readonly kind: "refused"; readonly because: string; readonly newer: boolean };

export function snapshotText(snapshot: Snapshot, digest: TextDigest): string {
  const { agent, lineage, fence, route, revisions } = snapshot;
  const document = {
    format: 1,
    agent,
    lineage,
    fence,
    written_at: instantText(snapshot.writtenAt),
    ...(snapshot.unit === undefined || snapshot.unit === "session" ? {} : { unit: snapshot.unit }),
    route: {
      rollout: route.rollout,
      algo: route.algo,
      salt: route.salt,
      stable: route.stable,
      canary: route.canary,
      weight_basis_points: route.weight,
      history: route.history.map(({ at, weight }) => ({ at: instantText(at), weight_basis_points: weight })),
      previous: route.previous,
      fallback: route.fallback,
    },
    revisions,
  };
  return `${JSON.stringify({ ...document, checksum: digest(canonicalJson(document)) }, null, 2)}\n`;
}

/** Never throws: whatever is not a whole, unaltered snapshot of format 1 is refused with the reason. Unknown keys are let pass. */
export function readSnapshot(text: string, digest: TextDigest): SnapshotReading {
  try {
    return { kind: "snapshot", snapshot: toSnapshot(text, digest) };
  } catch (error) {
    // Beside our own refusals: nesting so deep that the canonical form has no room on the stack.
    if (!(error instanceof Refusal)) return { kind: "refused", because: "it is nested too deeply", newer: false };
    return { kind: "refused", because: error.message, newer: error.newer };
  }
}

class Refusal extends Error {
  readonly newer: boolean;
  constructor(because: string, newer = false) {
    super(because);
    this.newer = newer;
  }
}

/** Weights that the rule can route. */
export function routableWeight(algo: RoutingRule, weight: number): boolean {
  const isWhole = Number.isInteger(weight) && weight >= noWeight && weight <= fullWeight;
  return isWhole && (algo !== "md5-100" || weight % 100 === 0);
}

function toSnapshot(text: string, digest: TextDigest): Snapshot {
  const { checksum, ...document } = object(parsed(text), "it");
  if (document.format === undefined) throw new Refusal("it has no format number");
  if (document.format !== 1) {
    const newer = typeof document.format === "number" && document.format > 1;
    throw new Refusal(
      `its format is ${JSON.stringify(document.format)}, and format 1 is the only one known here`,
      newer,
    );
  }
  if (checksum !== digest(canonicalJson(document))) throw new Refusal("its checksum does not match its content");
  const route = toRoute(object(document.route, "route"));
  const revisions = Object.fromEntries(
    Object.entries(object(document.revisions, "revisions")).map(([id, served]) => [id, toServed(served, id)]),
  );
  const unit = document.unit ?? "session";
  if (unit !== "session" && unit !== "user") throw new Refusal(`its unit ${JSON.stringify(unit)} is unknown here`);
  for (const id of [route.stable, route.canary, route.previous]) {
    if (id !== null && !Object.hasOwn(revisions, id)) throw new Refusal(`it routes to ${id} without its content`);
  }
  return {
    agent: string(document.agent, "agent") as AgentId,
    lineage: string(document.lineage, "lineage"),
    fence: toFence(object(document.fence, "fence")),
    route,
    ...(unit === "session" ? {} : { unit }),
    revisions,
    writtenAt: instant(document.written_at, "written_at"),
  };
}

function toRoute(fields: Fields): Route {
  const algo = fields.algo;
  if (algo !== "murmur3-32" && algo !== "md5-100")
    throw new Refusal(`its algo ${JSON.stringify(algo)} is unknown here`);
  const canary = orNull(fields.canary, "route.canary") as RevisionId | null;
  const weight = toWeight(fields.weight_basis_points, algo);
  if (canary === null && weight !== noWeight) throw new Refusal("it has a weight without a canary");
  return {
    rollout: orNull(fields.rollout, "route.rollout") as RolloutId | null,
    algo,
    salt: string(fields.salt, "route.salt"),
    stable: string(fields.stable, "route.stable") as RevisionId,
    canary,
    weight,
    history: list(fields.history, "route.history").map((entry) => toChange(object(entry, "route.history"), algo)),
    previous: orNull(fields.previous, "route.previous") as RevisionId | null,
    fallback: boolean(fields.fallback, "route.fallback"),
  };
}

function toChange(fields: Fields, algo: RoutingRule): WeightChange {
  return { at: instant(fields.at, "route.history.at"), weight: toWeight(fields.weight_basis_points, algo) };
}

function toWeight(value: Json | undefined, algo: RoutingRule): Weight {
  if (typeof value === "number" && routableWeight(algo, value)) return value as Weight;
  throw new Refusal(`its weight ${JSON.stringify(value)} is none that ${algo} can route`);
}

function toFence(fields: Fields): Fence {
  return { epoch: count(fields.epoch, "fence.epoch"), serial: count(fields.serial, "fence.serial") };
}

function toServed(value: Json, id: string): ServedRevision {
  const fields = object(value, `revisions.${id}`);
  const steps = Object.entries(object(fields.steps, `revisions.${id}.steps`));
  const prompts = Object.entries(object(fields.prompts, `revisions.${id}.prompts`));
  return {
    steps: Object.fromEntries(steps.map(([step, entry]) => [step, toModel(entry, `revisions.${id}.steps.${step}`)])),
    prompts: Object.fromEntries(prompts.map(([name, text]) => [name, string(text, `revisions.${id}.prompts.${name}`)])),
  };
}

function toModel(value: Json, place: string): ModelEntry {
  const { model, version, params } = object(value, place);
  return {
    model: string(model, `${place}.model`),
    version: string(version, `${place}.version`),
    params: object(params, `${place}.params`),
  };
}

type Fields = { readonly [key: string]: Json };

function parsed(text: string): Json {
  if (text.trim() === "") throw new Refusal("it is an empty file");
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal("it is not JSON, or only the beginning of it");
  }
}

function object(value: Json | undefined, place: string): Fields {
  if (typeof value === "object" && value !== null && !isList(value)) return value;
  throw new Refusal(`${place} is not an object`);
}

function list(value: Json | undefined, place: string): readonly Json[] {
  if (isList(value)) return value;
  throw new Refusal(`${place} is not a list`);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function string(value: Json | undefined, place: string): string {
  if (typeof value === "string") return value;
  throw new Refusal(`${place} is not a text`);
}

function orNull(value: Json | undefined, place: string): string | null {
  return value === null ? null : string(value, place);
}

function boolean(value: Json | undefined, place: string): boolean {
  if (typeof value === "boolean") return value;
  throw new Refusal(`${place} is neither true nor false`);
}

function count(value: Json | undefined, place: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Refusal(`${place} is not a whole number`);
}

function instant(value: Json | undefined, place: string): Instant {
  const read = typeof value === "string" ? parseInstant(value) : null;
  if (read !== null) return read;
  throw new Refusal(`${place} is not an instant such as 2026-11-23T17:05:00.000Z`);
}
