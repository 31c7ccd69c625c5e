// What every picture shares: the page with its title, text that nothing can break out of, and the labels of its axes.

/** Classes with a colour for light and for dark pages; what ignores style sheets shows the light one. */
const inks = {
  page: ["#ffffff", "#11161d"],
  panel: ["#edf2f7", "#1c2430"],
  ink: ["#1a202c", "#e6edf3"],
  quiet: ["#4a5568", "#9fb0c3"],
  accent: ["#2b6cb0", "#63b3ed"],
  bad: ["#c53030", "#fc8181"],
  good: ["#2f855a", "#68d391"],
  warn: ["#975a16", "#f6ad55"],
} as const;
export type Ink = keyof typeof inks;

/** `class` and the light colour, for a shape that is filled or drawn with it. */
export function filled(ink: Ink): string {
  return `class="f-${ink}" fill="${inks[ink][0]}"`;
}
export function stroked(ink: Ink): string {
  return `class="s-${ink}" stroke="${inks[ink][0]}" fill="none"`;
}

export interface SvgPage {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** What a person who cannot see it is told. */
  readonly description: string;
}

/** A document of its own, without scripts and fonts, readable on light and dark pages. */
export function svgPage({ width, height, title, description }: SvgPage, body: readonly string[]): string {
  const rules = Object.entries(inks).map(([name, [, dark]]) => `.f-${name}{fill:${dark}}.s-${name}{stroke:${dark}}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description" font-family="system-ui, sans-serif" font-size="12">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(description)}</desc>`,
    `<style>@media (prefers-color-scheme: dark){${rules.join("")}}</style>`,
    `<rect width="100%" height="100%" ${filled("page")}/>`,
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

export interface TextPlace {
  readonly x: number;
  readonly y: number;
  readonly bold?: true;
  readonly anchor?: "start" | "middle" | "end";
  readonly ink?: Ink;
}

export function svgText(at: TextPlace, said: string): string {
  const weight = at.bold ? ' font-weight="600"' : "";
  const anchor = at.anchor === undefined || at.anchor === "start" ? "" : ` text-anchor="${at.anchor}"`;
  return `<text x="${fixed(at.x)}" y="${fixed(at.y)}" ${filled(at.ink ?? "ink")}${weight}${anchor}>${escaped(said)}</text>`;
}

/** At most one decimal, so that files stay small and the same on every machine. */
export function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Labels left of a value axis at `x`. */
export function valueLabels(
  labels: readonly { readonly y: number; readonly text: string }[],
  x: number,
): readonly string[] {
  return labels.map(({ y, text }) => svgText({ x: x - 6, y: y + 4, anchor: "end" }, text));
}

/** Labels below a time axis at `y`: the first begins and the last ends with it, the others stand in the middle. */
export function timeLabels(
  labels: readonly { readonly x: number; readonly text: string }[],
  y: number,
): readonly string[] {
  return labels.map(({ x, text }, index) => {
    const anchor = index === labels.length - 1 ? "end" : index === 0 ? "start" : "middle";
    return svgText({ x, y: y + 15, anchor }, text);
  });
}

function escaped(said: string): string {
  return said
    .replaceAll("\u00a0", " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
