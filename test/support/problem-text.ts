// Problems as text, for fixtures: everything that a printer would show, in a plain form.
import type { Diagnostic } from "../../src/core/diagnostic/diagnostic.js";

export function problemText(problems: readonly Diagnostic[]): string {
  return problems.map(one).join("\n");
}

function one({ severity, code, summary, detail, hint, about, span }: Diagnostic): string {
  const place = span === null ? "" : `  ${span.file}:${span.line}:${span.column}`;
  const snippet = (span?.snippet ?? []).flatMap(({ line, text }) => {
    const head = `${line === span?.line ? ">" : " "} ${String(line).padStart(3)} | `;
    if (line !== span?.line) return [`${head}${text}`];
    return [`${head}${text}`, `      | ${" ".repeat(span.column - 1)}${"^".repeat(span.length)}`];
  });
  const lines = [
    `${severity} ${code}: ${summary}${place}`,
    ...snippet.map((line) => `  ${line}`.trimEnd()),
    `  ${detail}`,
  ];
  return `${[...lines, ...(hint === null ? [] : [`  hint: ${hint}`]), ...(about === null ? [] : [`  about: ${about}`])].join("\n")}\n`;
}
