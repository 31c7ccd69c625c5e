// The address of a database, taken apart: what the driver gets, what is ours, and what may be shown.

import { Fault } from "../../../ports/fault.js";

export interface PostgresAddress {
  /** For the driver: without what is ours. May hold a password. */
  readonly url: string;
  /** Server settings that the address asks for, as `-c name=value`. */
  readonly options: string;
  readonly schema: string;
  /** For people: never with the password. */
  readonly place: string;
}

const defaultSchema = "rollout";

/**
 * `postgres://user:password@host:port/database?schema=name`, with whatever else libpq understands. Throws a `Fault` ("rejected") that does not
 * repeat the address.
 */
export function parseAddress(text: string): PostgresAddress {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) {
    throw new Fault(
      "rejected",
      "The address of the database is not one of PostgreSQL. Write it as postgres://user@host:5432/database; in a password, write %40 for @ and %2F for /.",
    );
  }
  const url = new URL(text);
  const schema = url.searchParams.get("schema") ?? defaultSchema;
  // PostgreSQL cuts longer names in silence, and keeps names that begin with pg_ for itself.
  if (!/^(?!pg_)[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(schema)) {
    throw new Fault(
      "rejected",
      `"${schema}" cannot be the schema of the state. Use letters, digits and _, 63 at the most.`,
    );
  }
  const options = url.searchParams.get("options") ?? process.env.PGOPTIONS ?? "";
  const place = placeOf(url, schema);
  url.searchParams.delete("schema");
  url.searchParams.delete("options");
  return { url: url.href, options, schema, place };
}

function placeOf(url: URL, schema: string): string {
  const host = url.searchParams.get("host") ?? (decodeURIComponent(url.hostname) || process.env.PGHOST || "localhost");
  const port = url.port || url.searchParams.get("port") || process.env.PGPORT || "5432";
  const user = decodeURIComponent(url.username) || url.searchParams.get("user") || process.env.PGUSER || "";
  const database = decodeURIComponent(url.pathname.slice(1)) || process.env.PGDATABASE || user;
  return `the schema "${schema}" of the PostgreSQL database "${database}" on ${host}:${port}`;
}
