// What was recorded: the history of entries, and incidents.

import type { Incident } from "../../core/model/incident.js";
import { shortRevision } from "../../core/model/units.js";
import { weightText } from "../amount-text.js";
import { changeText } from "../change-text.js";
import { gap, paragraph, table } from "../layout.js";
import { mostUrgent } from "../picture-words.js";
import { shortDigest, verdictVerb } from "../planned-words.js";
import { paint, type Style } from "../style.js";
import { relativeText, stampText } from "../time-text.js";
import type { HistoryView, IncidentsView, IncidentView } from "../view.js";
import { drawnLines, pictureCharts } from "./picture-chart.js";
import { pictureLines } from "./picture-lines.js";

export function historyLines(view: HistoryView, style: Style): readonly string[] {
  if (view.agents.every(({ entries }) => entries.length === 0)) return ["Nothing is recorded yet."];
  return view.agents.flatMap(({ agent, entries }) => [
    paint(style, "strong", agent),
    ...entries.flatMap(({ entry, what }) => {
      const person = entry.event.by === "" || what.includes(entry.event.by) ? "" : ` (${entry.event.by})`;
      return paragraph(style, `${stampText(entry.event.at)}${gap}#${entry.serial}${gap}${what}${person}`, {
        indent: "  ",
        hang: "    ",
      });
    }),
    "",
  ]);
}

export function incidentsLines(view: IncidentsView, style: Style): readonly string[] {
  if (view.incidents.length === 0) return ["There are no incidents."];
  const rows = view.incidents.map((incident) => [
    { text: incident.id, tone: "bad" as const },
    { text: stampText(incident.at) },
    { text: incident.outcome.replace("-", " ") },
    { text: `${shortRevision(incident.canary)} at ${weightText(incident.weight)}` },
  ]);
  const heads = table(style, rows);
  if (heads.length !== rows.length) return view.incidents.flatMap((incident) => [...summaryLines(incident, style), ""]);
  return view.incidents.flatMap((incident, index) => [
    heads[index] ?? "",
    ...paragraph(style, incident.because, { indent: "    " }),
  ]);
}

function summaryLines(incident: Incident, style: Style): readonly string[] {
  const head = [incident.id, incident.outcome.replace("-", " "), stampText(incident.at)].join(gap);
  return [
    ...paragraph(style, head, { indent: "", hang: "  ", tone: "bad" }),
    ...paragraph(style, incident.because, { indent: "    " }),
  ];
}

export function incidentLines({ incident, drawn }: IncidentView, style: Style): readonly string[] {
  const say = (text: string): readonly string[] => paragraph(style, text, { indent: "  ", hang: "    " });
  const title = `incident ${incident.id}: ${incident.agent} ${incident.outcome.replace("-", " ")}`;
  const lines = [
    paint(style, "bad", title),
    ...say(`when: ${stampText(incident.at)}, ${relativeText(incident.at, style.now)}`),
    ...say(`what: ${whatText(incident)}`),
    ...say(`why: ${incident.because}`),
  ];
  if (incident.gate !== null && incident.verdict !== null) {
    const { result, because } = incident.verdict;
    const repeated = incident.because.includes(because) ? "" : `: ${because}`;
    lines.push(...say(`gate: ${incident.gate} ${verdictVerb[result]}${repeated}`));
  }
  lines.push(...say(`by: ${incident.by}`));
  if (incident.plan !== null) lines.push(...say(`plan: ${shortDigest(incident.plan)}`));
  if (incident.changes.length > 0)
    lines.push(
      "",
      `  What the ${incident.outcome === "undone" ? "undo" : "canary"} changed`,
      ...incident.changes.flatMap((change) => paragraph(style, changeText(change), { indent: "    ", hang: "  " })),
    );
  const { picture } = incident;
  if (picture !== null)
    lines.push(
      "",
      ...pictureLines(picture, style, "    "),
      "",
      ...pictureCharts(picture, style, "  ", mostUrgent(picture)),
    );
  lines.push("", "  Time line");
  for (const { at, what } of incident.timeline)
    lines.push(...paragraph(style, `${stampText(at)}${gap}${what}`, { indent: "    ", hang: "  " }));
  lines.push("", ...runbookLines(incident));
  if (drawn.length > 0) lines.push("", ...drawnLines(drawn, style));
  return lines;
}

function whatText(incident: Incident): string {
  const { canary, weight, rollout, outcome } = incident;
  const during = rollout === null ? "no rollout under way" : `rollout ${rollout}`;
  if (outcome === "breached")
    return `stable ${shortRevision(canary)} at ${weightText(weight)}, ${during}; nothing was moved`;
  if (outcome === "undone") return `${revisionsText(incident)}, stable at ${weightText(weight)}, ${during}`;
  return `${revisionsText(incident)}, canary at ${weightText(weight)}, ${during}`;
}

function revisionsText({ from, canary }: Incident): string {
  return from === null ? shortRevision(canary) : `${shortRevision(canary)} -> ${shortRevision(from)}`;
}

function runbookLines({ runbook }: Incident): readonly string[] {
  if (runbook === null) return ["  No runbook is named for this agent."];
  return ["  What to do now:", `      rollout runbook show ${runbook}`];
}
