// Any view as Markdown: a comment on a pull request, a ticket, a post. Kinds without a form of their own are their text in a fence.

import { finished, harmless } from "./layout.js";
import { planMarkdown } from "./markdown/plan-markdown.js";
import { historyMarkdown, incidentMarkdown, incidentsMarkdown, statusMarkdown } from "./markdown/record-markdown.js";
import { backtestMarkdown, simulationMarkdown } from "./markdown/rehearsal-markdown.js";
import { renderText } from "./render-text.js";
import type { Style } from "./style.js";
import type { View } from "./view.js";

/** Ends with a line feed. A plan opens with the hidden marker by which its comment is found again. */
export function renderMarkdown(view: View, style: Style): string {
  const lines = markdownLines(harmless(view), style);
  if (lines !== null) return finished({ ...style, unicode: true }, lines).replace(/\n{3,}/g, "\n\n");
  const text = renderText(view, { ...style, color: false, unicode: true, width: 100 });
  const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${fence}\n${text}${fence}\n`;
}

function markdownLines(view: View, style: Style): readonly string[] | null {
  switch (view.kind) {
    case "plan":
      return planMarkdown(view, style);
    case "incident":
      return incidentMarkdown(view, style);
    case "incidents":
      return incidentsMarkdown(view);
    case "history":
      return historyMarkdown(view);
    case "status":
      return statusMarkdown(view, style);
    case "simulation":
      return simulationMarkdown(view);
    case "backtest":
      return backtestMarkdown(view);
    case "document":
      return view.markdown.split("\n");
    case "message":
      return view.lines;
    case "apply":
    case "drift":
    case "problems":
    case "verdict":
    case "metrics":
    case "revision":
    case "runbooks":
      return null;
  }
}
