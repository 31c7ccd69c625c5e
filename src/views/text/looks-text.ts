// Answers to a look: drift, verdicts, metrics, a revision, the runbooks.

import { components } from "../../core/model/revision.js";
import { shortRevision } from "../../core/model/units.js";
import { countText } from "../amount-text.js";
import { changeText, componentName, valueText } from "../change-text.js";
import { gap, paragraph } from "../layout.js";
import { type Arms, metricLines } from "../metric-rows.js";
import { verdictTone, verdictVerb } from "../planned-words.js";
import { paint, type Style } from "../style.js";
import { clockText, durationText, stampText } from "../time-text.js";
import type { DriftView, MetricsView, RevisionView, RunbooksView, VerdictView } from "../view.js";

export function driftLines(view: DriftView, style: Style): readonly string[] {
  const drifted = view.agents.filter((agent) => agent.drifted);
  const lines = view.agents.flatMap((agent) => {
    const word = agent.drifted ? "drifted" : "as wanted";
    const head = paint(style, agent.drifted ? "bad" : "good", `${agent.drifted ? "!" : " "} ${agent.agent}  ${word}`);
    const say = (text: string): readonly string[] => paragraph(style, text, { indent: "    ", hang: "  " });
    if (!agent.drifted) return [head, ...say(`${agent.target} shows ${agent.live} (${agent.because})`)];
    return [
      head,
      ...say(`wanted: ${agent.wanted}`),
      ...say(`live on ${agent.target}: ${agent.live}`),
      ...say(agent.because),
    ];
  });
  const count =
    drifted.length === 0 ? "No drift." : `${countText(drifted.length, "agent")} of ${view.agents.length} drifted.`;
  return [...lines, "", paint(style, "strong", count)];
}

export function verdictLines(view: VerdictView, style: Style): readonly string[] {
  if (view.rows.length === 0) return [`The ${view.gate} gate had nothing to judge.`];
  return view.rows.flatMap(({ subject, verdict }) => [
    `${paint(style, "strong", `${view.gate} gate`)}  ${subject}  ${paint(style, verdictTone[verdict.result], verdictVerb[verdict.result])}`,
    ...paragraph(style, verdict.because, { indent: "  " }),
    ...(verdict.earliest === null ? [] : [`  earliest ${clockText(verdict.earliest, style.now)}`]),
  ]);
}

export function metricsLines(view: MetricsView, style: Style): readonly string[] {
  const [stable = null, canary = null, ...others] = view.arms;
  const span = `${stampText(view.from)} to ${stampText(view.to)} (${durationText(view.to - view.from)})`;
  const lines = [...paragraph(style, `${view.agent}${gap}${span}`, { indent: "", hang: "  " })];
  if (view.arms.every(({ tasks, sessions }) => tasks + sessions === 0)) lines.push("  no telemetry in this time");
  else lines.push(...armsLines({ stable, canary }, style));
  for (const arm of others.filter(({ tasks }) => tasks > 0))
    lines.push("", ...armsLines({ stable: arm, canary: null }, style));
  if (view.failed.length === 0) return lines;
  const failed =
    view.failed.length === 1 ? "The last failed task" : `The last ${view.failed.length} failed tasks, newest first`;
  lines.push("", `  ${failed}`);
  for (const { id, at, revision, why } of view.failed) {
    const head = [stampText(at), revision.slice(0, 9), id].join(gap);
    lines.push(...paragraph(style, `${head}${gap}${why}`, { indent: "    ", hang: "  " }));
  }
  if (view.shared.length > 0) lines.push("", "  What they share");
  for (const { trait, tasks } of view.shared)
    lines.push(...paragraph(style, `${countText(tasks, "task")}${gap}${trait}`, { indent: "    ", hang: "  " }));
  return lines;
}

function armsLines(arms: Arms, style: Style): readonly string[] {
  const named = Object.entries(arms).map(([name, arm]) =>
    arm === null ? "" : `${name} ${shortRevision(arm.revision)}`,
  );
  return [`  ${named.filter((name) => name !== "").join(", ")}`, ...metricLines(style, arms, "  ")];
}

export function revisionLines({ content, changes, against }: RevisionView, style: Style): readonly string[] {
  const { commit, dirty } = content.origin;
  const origin =
    commit === null
      ? "not read from a commit"
      : `read from commit ${commit.slice(0, 10)}${dirty ? ", with uncommitted changes" : ""}`;
  const lines = [
    paint(style, "strong", `revision ${shortRevision(content.id)} of ${content.agent}`),
    `  ${content.id}`,
    `  ${origin}`,
  ];
  for (const [component, value] of Object.entries(components(content))) {
    lines.push(
      ...paragraph(style, `${componentName(component)} = ${valueText(component, value)}`, {
        indent: "    ",
        hang: "  ",
      }),
    );
  }
  if (against === null) return lines;
  lines.push("", `  Against ${shortRevision(against)}`);
  if (changes.length === 0) lines.push("    nothing differs");
  for (const change of changes) lines.push(...paragraph(style, changeText(change), { indent: "    ", hang: "  " }));
  return lines;
}

export function runbooksLines(view: RunbooksView, style: Style): readonly string[] {
  if (view.runbooks.length === 0) return ["There are no runbooks."];
  return view.runbooks.flatMap(({ path, title, on, owner, reviewed, problems }) => [
    paint(style, "strong", path),
    ...paragraph(style, title, { indent: "    " }),
    ...paragraph(style, `on ${on.length === 0 ? "nothing" : on.join(", ")}; owner ${owner}; reviewed ${reviewed}`, {
      indent: "    ",
    }),
    ...(problems === 0 ? [] : [paint(style, "bad", `    ${countText(problems, "problem")}: rollout runbook check`)]),
  ]);
}
