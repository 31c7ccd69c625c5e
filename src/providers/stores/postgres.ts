// The state store of several machines: one schema of a PostgreSQL database for journals, leases, revisions and the caches beside them.

import type { Instant } from "../../core/model/units.js";
import { absentStore } from "../../ports/absent-store.js";
import type { StateStore } from "../../ports/state-store.js";
import { parseAddress } from "./postgres/address.js";
import { type OpenState, openConnections } from "./postgres/connections.js";
import { journalsIn } from "./postgres/journals.js";
import { leasesIn } from "./postgres/leases.js";
import { memoriesIn } from "./postgres/memories.js";
import { revisionsIn } from "./postgres/revisions.js";
import { openStateSchema } from "./postgres/state-schema.js";
import { transferIn } from "./postgres/transfer.js";

export interface PostgresStoreOptions {
  /** `postgres://user@host:5432/database?schema=rollout`: the schema is ours alone. */
  readonly url: string;
  /** What leases run out by where it is not the clock of the database: for clocks that stand still, and for tests. */
  readonly now?: () => Instant;
  /** Writes nothing. A schema without state is an empty store of lineage `""`, and whatever must write throws a `Fault` ("unsupported"). */
  readonly readOnly?: boolean;
  /** The lineage of a state that is made now; a random one where it is left out. */
  readonly lineage?: string;
}

/** Connects, and makes the schema where there is none. Throws a `Fault` where the server cannot be reached, or where the schema is not ours or newer. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<StateStore> {
  const { now = null, readOnly = false, lineage } = options;
  const address = parseAddress(options.url);
  const { schema, place } = address;
  const connections = await openConnections(address, { readOnly });
  try {
    const found = await openStateSchema(connections, { schema, place, readOnly, lineage });
    if (found !== null) {
      const state: OpenState = { connections, schema: `"${schema}"`, place, readOnly, lineage: found.lineage };
      return storeOf(state, now);
    }
  } catch (error) {
    await connections.close();
    throw error;
  }
  await connections.close();
  return absentStore(place);
}

function storeOf(state: OpenState, now: (() => Instant) | null): StateStore {
  const { connections, schema } = state;
  return {
    lineage: state.lineage,
    ...journalsIn(state),
    ...revisionsIn(state),
    ...memoriesIn(state),
    ...transferIn(state, now),
    lease: leasesIn(state, now),
    raiseEpoch: (atLeast) =>
      connections.write(async (sql) => {
        const text = `UPDATE ${schema}.meta SET value = greatest(value::bigint + 1, $1::bigint)::text WHERE key = 'epoch' RETURNING value`;
        const [raised] = await sql.query(text, atLeast);
        return Number(raised?.value);
      }),
    close: () => connections.close(),
  };
}
