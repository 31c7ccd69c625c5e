// The chain through a journal: each link covers the one before, so that an edited, swapped or missing entry shows.

import { createHash } from "node:crypto";
import { Fault } from "../../../ports/fault.js";

/** An entry as it lies in the file. `event` is canonical JSON. */
export interface StoredEntry {
  readonly serial: number;
  readonly event: string;
  readonly hash: string;
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
        `The journal of ${agent} was changed by somebody else: entry ${entry.serial} does not follow from entry ${serial - 1}. Restore the state file from a copy; traffic stays as it is.`,
      );
    }
  }
}

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text, "utf8").digest("hex")}`;
}
