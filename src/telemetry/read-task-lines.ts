// Files of JSON Lines, and bodies of requests, to records. Every bad line is told with its place.

import type { Checked, Diagnostic, Span } from "../core/diagnostic/diagnostic.js";
import { findJsonFault, findJsonValue } from "../core/diagnostic/json-position.js";
import { spanAt } from "../core/diagnostic/span-at.js";
import type { SessionRecord, TaskRecord } from "../core/metric/task-record.js";
import { type TelemetryCode, telemetryProblem } from "./diagnostics.js";
import { type ReadRecord, readRecord } from "./read-record.js";
import { type Complaint, fieldsOf } from "./record-fields.js";

export interface RecordsText {
  /** Shown in problems: a relative path. */
  readonly name: string;
  readonly text: string;
}

export interface ReadRecords {
  readonly tasks: readonly TaskRecord[];
  readonly sessions: readonly SessionRecord[];
}

/** More problems than these have one cause, and a number says it. */
const mostProblems = 50;

/**
 * Reads a file with one task or session on each line. `keepGood`: bad lines become warnings, and the good ones are answered; otherwise one bad
 * line refuses the file.
 */
export function readTaskLines(file: RecordsText, options: { readonly keepGood?: boolean } = {}): Checked<ReadRecords> {
  const gathered = new Gathering();
  for (const [index, raw] of file.text.split("\n").entries()) {
    const line = { name: file.name, text: index === 0 ? raw.replace(/^\uFEFF/, "") : raw, number: index + 1 };
    if (line.text.trim() !== "") readLine(line, gathered);
  }
  return gathered.answer(options.keepGood ?? false);
}

/** Reads the body of a request: one record, a list of them, or `{ "tasks": […] }` or `{ "sessions": […] }`. All or nothing. */
export function readRecordsBody(text: string, kind: "task" | "session"): Checked<ReadRecords> {
  const gathered = new Gathering();
  const body = parsed(text);
  if (!body.ok) {
    const detail = `The body is not JSON at character ${body.offset + 1}: ${body.because}.`;
    gathered.refuse(() => telemetryProblem("telemetry/not-json", { detail }));
    return gathered.answer(false);
  }
  const list = fieldsOf(body.value)?.[`${kind}s`] ?? body.value;
  const records: readonly unknown[] = Array.isArray(list) ? list : [list];
  for (const [index, value] of records.entries()) {
    const place = `${kind}s[${index}]`;
    gathered.take(readRecord(value, kind), (complaint) =>
      problem(complaint, { about: complaint.field === null ? place : `${place}.${complaint.field}`, span: null }),
    );
  }
  return gathered.answer(false);
}

interface Line extends RecordsText {
  readonly number: number;
}

function readLine(line: Line, gathered: Gathering): void {
  const { text } = line;
  const value = parsed(text);
  if (!value.ok) {
    const { offset, because } = value;
    gathered.refuse(() => {
      const detail = `Line ${line.number} of ${line.name} is not JSON: ${because}.`;
      return telemetryProblem("telemetry/not-json", { detail, span: spanIn(line, offset, 1) });
    });
    return;
  }
  gathered.take(readRecord(value.value, null), (complaint) => {
    const start = findJsonValue(text, complaint.field === null ? [] : [complaint.field]);
    const length = complaint.field === null ? 1 : valueLength(text, start);
    return problem(complaint, { about: complaint.field, span: spanIn(line, start, length) });
  });
}

type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly offset: number; readonly because: string };

function parsed(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, ...(findJsonFault(text) ?? { offset: 0, because: "a value was expected" }) };
  }
}

function problem(
  { code, detail, hint }: Complaint,
  place: { readonly about: string | null; readonly span: Span | null },
): Diagnostic {
  return telemetryProblem(code satisfies TelemetryCode, { detail, hint, ...place });
}

/** A place in one line, without reading the rest of a file that may be long. */
function spanIn(line: Line, offset: number, length: number): Span {
  const { snippet, ...span } = spanAt(line, offset, length);
  return { ...span, line: line.number, snippet: snippet.map(({ text }) => ({ line: line.number, text })) };
}

/** Characters of a text, a number or a word; lists and objects are shown by their first. */
function valueLength(text: string, start: number): number {
  return /^(?:"(?:[^"\\]|\\.)*"|[\w.+-]+)/.exec(text.slice(start, start + 200))?.[0].length ?? 1;
}

/** Good records and problems of one text. */
class Gathering {
  readonly #tasks: TaskRecord[] = [];
  readonly #sessions: SessionRecord[] = [];
  readonly #problems: Diagnostic[] = [];
  #unlisted = 0;

  take(read: ReadRecord, toProblem: (complaint: Complaint) => Diagnostic): void {
    if (read.kind === "task") this.#tasks.push(read.record);
    else if (read.kind === "session") this.#sessions.push(read.record);
    else for (const complaint of read.complaints) this.refuse(() => toProblem(complaint));
  }

  refuse(toProblem: () => Diagnostic): void {
    if (this.#problems.length < mostProblems) this.#problems.push(toProblem());
    else this.#unlisted += 1;
  }

  answer(keepGood: boolean): Checked<ReadRecords> {
    const problems = this.#unlisted === 0 ? this.#problems : [...this.#problems, this.#rest()];
    if (problems.length > 0 && !keepGood) return { ok: false, problems };
    const warnings = problems.map((each): Diagnostic => ({ ...each, severity: "warning" }));
    return { ok: true, value: { tasks: this.#tasks, sessions: this.#sessions }, warnings };
  }

  #rest(): Diagnostic {
    const count = this.#unlisted;
    const detail = count === 1 ? "1 more problem is not listed." : `${count} more problems are not listed.`;
    return telemetryProblem("telemetry/more-problems", { detail });
  }
}
