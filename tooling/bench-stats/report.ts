/** What a part of the benchmark hands back: tables for people, and goals that are reached or not. */

export interface Table {
  readonly title: string;
  /** What was played, in a sentence or two. */
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Goal {
  readonly name: string;
  readonly wanted: string;
  readonly measured: string;
  readonly reached: boolean;
}

export interface Part {
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
}

/** How often each thing is played. */
export interface Size {
  readonly name: "quick" | "full";
  readonly rates: number;
  readonly values: number;
  readonly detection: number;
  readonly forecast: number;
  readonly six: number;
  readonly rollouts: number;
}

export const sizes: Readonly<Record<Size["name"], Size>> = {
  quick: { name: "quick", rates: 60, values: 24, detection: 300, forecast: 120, six: 40, rollouts: 40 },
  full: { name: "full", rates: 1000, values: 400, detection: 4000, forecast: 5000, six: 600, rollouts: 400 },
};

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Nearest rank. Runs that never decided are Infinity. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The lower end of Wilson's 95 % interval: a share is above a limit beyond chance when this is. */
export function leastShare(hits: number, runs: number): number {
  const z = 1.96;
  const share = hits / runs;
  const centre = share + (z * z) / (2 * runs);
  const half = z * Math.sqrt((share * (1 - share)) / runs + (z * z) / (4 * runs * runs));
  return (centre - half) / (1 + (z * z) / runs);
}

/** The upper end of the same interval. */
export function mostShare(hits: number, runs: number): number {
  return 1 - leastShare(runs - hits, runs);
}

export function percentText(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function hoursText(hours: number): string {
  if (!Number.isFinite(hours)) return "never";
  return hours < 10 ? `${hours.toFixed(1)} h` : `${Math.round(hours)} h`;
}

export function ratioText(ratio: number): string {
  return ratio.toFixed(2);
}

export function textOf(part: Part): string {
  return part.tables.map(tableText).join("\n");
}

function tableText({ title, note, head, rows }: Table): string {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return [
    `\n${title}`,
    note,
    "",
    line(head),
    line(widths.map((width) => "-".repeat(width))),
    ...rows.map(line),
    "",
  ].join("\n");
}

export function markdownOf(part: Part): string {
  return part.tables.map(tableMarkdown).join("\n");
}

function tableMarkdown({ title, note, head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = line(head.map((_, column) => (column === 0 ? "---" : "--:")));
  return [`**${title}.** ${note}`, "", line(head), rule, ...rows.map(line), ""].join("\n");
}

/** All goals as a table of their own. */
export function goalsTable(goals: readonly Goal[]): Table {
  const reached = goals.filter((goal) => goal.reached).length;
  return {
    title: "Goals",
    note: `${reached} of ${goals.length} reached.`,
    head: ["goal", "wanted", "measured", ""],
    rows: goals.map(({ name, wanted, measured, reached: isReached }) => [
      name,
      wanted,
      measured,
      isReached ? "reached" : "NOT reached",
    ]),
  };
}
