// All records of an agent under another name.

import type { AgentId } from "../../../core/model/units.js";
import type { Sql } from "../../../ports/database.js";

/** Tables whose rows are told apart by names within the agent: what is known under both names stays as the new one has it. */
const named = ["tasks", "sessions"] as const;

/** Roll-ups are sums: a minute of both names is their sum. */
const summed = {
  minutes: [
    "revision, minute",
    ...["tasks", "succeeded", "llm_calls", "llm_calls_tasks", "cost_usd", "cost_usd_tasks", "checkpoints"],
    ...["checkpoints_tasks", "destructive_actions", "rolled_back_actions"],
  ],
  minute_latencies: ["revision, minute, bucket", "tasks"],
} as const;

export function renameAgent(sql: Sql, from: AgentId, to: AgentId): void {
  for (const table of named) sql.run(`UPDATE OR IGNORE ${table} SET agent = ? WHERE agent = ?`, to, from);
  for (const [table, [key, ...sums]] of Object.entries(summed)) {
    const added = sums.map((column) => `${column} = ${column} + excluded.${column}`).join(", ");
    const columns = [key, ...sums].join(", ");
    sql.run(
      `INSERT INTO ${table} (agent, ${columns}) SELECT ?, ${columns} FROM ${table} WHERE agent = ?
       ON CONFLICT (agent, ${key}) DO UPDATE SET ${added}`,
      to,
      from,
    );
  }
  for (const table of [...named, ...Object.keys(summed)]) sql.run(`DELETE FROM ${table} WHERE agent = ?`, from);
}
