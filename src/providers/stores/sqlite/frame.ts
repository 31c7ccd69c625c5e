// What stands around an agent's entries, in one question: every plan asks it for every agent.

import type { AgentId } from "../../../core/model/units.js";
import type { Sql } from "../../../ports/database.js";
import type { Head } from "../../../ports/entry-chain.js";
import { Fault } from "../../../ports/fault.js";
import { headKey, readHead } from "./transfer.js";

export interface Frame {
  /** The store that took the place of this one. */
  readonly moved: string | null;
  readonly epoch: number;
  readonly head: Head | null;
  /** Folded up to its serial; null where there is none of this format. */
  readonly snapshot: { readonly serial: number; readonly state: string } | null;
}

/** Throws a `Fault` ("rejected") for a file that has lost its epoch. */
export function frameOf(sql: Sql, agent: AgentId, format: number): Frame {
  const row = sql.get(
    `SELECT (SELECT value FROM meta WHERE key = 'moved') AS moved, (SELECT value FROM meta WHERE key = 'epoch') AS epoch,
            (SELECT value FROM meta WHERE key = ?) AS head, serial, state
     FROM (SELECT 1) LEFT JOIN snapshots ON agent = ? AND format = ?`,
    `${headKey}${agent}`,
    agent,
    format,
  );
  const { moved = null, epoch = null, head = null, serial = null, state = null } = row ?? {};
  if (epoch === null) throw lost("epoch");
  const snapshot = serial === null ? null : { serial: Number(serial), state: String(state) };
  return { moved: moved as string | null, epoch: Number(epoch), head: readHead(head), snapshot };
}

export function lost(key: "lineage" | "epoch"): Fault {
  return new Fault("rejected", `The state file has lost its ${key}. Restore it from a copy.`);
}
