// Any view as JSON for programs: a public interface with its own format, so that the types inside are free to change.

import { unreachable } from "../core/diagnostic/invariant.js";
import { driftJson, metricsJson, revisionJson, runbooksJson, verdictViewJson } from "./json/looks-json.js";
import { diagnosticJson, type JsonObject } from "./json/plain-values.js";
import { applyJson, planJson } from "./json/plan-json.js";
import { historyJson, incidentsJson, incidentViewJson } from "./json/record-json.js";
import { backtestJson, simulationJson } from "./json/rehearsal-json.js";
import { statusJson } from "./json/status-json.js";
import type { View } from "./view.js";

/**
 * `{ format: 1, kind, … }`. Keys are snake_case; instants are ISO 8601 in UTC, weights percent from 0 to 100, durations seconds;
 * what is not known is null. A `stage` is always an index into the rollout's `stages`, from 0; sentences count from 1. Keys may be added within a format; a key that changes its meaning makes a new one.
 */
export function renderJson(view: View): JsonObject {
  return { format: 1, kind: view.kind, ...fieldsOf(view) };
}

function fieldsOf(view: View): JsonObject {
  switch (view.kind) {
    case "plan":
      return planJson(view);
    case "apply":
      return applyJson(view);
    case "status":
      return statusJson(view);
    case "drift":
      return driftJson(view);
    case "history":
      return historyJson(view);
    case "incidents":
      return incidentsJson(view);
    case "incident":
      return incidentViewJson(view);
    case "problems":
      return { problems: view.problems.map(diagnosticJson) };
    case "verdict":
      return verdictViewJson(view);
    case "metrics":
      return metricsJson(view);
    case "revision":
      return revisionJson(view);
    case "runbooks":
      return runbooksJson(view);
    case "simulation":
      return simulationJson(view);
    case "backtest":
      return backtestJson(view);
    case "document":
      return { title: view.title, markdown: view.markdown };
    case "message":
      return { lines: view.lines, data: view.data };
    default:
      return unreachable(view);
  }
}
