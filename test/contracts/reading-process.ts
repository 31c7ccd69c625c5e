// Another process, without root's rights, that reads a state file and prints the serial of an agent. Arguments: path, agent, user id.

import { writeSync } from "node:fs";
import type { AgentId, Instant } from "../../src/core/model/units.js";
import { openLibsql } from "../../src/providers/databases/libsql.js";
import { openSqliteStore } from "../../src/providers/stores/sqlite.js";

const [path = "", agent = "", user = ""] = process.argv.slice(2);
await import("libsql");
if (process.getuid?.() === 0) {
  process.setgid?.(Number(user));
  process.setuid?.(Number(user));
}
const store = await openSqliteStore({ path, now: () => 0 as Instant, openDatabase: openLibsql, readOnly: true });
writeSync(1, String((await store.load(agent as AgentId)).serial));
await store.close();
