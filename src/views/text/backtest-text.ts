// A ramp on recorded sessions: what this spec would have done, and when; and what other rules would have.

import { countText, weightText } from "../amount-text.js";
import { gap, paragraph } from "../layout.js";
import { endText, legsText, recordedRevision, rivalText } from "../rehearsal-words.js";
import { paint, type Style, type Tone } from "../style.js";
import { stampText } from "../time-text.js";
import type { BacktestEnd, BacktestView } from "../view.js";

export function backtestLines(view: BacktestView, style: Style): readonly string[] {
  const say = (text: string, tone: Tone = "plain"): readonly string[] =>
    paragraph(style, text, { indent: "  ", hang: "    ", tone });
  const arm = (name: "stable" | "canary"): string =>
    `${name} ${recordedRevision(view[name].revision)} (${countText(view[name].sessions, "session")})`;
  const lines = [
    paint(style, "strong", `backtest ${view.agent}`),
    ...say(`recorded: ${arm("stable")}, ${arm("canary")}, ${stampText(view.from)} to ${stampText(view.to)}`),
    ...say(`ramp: ${legsText(view.legs)}`),
    ...view.notes.flatMap((note) => say(note, "quiet")),
    "",
  ];
  for (const { at, weight, because } of view.steps)
    lines.push(...say(`${stampText(at)}${gap}${weightText(weight)}${gap}${because}`));
  // What let the canary through stands with its last step.
  const because = view.end.kind === "promoted" ? "" : `: ${view.end.because}`;
  lines.push(...say(`${stampText(view.end.at)}${gap}${endText(view)}${because}`, endTones[view.end.kind]));
  if (view.rivals.length === 0) return lines;
  lines.push("", "  Other rules on the same sessions, at the first weight");
  for (const rival of view.rivals)
    lines.push(...paragraph(style, `${rival.name}${gap}${rivalText(rival)}`, { indent: "    ", hang: "  " }));
  return lines;
}

const endTones: Readonly<Record<BacktestEnd["kind"], Tone>> = {
  promoted: "good",
  "rolled-back": "bad",
  waits: "warn",
  open: "warn",
};
