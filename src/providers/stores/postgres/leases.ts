// Leases in PostgreSQL. Machines disagree about the time: a lease runs out by the clock of the database, which they all share.

import { Bug } from "../../../core/diagnostic/invariant.js";
import type { AgentId, Duration, Instant } from "../../../core/model/units.js";
import { Fault } from "../../../ports/fault.js";
import { checkInUse } from "../../../ports/state-dump.js";
import { isLeaseLive, type Lease, type StateStore } from "../../../ports/state-store.js";
import type { OpenState, Statements } from "./connections.js";

/** Milliseconds since the epoch: the database's, unless another clock is handed in as $1. */
const clock = "(SELECT coalesce($1::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint))";

interface Held {
  readonly agent: AgentId;
  readonly holder: string;
  readonly token: number;
  readonly for: Duration;
}

export function leasesIn(state: OpenState, now: (() => Instant) | null): StateStore["lease"] {
  const time = (): number | null => (now === null ? null : now());
  return async (agent, request): Promise<Lease> => {
    const token = await state.connections.write((sql) => take(state, sql, { agent, ...request, time: time() }));
    const held: Held = { agent, token, ...request };
    return {
      renew: () => state.connections.write((sql) => renew(state, sql, { ...held, time: time() })),
      release: async () => {
        // The row stays, so that the next token is still a new one.
        const text = `UPDATE ${state.schema}.leases SET expires_at = 0 WHERE agent = $1 AND token = $2`;
        await state.connections.write((sql) => sql.query(text, agent, token));
      },
    };
  };
}

/** Answers the token. Of two that come at once the second waits for the first, and then sees what it wrote. */
async function take(
  { schema }: OpenState,
  sql: Statements,
  { agent, holder, time, for: life }: Omit<Held, "token"> & { readonly time: number | null },
): Promise<number> {
  const [kept] = await sql.query(
    `INSERT INTO ${schema}.leases AS kept VALUES ($2, $3, 1, 0)
     ON CONFLICT (agent) DO UPDATE SET token = kept.token + 1 RETURNING holder, token, expires_at, ${clock} AS now,
       (SELECT value FROM ${schema}.meta WHERE key = 'moved') AS moved`,
    time,
    agent,
    holder,
  );
  if (kept === undefined) throw new Bug(`the lease of ${agent} answered nothing`);
  checkInUse((kept.moved ?? null) as string | null);
  const [until, now] = [Number(kept.expires_at), Number(kept.now)];
  if (kept.holder !== holder && isLeaseLive(until - now, life)) {
    throw new Fault(
      "conflict",
      `${kept.holder} is working on ${agent}, until ${new Date(until).toISOString()} unless it goes on.`,
    );
  }
  const taken = `UPDATE ${schema}.leases SET holder = $1, expires_at = $2 WHERE agent = $3`;
  await sql.query(taken, holder, now + life, agent);
  return Number(kept.token);
}

async function renew(
  { schema }: OpenState,
  sql: Statements,
  { agent, holder, token, time, for: life }: Held & { readonly time: number | null },
): Promise<void> {
  const [renewed] = await sql.query(
    `UPDATE ${schema}.leases SET expires_at = ${clock} + $2::bigint
     WHERE agent = $3 AND holder = $4 AND token = $5 AND expires_at <> 0 RETURNING token`,
    time,
    life,
    agent,
    holder,
    token,
  );
  if (renewed !== undefined) return;
  const [kept] = await sql.query(`SELECT holder FROM ${schema}.leases WHERE agent = $1`, agent);
  throw new Fault("conflict", `${holder} no longer holds the lease of ${agent}: ${kept?.holder} took it over.`);
}
