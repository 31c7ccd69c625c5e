// Any view as text for people.

import { unreachable } from "../core/diagnostic/invariant.js";
import { finished, harmless } from "./layout.js";
import type { Style } from "./style.js";
import { applyLines } from "./text/apply-text.js";
import { backtestLines } from "./text/backtest-text.js";
import { driftLines, metricsLines, revisionLines, runbooksLines, verdictLines } from "./text/looks-text.js";
import { documentLines, messageLines } from "./text/message-text.js";
import { planLines } from "./text/plan-text.js";
import { problemsLines } from "./text/problems-text.js";
import { historyLines, incidentLines, incidentsLines } from "./text/record-text.js";
import { simulationLines } from "./text/simulation-text.js";
import { statusLines } from "./text/status-text.js";
import type { View } from "./view.js";

/** Ends with a line feed. Control characters from outside are made visible. */
export function renderText(view: View, style: Style): string {
  return finished(style, linesOf(harmless(view), style));
}

function linesOf(view: View, style: Style): readonly string[] {
  switch (view.kind) {
    case "plan":
      return planLines(view, style);
    case "apply":
      return applyLines(view, style);
    case "status":
      return statusLines(view, style);
    case "drift":
      return driftLines(view, style);
    case "history":
      return historyLines(view, style);
    case "incidents":
      return incidentsLines(view, style);
    case "incident":
      return incidentLines(view, style);
    case "problems":
      return problemsLines(view, style);
    case "verdict":
      return verdictLines(view, style);
    case "metrics":
      return metricsLines(view, style);
    case "revision":
      return revisionLines(view, style);
    case "runbooks":
      return runbooksLines(view, style);
    case "simulation":
      return simulationLines(view, style);
    case "backtest":
      return backtestLines(view, style);
    case "document":
      return documentLines(view, style);
    case "message":
      return messageLines(view, style);
    default:
      return unreachable(view);
  }
}
