// What can be wrong with records that come in.

import type { Diagnostic, DiagnosticKind, Span } from "../core/diagnostic/diagnostic.js";

const kinds = {
  "telemetry/not-json": [
    "A record is not JSON",
    "Each line of a file of records is one JSON object; empty lines are left out. Files that were cut off while they were written end in half a line: remove it, and import again. What was imported before counts once.",
  ],
  "telemetry/not-a-record": [
    "Not a record",
    "A record is a JSON object. An object with an `id` is a task; one with a `session` and no `id` is a session.",
  ],
  "telemetry/missing-field": [
    "A record lacks a field",
    "A task names its `id`, `agent`, `started_at` and `ended_at`; a session names its `session`, `agent` and `started_at`. Without them it cannot be counted once, or not in its place. Everything else may be left out, which means that it was not measured.",
  ],
  "telemetry/bad-field": [
    "A field of a record cannot be read",
    "Times are ISO 8601 with an offset, or milliseconds since 1970. Counts, costs and seconds are numbers that are not negative. What was not measured is left out: 0 is a measurement, and would count as one.",
  ],
  "telemetry/unknown-field": [
    "Unknown field of a record",
    "A field that nobody reads is often a field that was spelled differently, and its metric would be missing without a word. Put what is only for grouping into `tags`.",
  ],
  "telemetry/unknown-agent": [
    "Record of an unknown agent",
    "The agent that the record names is neither in the spec nor in the state, so no gate would ever read it. It is usually a name that was spelled differently.",
  ],
  "telemetry/unknown-revision": [
    "Record of an unknown revision",
    "Records name the whole revision, as the router hands it out (`route.revision`), or at least the seven digits that people see, when they belong to exactly one known revision of the agent.",
  ],
  "telemetry/in-the-future": [
    "Record from the future",
    "The record starts more than a day from now. Check the clock and the unit of the time: milliseconds since 1970, or ISO 8601 with an offset.",
  ],
  "telemetry/more-problems": [
    "More problems of the same kind",
    "Only the first problems of a file are listed. They usually have one cause: repair it where the file is written, and import again.",
  ],
} as const;

export type TelemetryCode = keyof typeof kinds;

export const diagnostics: readonly DiagnosticKind[] = Object.entries(kinds).map(([code, [summary, explanation]]) => ({
  code,
  severity: "error",
  summary,
  explanation,
}));

export function telemetryProblem(
  code: TelemetryCode,
  problem: {
    readonly detail: string;
    readonly hint?: string | null;
    readonly about?: string | null;
    readonly span?: Span | null;
  },
): Diagnostic {
  const { detail, hint = null, about = null, span = null } = problem;
  return { code, severity: "error", summary: kinds[code][0], detail, hint, about, span };
}
