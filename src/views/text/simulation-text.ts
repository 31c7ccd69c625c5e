// A simulated ramp for the terminal: one bar for each scenario, and when it ended.

import { countText, numberText, percentText } from "../amount-text.js";
import { paragraph } from "../layout.js";
import { endings, legsText, shareText, typicalText } from "../rehearsal-words.js";
import { paint, type Style, type Tone } from "../style.js";
import type { SimulatedScenario, SimulationView } from "../view.js";

export function simulationLines(view: SimulationView, style: Style): readonly string[] {
  const say = (text: string): readonly string[] => paragraph(style, text, { indent: "  ", hang: "    " });
  const traffic = `${numberText(Math.round(view.sessionsPerHour * 10) / 10)} ${view.unit ?? "session"}s an hour, task success ${percentText(1 - view.failures)}`;
  const lines = [
    paint(style, "strong", `simulate ${view.agent}`),
    ...say(`traffic: ${traffic}`),
    ...say(`ramp: ${legsText(view.legs)}`),
    ...view.notes.flatMap((note) => paragraph(style, note, { indent: "  ", hang: "    ", tone: "quiet" })),
  ];
  for (const scenario of view.scenarios) lines.push("", ...scenarioLines(scenario, style, view.unit ?? "session"));
  lines.push("", legend(style), `Seed ${view.seed}: the same command plays the same runs.`);
  if (view.interrupted) lines.push(paint(style, "warn", "Interrupted: what was played until then is shown."));
  if (view.savedTo !== null) lines.push(`Wrote ${view.savedTo}`);
  return lines;
}

const tones: Readonly<Record<(typeof endings)[number]["key"], Tone>> = {
  promoted: "good",
  rolledBack: "bad",
  waits: "warn",
};
const marks = {
  unicode: { promoted: "█", rolledBack: "▒", waits: "░" },
  ascii: { promoted: "#", rolledBack: "x", waits: "." },
} as const;

function marksOf(style: Style): (typeof marks)["unicode" | "ascii"] {
  return style.unicode ? marks.unicode : marks.ascii;
}

function legend(style: Style): string {
  return endings.map(({ key, word }) => `${paint(style, tones[key], marksOf(style)[key])} ${word}`).join("   ");
}

function scenarioLines(scenario: SimulatedScenario, style: Style, unit: string): readonly string[] {
  const { runs, unproven, hoursToPromotion, hoursToRollback } = scenario;
  const say = (text: string): readonly string[] => paragraph(style, text, { indent: "    ", hang: "  " });
  const shares = endings
    .filter(({ key }) => scenario[key] > 0)
    .map(({ key, word }) => `${word} ${shareText(scenario[key], runs)}`);
  const lines = [
    `  ${paint(style, "strong", scenario.name)}`,
    ...say(`${shares.join(", ")} of ${countText(runs, "run")}`),
    `    ${bar(scenario, style)}`,
  ];
  if (hoursToPromotion !== null) lines.push(...say(`promoted after ${typicalText(hoursToPromotion)}`));
  if (unproven > 0) lines.push(...say(`${shareText(unproven, runs)} went on unproven, as the policy says`));
  if (hoursToRollback !== null) lines.push(...say(`rolled back after ${typicalText(hoursToRollback)}`));
  if (scenario.drop > 0) {
    const served = countText(Math.round(scenario.canarySessions), unit);
    lines.push(
      ...say(
        `a run serves ${served} from the canary, and ${numberText(Math.round(scenario.harmed))} of them fail because of it (medians)`,
      ),
    );
  }
  return lines;
}

/** One bar of all runs; every ending that happened has at least one mark. */
function bar(scenario: SimulatedScenario, style: Style): string {
  const width = Math.max(10, Math.min(style.width - 6, 60));
  const happened = endings.filter(({ key }) => scenario[key] > 0);
  const wanted = happened.map(({ key }) => Math.max(1, Math.round((scenario[key] / scenario.runs) * width)));
  const largest = wanted.indexOf(Math.max(...wanted));
  const spare = width - wanted.reduce((sum, count) => sum + count, 0);
  return happened
    .map(({ key }, index) =>
      paint(style, tones[key], marksOf(style)[key].repeat((wanted[index] ?? 0) + (index === largest ? spare : 0))),
    )
    .join("");
}
