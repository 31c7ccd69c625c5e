// One PostgreSQL server for a whole run of tests: started when the first test asks for it, and ended with the run.

import { once } from "node:events";
import { createServer } from "node:http";
import type { TestProject } from "vitest/node";
import { type PostgresServer, startPostgresServer } from "./postgres-server.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Where test files ask for the address of the server. */
    readonly postgres: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<PostgresServer> | null = null;
  const door = createServer(async (_, response) => {
    starting ??= startPostgresServer();
    try {
      response.end((await starting).url);
    } catch (error) {
      response.writeHead(500).end(error instanceof Error ? error.message : String(error));
    }
  }).listen(0, "127.0.0.1");
  await once(door, "listening");
  door.unref();
  const address = door.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  project.provide("postgres", `http://127.0.0.1:${address.port}`);
  return async () => {
    door.close();
    await (await starting?.catch(() => null))?.stop();
  };
}
