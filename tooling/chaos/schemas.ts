/** A schema of its own for each place whose state is in PostgreSQL: a folder that is copied does not take it along. */
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { openPostgresStore } from "../../src/providers/stores/postgres.js";

export interface Schema {
  readonly name: string;
  /** Of the database with this schema; what the program is told in `stateVariable`. */
  readonly url: string;
}

/** The journal as it lies in its table. */
export interface SeenTable {
  readonly lineage: string;
  readonly rows: readonly { readonly serial: number; readonly event: string; readonly hash: string }[];
}

/** The variable of the environment that carries the address to the program: no spec names a place's own schema, for the spec is committed. */
export const stateVariable = "ROLLOUT_CHAOS_STATE";

export class Schemas {
  readonly #address: string;
  readonly #pool: pg.Pool;
  readonly #made = new Set<Schema>();

  /** `postgres://user@host:5432/database` of somebody who may make schemas. */
  constructor(address: string) {
    this.#address = address;
    const url = new URL(address);
    url.searchParams.delete("schema");
    this.#pool = new pg.Pool({ connectionString: url.href, max: 4, application_name: "rollout-chaos" });
    // A connection that breaks while nobody waits for it is made again by whoever asks next.
    this.#pool.on("error", () => undefined);
  }

  /** A name that nobody has; the schema is made by the first that writes. */
  fresh(): Schema {
    const name = `c_${randomBytes(8).toString("hex")}`;
    const url = new URL(this.#address);
    url.searchParams.set("schema", name);
    // By it the server tells whose connections are open.
    url.searchParams.set("application_name", name);
    const schema = { name, url: url.href };
    this.#made.add(schema);
    return schema;
  }

  /** The same state once more; leases are not taken along. */
  async copy(from: Schema): Promise<Schema> {
    const to = this.fresh();
    if (!(await this.#has(from, "meta"))) return to;
    const source = await openPostgresStore({ url: from.url, readOnly: true });
    const target = await openPostgresStore({ url: to.url });
    try {
      await target.replace(await target.dump(), await source.dump());
    } finally {
      await source.close();
      await target.close();
    }
    return to;
  }

  /** Null: nothing is there yet. */
  async journal(of: Schema, agent: string): Promise<SeenTable | null> {
    if (!(await this.#has(of, "entries"))) return null;
    const { rows: meta } = await this.#pool.query(`SELECT value FROM ${of.name}.meta WHERE key = 'lineage'`);
    const { rows } = await this.#pool.query(
      `SELECT serial::int, event, hash FROM ${of.name}.entries WHERE agent = $1 ORDER BY serial`,
      [agent],
    );
    return { lineage: (meta[0] as { readonly value: string }).value, rows: rows as SeenTable["rows"] };
  }

  /** Time passes: leases run out by the server's own clock, which nobody can put forward. */
  async age(schema: Schema, ms: number): Promise<void> {
    if (!(await this.#has(schema, "leases"))) return;
    await this.#pool.query(`UPDATE ${schema.name}.leases SET expires_at = expires_at - $1::bigint`, [ms]);
  }

  /** Waits until the server has noticed that whoever worked there is gone: until then a commit that was sent may still come. */
  async quiet({ name }: Schema): Promise<void> {
    const asked = "SELECT 1 FROM pg_stat_activity WHERE application_name = $1";
    while ((await this.#pool.query(asked, [name])).rows.length > 0) await pause(5);
  }

  async drop(schema: Schema): Promise<void> {
    await this.#pool.query(`DROP SCHEMA IF EXISTS ${schema.name} CASCADE`);
    this.#made.delete(schema);
  }

  /** Drops whatever is left. */
  async close(): Promise<void> {
    try {
      for (const schema of [...this.#made]) await this.drop(schema);
    } finally {
      await this.#pool.end();
    }
  }

  async #has({ name }: Schema, table: string): Promise<boolean> {
    const { rows } = await this.#pool.query("SELECT 1 WHERE to_regclass($1) IS NOT NULL", [`${name}.${table}`]);
    return rows.length > 0;
  }
}
