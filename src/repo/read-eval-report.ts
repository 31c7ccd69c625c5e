// A file of eval results, in whichever format it is.

import type { Checked } from "../core/diagnostic/diagnostic.js";
import { nearest } from "../core/diagnostic/nearest.js";
import type { EvalFile, EvalFormat, EvalQuestion, EvalReport } from "../ports/eval-format.js";
import { evalProblem } from "../ports/eval-problem.js";

export interface ReportRequest {
  readonly file: EvalFile;
  readonly formats: readonly EvalFormat[];
  /** The kind of the format; null: the first that recognizes the file. */
  readonly format: string | null;
  readonly question: EvalQuestion;
}

/** The report, and the kind of the format that read it. */
export function readEvalReport(
  request: ReportRequest,
): Checked<{ readonly report: EvalReport; readonly format: string }> {
  const format = chooseFormat(request);
  if (!format.ok) return format;
  const report = format.value.read(request.file, request.question);
  if (!report.ok) return report;
  return { ok: true, value: { report: report.value, format: format.value.kind }, warnings: report.warnings };
}

function chooseFormat({ file, formats, format }: ReportRequest): Checked<EvalFormat> {
  const kinds = formats.map(({ kind }) => kind);
  const found = formats.find((candidate) => (format === null ? candidate.recognizes(file) : candidate.kind === format));
  if (found !== undefined) return { ok: true, value: found, warnings: [] };
  const detail =
    format === null
      ? `${file.name} looks like none of the formats ${kinds.join(", ")}.`
      : `"${format}" is not a format of eval results. Formats are ${kinds.join(", ")}.`;
  const guess = format === null ? null : nearest(format, kinds);
  const hint = guess === null ? null : `Did you mean "${guess}"?`;
  return { ok: false, problems: [evalProblem(file, { code: "eval/unknown-format", detail, hint, offset: null })] };
}
