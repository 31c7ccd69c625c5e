// An incident, and where agents stand, as Markdown for a ticket or a post.

import type { Incident } from "../../core/model/incident.js";
import { shortRevision } from "../../core/model/units.js";
import { differenceText, metricText, weightText } from "../amount-text.js";
import { componentName, valueText } from "../change-text.js";
import { metricNames } from "../metric-rows.js";
import { phaseOf } from "../phase.js";
import { reasonText, verdictVerb } from "../planned-words.js";
import { stageText } from "../stages-text.js";
import type { Style } from "../style.js";
import { stampText } from "../time-text.js";
import type { AgentStatus, HistoryView, IncidentsView, IncidentView, StatusView } from "../view.js";
import { code, table, words } from "./inline.js";
import { picturePart } from "./picture-markdown.js";

export function incidentMarkdown({ incident, drawn }: IncidentView, style: Style): readonly string[] {
  const { from, canary, verdict, gate, runbook, plan } = incident;
  const facts = [
    ["when", stampText(incident.at)],
    [
      "revision",
      from === null ? code(shortRevision(canary)) : `${code(shortRevision(canary))} → ${code(shortRevision(from))}`,
    ],
    [`${isAboutStable(incident) ? "stable" : "canary"} had`, `${weightText(incident.weight)} of sessions`],
    ["rollout", incident.rollout === null ? "none was under way" : code(incident.rollout)],
    ["by", words(incident.by)],
    ["plan", plan === null ? "none" : code(plan)],
    ["runbook", runbook === null ? "none is named" : code(runbook)],
  ];
  return [
    `# Incident ${words(incident.id)}: ${words(incident.agent)} ${incident.outcome.replace("-", " ")}`,
    "",
    words(incident.because),
    "",
    ...table(["", ""], facts),
    "",
    ...(gate === null || verdict === null
      ? []
      : ["## Numbers", "", `The ${words(gate)} gate ${verdictVerb[verdict.result]}: ${words(verdict.because)}`, ""]),
    ...picturePart(incident.picture, { drawn, style }),
    ...changesPart(incident),
    "## Time line",
    "",
    ...incident.timeline.map(({ at, what }) => `- ${stampText(at)}: ${words(what)}`),
  ];
}

/** A breach and an undo take nothing from a canary. */
function isAboutStable({ outcome }: Incident): boolean {
  return outcome === "breached" || outcome === "undone";
}

function changesPart({ changes, outcome }: Incident): readonly string[] {
  if (changes.length === 0) return [];
  const rows = changes.map(({ component, from, to }) => [
    code(componentName(component)),
    from === null ? "" : code(valueText(component, from)),
    to === null ? "removed" : code(valueText(component, to)),
  ]);
  return [
    `## What the ${outcome === "undone" ? "undo" : "canary"} changed`,
    "",
    ...table(["component", "from", "to"], rows),
    "",
  ];
}

export function incidentsMarkdown(view: IncidentsView): readonly string[] {
  if (view.incidents.length === 0) return ["There are no incidents."];
  const rows = view.incidents.map((incident) => [
    code(incident.id),
    stampText(incident.at),
    incident.outcome.replace("-", " "),
    code(shortRevision(incident.canary)),
    words(incident.because),
  ]);
  return table(["incident", "when", "outcome", "revision", "why"], rows);
}

export function historyMarkdown(view: HistoryView): readonly string[] {
  return view.agents.flatMap(({ agent, entries }) => [
    `## ${words(agent)}`,
    "",
    ...entries.map(
      ({ entry, what }) => `- ${stampText(entry.event.at)} #${entry.serial} ${words(what)} (${words(entry.event.by)})`,
    ),
    "",
  ]);
}

export function statusMarkdown(view: StatusView, style: Style): readonly string[] {
  const rows = view.agents.map((status) => {
    const { state, action } = status;
    const next = action === null || action.kind === "none" ? "" : `${action.kind}: ${reasonText(action)}`;
    return [
      code(status.agent),
      `${phaseOf(state)}${state.fallback === null ? "" : ", **fallback on**"}`,
      state.stable === null ? "" : code(shortRevision(state.stable)),
      canaryText(status),
      words(next),
    ];
  });
  return [
    `Status at ${stampText(view.now)}`,
    "",
    ...table(["agent", "phase", "stable", "canary", "next"], rows),
    "",
    ...view.agents.flatMap((status) => [
      ...metricsPart(status),
      ...picturePart(status.picture, { drawn: view.drawn.filter(({ about }) => about === status.agent), style }),
    ]),
    ...view.warnings.map(({ code: id, severity, detail }) => `- ⚠️ ${severity} ${code(id)}: ${words(detail)}`),
  ];
}

function canaryText({ state }: AgentStatus): string {
  const { rollout } = state;
  if (rollout === null) return "";
  return `${code(shortRevision(rollout.canary))} at ${weightText(rollout.confirmed)}, ${stageText(rollout.stages, rollout.stage)}`;
}

function metricsPart({ agent, stable, canary, window }: AgentStatus): readonly string[] {
  if (stable === null && canary === null) return [];
  const rows = metricNames.map((metric) => {
    const [a, b] = [stable?.values[metric] ?? null, canary?.values[metric] ?? null];
    const difference = differenceText(metric, a, b);
    return [code(metric), metricText(metric, a), canary === null ? "" : metricText(metric, b), difference ?? ""];
  });
  return [`**${words(agent)}**, the last ${window}`, "", ...table(["metric", "stable", "canary", ""], rows), ""];
}
