// A simulated ramp as a picture: for each scenario, how many of the runs had ended, and how, by each hour.

import { glue } from "../layout.js";
import { endings, hoursText, shareText } from "../rehearsal-words.js";
import type { SimulatedScenario, SimulationView } from "../view.js";

const page = { width: 720, left: 60, right: 20, top: 56, panel: 96, gap: 58 } as const;
/** Told apart without colour by their order: promoted from below, rolled back from above, waiting in between. */
const fills = { promoted: "#2f855a", rolledBack: "#c53030", waits: "#b7791f" } as const;

/** A document of its own, without scripts and fonts, readable on light and dark pages. */
export function simulationSvg(view: SimulationView): string {
  const hours = Math.max(1, ...view.scenarios.flatMap(({ curve }) => curve.map(({ hour }) => hour)));
  const height = page.top + view.scenarios.length * (page.panel + page.gap);
  const panels = view.scenarios.map((scenario, index) =>
    panel(scenario, { top: page.top + index * (page.panel + page.gap), hours }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${page.width} ${height}" width="${page.width}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(`Simulated ramp of ${view.agent}`)}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    text({ x: page.left, y: 22, bold: true }, `Simulated ramp of ${view.agent}, seed ${view.seed}`),
    legend(),
    ...panels.flat(),
    "</svg>",
    "",
  ].join("\n");
}

function legend(): string {
  return endings
    .map(({ key, word }, index) => {
      const x = page.left + index * 120;
      return `<rect x="${x}" y="32" width="10" height="10" fill="${fills[key]}"/>${text({ x: x + 15, y: 41 }, word)}`;
    })
    .join("\n");
}

function panel(scenario: SimulatedScenario, at: { readonly top: number; readonly hours: number }): readonly string[] {
  const { top, hours } = at;
  const width = page.width - page.left - page.right;
  const x = (hour: number): string => (page.left + (hour / hours) * width).toFixed(1);
  const bottom = top + 16 + page.panel - 16;
  const y = (share: number): string => (bottom - share * (page.panel - 16)).toFixed(1);
  const area = (from: readonly Edge[], to: readonly Edge[], fill: string): string => {
    const forth = from.map(({ hour, share }) => `${x(hour)},${y(share)}`);
    const back = [...to].reverse().map(({ hour, share }) => `${x(hour)},${y(share)}`);
    return `<polygon points="${[...forth, ...back].join(" ")}" fill="${fill}"/>`;
  };
  const edge = (share: (point: SimulatedScenario["curve"][number]) => number): readonly Edge[] =>
    scenario.curve.map((point) => ({ hour: point.hour, share: share(point) }));
  const ended = endings
    .filter(({ key }) => scenario[key] > 0)
    .map(({ key, word }) => `${word} ${shareText(scenario[key], scenario.runs)}`)
    .join(", ");
  return [
    text({ x: page.left, y: top + 8, bold: true }, scenario.name),
    text({ x: page.width - page.right, y: top + 8, anchor: "end" }, ended.replaceAll(glue, " ")),
    `<rect x="${page.left}" y="${y(1)}" width="${width}" height="${page.panel - 16}" fill="#edf2f7"/>`,
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
    ...[0, 0.5, 1].map((share) =>
      text({ x: page.left - 6, y: Number(y(share)) + 4, anchor: "end" }, `${100 * share} %`),
    ),
    ...[0, 0.25, 0.5, 0.75, 1].map((part) =>
      text(
        { x: Number(x(part * hours)), y: bottom + 15, anchor: part === 1 ? "end" : "middle" },
        hoursText(part * hours).replaceAll(glue, " "),
      ),
    ),
  ];
}

interface Edge {
  readonly hour: number;
  readonly share: number;
}

function text(
  at: { readonly x: number; readonly y: number; readonly bold?: true; readonly anchor?: "middle" | "end" },
  said: string,
): string {
  const weight = at.bold ? ' font-weight="600"' : "";
  const anchor = at.anchor === undefined ? "" : ` text-anchor="${at.anchor}"`;
  return `<text x="${at.x}" y="${at.y}" fill="#1a202c"${weight}${anchor}>${escaped(said)}</text>`;
}

function escaped(said: string): string {
  return said.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
