// One JSON object for each trial and line: {"id": "task-1", "pass": true}, or {"id": "task-1", "score": 0.7, "trial": 2}.
// `cluster` names the items that go together, such as those of one document.

import type { Checked, Diagnostic } from "../../core/diagnostic/diagnostic.js";
import { findJsonFault, findJsonValue } from "../../core/diagnostic/json-position.js";
import { shownValue } from "../../core/diagnostic/shown-value.js";
import {
  defineEvalFormat,
  type EvalFile,
  type EvalQuestion,
  type EvalReport,
  scoreNameOf,
} from "../../ports/eval-format.js";
import { evalProblem, fieldsOf, noSuchScore } from "../../ports/eval-problem.js";
import { clusterName, type EvalRow, strayRows, tally } from "../../ports/eval-tally.js";

/** What one line says. `error` wins: an item that could not be scored neither passed nor failed. */
interface Trial {
  readonly offset: number;
  readonly line: string;
  readonly item: string;
  readonly trial: string | null;
  readonly cluster: string | null;
  readonly errored: boolean;
  readonly pass: boolean | null;
  readonly score: number | null;
}

export default defineEvalFormat({
  kind: "jsonl",
  summary: "JSON Lines: { id, pass or score, trial?, cluster?, error? }, one line for each trial of each item.",
  recognizes: ({ name, text }) => {
    const first = text.trimStart().split("\n", 1)[0] ?? "";
    return /\.(?:jsonl|ndjson)$/i.test(name) || /^\{.*"id"\s*:.*"(?:pass|score|error)"\s*:/.test(first);
  },
  read,
});

function read(file: EvalFile, question: EvalQuestion): Checked<EvalReport> {
  const lines = linesOf(file.text).map((line) => readLine(file, line));
  const problems = lines.flatMap((line) => (line.ok ? [] : line.problems));
  const trials = lines.flatMap((line) => (line.ok ? [line.value] : []));
  problems.push(...repeated(file, trials), ...stray(file, trials));
  if (problems.length > 0) return { ok: false, problems };
  if (trials.length === 0) {
    const detail = `${file.name} has no line with an item.`;
    return { ok: false, problems: [evalProblem(file, { code: "eval/no-items", detail, offset: null })] };
  }
  return score(file, trials, question);
}

function linesOf(text: string): readonly { readonly offset: number; readonly line: string }[] {
  let offset = 0;
  return text.split("\n").flatMap((line) => {
    const start = offset;
    offset += line.length + 1;
    return line.trim() === "" ? [] : [{ offset: start, line }];
  });
}

function readLine(
  file: EvalFile,
  { offset, line }: { readonly offset: number; readonly line: string },
): Checked<Trial> {
  const fault = findJsonFault(line);
  if (fault !== null) {
    const detail = `This line is not JSON: ${fault.because}.`;
    return {
      ok: false,
      problems: [evalProblem(file, { code: "eval/not-json", detail, offset: offset + fault.offset })],
    };
  }
  const fields = fieldsOf(JSON.parse(line));
  const bad = (
    field: string,
    detail: string,
    code: "eval/bad-row" | "eval/bad-score" = "eval/bad-row",
  ): Checked<never> => ({
    ok: false,
    problems: [evalProblem(file, { code, detail, about: field, offset: offset + findJsonValue(line, [field]) })],
  });
  if (fields === null) return bad("", "This line is not an object such as { id, pass }.");
  const { id, pass, score, trial, error } = fields;
  const cluster = clusterName(fields.cluster);
  if ((typeof id !== "string" || id === "") && typeof id !== "number")
    return bad("id", "This line names no item: id is a string or a number.");
  if (pass !== undefined && pass !== null && typeof pass !== "boolean")
    return bad("pass", `pass is ${shownValue(pass)}, which is neither true nor false.`);
  if (cluster === undefined)
    return bad(
      "cluster",
      `cluster is ${shownValue(fields.cluster)}: a cluster is a string that is not empty, or a number.`,
    );
  const errored = error !== undefined && error !== null && error !== false && error !== "";
  if (score !== undefined && score !== null && !isShare(score)) {
    return bad("score", `score is ${shownValue(score)}, which is not between 0 and 1.`, "eval/bad-score");
  }
  if (!errored && typeof pass !== "boolean" && !isShare(score))
    return bad("", `The item ${id} has neither pass, nor score, nor error.`);
  return {
    ok: true,
    value: {
      offset,
      line,
      item: String(id),
      trial: typeof trial === "string" || typeof trial === "number" ? String(trial) : null,
      cluster,
      errored,
      pass: typeof pass === "boolean" ? pass : null,
      score: isShare(score) ? score : null,
    },
    warnings: [],
  };
}

/** Rows without a trial are repeats of their item; the same trial twice is two files in one. */
function repeated(file: EvalFile, trials: readonly Trial[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return trials.flatMap(({ offset, line, item, trial }) => {
    if (trial === null) return [];
    const key = JSON.stringify([item, trial]);
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    const detail = `The trial ${trial} of the item ${item} stands here a second time.`;
    return evalProblem(file, {
      code: "eval/repeated-trial",
      detail,
      about: "trial",
      offset: offset + findJsonValue(line, ["trial"]),
    });
  });
}

function stray(file: EvalFile, trials: readonly Trial[]): readonly Diagnostic[] {
  return strayRows(trials).map(({ row: { offset, line, item, cluster }, before }) =>
    evalProblem(file, {
      code: "eval/two-clusters",
      detail: `The item ${item} is in the cluster ${cluster} here and in ${before} before.`,
      about: "cluster",
      offset: offset + findJsonValue(line, ["cluster"]),
    }),
  );
}

/** The pass rate where every scored row has `pass`; the mean score where it is asked for, or is all there is. */
function score(file: EvalFile, trials: readonly Trial[], question: EvalQuestion): Checked<EvalReport> {
  const scored = trials.filter(({ errored }) => !errored);
  const known = [
    ...(scored.every(({ pass }) => pass !== null) ? ["pass rate"] : []),
    ...(scored.every(({ score }) => score !== null) ? ["mean score"] : []),
  ];
  const name = question.score === null ? known[0] : scoreNameOf(question.score);
  if (name === undefined) return mixed(file, scored);
  if (!known.includes(name)) return { ok: false, problems: [noSuchScore(file, name, known)] };
  const rows = trials.map((trial): EvalRow => {
    const { item, cluster } = trial;
    if (trial.errored) return { item, cluster, went: "errored", score: null };
    const passed = trial.pass ?? trial.score === 1;
    return {
      item,
      cluster,
      went: passed ? "passed" : "failed",
      score: name === "pass rate" ? Number(passed) : trial.score,
    };
  });
  return { ok: true, value: tally(rows, name, "items"), warnings: [] };
}

function mixed(file: EvalFile, scored: readonly Trial[]): Checked<never> {
  const first = scored.find(({ pass }) => pass === null);
  const detail = `Some rows have pass and some have score alone, this one for the item ${first?.item}: give all of them the same.`;
  return { ok: false, problems: [evalProblem(file, { code: "eval/bad-row", detail, offset: first?.offset ?? null })] };
}

function isShare(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1;
}
