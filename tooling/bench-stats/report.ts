/** What a part of the benchmark hands back: tables for people, and goals that are reached or not. */

export interface Table {
  readonly title: string;
  /** What was played, in a sentence or two. */
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** `open`: missed as measured, by no more than chance moves so few runs. */
export type GoalState = "reached" | "missed" | "open";

export interface Goal {
  readonly name: string;
  readonly wanted: string;
  readonly measured: string;
  readonly state: GoalState;
}

/** The worst of several. */
export function worstState(states: readonly GoalState[]): GoalState {
  if (states.includes("missed")) return "missed";
  return states.includes("open") ? "open" : "reached";
}

/** `least` and `most`: the 95 % interval of what was measured. */
export interface Estimate {
  readonly value: number;
  readonly least: number;
  readonly most: number;
}

export function atMost({ value, least }: Estimate, limit: number): GoalState {
  if (value <= limit) return "reached";
  return least <= limit ? "open" : "missed";
}

export function atLeast({ value, most }: Estimate, limit: number): GoalState {
  if (value >= limit) return "reached";
  return most >= limit ? "open" : "missed";
}

/** A share of runs, with the interval of Wilson. */
export function shareOf(hits: number, runs: number): Estimate {
  return { value: hits / runs, least: leastShare(hits, runs), most: 1 - leastShare(runs - hits, runs) };
}

/** The ratio of two means, with its interval by the delta method. */
export function ratioOf(above: readonly number[], below: readonly number[]): Estimate {
  const value = mean(above) / mean(below);
  const error = value * Math.sqrt(relativeVariance(above) + relativeVariance(below));
  return { value, least: value - 1.96 * error, most: value + 1.96 * error };
}

function relativeVariance(values: readonly number[]): number {
  const centre = mean(values);
  const variance = mean(values.map((value) => (value - centre) ** 2));
  return variance / (centre * centre * values.length);
}

/** A quantile of runs, with its interval by the ranks around it. */
export function quantileEstimate(values: readonly number[], share: number): Estimate {
  const reach = 1.96 * Math.sqrt((share * (1 - share)) / values.length);
  const at = (wanted: number): number => quantile(values, Math.min(Math.max(wanted, 0), 1));
  return { value: at(share), least: at(share - reach), most: at(share + reach) };
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
  full: { name: "full", rates: 600, values: 250, detection: 4000, forecast: 4000, six: 400, rollouts: 300 },
};

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Nearest rank. Runs that never decided are Infinity. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The lower end of Wilson's 95 % interval. */
function leastShare(hits: number, runs: number): number {
  const z = 1.96;
  const share = hits / runs;
  const centre = share + (z * z) / (2 * runs);
  const half = z * Math.sqrt((share * (1 - share)) / runs + (z * z) / (4 * runs * runs));
  return (centre - half) / (1 + (z * z) / runs);
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

const stateTexts: Readonly<Record<GoalState, string>> = {
  reached: "reached",
  missed: "NOT reached",
  open: "too close to tell",
};

/** All goals as a table of their own. */
export function goalsTable(goals: readonly Goal[]): Table {
  const reached = goals.filter(({ state }) => state === "reached").length;
  const open = goals.filter(({ state }) => state === "open").length;
  const few = open === 0 ? "" : ` ${open} too close to tell in so few runs.`;
  return {
    title: "Goals",
    note: `${reached} of ${goals.length} reached.${few}`,
    head: ["goal", "wanted", "measured", ""],
    rows: goals.map(({ name, wanted, measured, state }) => [name, wanted, measured, stateTexts[state]]),
  };
}
