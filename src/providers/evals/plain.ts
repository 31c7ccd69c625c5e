// One JSON object with a score, the file that every team's own script writes: {"mean_score": 0.87}.

import type { Checked } from "../../core/diagnostic/diagnostic.js";
import { findJsonValue } from "../../core/diagnostic/json-position.js";
import { shownValue } from "../../core/diagnostic/shown-value.js";
import { decimalOf, decimalText, rounded } from "../../core/gate/decimal.js";
import {
  defineEvalFormat,
  type EvalFile,
  type EvalQuestion,
  type EvalReport,
  scoreNameOf,
} from "../../ports/eval-format.js";
import { evalProblem, fieldsOf, noSuchScore, readJson } from "../../ports/eval-problem.js";

type Fields = Readonly<Record<string, unknown>>;

export default defineEvalFormat({
  kind: "plain",
  summary:
    "One JSON object: mean_score, score or pass_rate, with the counts passed, failed and errored where they are known.",
  recognizes: ({ name, text }) =>
    /^\s*\{/.test(text) && !/"(?:results|id)"\s*:/.test(text) && !/\.(?:jsonl|ndjson)$/i.test(name),
  read,
});

function read(file: EvalFile, question: EvalQuestion): Checked<EvalReport> {
  const json = readJson(file);
  if (!json.ok) return json;
  const fields = fieldsOf(json.value);
  if (fields === null) {
    const detail = `${file.name} is not a JSON object with a score, such as {"mean_score": 0.87}.`;
    return { ok: false, problems: [evalProblem(file, { code: "eval/no-score", detail, offset: null })] };
  }
  const chosen = choose(fields, question);
  if (chosen === null)
    return { ok: false, problems: [noSuchScore(file, question.score ?? "mean_score", numbersOf(fields))] };
  const counts = [
    count(file, fields, ["passed"]),
    count(file, fields, ["failed"]),
    count(file, fields, ["errored", "errors"]),
  ];
  const score = scoreOf(file, fields, chosen.field);
  const problems = [score, ...counts].flatMap((part) => (part.ok ? [] : part.problems));
  const [passed = 0, failed = 0, errored = 0] = counts.map((part) => (part.ok ? part.value : 0));
  if (!score.ok || problems.length > 0) return { ok: false, problems };
  const report = { scoreName: chosen.name, score: score.value, passed, failed, errored, byItem: null, unscored: [] };
  return { ok: true, value: report, warnings: [] };
}

/** Asked for nothing, the file's own pass rate comes before its mean score. */
function choose(fields: Fields, question: EvalQuestion): { readonly field: string; readonly name: string } | null {
  const asked = question.score === null ? null : scoreNameOf(question.score);
  const known = [
    { field: "pass_rate", name: "pass rate" },
    { field: "mean_score", name: "mean score" },
    { field: "score", name: "mean score" },
  ];
  const found = known.find(({ field, name }) => Object.hasOwn(fields, field) && (asked === null || asked === name));
  if (found !== undefined) return found;
  return asked !== null && Object.hasOwn(fields, asked) ? { field: asked, name: asked } : null;
}

/** Null in the file is a score that nothing was measured for. */
function scoreOf(file: EvalFile, fields: Fields, field: string): Checked<string | null> {
  const value = fields[field];
  if (value === null) return { ok: true, value: null, warnings: [] };
  const decimal = typeof value === "number" ? decimalOf(value) : null;
  if (decimal !== null && typeof value === "number" && value >= 0 && value <= 1) {
    return { ok: true, value: decimalText(rounded(decimal)), warnings: [] };
  }
  const share = typeof value === "number" && value > 1 && value <= 100 ? `Write ${value / 100}.` : null;
  return badNumber(file, field, {
    detail: `${field} is ${shownValue(value)}, which is not between 0 and 1.`,
    hint: share,
  });
}

function count(file: EvalFile, fields: Fields, names: readonly string[]): Checked<number> {
  const name = names.find((candidate) => typeof fields[candidate] === "number");
  const value = name === undefined ? 0 : Number(fields[name]);
  if (Number.isSafeInteger(value) && value >= 0) return { ok: true, value, warnings: [] };
  return badNumber(file, name ?? "", { detail: `${name} is ${value}, which is not a count.`, hint: null });
}

function badNumber(
  file: EvalFile,
  field: string,
  said: { readonly detail: string; readonly hint: string | null },
): Checked<never> {
  const offset = findJsonValue(file.text, [field]);
  return { ok: false, problems: [evalProblem(file, { code: "eval/bad-score", about: field, offset, ...said })] };
}

function numbersOf(fields: Fields): readonly string[] {
  return Object.keys(fields).filter((name) => typeof fields[name] === "number");
}
