// A plan as text: riskiest first, each action with what moves, why, and when the rest could happen.

import type { Plan, PlannedAction } from "../../core/model/plan.js";
import { shortRevision } from "../../core/model/units.js";
import { countText, percentText, weightText } from "../amount-text.js";
import { changeText } from "../change-text.js";
import { forecastText } from "../forecast-text.js";
import { type Cell, gap, glue, paragraph, table } from "../layout.js";
import {
  changesAnything,
  decisiveOpinion,
  exposure,
  kindWords,
  movement,
  reasonText,
  shortDigest,
  tally,
  verdictTone,
  verdictVerb,
} from "../planned-words.js";
import { stageText } from "../stages-text.js";
import { paint, type Style, type Tone } from "../style.js";
import { durationText, momentText, relativeText } from "../time-text.js";
import type { PlanView } from "../view.js";
import { drawnLines } from "./picture-chart.js";
import { warningLines } from "./problems-text.js";

const indent = "    ";

export function planLines(view: PlanView, style: Style): readonly string[] {
  const { plan } = view;
  const quiet = plan.actions.filter(isQuiet);
  const shown = plan.actions.filter((action) => !isQuiet(action));
  const heads = table(
    style,
    shown.map((action) => headCells(action)),
  );
  const lines = [...header(plan, style), ""];
  const fits = heads.length === shown.length;
  shown.forEach((action, index) => {
    const head = fits ? heads.slice(index, index + 1) : foldedHead(action, style);
    lines.push(...head, ...detailLines(action, style), "");
  });
  if (shown.length > 0 && quiet.length > 0) lines.push(...quietLines(quiet, style), "");
  lines.push(...warningLines(view.warnings, style), ...footer(view, style), ...drawnLines(view.drawn, style));
  return lines;
}

/** Where the heads do not fit as a table, the revisions and weights take a line of their own. */
function foldedHead(action: PlannedAction, style: Style): readonly string[] {
  const [name, word, revisions, weights] = headCells(action);
  const painted = (cell: Cell | undefined): string => paint(style, cell?.tone ?? "plain", cell?.text ?? "");
  const second = [revisions, weights].filter((cell) => cell?.text !== "").map(painted);
  return [`${painted(name)}  ${painted(word)}`, ...(second.length === 0 ? [] : [indent + second.join("  ")])];
}

/** Nothing happens and nothing is to be said: such agents share one line. */
function isQuiet(action: PlannedAction): boolean {
  return action.kind === "none" && action.code === null && action.hint === null && action.warnings.length === 0;
}

function header(plan: Plan, style: Style): readonly string[] {
  const facts = [`spec ${plan.spec.replace(/^sha256:/, "").slice(0, 7)}`];
  const serials = plan.actions.map(({ agent, basis }) => `${agent}${glue}#${basis.serial}`);
  if (serials.length > 0 && serials.length <= 3) facts.push(`state ${serials.join(", ")}`);
  if (serials.length > 3) facts.push(`state of ${countText(serials.length, "agent")}`);
  facts.push(`live read ${relativeText(plan.madeAt, style.now)}`);
  const title = "rollout plan";
  return paragraph(style, `${title}   ${facts.join(" · ")}`.replace("   ", glue.repeat(3)), {
    indent: "",
    hang: "  ",
  }).map((line, index) => (index === 0 ? paint(style, "strong", title) + line.slice(title.length) : line));
}

function headCells(action: PlannedAction): readonly Cell[] {
  const { symbol, tone } = kindWords[action.kind];
  return [
    { text: `${symbol} ${action.agent}`, tone },
    { text: action.kind, tone },
    { text: revisionsText(action) },
    { text: weightsText(action) },
  ];
}

function revisionsText(action: PlannedAction): string {
  const { from, to } = movement(action);
  if (from === null && to === null) return "";
  if (from === null || to === null || from === to) return shortRevision((to ?? from) as NonNullable<typeof to>);
  return `${shortRevision(from)} -> ${shortRevision(to)}`;
}

function weightsText({ kind, weightFrom, weightTo }: PlannedAction): string {
  if (weightFrom !== weightTo) return `${weightText(weightFrom)} -> ${weightText(weightTo)}`;
  return kind === "none" || kind === "adopt" ? "" : weightText(weightFrom);
}

function detailLines(action: PlannedAction, style: Style): readonly string[] {
  const say = (text: string, tone: Tone = "plain"): readonly string[] =>
    paragraph(style, text, { indent, tone, hang: "  " });
  const lines = [...say(reasonText(action))];
  for (const change of action.changes) lines.push(...say(changeText(change)));
  const decisive = decisiveOpinion(action);
  for (const opinion of action.opinions) {
    if (opinion === decisive) continue;
    const { result, because } = opinion.verdict;
    lines.push(...say(`${opinion.gate} gate ${verdictVerb[result]}: ${because}`, verdictTone[result]));
  }
  if (action.progress !== null) lines.push(...say(progressText(action), "quiet"));
  if (action.earliest !== null) lines.push(...say(`earliest ${momentText(action.earliest, style.now)}`));
  if (action.queued !== null)
    lines.push(...say(`queued: ${shortRevision(action.queued)} waits for the end of this rollout`));
  for (const warning of action.warnings) lines.push(...say(`warning: ${warning}`, "warn"));
  for (const forecast of action.kind === "none" ? [] : action.forecast) {
    if (forecast.sessionsPerHour > 0) lines.push(...say(`forecast: ${forecastText(forecast)}`, "quiet"));
    if (forecast.warning !== null) lines.push(...say(`warning: ${forecast.warning}`, "warn"));
  }
  if (action.code !== null) lines.push(...say(`code: ${action.code}`, "quiet"));
  if (action.hint !== null) lines.push(...say(`you can run: ${action.hint}`));
  return lines;
}

/** Where the rollout stands; after a step onwards, where it will stand then. */
function progressText({ kind, progress }: PlannedAction): string {
  if (progress === null) return "";
  const { rollout, stages, stage } = progress;
  const paused = progress.paused ? ", paused" : "";
  const attempt = progress.attempt > 1 ? `, attempt ${progress.attempt}` : "";
  const onwards = kind === "start" || kind === "supersede" || kind === "advance";
  return `${onwards ? "then " : ""}rollout ${rollout}${onwards ? " is at" : ":"} ${stageText(stages, stage)}${attempt}${paused}`;
}

function quietLines(quiet: readonly PlannedAction[], style: Style): readonly string[] {
  const names = quiet.map(({ agent }) => agent).join(", ");
  return paragraph(style, `Unchanged: ${names}`, { indent: "  ", tone: "quiet", hang: "  " });
}

function footer(view: PlanView, style: Style): readonly string[] {
  const { plan } = view;
  const lines: string[] = [];
  const say = (text: string, tone: Tone = "plain"): number =>
    lines.push(...paragraph(style, text, { indent: "", tone, hang: "  " }));
  const holds = plan.actions.some((action) => action.kind === "hold");
  if (plan.actions.length === 0) say("No changes. There is no agent.", "strong");
  else if (!changesAnything(plan) && !holds) say("No changes. What is declared, recorded and live agree.", "strong");
  else {
    const counts = tally(plan).map(([kind, count]) => `${count} ${kindWords[kind].tally}`);
    say(`Plan: ${counts.join(", ")}.`, "strong");
  }
  const { before, after } = exposure(plan);
  if (before > 0 || after > 0) {
    const averaged = plan.actions.length === 1 ? "" : `, averaged over ${countText(plan.actions.length, "agent")}`;
    say(`Exposed: ${percentText(before)} -> ${percentText(after)} of sessions${averaged}.`);
  }
  if (view.savedTo !== null) {
    const life = durationText(plan.validUntil - plan.madeAt);
    say(`Saved ${view.savedTo}${gap}${shortDigest(view.digest)}${gap}valid ${life}`);
    lines.push(`    rollout apply ${view.savedTo}`);
  }
  return lines;
}
