// Binding eval results to the revision that they were made for, and making a baseline of them. Texts in, texts out.

import { createHash } from "node:crypto";
import type { Checked } from "../core/diagnostic/diagnostic.js";
import type { EvalResult } from "../core/model/gate.js";
import type { AgentId, Instant, RevisionId } from "../core/model/units.js";
import type { EvalFile } from "../ports/eval-format.js";
import {
  type BaselineFile,
  baselineText,
  nextBaseline,
  readBaselineFile,
  readResultsFile,
  resultsText,
  type StampedResult,
} from "./eval-file.js";
import { type ReportRequest, readEvalReport } from "./read-eval-report.js";

export interface RecordRequest extends ReportRequest {
  readonly agent: AgentId;
  /** The revision that the evals ran on. */
  readonly revision: RevisionId;
  readonly suite: string;
  readonly recordedAt: Instant;
  /** What stands at `resultsPath` now; null: nothing. */
  readonly existing: EvalFile | null;
}

/** The new text of the revision's results file: this suite replaced, other suites kept. */
export function recordEval(request: RecordRequest): Checked<{ readonly text: string; readonly result: StampedResult }> {
  const { agent, revision, suite, recordedAt, existing, file } = request;
  const before = existing === null ? null : readResultsFile(existing);
  const read = readEvalReport(request);
  const problems = [before, read].flatMap((part) => (part === null || part.ok ? [] : part.problems));
  if ((before !== null && !before.ok) || !read.ok) return { ok: false, problems };
  const result: StampedResult = {
    ...read.value.report,
    suite,
    revision,
    recordedAt,
    digest: `sha256:${createHash("sha256").update(file.text).digest("hex")}`,
    source: { file: file.name, format: read.value.format },
  };
  const text = resultsText({ agent, revision, suites: { ...before?.value.suites, [suite]: result } });
  return { ok: true, value: { text, result }, warnings: read.warnings };
}

/** The new text of the baseline file: the suites of these results replaced, others kept. Null: it says so already. */
export function recordBaseline(
  existing: EvalFile | null,
  results: readonly EvalResult[],
): Checked<{ readonly text: string | null; readonly suites: BaselineFile }> {
  const before = existing === null ? null : readBaselineFile(existing);
  if (before !== null && !before.ok) return before;
  const suites = nextBaseline(before?.value ?? {}, results);
  const text = baselineText(suites);
  const same = before !== null && baselineText(before.value) === text;
  return { ok: true, value: { text: same || Object.keys(suites).length === 0 ? null : text, suites }, warnings: [] };
}

/** Where the stamped results of a revision are kept, relative to the repository's root. */
export function resultsPath(template: string, agent: AgentId, revision: RevisionId): string {
  return template.replaceAll("{agent}", agent).replaceAll("{digest}", revision);
}

export function baselinePath(template: string, agent: AgentId): string {
  return template.replaceAll("{agent}", agent);
}
