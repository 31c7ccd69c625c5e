// The JSON that `promptfoo eval --output results.json` writes (its results of version 3). A test's `metadata.cluster` names the tests
// that it goes together with; `vars` never do, because they are what is asked.

import type { Checked, Diagnostic } from "../../core/diagnostic/diagnostic.js";
import { findJsonValue, type JsonPath } from "../../core/diagnostic/json-position.js";
import { shownValue } from "../../core/diagnostic/shown-value.js";
import { canonicalJson } from "../../core/model/revision.js";
import {
  defineEvalFormat,
  type EvalFile,
  type EvalQuestion,
  type EvalReport,
  scoreNameOf,
} from "../../ports/eval-format.js";
import { evalProblem, fieldsOf, noSuchScore, readJson } from "../../ports/eval-problem.js";
import { clusterName, type EvalRow, strayRows, tally } from "../../ports/eval-tally.js";

/** promptfoo's ResultFailureReason: none, an assertion, an error. Rows that fail an assertion carry `error` text too. */
const erroredReason = 2;

/** A file that is broken everywhere need not be told so for every row. */
const mostProblems = 20;

interface Row {
  readonly index: number;
  readonly item: { readonly description: string | null; readonly vars: string };
  readonly cluster: string | null;
  readonly prompt: number;
  /** Label and id: `haiku-4-5` and `anthropic:messages:claude-haiku-4-5`. */
  readonly provider: readonly string[];
  readonly success: boolean;
  readonly errored: boolean;
  readonly score: number | null;
  readonly named: Readonly<Record<string, unknown>>;
}

export default defineEvalFormat({
  kind: "promptfoo",
  summary: "The JSON output of promptfoo (results version 3).",
  recognizes: ({ text }) => {
    const head = text.slice(0, 20_000);
    return (
      /^\s*\{/.test(head) &&
      (/"evalId"\s*:/.test(head) || (/"results"\s*:\s*\{/.test(head) && /"prompts"\s*:/.test(head)))
    );
  },
  read,
});

function read(file: EvalFile, question: EvalQuestion): Checked<EvalReport> {
  const json = readJson(file);
  if (!json.ok) return json;
  const results = fieldsOf(fieldsOf(json.value)?.results);
  if (results?.version !== 3) {
    const detail = `${file.name} holds results of version ${shownValue(results?.version ?? null)}; version 3 can be read.`;
    return problem(file, { code: "eval/unknown-version", detail, path: ["results", "version"] });
  }
  const listed = Array.isArray(results.results) ? results.results : [];
  const all: Row[] = [];
  const problems: Diagnostic[] = [];
  for (const [index, value] of listed.entries()) {
    const row = readRow(file, value, index);
    if (row.ok) all.push(row.value);
    else problems.push(...row.problems);
    if (problems.length >= mostProblems) break;
  }
  if (problems.length > 0) return { ok: false, problems };
  if (all.length === 0)
    return problem(file, {
      code: "eval/no-items",
      detail: `${file.name} holds no results.`,
      path: ["results", "results"],
    });
  const one = oneCandidate(file, all, question);
  return one.ok ? score(file, one.value, question) : one;
}

function readRow(file: EvalFile, value: unknown, index: number): Checked<Row> {
  const path = ["results", "results", index] as const;
  const row = fieldsOf(value);
  if (row === null || typeof row.success !== "boolean") {
    const detail = `The result ${index} does not say whether it was a success.`;
    return problem(file, { code: "eval/bad-row", detail, path: [...path, "success"] });
  }
  const test = fieldsOf(row.testCase);
  const description = [row.description, test?.description].find((text) => typeof text === "string" && text !== "");
  const vars = Object.entries(fieldsOf(row.vars) ?? fieldsOf(test?.vars) ?? {}).filter(
    ([name]) => !name.startsWith("_"),
  );
  if (description === undefined && vars.length === 0) {
    const detail = `The result ${index} cannot be told from others: its test has neither a description nor vars.`;
    return problem(file, { code: "eval/bad-row", detail, path });
  }
  const cluster = clusterName(fieldsOf(test?.metadata)?.cluster ?? fieldsOf(row.metadata)?.cluster);
  if (cluster === undefined) {
    const detail = `The result ${index} names a cluster that is neither a text nor a number.`;
    return problem(file, { code: "eval/bad-row", detail, path });
  }
  const provider = fieldsOf(row.provider);
  const names = [provider?.label, provider?.id, row.provider].filter((name) => typeof name === "string" && name !== "");
  return {
    ok: true,
    value: {
      index,
      item: {
        description: typeof description === "string" ? description : null,
        vars: canonicalJson(Object.fromEntries(vars)),
      },
      cluster,
      prompt: typeof row.promptIdx === "number" ? row.promptIdx : 0,
      provider: names.map(String),
      success: row.success,
      errored: row.failureReason === undefined ? neverGraded(row) : row.failureReason === erroredReason,
      score: typeof row.score === "number" ? row.score : null,
      named: fieldsOf(row.namedScores) ?? {},
    },
    warnings: [],
  };
}

/** Rows of older versions have no reason: a failure that nobody graded is an error. */
function neverGraded(row: Readonly<Record<string, unknown>>): boolean {
  return row.success === false && fieldsOf(row.gradingResult) === null;
}

/** A gate judges one candidate: one provider with one prompt. */
function oneCandidate(file: EvalFile, rows: readonly Row[], { provider }: EvalQuestion): Checked<readonly Row[]> {
  const known = [...new Set(rows.map((row) => row.provider[0] ?? "?"))].sort();
  if (provider === null && known.length > 1) {
    const detail = `${file.name} holds the results of ${known.join(", ")}.`;
    return problem(file, {
      code: "eval/several-providers",
      detail,
      hint: `Name the candidate: --provider ${known[0]}`,
      path: ["results", "prompts"],
    });
  }
  const mine = provider === null ? rows : rows.filter((row) => row.provider.includes(provider));
  if (mine.length === 0) {
    const detail = `${file.name} holds no results of "${provider}". It holds those of ${known.join(", ")}.`;
    return problem(file, { code: "eval/unknown-provider", detail, path: ["results", "prompts"] });
  }
  const prompts = new Set(mine.map((row) => row.prompt)).size;
  if (prompts > 1) {
    const detail = `${file.name} holds the results of ${prompts} prompts.`;
    return problem(file, { code: "eval/several-prompts", detail, path: ["results", "prompts"] });
  }
  return { ok: true, value: mine, warnings: [] };
}

function score(file: EvalFile, rows: readonly Row[], question: EvalQuestion): Checked<EvalReport> {
  const name = question.score === null ? "pass rate" : scoreNameOf(question.score);
  const value = (row: Row): unknown =>
    name === "pass rate" ? Number(row.success) : name === "mean score" ? row.score : row.named[name];
  const lacking = rows.find((row) => !row.errored && !isShare(value(row)));
  if (lacking !== undefined) {
    const known = ["pass rate", "mean score", ...Object.keys(lacking.named)];
    const bad = typeof value(lacking) === "number";
    if (!bad)
      return {
        ok: false,
        problems: [
          noSuchScore(
            file,
            name,
            known.filter((one) => one !== name),
          ),
        ],
      };
    const path = ["results", "results", lacking.index, ...(name === "mean score" ? ["score"] : ["namedScores", name])];
    return problem(file, {
      code: "eval/bad-score",
      detail: `The ${name} ${value(lacking)} is not between 0 and 1.`,
      path,
    });
  }
  const names = itemNames(rows);
  const [stray] = strayRows(rows.map((row) => ({ item: names(row), cluster: row.cluster, index: row.index })));
  if (stray !== undefined) {
    const { row, before } = stray;
    const detail = `The item ${row.item} is in the cluster ${row.cluster} here and in ${before} before.`;
    return problem(file, { code: "eval/two-clusters", detail, path: ["results", "results", row.index] });
  }
  const tallied = rows.map((row): EvalRow => {
    const [item, { cluster }] = [names(row), row];
    if (row.errored) return { item, cluster, went: "errored", score: null };
    return { item, cluster, went: row.success ? "passed" : "failed", score: Number(value(row)) };
  });
  return { ok: true, value: tally(tallied, name, "rows"), warnings: [] };
}

/** Repeats have a `testIdx` of their own, so an item is known by its description, and by its vars where that is not enough. */
function itemNames(rows: readonly Row[]): (row: Row) => string {
  const varsOf = new Map<string, Set<string>>();
  for (const { item } of rows) {
    if (item.description !== null)
      varsOf.set(item.description, (varsOf.get(item.description) ?? new Set()).add(item.vars));
  }
  return ({ item: { description, vars } }) => {
    if (description === null) return vars;
    return (varsOf.get(description)?.size ?? 0) > 1 ? `${description} ${vars}` : description;
  };
}

function problem(
  file: EvalFile,
  said: Omit<Parameters<typeof evalProblem>[1], "offset"> & { readonly path: JsonPath },
): Checked<never> {
  const { path, ...rest } = said;
  const found: Diagnostic = evalProblem(file, { ...rest, offset: findJsonValue(file.text, path) });
  return { ok: false, problems: [found] };
}

function isShare(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1;
}
