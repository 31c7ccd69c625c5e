// A task or a session as it came over the wire (schema/task-record.schema.json, schema/session-record.schema.json), to the core's record.

import type { SessionRecord, TaskRecord } from "../core/metric/task-record.js";
import type { AgentId, RevisionId } from "../core/model/units.js";
import { type Complaint, fieldsOf, RecordFields } from "./record-fields.js";

export type ReadRecord =
  | { readonly kind: "task"; readonly record: TaskRecord }
  | { readonly kind: "session"; readonly record: SessionRecord }
  | { readonly kind: "refused"; readonly complaints: readonly Complaint[] };

const taskFields = [
  "id",
  "started_at",
  "ended_at",
  "agent",
  "revision",
  "session",
  "user",
  "success",
  "llm_calls",
  "cost_usd",
  "latency_sec",
  "checkpoint",
  "destructive_actions",
  "rolled_back_actions",
  "error",
  "tags",
] as const;
/** What proxies tell the agent of a session in the fallback, where its revision would stand. */
const fallbackName = "fallback";

const sessionFields = ["session", "started_at", "ended_at", "agent", "revision", "variant", "user"] as const;

/** `expected` is what it must be; null: an object with a `session` and no `id` is a session, any other a task. */
export function readRecord(value: unknown, expected: "task" | "session" | null): ReadRecord {
  const fields = fieldsOf(value);
  if (fields === null) {
    const detail = "A record is a JSON object, and this is none.";
    return { kind: "refused", complaints: [{ code: "telemetry/not-a-record", field: null, detail, hint: null }] };
  }
  const isSession =
    expected === null ? !Object.hasOwn(fields, "id") && Object.hasOwn(fields, "session") : expected === "session";
  return isSession ? readSession(fields) : readTask(fields);
}

function readTask(given: Readonly<Record<string, unknown>>): ReadRecord {
  const fields = new RecordFields(given, taskFields);
  const startedAt = fields.time("started_at");
  const endedAt = fields.time("ended_at");
  const revision = fields.optionalName("revision");
  const session = fields.optionalName("session");
  // No revision did it: neither one that nobody knows, nor the one that its session was routed to before.
  const isRouted = revision !== fallbackName;
  const record: TaskRecord = {
    id: fields.name("id"),
    agent: fields.name("agent") as AgentId,
    revision: isRouted ? (revision as RevisionId | null) : null,
    session: isRouted ? session : null,
    user: fields.optionalName("user"),
    startedAt,
    endedAt,
    success: fields.flag("success"),
    llmCalls: fields.amount("llm_calls", "number"),
    costUsd: fields.amount("cost_usd", "number"),
    latencySec: fields.amount("latency_sec", "number") ?? (endedAt - startedAt) / 1000,
    checkpoint: fields.flag("checkpoint"),
    destructiveActions: fields.amount("destructive_actions", "whole number"),
    rolledBackActions: fields.amount("rolled_back_actions", "whole number"),
    error: fields.optionalName("error"),
    tags: fields.texts("tags"),
  };
  if (fields.complaints.length === 0) checkTask(record, fields);
  return answer({ kind: "task", record }, fields);
}

function checkTask(
  { startedAt, endedAt, destructiveActions, rolledBackActions }: TaskRecord,
  fields: RecordFields,
): void {
  if (endedAt < startedAt) fields.complain("ended_at", "The task ended before it started.");
  if (rolledBackActions !== null && rolledBackActions > (destructiveActions ?? 0)) {
    const actions = destructiveActions === null ? "an unknown number of" : String(destructiveActions);
    fields.complain(
      "rolled_back_actions",
      `${rolledBackActions} of ${actions} destructive actions cannot have been rolled back.`,
    );
  }
}

function readSession(given: Readonly<Record<string, unknown>>): ReadRecord {
  const fields = new RecordFields(given, sessionFields);
  // The fallback is no revision: its sessions are in no arm.
  const variant = fields.oneOf("variant", ["stable", "canary", "fallback"]);
  const revision = fields.optionalName("revision") as RevisionId | typeof fallbackName | null;
  const record: SessionRecord = {
    session: fields.name("session"),
    agent: fields.name("agent") as AgentId,
    revision: variant === fallbackName || revision === fallbackName ? null : revision,
    startedAt: fields.time("started_at"),
    endedAt: fields.optionalTime("ended_at"),
    user: fields.optionalName("user"),
  };
  if (fields.complaints.length === 0 && record.endedAt !== null && record.endedAt < record.startedAt) {
    fields.complain("ended_at", "The session ended before it started.");
  }
  return answer({ kind: "session", record }, fields);
}

function answer(read: ReadRecord, { complaints }: RecordFields): ReadRecord {
  return complaints.length === 0 ? read : { kind: "refused", complaints };
}
