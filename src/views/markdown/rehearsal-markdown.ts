// Rehearsals of a ramp, as Markdown for a review.

import { countText, numberText, percentText, weightText } from "../amount-text.js";
import { endText, legsText, recordedRevision, rivalText, shareText, typicalText } from "../rehearsal-words.js";
import { stampText } from "../time-text.js";
import type { BacktestView, SimulationView, TypicalHours } from "../view.js";
import { code, table, words } from "./inline.js";

export function simulationMarkdown(view: SimulationView): readonly string[] {
  const rows = view.scenarios.map((scenario) => [
    words(scenario.name),
    shareText(scenario.promoted, scenario.runs),
    shareText(scenario.rolledBack, scenario.runs),
    shareText(scenario.waits, scenario.runs),
    hoursCell(scenario.hoursToPromotion),
    hoursCell(scenario.hoursToRollback),
    scenario.drop === 0 ? "" : numberText(Math.round(scenario.harmed)),
  ]);
  const head = [
    "the canary",
    "promoted",
    "rolled back",
    "left waiting",
    "promoted after",
    "rolled back after",
    "harmed",
  ];
  const runs = view.scenarios[0]?.runs ?? 0;
  return [
    `## Simulation of ${words(view.agent)}`,
    "",
    `${numberText(Math.round(view.sessionsPerHour * 10) / 10)} ${view.unit ?? "session"}s an hour, task success ${percentText(1 - view.failures)}; ${legsText(view.legs)}. ${countText(runs, "run")} of each, seed ${view.seed}.`,
    "",
    ...table(head, rows),
    "",
    ...view.notes.map((note) => `- ${words(note)}`),
    ...(view.interrupted ? ["- Interrupted: what was played until then is shown."] : []),
  ];
}

function hoursCell(typical: TypicalHours): string {
  return typical === null ? "" : typicalText(typical);
}

export function backtestMarkdown(view: BacktestView): readonly string[] {
  const arm = (name: "stable" | "canary"): string =>
    `${name} ${code(recordedRevision(view[name].revision))} (${countText(view[name].sessions, "session")})`;
  const steps = view.steps.map(({ at, weight, because }) => [stampText(at), weightText(weight), words(because)]);
  const rivals = view.rivals.map((rival) => [words(rival.name), words(rivalText(rival))]);
  return [
    `## Backtest of ${words(view.agent)}: ${words(endText(view))}`,
    "",
    `${arm("stable")}, ${arm("canary")}; ${stampText(view.from)} to ${stampText(view.to)}; ${legsText(view.legs)}.`,
    "",
    words(view.end.because),
    "",
    ...table(["at", "weight", "because"], steps),
    "",
    ...table(["rule", "on the same sessions"], rivals),
    "",
    ...view.notes.map((note) => `- ${words(note)}`),
  ];
}
