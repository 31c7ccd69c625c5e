// Leases on the state branch: entries that run out by the clocks of those who read them. They save work; the compare of every push and
// the fence at the target keep the truth.

import type { AgentId, Duration, Instant } from "../../../core/model/units.js";
import { Fault } from "../../../ports/fault.js";
import { isLeaseLive, type Lease, type StateStore } from "../../../ports/state-store.js";
import type { Draft } from "./draft.js";
import { agentFolder, writeJson } from "./layout.js";
import type { Cell, HeldLease } from "./state-cell.js";

interface Kept {
  readonly holder: string;
  readonly token: number;
  /** 0: released. */
  readonly expires_at: number;
}

export function leasesOn(cell: Cell): Pick<StateStore, "lease" | "leaseOf" | "unlock"> {
  return {
    lease: (agent, request) => take(cell, agent, request),
    leaseOf: (agent) =>
      cell.read(async (draft) => {
        const kept = await readLease(draft, agent);
        if (kept === null || kept.expires_at <= cell.now()) return null;
        return { holder: kept.holder, until: kept.expires_at as Instant };
      }),
    unlock: (agent) =>
      cell.write({
        about: `unlock ${agent}`,
        work: async (draft) => {
          const kept = await readLease(draft, agent);
          // A new token: whoever held it can no longer renew it.
          if (kept !== null) writeLease(draft, agent, { ...kept, token: kept.token + 1, expires_at: 0 });
        },
      }),
  };
}

async function take(
  cell: Cell,
  agent: AgentId,
  request: { readonly holder: string; readonly for: Duration },
): Promise<Lease> {
  const { holder } = request;
  const token = await cell.write({
    about: `${agent} leased to ${holder}`,
    work: async (draft) => {
      const now = cell.now();
      const kept = await readLease(draft, agent);
      if (kept !== null && isLeaseLive(kept.expires_at - now, request.for) && kept.holder !== holder)
        throw heldBy(agent, kept);
      const next = (kept?.token ?? 0) + 1;
      writeLease(draft, agent, { holder, token: next, expires_at: now + request.for });
      return next;
    },
  });
  const held: HeldLease = { holder, token };
  cell.held.set(agent, held);
  return {
    renew: () => renew(cell, agent, { ...held, for: request.for }),
    release: async () => {
      try {
        await cell.write({ about: `${agent} released by ${holder}`, work: (draft) => release(draft, agent, held) });
      } finally {
        if (cell.held.get(agent) === held) cell.held.delete(agent);
      }
    },
  };
}

async function release(draft: Draft, agent: AgentId, held: HeldLease): Promise<void> {
  const kept = await readLease(draft, agent);
  // The entry stays, so that the next token is still a new one.
  if (kept !== null && kept.token === held.token && kept.holder === held.holder && kept.expires_at > 0) {
    writeLease(draft, agent, { ...kept, expires_at: 0 });
  }
}

/** While more than half of it is left nothing is pushed: a pass renews after every step. */
async function renew(cell: Cell, agent: AgentId, lease: HeldLease & { readonly for: Duration }): Promise<void> {
  const isLong = await cell.recall(async (draft) => {
    const left = (await ownLease(draft, agent, lease)).expires_at - cell.now();
    // More than it was given: the clock went back, and others may see it as free.
    return left > lease.for / 2 && left <= lease.for;
  });
  if (isLong) return;
  await cell.write({
    about: `${agent} kept by ${lease.holder}`,
    work: async (draft) => {
      const kept = await ownLease(draft, agent, lease);
      writeLease(draft, agent, { ...kept, expires_at: cell.now() + lease.for });
    },
  });
}

/** Throws a `Fault` ("conflict") where it is no longer ours. */
async function ownLease(draft: Draft, agent: AgentId, { holder, token }: HeldLease): Promise<Kept> {
  const kept = await readLease(draft, agent);
  if (kept !== null && kept.token === token && kept.holder === holder && kept.expires_at > 0) return kept;
  const taker = kept === null || kept.expires_at === 0 ? "it was freed" : `${kept.holder} took it over`;
  throw new Fault("conflict", `${holder} no longer holds the lease of ${agent}: ${taker}.`);
}

/** Whoever holds the token may have released it in this very commit. */
export async function isTokenOf(draft: Draft, agent: AgentId, { holder, token }: HeldLease): Promise<boolean> {
  const kept = await readLease(draft, agent);
  return kept !== null && kept.token === token && kept.holder === holder;
}

async function readLease(draft: Draft, agent: AgentId): Promise<Kept | null> {
  const fields = await draft.readFields(leasePath(agent));
  if (fields === null) return null;
  const { holder, token, expires_at } = fields;
  return { holder: String(holder), token: Number(token), expires_at: Number(expires_at) };
}

function writeLease(draft: Draft, agent: AgentId, lease: Kept): void {
  writeJson(draft, leasePath(agent), lease);
}

function leasePath(agent: AgentId): string {
  return `${agentFolder(agent)}lease.json`;
}

function heldBy(agent: AgentId, { holder, expires_at }: Kept): Fault {
  const until = new Date(expires_at).toISOString();
  return new Fault("conflict", `${holder} is working on ${agent}, until ${until} unless it goes on.`);
}
