// The eval gate over two files, with no spec at all: what `rollout gate eval --results r.json --baseline b.json` asks.

import type { Checked } from "../core/diagnostic/diagnostic.js";
import { judgeEval } from "../core/gate/kinds/eval.js";
import type { EvalBaseline, EvalGate, EvalResult, EvalSuiteEvidence, Verdict } from "../core/model/gate.js";
import type { Duration, Instant, RevisionId } from "../core/model/units.js";
import type { EvalFile, EvalFormat, EvalQuestion, EvalReport } from "../ports/eval-format.js";
import { readBaselineFile } from "./eval-file.js";
import { readEvalReport } from "./read-eval-report.js";

export interface GateEvalRequest {
  readonly results: EvalFile;
  /** The committed baseline, or an older file of results in any format; null: none was given. */
  readonly baseline: EvalFile | null;
  readonly formats: readonly EvalFormat[];
  /** The format of both files; null: each is recognized. */
  readonly format: string | null;
  readonly question: EvalQuestion;
  /** The suite of the baseline that is meant; null: the only one, or `default`. */
  readonly suite: string | null;
  /** Decimal strings, shares between 0 and 1. */
  readonly minScore: string;
  readonly maxRegression: string;
  readonly maxErrors: string;
  readonly decision: "point" | "paired";
}

export interface GateEvalAnswer {
  readonly verdict: Verdict;
  /** Kind of the format of the results. */
  readonly format: string;
  readonly report: EvalReport;
  readonly baseline: EvalBaseline | null;
}

/** Age and revision are not asked: files without a spec belong to whoever names them. */
export function gateEvalFiles(request: GateEvalRequest): Checked<GateEvalAnswer> {
  const results = readEvalReport({ ...request, file: request.results });
  const baseline = request.baseline === null ? null : readBaseline(request.baseline, request);
  const problems = [results, baseline].flatMap((part) => (part === null || part.ok ? [] : part.problems));
  if (!results.ok || (baseline !== null && !baseline.ok)) return { ok: false, problems };
  const { report, format } = results.value;
  const known = baseline?.value ?? { missing: noBaseline() };
  const verdict = judgeEval(
    gateOf(request),
    { kind: "eval", suites: { [suiteName]: evidenceOf(report, known) } },
    clock,
  );
  const warnings = [...results.warnings, ...(baseline?.warnings ?? [])];
  return { ok: true, value: { verdict, format, report, baseline: "missing" in known ? null : known }, warnings };
}

const suiteName = "default";
const nobody = "r-0" as RevisionId;
const never = 0 as Instant;
const clock = { now: never, since: never, pausedFor: 0 as Duration, canary: nobody };

function gateOf({ minScore, maxRegression, maxErrors, decision }: GateEvalRequest): EvalGate {
  const rule = { suite: suiteName, minScore, maxRegression, maxErrors, decision, maxAge: 0 as Duration };
  return { kind: "eval", name: "eval", skip: null, suites: [rule] };
}

function evidenceOf(report: EvalReport, baseline: EvalSuiteEvidence["baseline"]): EvalSuiteEvidence {
  const result: EvalResult = { ...report, suite: suiteName, revision: nobody, recordedAt: never, digest: "" };
  return { result, baseline };
}

/** A committed baseline says `format` and `suites`; everything else is read as results. */
function readBaseline(file: EvalFile, request: GateEvalRequest): Checked<EvalBaseline | { readonly missing: string }> {
  if (/^\s*\{\s*"format"\s*:/.test(file.text)) {
    const suites = readBaselineFile(file);
    if (!suites.ok) return suites;
    const names = Object.keys(suites.value);
    const name = request.suite ?? (names.length === 1 ? names[0] : suiteName) ?? suiteName;
    const there = `it has ${names.length === 0 ? "none" : names.join(", ")}`;
    const missing = { missing: `${file.name} has no baseline of the suite ${name} (${there}): name one with --suite` };
    return { ok: true, value: suites.value[name] ?? missing, warnings: suites.warnings };
  }
  const read = readEvalReport({ ...request, file });
  if (!read.ok) return read;
  const { score, scoreName, byItem, clusters } = read.value.report;
  const grouped = clusters === undefined ? {} : { clusters };
  if (score === null)
    return { ok: true, value: { missing: `${file.name} has no score to compare with` }, warnings: read.warnings };
  const value = {
    suite: suiteName,
    revision: null,
    recordedAt: null,
    scoreName,
    score,
    best: score,
    byItem,
    ...grouped,
  };
  return { ok: true, value, warnings: read.warnings };
}

function noBaseline(): string {
  return "There is no baseline to measure a regression against. Name the results of what serves today with --baseline";
}
