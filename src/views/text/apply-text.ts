// What an apply did, agent by agent: the entries that were written, and where each agent stands now.

import { countText } from "../amount-text.js";
import { gap, paragraph } from "../layout.js";
import { kindWords } from "../planned-words.js";
import { paint, type Style, type Tone } from "../style.js";
import { clockText, momentText } from "../time-text.js";
import type { AppliedAgent, ApplyView } from "../view.js";
import { warningLines } from "./problems-text.js";

export function applyLines(view: ApplyView, style: Style): readonly string[] {
  const loud = view.agents.filter((agent) => !isQuiet(agent));
  const quiet = view.agents.filter(isQuiet);
  const lines = loud.flatMap((agent) => [...agentLines(agent, style), ""]);
  if (loud.length > 0 && quiet.length > 0) {
    const names = quiet.map(({ agent }) => agent).join(", ");
    lines.push(...paragraph(style, `Unchanged: ${names}`, { indent: "  ", tone: "quiet", hang: "  " }), "");
  }
  return [...lines, ...warningLines(view.warnings, style), ...footer(view, style)];
}

function isQuiet({ done, after, rolledBack }: AppliedAgent): boolean {
  return done.length === 0 && !rolledBack && after.kind === "none" && after.hint === null;
}

function agentLines(applied: AppliedAgent, style: Style): readonly string[] {
  const { agent, planned, done, after, rolledBack, incidents } = applied;
  const tone: Tone = rolledBack || after.kind === "fault" ? "bad" : kindWords[planned.kind].tone;
  const symbol = rolledBack || after.kind === "fault" ? "!" : kindWords[planned.kind].symbol;
  const word = rolledBack ? "rolled back" : done.length === 0 ? after.kind : planned.kind;
  const say = (text: string, as: Tone = "plain"): readonly string[] =>
    paragraph(style, text, { indent: "    ", tone: as, hang: "  " });
  const lines = [paint(style, tone, `${symbol} ${agent}  ${word}`)];
  for (const { at, what } of done) lines.push(...say(`${clockText(at, style.now)}${gap}${what}`));
  lines.push(
    ...say(
      `now: ${after.kind === "none" ? "at rest" : after.kind}; ${after.because}`,
      after.kind === "fault" ? "bad" : "plain",
    ),
  );
  if (after.earliest !== null) lines.push(...say(`earliest ${momentText(after.earliest, style.now)}`));
  for (const incident of incidents)
    lines.push(...say(`incident ${incident}: rollout incident show ${incident}`, "bad"));
  if (after.hint !== null) lines.push(...say(`you can run: ${after.hint}`));
  return lines;
}

function footer(view: ApplyView, style: Style): readonly string[] {
  const rests = ({ planned }: AppliedAgent): boolean => planned.kind === "hold" || planned.kind === "none";
  const changed = view.agents.filter((agent) => agent.done.length > 0 && !agent.rolledBack && !rests(agent)).length;
  const back = view.agents.filter(({ rolledBack }) => rolledBack).length;
  const faults = view.agents.filter(({ after }) => after.kind === "fault").length;
  const held = view.agents.filter(
    (agent) => agent.after.kind === "hold" && (agent.done.length === 0 || rests(agent)),
  ).length;
  const parts = [
    back > 0 ? `${countText(back, "agent")} rolled back` : "",
    changed > 0 ? `${countText(changed, "agent")} moved` : "",
    held > 0 ? `${countText(held, "agent")} held` : "",
    faults > 0 ? `${countText(faults, "agent")} met a fault` : "",
  ].filter((part) => part !== "");
  const quiet = view.agents.every(({ done }) => done.length === 0) ? "Nothing to do." : "Nothing was moved.";
  const lines = paragraph(style, parts.length === 0 ? quiet : `Apply: ${parts.join(", ")}.`, {
    indent: "",
    tone: "strong",
  });
  if (!view.interrupted) return lines;
  return [
    ...lines,
    ...paragraph(style, "Interrupted: what was begun is finished and recorded; the rest is left for the next apply.", {
      indent: "",
      tone: "warn",
    }),
  ];
}
