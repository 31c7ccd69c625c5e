// The two files that rollout writes under evals/: stamped results, one file for each revision, and the baseline of an agent.
// Format 1 of both is { format, suites: { name: entry } }; results also say agent and revision.

import type { Checked, Diagnostic } from "../core/diagnostic/diagnostic.js";
import { findJsonFault, findJsonValue, type JsonPath } from "../core/diagnostic/json-position.js";
import { compareDecimals, decimalOf, decimalText, parseDecimal, rounded } from "../core/gate/decimal.js";
import type { EvalBaseline, EvalResult } from "../core/model/gate.js";
import type { AgentId, Instant, Json, RevisionId } from "../core/model/units.js";
import type { EvalFile } from "../ports/eval-format.js";
import { fieldsOf } from "../ports/eval-problem.js";
import { repoProblem } from "./diagnostics.js";

/** Where a stamped result came from, for people. */
export interface ResultSource {
  readonly file: string;
  readonly format: string;
}
export type StampedResult = EvalResult & { readonly source: ResultSource };
export interface ResultsFile {
  readonly agent: AgentId;
  readonly revision: RevisionId;
  readonly suites: Readonly<Record<string, StampedResult>>;
}
export type BaselineFile = Readonly<Record<string, EvalBaseline>>;

const format = 1;

export function readResultsFile(file: EvalFile): Checked<ResultsFile> {
  return readFormat(file, (reader) => {
    const agent = reader.text(["agent"]) as AgentId;
    const revision = reader.text(["revision"], /^r-[0-9a-f]{64}$/) as RevisionId;
    const suites = reader.suites(
      (at, suite): StampedResult => ({
        suite,
        revision,
        recordedAt: reader.instant([...at, "recordedAt"]),
        scoreName: reader.text([...at, "scoreName"]),
        score: reader.isNull([...at, "score"]) ? null : reader.score([...at, "score"]),
        passed: reader.count([...at, "passed"]),
        failed: reader.count([...at, "failed"]),
        errored: reader.count([...at, "errored"]),
        byItem: reader.items([...at, "byItem"]),
        ...reader.clusters([...at, "clusters"]),
        unscored: reader.texts([...at, "unscored"]),
        digest: reader.text([...at, "digest"], /^sha256:[0-9a-f]{64}$/),
        source: { file: reader.text([...at, "source", "file"]), format: reader.text([...at, "source", "format"]) },
      }),
    );
    return { agent, revision, suites };
  });
}

export function resultsText({ agent, revision, suites }: ResultsFile): string {
  const entry = (result: StampedResult): Json => ({
    recordedAt: new Date(result.recordedAt).toISOString(),
    scoreName: result.scoreName,
    score: result.score === null ? null : Number(result.score),
    passed: result.passed,
    failed: result.failed,
    errored: result.errored,
    ...(result.byItem === null ? {} : { byItem: sorted(result.byItem) }),
    ...(result.clusters === undefined ? {} : { clusters: sorted(result.clusters) }),
    ...(result.unscored.length === 0 ? {} : { unscored: result.unscored }),
    digest: result.digest,
    source: { file: result.source.file, format: result.source.format },
  });
  return jsonText({ format, agent, revision, suites: mapSuites(suites, entry) });
}

export function readBaselineFile(file: EvalFile): Checked<BaselineFile> {
  return readFormat(file, (reader) =>
    reader.suites((at, suite): EvalBaseline => {
      const score = reader.score([...at, "score"]);
      return {
        suite,
        revision: reader.isNull([...at, "revision"])
          ? null
          : (reader.text([...at, "revision"], /^r-[0-9a-f]{64}$/) as RevisionId),
        recordedAt: reader.isNull([...at, "recordedAt"]) ? null : reader.instant([...at, "recordedAt"]),
        scoreName: reader.text([...at, "scoreName"]),
        score,
        best: reader.isNull([...at, "best"]) ? score : reader.score([...at, "best"]),
        byItem: reader.items([...at, "byItem"]),
        ...reader.clusters([...at, "clusters"]),
      };
    }),
  );
}

export function baselineText(suites: BaselineFile): string {
  const entry = (baseline: EvalBaseline): Json => ({
    scoreName: baseline.scoreName,
    score: Number(baseline.score),
    best: Number(baseline.best),
    revision: baseline.revision,
    recordedAt: baseline.recordedAt === null ? null : new Date(baseline.recordedAt).toISOString(),
    ...(baseline.byItem === null ? {} : { byItem: sorted(baseline.byItem) }),
    ...(baseline.clusters === undefined ? {} : { clusters: sorted(baseline.clusters) }),
  });
  return jsonText({ format, suites: mapSuites(suites, entry) });
}

/**
 * The baseline after these results: their suites are replaced, others stay. Results without a score change nothing. The best
 * score ever survives as long as the score means the same.
 */
export function nextBaseline(before: BaselineFile, results: readonly EvalResult[]): BaselineFile {
  const next: Record<string, EvalBaseline> = { ...before };
  for (const { suite, revision, recordedAt, scoreName, score, byItem, clusters } of results) {
    if (score === null) continue;
    const old = before[suite];
    const best = old !== undefined && old.scoreName === scoreName && isHigher(old.best, score) ? old.best : score;
    const grouped = clusters === undefined ? {} : { clusters };
    next[suite] = { suite, revision, recordedAt, scoreName, score, best, byItem, ...grouped };
  }
  return next;
}

function isHigher(a: string, b: string): boolean {
  const [left, right] = [parseDecimal(a), parseDecimal(b)];
  return left !== null && right !== null && compareDecimals(left, right) > 0;
}

/** Reads fields, and collects what is wrong with them instead of stopping at the first. */
class Reader {
  readonly problems: Diagnostic[] = [];
  private readonly file: EvalFile;
  private readonly root: unknown;
  constructor(file: EvalFile, root: unknown) {
    this.file = file;
    this.root = root;
  }

  suites<T>(read: (at: JsonPath, suite: string) => T): Readonly<Record<string, T>> {
    const suites = fieldsOf(this.at(["suites"]));
    if (suites === null) this.complain(["suites"], "a map from suite to entry");
    const entries = Object.keys(suites ?? {}).map((suite) => [suite, read(["suites", suite], suite)] as const);
    return Object.fromEntries(entries);
  }

  text(path: JsonPath, pattern: RegExp = /./): string {
    const value = this.at(path);
    if (typeof value === "string" && pattern.test(value)) return value;
    this.complain(path, pattern.source === "." ? "a text" : `a text like ${pattern.source}`);
    return "";
  }

  texts(path: JsonPath): readonly string[] {
    const value = this.at(path) ?? [];
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
    this.complain(path, "a list of texts");
    return [];
  }

  count(path: JsonPath): number {
    const value = this.at(path);
    if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
    this.complain(path, "a count");
    return 0;
  }

  /** A number, or a decimal in quotes. */
  score(path: JsonPath): string {
    const value = this.at(path);
    const decimal =
      typeof value === "number" ? decimalOf(value) : typeof value === "string" ? parseDecimal(value) : null;
    const share = decimal === null ? -1 : Number(decimalText(decimal));
    if (decimal !== null && share >= 0 && share <= 1) return decimalText(rounded(decimal));
    this.complain(path, "a score between 0 and 1");
    return "0";
  }

  instant(path: JsonPath): Instant {
    const value = this.at(path);
    const time =
      typeof value === "string" && /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(value)
        ? Date.parse(value)
        : Number.NaN;
    if (!Number.isNaN(time)) return time as Instant;
    this.complain(path, "a time such as 2026-03-01T09:30:00Z");
    return 0 as Instant;
  }

  items(path: JsonPath): Readonly<Record<string, number>> | null {
    const value = this.at(path) ?? null;
    if (value === null) return null;
    const fields = fieldsOf(value);
    for (const [item, score] of Object.entries(fields ?? {})) {
      if (typeof score !== "number" || score < 0 || score > 1)
        this.complain([...path, item], "a score between 0 and 1");
    }
    if (fields === null) this.complain(path, "a map from item to score");
    return fields as Readonly<Record<string, number>> | null;
  }

  clusters(path: JsonPath): { readonly clusters?: Readonly<Record<string, string>> } {
    const value = this.at(path) ?? null;
    if (value === null) return {};
    const fields = fieldsOf(value);
    for (const [item, cluster] of Object.entries(fields ?? {})) {
      if (typeof cluster !== "string" || cluster === "") this.complain([...path, item], "the name of a cluster");
    }
    if (fields === null) this.complain(path, "a map from item to cluster");
    return { clusters: (fields ?? {}) as Readonly<Record<string, string>> };
  }

  isNull(path: JsonPath): boolean {
    return (this.at(path) ?? null) === null;
  }

  private at(path: JsonPath): unknown {
    return path.reduce<unknown>(
      (value, key) =>
        fieldsOf(value) !== null && Object.hasOwn(value as object, key) ? fieldsOf(value)?.[key] : undefined,
      this.root,
    );
  }

  private complain(path: JsonPath, expected: string): void {
    const about = path.join(".");
    const detail = `${this.file.name} has no good value at ${about}: ${expected} was expected.`;
    const offset = findJsonValue(this.file.text, path);
    this.problems.push(repoProblem({ code: "repo/bad-eval-file", detail, about, at: { file: this.file, offset } }));
  }
}

function readFormat<T>(file: EvalFile, read: (reader: Reader) => T): Checked<T> {
  const fault = findJsonFault(file.text);
  if (fault !== null) {
    const detail = `${file.name} is not JSON: ${fault.because}.`;
    return {
      ok: false,
      problems: [repoProblem({ code: "repo/bad-eval-file", detail, at: { file, offset: fault.offset } })],
    };
  }
  const root: unknown = JSON.parse(file.text);
  const found = fieldsOf(root)?.format;
  if (found !== format) {
    const newer = typeof found === "number" && found > format;
    const detail = newer
      ? `${file.name} is of format ${found}; this rollout reads format ${format}.`
      : `${file.name} does not say "format": ${format}.`;
    const code = newer ? "repo/newer-eval-file" : "repo/bad-eval-file";
    return {
      ok: false,
      problems: [
        repoProblem({ code, detail, about: "format", at: { file, offset: findJsonValue(file.text, ["format"]) } }),
      ],
    };
  }
  const reader = new Reader(file, root);
  const value = read(reader);
  return reader.problems.length > 0 ? { ok: false, problems: reader.problems } : { ok: true, value, warnings: [] };
}

function mapSuites<T>(suites: Readonly<Record<string, T>>, entry: (value: T) => Json): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.keys(suites)
      .sort()
      .flatMap((suite) => {
        const value = suites[suite];
        return value === undefined ? [] : [[suite, entry(value)] as const];
      }),
  );
}

function sorted<Value>(items: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(items).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function jsonText(value: Json): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
