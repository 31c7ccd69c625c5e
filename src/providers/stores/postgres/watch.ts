// Hearing of new entries as they are appended, by whatever machine: PostgreSQL tells everybody who listens on the schema's name.

import type { Client } from "pg";
import type { Watch } from "../../../ports/watch.js";
import { parseAddress } from "./address.js";

const againAfterMs = 5_000;
const connectMs = 5_000;

/** Tells of what is appended from when it answers. A connection that is lost, or never came about, is tried again: who must not miss anything looks by the clock as well. */
export async function watchPostgres({
  url,
  changed,
}: {
  readonly url: string;
  readonly changed: () => void;
}): Promise<Watch> {
  const address = parseAddress(url);
  const { default: pg } = await import("pg");
  let listening: Client | null = null;
  let again: NodeJS.Timeout | null = null;
  let closed = false;

  const listen = async (): Promise<void> => {
    const client = new pg.Client({
      connectionString: address.url,
      options: `${address.options} -c default_transaction_read_only=on`.trim(),
      application_name: "rollout watch",
      keepAlive: true,
      connectionTimeoutMillis: connectMs,
    });
    listening = client;
    client.on("error", () => undefined);
    client.on("notification", changed);
    client.on("end", () => listening === client && retry());
    try {
      await client.connect();
      await client.query(`LISTEN "${address.schema}"`);
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
  };
  // A connection that fails both ends and says so: whoever comes second finds the next attempt planned.
  const retry = (): void => {
    if (closed || again !== null) return;
    again = setTimeout(() => {
      again = null;
      listen().then(changed, retry);
    }, againAfterMs);
    again.unref();
  };

  await listen().catch(retry);
  return {
    close: async () => {
      closed = true;
      if (again !== null) clearTimeout(again);
      await listening?.end().catch(() => undefined);
    },
  };
}
