// A simulated ramp as a picture: for each scenario, how many of the runs had ended, and how, by each hour.

import { endings, hoursText, shareText } from "../rehearsal-words.js";
import type { SimulatedScenario, SimulationView } from "../view.js";
import { filled, fixed, type Ink, svgPage, svgText, timeLabels, valueLabels } from "./svg-page.js";

const page = { width: 720, left: 60, right: 20, top: 56, panel: 96, gap: 58 } as const;
/** Told apart without colour by their order: promoted from below, rolled back from above, waiting in between. */
const fills: Readonly<Record<(typeof endings)[number]["key"], Ink>> = {
  promoted: "good",
  rolledBack: "bad",
  waits: "warn",
};

export function simulationSvg(view: SimulationView): string {
  const hours = Math.max(1, ...view.scenarios.flatMap(({ curve }) => curve.map(({ hour }) => hour)));
  const height = page.top + view.scenarios.length * (page.panel + page.gap);
  const panels = view.scenarios.map((scenario, index) =>
    panel(scenario, { top: page.top + index * (page.panel + page.gap), hours }),
  );
  const title = `Simulated ramp of ${view.agent}`;
  const description = view.scenarios.map((scenario) => `${scenario.name}: ${endedText(scenario)}`).join("; ");
  return svgPage({ width: page.width, height, title, description }, [
    svgText({ x: page.left, y: 22, bold: true }, `Simulated ramp of ${view.agent}, seed ${view.seed}`),
    legend(),
    ...panels.flat(),
  ]);
}

function endedText(scenario: SimulatedScenario): string {
  return endings
    .filter(({ key }) => scenario[key] > 0)
    .map(({ key, word }) => `${word} ${shareText(scenario[key], scenario.runs)}`)
    .join(", ");
}

function legend(): string {
  return endings
    .map(({ key, word }, index) => {
      const x = page.left + index * 120;
      return `<rect x="${x}" y="32" width="10" height="10" ${filled(fills[key])}/>${svgText({ x: x + 15, y: 41 }, word)}`;
    })
    .join("\n");
}

function panel(scenario: SimulatedScenario, at: { readonly top: number; readonly hours: number }): readonly string[] {
  const { top, hours } = at;
  const width = page.width - page.left - page.right;
  const x = (hour: number): string => fixed(page.left + (hour / hours) * width);
  const bottom = top + 16 + page.panel - 16;
  const y = (share: number): string => fixed(bottom - share * (page.panel - 16));
  const area = (from: readonly Edge[], to: readonly Edge[], ink: Ink): string => {
    const forth = from.map(({ hour, share }) => `${x(hour)},${y(share)}`);
    const back = [...to].reverse().map(({ hour, share }) => `${x(hour)},${y(share)}`);
    return `<polygon points="${[...forth, ...back].join(" ")}" ${filled(ink)}/>`;
  };
  const edge = (share: (point: SimulatedScenario["curve"][number]) => number): readonly Edge[] =>
    scenario.curve.map((point) => ({ hour: point.hour, share: share(point) }));
  return [
    svgText({ x: page.left, y: top + 8, bold: true }, scenario.name),
    svgText({ x: page.width - page.right, y: top + 8, anchor: "end" }, endedText(scenario)),
    `<rect x="${page.left}" y="${y(1)}" width="${width}" height="${page.panel - 16}" ${filled("panel")}/>`,
    area(
      edge(() => 0),
      edge(({ promoted }) => promoted),
      fills.promoted,
    ),
    area(
      edge(({ rolledBack }) => 1 - rolledBack),
      edge(() => 1),
      fills.rolledBack,
    ),
    area(
      edge(({ promoted }) => promoted),
      edge(({ promoted, waits }) => promoted + waits),
      fills.waits,
    ),
    ...valueLabels(
      [0, 0.5, 1].map((share) => ({ y: Number(y(share)), text: `${100 * share} %` })),
      page.left,
    ),
    ...timeLabels(
      [0, 0.25, 0.5, 0.75, 1].map((part) => ({
        x: Number(x(part * hours)),
        text: part === 0 ? "0 h" : hoursText(part * hours),
      })),
      bottom,
    ),
  ];
}

interface Edge {
  readonly hour: number;
  readonly share: number;
}
