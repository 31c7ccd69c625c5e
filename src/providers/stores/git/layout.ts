// Where things lie on the state branch, format 1. Journals are lines of JSON in parts of a fixed length: an entry more rewrites one part.

import { exactJson } from "../../../core/model/exact-json.js";
import { canonicalJson } from "../../../core/model/revision.js";
import type { AgentId, RevisionId, RolloutId } from "../../../core/model/units.js";
import type { StoredEntry } from "../../../ports/entry-chain.js";
import { Fault } from "../../../ports/fault.js";
import { type Draft, fieldsOf } from "./draft.js";

const format = 1;
const metaPath = "state.json";
const agentsFolder = "agents/";
export const revisionsFolder = "revisions/";
/** Entries in a part. */
const partLength = 200;

export interface Meta {
  readonly lineage: string;
  readonly epoch: number;
  /** The address of the store that took its place; null: it is in use. */
  readonly moved: string | null;
}

/** Null: nothing is on the branch. Throws a `Fault` for what is no state of ours, or newer than this program. */
export async function readMeta(draft: Draft, place: string): Promise<Meta | null> {
  const fields = await draft.readFields(metaPath);
  if (fields === null) {
    if (draft.paths("").length === 0) return null;
    throw new Fault("rejected", `${place} is not a state of rollout: it has no ${metaPath}. Name another branch.`);
  }
  const { lineage, epoch, moved = null } = fields;
  if (typeof fields.format === "number" && fields.format > format) {
    throw new Fault(
      "unsupported",
      `${place} is a state of format ${fields.format}, and this version of rollout reads format ${format}: take a newer one. Nothing was changed.`,
    );
  }
  const isWhole =
    fields.format === format &&
    typeof lineage === "string" &&
    Number.isSafeInteger(epoch) &&
    (moved === null || typeof moved === "string");
  if (!isWhole) {
    throw new Fault("rejected", `${metaPath} on ${place} cannot be read. Restore the state from a copy.`);
  }
  return { lineage: lineage as string, epoch: epoch as number, moved: moved as string | null };
}

export function writeMeta(draft: Draft, { lineage, epoch, moved }: Meta): void {
  const text = canonicalJson({ epoch, format, lineage, ...(moved === null ? {} : { moved }) });
  draft.write(metaPath, `${text}\n`);
}

export function agentFolder(agent: AgentId): string {
  return `${agentsFolder}${encodeURIComponent(agent)}/`;
}

export function revisionPath(revision: RevisionId, agent: AgentId): string {
  return `${revisionFolder(revision)}${encodeURIComponent(agent)}.json`;
}

/** A file for each agent that has the revision. */
export function revisionFolder(revision: RevisionId): string {
  return `${revisionsFolder}${encodeURIComponent(revision)}/`;
}

export function memoryPath(agent: AgentId, rollout: RolloutId): string {
  return `${agentFolder(agent)}memories/${encodeURIComponent(rollout)}.json`;
}

/** The agents of which anything is kept. */
export function agentsOn(draft: Draft): readonly AgentId[] {
  const names = draft.paths(agentsFolder).map((path) => path.slice(agentsFolder.length).split("/")[0] ?? "");
  return [...new Set(names)].map((name) => decodeURIComponent(name) as AgentId).sort();
}

export function hasFirstEntry(draft: Draft, agent: AgentId): boolean {
  return draft.paths(partPath(agent, 1)).length > 0;
}

function partPath(agent: AgentId, serial: number): string {
  const first = serial - ((serial - 1) % partLength);
  return `${agentFolder(agent)}journal/${String(first).padStart(9, "0")}.jsonl`;
}

/** The stored entries from a serial on, as they lie there; what is no line of ours is an entry that follows from nothing. */
export async function readEntries(draft: Draft, agent: AgentId, from: number): Promise<readonly StoredEntry[]> {
  const first = partPath(agent, Math.max(from, 1));
  const parts = draft.paths(`${agentFolder(agent)}journal/`).filter((path) => path >= first);
  const texts = await draft.readAll(parts);
  const lines = parts.flatMap((path) => (texts.get(path) ?? "").split("\n"));
  return lines
    .filter((line) => line !== "")
    .map(readLine)
    .filter(({ serial }) => serial >= from);
}

function readLine(line: string): StoredEntry {
  try {
    const { serial, hash, event } = fieldsOf(line, "a line");
    if (typeof serial === "number" && typeof hash === "string" && event !== undefined)
      return { serial, hash, event: canonicalJson(event) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
  // Kept as it is, for audits; no link fits it.
  return { serial: Number.MAX_SAFE_INTEGER, hash: "", event: line };
}

export async function writeEntry(draft: Draft, agent: AgentId, entry: StoredEntry): Promise<void> {
  const path = partPath(agent, entry.serial);
  draft.write(path, `${(await draft.read(path)) ?? ""}${lineOf(entry)}`);
}

/** All of them, in one go. */
export function writeEntries(draft: Draft, agent: AgentId, entries: readonly StoredEntry[]): void {
  const parts = new Map<string, string[]>();
  for (const entry of entries) {
    const path = partPath(agent, entry.serial);
    const lines = parts.get(path);
    if (lines === undefined) parts.set(path, [lineOf(entry)]);
    else lines.push(lineOf(entry));
  }
  for (const [path, lines] of parts) draft.write(path, lines.join(""));
}

function lineOf({ event, hash, serial }: StoredEntry): string {
  return `{"event":${event},"hash":${JSON.stringify(hash)},"serial":${serial}}\n`;
}

export function writeJson(draft: Draft, path: string, value: unknown): void {
  draft.write(path, `${exactJson(value)}\n`);
}
