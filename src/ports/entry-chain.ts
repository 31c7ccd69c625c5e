// The chain through a journal: each link covers the one before, so that an edited, swapped or missing entry shows.
// It is the same in every store, so that a journal keeps its links when it moves from one to another.

import { createHash } from "node:crypto";
import { Fault } from "./fault.js";

/** An entry as it lies in a store. `event` is canonical JSON, `hash` its link. */
export interface StoredEntry {
  readonly serial: number;
  readonly event: string;
  readonly hash: string;
}

/** The last entry that was written, kept apart from the entries: with it, a journal that lost its end shows. */
export interface Head {
  readonly serial: number;
  readonly hash: string;
}

/** What is kept of one agent's journal, as it lies there: nothing is checked. */
export interface Trail {
  /** In the order of their serials. */
  readonly entries: readonly StoredEntry[];
  /** Null: nothing was written since stores keep heads. */
  readonly head: Head | null;
  /** The cached fold that `load` would start from, as JSON. */
  readonly snapshot: { readonly serial: number; readonly state: string } | null;
}

/** What the first entry of a journal follows. */
export function firstLink(lineage: string, agent: string): string {
  return sha256(`rollout journal\n${lineage}\n${agent}`);
}

/** Hash of one entry: sha256 over the previous hash, a line feed and the canonical JSON of `{ event, serial }`. */
export function nextLink(previous: string, serial: number, event: string): string {
  return sha256(`${previous}\n{"event":${event},"serial":${serial}}`);
}

/** Throws a `Fault` ("rejected") at the first entry that does not follow from the one before it. */
export function checkChain(agent: string, previous: string, entries: readonly StoredEntry[], after: number): void {
  let link = previous;
  let serial = after;
  for (const entry of entries) {
    serial += 1;
    link = nextLink(link, serial, entry.event);
    if (entry.serial !== serial || entry.hash !== link) {
      throw new Fault(
        "rejected",
        `The journal of ${agent} was changed by somebody else: entry ${entry.serial} does not follow from entry ${serial - 1}. Restore the state from a copy; traffic stays as it is. rollout audit verify says more.`,
      );
    }
  }
}

/** Throws a `Fault` ("rejected") where the journal ends before its head: its last entries are gone. `last`: 0 where there is none. */
export function checkHead(agent: string, head: Head | null, last: number): void {
  if (head === null || head.serial <= last) return;
  throw new Fault(
    "rejected",
    `The journal of ${agent} ends at entry ${last}, and entry ${head.serial} had been written: its end is lost. Restore the state from a copy; traffic stays as it is. rollout audit verify says more.`,
  );
}

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text, "utf8").digest("hex")}`;
}
