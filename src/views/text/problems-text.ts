// Problems as text: where, what, why and what to do, many at once, with their count at the end.

import type { Diagnostic, Span } from "../../core/diagnostic/diagnostic.js";
import { countText } from "../amount-text.js";
import { glue, paragraph } from "../layout.js";
import { paint, type Style, type Tone } from "../style.js";
import type { ProblemsView } from "../view.js";

export function problemsLines(view: ProblemsView, style: Style): readonly string[] {
  if (view.problems.length === 0) return paragraph(style, view.otherwise, { indent: "" });
  const codes = [...new Set(view.problems.map(({ code }) => code))];
  return [
    ...view.problems.flatMap((problem) => [...problemLines(problem, style), ""]),
    "  To read more, run:",
    ...codes.map((code) => `      rollout explain ${code}`),
    "",
    ...paragraph(style, countLine(view.problems), { indent: "", tone: "strong" }),
  ];
}

/** One problem without what to read about it. */
function problemLines(problem: Diagnostic, style: Style): readonly string[] {
  const tone: Tone = problem.severity === "error" ? "bad" : "warn";
  const title = `${paint(style, tone, `${problem.severity} ${problem.code}`)}: ${paint(style, "strong", problem.summary)}`;
  return [
    title,
    ...(problem.span === null ? aboutLines(problem) : spanLines(problem.span, style, tone)),
    ...paragraph(style, problem.detail, { indent: "  " }),
    ...hintLines(problem.hint, style),
  ];
}

/** Warnings beside a result, each as one paragraph, with an empty line behind the last. */
export function warningLines(warnings: readonly Diagnostic[], style: Style): readonly string[] {
  if (warnings.length === 0) return [];
  return [...warnings.flatMap((warning) => [...problemLines(warning, style)]), ""];
}

/** A place that the sentence names already is not said twice. */
function aboutLines({ about, detail }: Diagnostic): readonly string[] {
  return about === null || detail.includes(about) ? [] : [`  ${about}`];
}

function spanLines(span: Span, style: Style, tone: Tone): readonly string[] {
  const place = `  ${span.file}:${span.line}:${span.column}`;
  const digits = String(Math.max(0, ...span.snippet.map(({ line }) => line))).length;
  const lines = span.snippet.flatMap(({ line, text }) => {
    const here = line === span.line;
    const shown = text.replaceAll("\t", " ");
    const number = `   ${here ? paint(style, tone, ">") : " "} ${String(line).padStart(digits)} |`;
    const source = `${number} ${shown}`.trimEnd();
    if (!here) return [source];
    const caret =
      " ".repeat(span.column - 1) + "^".repeat(Math.max(1, Math.min(span.length, shown.length - span.column + 1)));
    return [source, `     ${" ".repeat(digits)} | ${paint(style, tone, caret)}`];
  });
  return [place, ...lines];
}

/** A hint is a command, a sentence, or the word that was likely meant. */
function hintLines(hint: string | null, style: Style): readonly string[] {
  if (hint === null || hint === "") return [];
  if (/^(?:rollout|git|npm|npx) /.test(hint)) return ["", "  You can run:", `      ${hint}`];
  if (/^did you mean/i.test(hint))
    return paragraph(style, `D${hint.slice(1)}${/[?.]$/.test(hint) ? "" : "?"}`, { indent: "  " });
  const sentence = /^[A-Z].* /.test(hint);
  return paragraph(style, sentence ? hint : `Did you mean "${hint.replaceAll(" ", glue)}"?`, { indent: "  " });
}

function countLine(problems: readonly Diagnostic[]): string {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  const parts = [errors > 0 ? countText(errors, "error") : "", warnings > 0 ? countText(warnings, "warning") : ""];
  return `${parts.filter((part) => part !== "").join(", ")}.`;
}
