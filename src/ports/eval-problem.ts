// What can be wrong with a file of eval results, in the words that every format shares.

import type { Checked, Diagnostic, DiagnosticKind } from "../core/diagnostic/diagnostic.js";
import { findJsonFault } from "../core/diagnostic/json-position.js";
import { nearest } from "../core/diagnostic/nearest.js";
import { spanAt } from "../core/diagnostic/span-at.js";
import type { EvalFile } from "./eval-format.js";

const kinds = {
  "eval/not-json": [
    "Eval results are not JSON",
    "The file stops being JSON at the place shown; files that were cut off while they were written do so at their end. Run the eval again, or repair the file.",
  ],
  "eval/unknown-format": [
    "Unknown format of eval results",
    "The file looks like none of the formats that can be read. Name the format with --format, or write one JSON object for each item and line: { id, pass } or { id, score }.",
  ],
  "eval/unknown-version": [
    "Unknown version of eval results",
    "The file is of a version that cannot be read, and guessing could turn a failure into a pass. Export it again with a version that is named in the reference of eval formats.",
  ],
  "eval/no-score": [
    "No such score in the eval results",
    "The score that was asked for is not in the file. The pass rate is read by default; mean_score or the name of a metric is read when it is asked for.",
  ],
  "eval/bad-score": [
    "Bad score",
    "A score is a share between 0 and 1. A percentage such as 85 has to be written 0.85.",
  ],
  "eval/bad-row": [
    "Bad row in the eval results",
    "A row names its item and says how it went: { id, pass } or { id, score }, or { id, error } for an item that could not be scored.",
  ],
  "eval/repeated-trial": [
    "The same trial twice",
    "Two rows hold the same trial of the same item. Repeats of an item are averaged, so each needs a trial number of its own; two runs appended to one file are not one run.",
  ],
  "eval/two-clusters": [
    "An item in two clusters",
    "A cluster is a group of items that go together, such as the questions about one document. Each item belongs to one of them, in all of its trials.",
  ],
  "eval/no-items": [
    "No items in the eval results",
    "A file without items measures nothing, and nothing measured is never a pass.",
  ],
  "eval/several-providers": [
    "Results of several providers",
    "The file compares several providers, and a gate judges one candidate. Name it with --provider.",
  ],
  "eval/unknown-provider": [
    "No results of this provider",
    "The file holds no results of the provider that was asked for.",
  ],
  "eval/several-prompts": [
    "Results of several prompts",
    "The file compares several prompts, and a gate judges one candidate. Run the eval with the candidate's prompt alone.",
  ],
} as const;

export type EvalProblemCode = keyof typeof kinds;

export const evalFormatDiagnostics: readonly DiagnosticKind[] = Object.entries(kinds).map(
  ([code, [summary, explanation]]) => ({ code, severity: "error", summary, explanation }),
);

export interface EvalComplaint {
  readonly code: EvalProblemCode;
  readonly detail: string;
  readonly hint?: string | null;
  readonly about?: string;
  /** Null: the file as a whole. */
  readonly offset: number | null;
  readonly length?: number;
}

export function evalProblem(file: EvalFile, complaint: EvalComplaint): Diagnostic {
  return {
    code: complaint.code,
    severity: "error",
    summary: kinds[complaint.code][0],
    detail: complaint.detail,
    hint: complaint.hint ?? null,
    about: complaint.about ?? null,
    span: spanAt(file, complaint.offset ?? 0, complaint.length ?? 1),
  };
}

/** The value of a JSON file, or where it stops being JSON. */
export function readJson(file: EvalFile): Checked<unknown> {
  try {
    return { ok: true, value: JSON.parse(file.text), warnings: [] };
  } catch {
    const fault = findJsonFault(file.text) ?? { offset: 0, because: "a value was expected" };
    const detail = `${file.name} is not JSON: ${fault.because}.`;
    return { ok: false, problems: [evalProblem(file, { code: "eval/not-json", detail, offset: fault.offset })] };
  }
}

/** Sentences for a score that is not there: what is, and what might have been meant. */
export function noSuchScore(file: EvalFile, asked: string, known: readonly string[]): Diagnostic {
  const guess = nearest(asked, known);
  const there = known.length === 0 ? "It holds no score at all." : `It holds ${known.join(", ")}.`;
  return evalProblem(file, {
    code: "eval/no-score",
    detail: `${file.name} has no score named "${asked}". ${there}`,
    hint: guess === null ? null : `Did you mean "${guess}"?`,
    offset: null,
  });
}

/** Fields of a JSON object; null for everything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}
