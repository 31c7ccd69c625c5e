// Connections to one PostgreSQL database: a few, with a time limit on everything, and new ones for those that were lost.

import type { Pool, PoolClient, PoolConfig } from "pg";
import { Fault } from "../../../ports/fault.js";
import type { PostgresAddress } from "./address.js";
import { isConnectionLost, postgresFault } from "./postgres-fault.js";

type SqlParameter = string | number | null;
/** 64-bit numbers are texts. */
export type PostgresRow = Readonly<Record<string, unknown>>;

export interface Statements {
  /** The rows that it answers. */
  query(text: string, ...values: readonly SqlParameter[]): Promise<readonly PostgresRow[]>;
}

export interface Connections {
  /** One statement that changes nothing. It sees one moment; a lost connection is made again. */
  read(text: string, ...values: readonly SqlParameter[]): Promise<readonly PostgresRow[]>;
  /** All or nothing, on the server's disk before it returns. Where the connection is lost in the middle, either may be true. */
  write<T>(work: (sql: Statements) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What is open of one schema. */
export interface OpenState {
  readonly connections: Connections;
  /** In quotes, as statements name it. */
  readonly schema: string;
  /** For people. */
  readonly place: string;
  readonly lineage: string;
  readonly readOnly: boolean;
}

/** A statement of ours takes milliseconds; what takes longer waits for a lock or for a machine that is gone. */
const connectMs = 5_000;
const statementMs = 10_000;
const answerMs = 15_000;

/** The library is loaded here, so that commands whose state is elsewhere do not pay for it. */
export async function openConnections(
  address: PostgresAddress,
  { readOnly }: { readonly readOnly: boolean },
): Promise<Connections> {
  const { default: pg } = await import("pg");
  let pool: Pool;
  try {
    pool = new pg.Pool(settings(address, readOnly));
  } catch (error) {
    throw new Fault("rejected", `The address of ${address.place} cannot be used: ${(error as Error).message}.`);
  }
  // A connection that breaks while nobody waits for its answer is replaced when somebody asks; and no event may end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  let closing: Promise<void> | null = null;
  return {
    read: async (text, ...values) => {
      const attempt = async () => (await pool.query<PostgresRow>(text, [...values])).rows;
      try {
        return await attempt().catch((error) => (isConnectionLost(error) ? attempt() : Promise.reject(error)));
      } catch (error) {
        throw postgresFault(error, address.place);
      }
    },
    write: async (work) => {
      if (readOnly) throw new Fault("unsupported", `${address.place} was opened for reading alone.`);
      try {
        return await inTransaction(pool, work);
      } catch (error) {
        throw postgresFault(error, address.place);
      }
    },
    close: () => {
      closing ??= pool.end();
      return closing;
    },
  };
}

/** What the role or the database is set to must not make a write less than durable, or two writers blind to each other. */
function settings({ url, options }: PostgresAddress, readOnly: boolean): PoolConfig {
  const ours = [
    "-c synchronous_commit=on",
    "-c default_transaction_isolation=read\\ committed",
    `-c default_transaction_read_only=${readOnly ? "on" : "off"}`,
  ];
  return {
    connectionString: url,
    options: [options, ...ours].join(" ").trim(),
    application_name: "rollout",
    // One for the work and one for the lease that is renewed beside it.
    max: 2,
    keepAlive: true,
    allowExitOnIdle: true,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    lock_timeout: statementMs,
    idle_in_transaction_session_timeout: answerMs,
    query_timeout: answerMs,
  };
}

async function inTransaction<T>(pool: Pool, work: (sql: Statements) => Promise<T>): Promise<T> {
  const client = await begin(pool).catch((error) => (isConnectionLost(error) ? begin(pool) : Promise.reject(error)));
  try {
    const result = await work({
      query: async (text, ...values) => (await client.query<PostgresRow>(text, [...values])).rows,
    });
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    // A connection that cannot even take it back is not used again: the server takes it back when it goes.
    await client.query("ROLLBACK").then(
      () => client.release(),
      () => client.release(true),
    );
    throw error;
  }
}

/** Until here nothing was asked for, so it may be tried again. */
async function begin(pool: Pool): Promise<PoolClient> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    return client;
  } catch (error) {
    client.release(true);
    throw error;
  }
}
