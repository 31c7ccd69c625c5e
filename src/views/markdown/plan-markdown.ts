// A plan as one comment on a pull request: the same actions, reasons and numbers, with long parts folded away.

import type { PlannedAction } from "../../core/model/plan.js";
import { shortRevision } from "../../core/model/units.js";
import { countText, percentText, weightText } from "../amount-text.js";
import { componentName, valueText } from "../change-text.js";
import { forecastText } from "../forecast-text.js";
import {
  changesAnything,
  exposure,
  kindWords,
  movement,
  reasonText,
  shortDigest,
  tally,
  verdictVerb,
} from "../planned-words.js";
import { stageText } from "../stages-text.js";
import type { Style } from "../style.js";
import { stampText } from "../time-text.js";
import type { PlanView } from "../view.js";
import { code, table, words } from "./inline.js";
import { picturePart } from "./picture-markdown.js";

/** By this the comment of an earlier run is found and replaced. */
const planMarker = "<!-- rollout-plan -->";

export function planMarkdown(view: PlanView, style: Style): readonly string[] {
  const { plan } = view;
  const shown = plan.actions.filter(
    ({ kind, warnings, hint }) => kind !== "none" || warnings.length > 0 || hint !== null,
  );
  return [
    planMarker,
    `### rollout plan: ${headline(view)}`,
    "",
    ...table(["", "agent", "action", "revision", "weight", "why"], shown.map(actionRow)),
    "",
    ...shown.flatMap((action) => [...detailLines(action), ...pictured(view, action, style)]),
    ...footer(view),
  ];
}

function pictured(view: PlanView, { agent }: PlannedAction, style: Style): readonly string[] {
  const drawn = view.drawn.filter(({ about }) => about === agent);
  return picturePart(view.pictures[agent], { drawn, style });
}

function headline({ plan }: PlanView): string {
  if (plan.actions.length === 0) return "there is no agent";
  if (!changesAnything(plan) && plan.actions.every(({ kind }) => kind === "none")) return "no changes";
  return tally(plan)
    .map(([kind, count]) => `${count} ${kindWords[kind].tally}`)
    .join(", ");
}

function actionRow(action: PlannedAction): readonly string[] {
  const { from, to } = movement(action);
  const revisions = [from, to].filter((id) => id !== null).map((id) => code(shortRevision(id)));
  const symbol = kindWords[action.kind].symbol;
  const moved = action.weightFrom !== action.weightTo;
  const weights = moved
    ? `${weightText(action.weightFrom)} → ${weightText(action.weightTo)}`
    : weightText(action.weightTo);
  return [
    symbol === " " ? "" : code(symbol),
    code(action.agent),
    action.kind === "rollback" ? "**rollback**" : action.kind,
    [...new Set(revisions)].join(" → "),
    weights,
    words(reasonText(action)),
  ];
}

function detailLines(action: PlannedAction): readonly string[] {
  const notes = [
    ...action.warnings.map((warning) => `- ⚠️ warning: ${words(warning)}`),
    ...action.forecast.flatMap(({ warning }) => (warning === null ? [] : [`- ⚠️ warning: ${words(warning)}`])),
    ...(action.queued === null
      ? []
      : [`- queued: ${code(shortRevision(action.queued))} waits for the end of this rollout`]),
    ...(action.earliest === null ? [] : [`- earliest ${stampText(action.earliest)}`]),
    ...(action.hint === null ? [] : [`- you can run ${code(action.hint)}`]),
  ];
  const folded = foldedLines(action);
  if (notes.length === 0 && folded.length === 0) return [];
  const details =
    folded.length === 0
      ? []
      : ["", "<details><summary>changes, gates and forecast</summary>", "", ...folded, "", "</details>"];
  return [`**${words(action.agent)}**`, "", ...notes, ...details, ""];
}

function foldedLines(action: PlannedAction): readonly string[] {
  const changes = action.changes.map(({ component, from, to }) => [
    code(componentName(component)),
    from === null ? "" : code(valueText(component, from)),
    to === null ? "removed" : code(valueText(component, to)),
  ]);
  const gates = action.opinions.map(({ gate, verdict }) => [gate, verdictVerb[verdict.result], words(verdict.because)]);
  const { progress } = action;
  const standing =
    progress === null ? [] : [`Rollout ${code(progress.rollout)}: ${stageText(progress.stages, progress.stage)}.`];
  const parts = [
    table(["component", "from", "to"], changes),
    table(["gate", "verdict", "numbers"], gates),
    standing,
    action.forecast
      .filter(({ sessionsPerHour }) => sessionsPerHour > 0)
      .map((forecast) => `- ${forecastText(forecast)}`),
  ];
  return parts.filter((part) => part.length > 0).flatMap((part, index) => (index === 0 ? part : ["", ...part]));
}

function footer(view: PlanView): readonly string[] {
  const { plan } = view;
  const { before, after } = exposure(plan);
  const averaged = plan.actions.length === 1 ? "" : `, averaged over ${countText(plan.actions.length, "agent")}`;
  const exposed =
    before > 0 || after > 0
      ? [`Exposed: ${percentText(before)} → ${percentText(after)} of sessions${averaged}.`, ""]
      : [];
  const warnings = view.warnings.map(
    ({ code: id, severity, detail }) => `- ⚠️ ${severity} ${code(id)}: ${words(detail)}`,
  );
  const saved = view.savedTo === null ? "" : ` · saved as ${code(view.savedTo)}`;
  const spec = plan.spec.replace(/^sha256:/, "").slice(0, 7);
  return [
    ...exposed,
    ...(warnings.length === 0 ? [] : [...warnings, ""]),
    `<sub>spec ${code(spec)} · plan ${code(shortDigest(view.digest))} · live read ${stampText(plan.madeAt)}${saved}</sub>`,
  ];
}
