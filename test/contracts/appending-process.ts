// Another process that appends to a journal until it is killed, or until it has appended `count` entries of its own.
// Prints each serial that was acknowledged, one a line. Arguments: path or address of a database (`git:` and the path of a clone), agent, event, count.

import { writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Event } from "../../src/core/model/journal.js";
import type { AgentId, Instant } from "../../src/core/model/units.js";
import { Fault } from "../../src/ports/fault.js";
import type { StateStore } from "../../src/ports/state-store.js";
import { openLibsql } from "../../src/providers/databases/libsql.js";
import { openGitStore } from "../../src/providers/stores/git.js";
import { openPostgresStore } from "../../src/providers/stores/postgres.js";
import { openSqliteStore } from "../../src/providers/stores/sqlite.js";

const [path = "", agent = "", event = "", count = ""] = process.argv.slice(2);
const store = await open();
let serial = (await store.load(agent as AgentId)).serial;
for (let done = 0; done < Number(count); ) {
  try {
    serial = await store.append(agent as AgentId, serial, JSON.parse(event) as Event);
    writeSync(1, `${serial}\n`);
    done += 1;
  } catch (error) {
    if (!(error instanceof Fault) || (error.kind !== "conflict" && error.kind !== "unreachable")) throw error;
    serial = await reload();
  }
}
await store.close();

async function open(): Promise<StateStore> {
  const now = () => 0 as Instant;
  if (path.startsWith("postgres:")) return openPostgresStore({ url: path });
  if (path.startsWith("git:")) {
    return openGitStore({ root: path.slice(4), branch: "rollout-state", env: process.env, now });
  }
  return openSqliteStore({ path, now, openDatabase: openLibsql });
}

/** A server that went away is asked until it is back. */
async function reload(): Promise<number> {
  for (;;) {
    try {
      return (await store.load(agent as AgentId)).serial;
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== "unreachable") throw error;
      await setTimeout(20);
    }
  }
}
