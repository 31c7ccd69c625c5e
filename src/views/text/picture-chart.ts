// One metric over time for the terminal: the estimate, its interval as a band, the limits as lines, and what happened below.

import type { GatePicture, MetricPicture } from "../../core/model/gate-picture.js";
import { placeOf, pointAt, type Span, timeSpan, valueSpan } from "../chart-scale.js";
import { columnsOf, glue, paragraph } from "../layout.js";
import { limitLines, momentText, pictureSentence, standingTone, valueText } from "../picture-words.js";
import { paint, type Style, type Tone } from "../style.js";
import { clockText } from "../time-text.js";
import type { DrawnPicture } from "../view.js";

const rows = 11;
const gutter = 18;
const widest = 72;

const marks = {
  unicode: {
    stable: "─",
    tolerance: "┄",
    margin: "═",
    band: "░",
    estimate: "━",
    newest: "●",
    weight: "┊",
    verdict: "┃",
    side: "┤",
    corner: "└",
    floor: "─",
    tick: "┬",
  },
  ascii: {
    stable: "-",
    tolerance: ".",
    margin: "=",
    band: ":",
    estimate: "*",
    newest: "O",
    weight: "|",
    verdict: "!",
    side: "|",
    corner: "+",
    floor: "-",
    tick: "+",
  },
} as const;

interface Cell {
  readonly text: string;
  readonly tone: Tone;
}
interface Canvas {
  readonly style: Style;
  readonly signs: (typeof marks)["unicode" | "ascii"];
  readonly columns: number;
  readonly times: Span;
  readonly values: Span;
}

/** The metrics, all by default, one below the other. */
export function pictureCharts(
  picture: GatePicture,
  style: Style,
  indent: string,
  metrics = picture.metrics,
): readonly string[] {
  return metrics.flatMap((metric, index) => [
    ...(index === 0 ? [] : [""]),
    ...pictureChart(picture, metric, { style, indent }),
  ]);
}

/** The files that `--svg` wrote. */
export function drawnLines(drawn: readonly DrawnPicture[], style: Style): readonly string[] {
  if (drawn.length === 0) return [];
  return [...drawn.flatMap(({ path }) => paragraph(style, `Wrote ${path}`, { indent: "", hang: "  " })), ""];
}

export function pictureChart(
  picture: GatePicture,
  metric: MetricPicture,
  as: { readonly style: Style; readonly indent: string },
): readonly string[] {
  const { style, indent } = as;
  const canvas: Canvas = {
    style,
    signs: style.unicode ? marks.unicode : marks.ascii,
    columns: Math.max(12, Math.min(style.width - indent.length - gutter - 2, widest)),
    times: timeSpan(picture),
    values: valueSpan(metric),
  };
  return [
    ...paragraph(style, pictureSentence(metric), { indent, hang: "  ", tone: standingTone(metric) }),
    ...drawn(picture, metric, canvas).map((line) => indent + line),
    ...axisLines(picture, canvas).map((line) => (indent + line).trimEnd()),
  ];
}

function rowOf({ values }: Canvas, value: number): number {
  return Math.round((1 - placeOf(values, value)) * (rows - 1));
}

function columnOf({ times, columns }: Canvas, at: number): number {
  return Math.round(placeOf(times, at) * (columns - 1));
}

function drawn(picture: GatePicture, metric: MetricPicture, canvas: Canvas): readonly string[] {
  const grid: Cell[][] = Array.from({ length: rows }, () =>
    Array.from({ length: canvas.columns }, (): Cell => ({ text: " ", tone: "plain" })),
  );
  const put = (row: number, column: number, cell: Cell): void => {
    const line = grid[row];
    if (line !== undefined && column >= 0 && column < canvas.columns) line[column] = cell;
  };
  const { signs } = canvas;
  drawMoments(picture, canvas, put);
  drawBand(metric, canvas, put);
  for (const { name, value } of limitLines(metric))
    for (let column = 0; column < canvas.columns; column += 1)
      put(rowOf(canvas, value), column, { text: signs[name], tone: name === "margin" ? "warn" : "quiet" });
  drawEstimate(metric, canvas, put);
  const labels = gutterLabels(metric, canvas);
  return grid.map((line, row) => {
    const label = labels.get(row) ?? "";
    return `${" ".repeat(Math.max(0, gutter - columnsOf(label)))}${label} ${signs.side}${painted(canvas.style, line)}`.trimEnd();
  });
}

type Put = (row: number, column: number, cell: Cell) => void;

/** Verdicts last: where a pass raises the weight at once, it is the pass that is seen. */
function drawMoments({ moments }: GatePicture, canvas: Canvas, put: Put): void {
  const { signs } = canvas;
  for (const kind of ["weight", "verdict"] as const) {
    for (const moment of moments.filter((each) => each.kind === kind)) {
      const tone = moment.kind === "verdict" && moment.result === "fail" ? "bad" : "quiet";
      for (let row = 0; row < rows; row += 1) put(row, columnOf(canvas, moment.at), { text: signs[kind], tone });
    }
  }
}

function drawBand(metric: MetricPicture, canvas: Canvas, put: Put): void {
  eachColumn(metric, canvas, (column, point) => {
    const [top, bottom] = [rowOf(canvas, point.high), rowOf(canvas, point.low)];
    for (let row = Math.max(top, 0); row <= Math.min(bottom, rows - 1); row += 1)
      put(row, column, { text: canvas.signs.band, tone: "accent" });
  });
}

function drawEstimate(metric: MetricPicture, canvas: Canvas, put: Put): void {
  eachColumn(metric, canvas, (column, { estimate }) =>
    put(rowOf(canvas, estimate), column, { text: canvas.signs.estimate, tone: "strong" }),
  );
  const newest = metric.points.at(-1);
  if (newest === undefined) return;
  put(rowOf(canvas, newest.estimate), columnOf(canvas, newest.at), { text: canvas.signs.newest, tone: "strong" });
}

function eachColumn(
  { points }: MetricPicture,
  canvas: Canvas,
  draw: (column: number, point: NonNullable<ReturnType<typeof pointAt>>) => void,
): void {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return;
  const { times, columns } = canvas;
  for (let column = columnOf(canvas, first.at); column <= columnOf(canvas, last.at); column += 1) {
    const at = times.low + (column / (columns - 1)) * (times.high - times.low);
    const point = pointAt(points, Math.min(Math.max(at, first.at), last.at));
    if (point !== null) draw(column, point);
  }
}

/** For limits that one row has to hold. */
const shortNames = { stable: "0", tolerance: "tol.", margin: "margin" } as const;

/** Limits by name, and the ends of the axis where no limit stands. */
function gutterLabels(metric: MetricPicture, canvas: Canvas): ReadonlyMap<number, string> {
  const { scale } = metric;
  const { low, high } = canvas.values;
  const labels = new Map<number, string>([
    [0, valueText(scale, high)],
    [rows - 1, valueText(scale, low)],
  ]);
  const lines = limitLines(metric);
  for (const { name, value } of lines) {
    const at = rowOf(canvas, value);
    const here = lines.filter((line) => rowOf(canvas, line.value) === at);
    const alone = name === "stable" ? "no difference 0" : `${name} ${valueText(scale, value)}`;
    labels.set(at, here.length === 1 ? alone : here.map((line) => shortNames[line.name]).join(", "));
  }
  return labels;
}

function painted(style: Style, line: readonly Cell[]): string {
  let text = "";
  let run = "";
  let tone: Tone = "plain";
  for (const cell of line) {
    if (cell.tone !== tone) {
      text += paint(style, tone, run);
      run = "";
      tone = cell.tone;
    }
    run += cell.text;
  }
  return text + paint(style, tone, run);
}

/** The time axis, what happened at which place of it, and its ends on the clock. */
function axisLines(picture: GatePicture, canvas: Canvas): readonly string[] {
  const { signs, columns, style } = canvas;
  const axis = Array.from({ length: columns }, (): string => signs.floor);
  for (const { at } of picture.moments) axis[columnOf(canvas, at)] = signs.tick;
  const space = " ".repeat(gutter + 2);
  const labels = picture.moments.map((moment) => ({ column: columnOf(canvas, moment.at), text: momentText(moment) }));
  const [from, to] = [clockText(picture.from, style.now), clockText(picture.to, style.now)];
  const apart = columns - columnsOf(from) - columnsOf(to);
  const clock = `${from}${glue.repeat(Math.max(apart, 0))}${to}`;
  return [
    `${" ".repeat(gutter + 1)}${signs.corner}${axis.join("")}`,
    ...placed(labels, columns).map((line) => space + line),
    ...(apart > 0
      ? [paint(style, "quiet", space + clock)]
      : paragraph(style, `${from} to ${to}`, { indent: "  ", hang: "  ", tone: "quiet" })),
  ];
}

/** Labels under their columns, on as many lines as keep them apart; one that would leave the drawing ends with it. */
function placed(
  labels: readonly { readonly column: number; readonly text: string }[],
  columns: number,
): readonly string[] {
  const lines: string[] = [];
  for (const { column, text } of labels) {
    const start = Math.max(0, Math.min(column, columns - columnsOf(text)));
    const free = lines.findIndex((line) => columnsOf(line) + 1 < start || (start === 0 && line === ""));
    const line = free < 0 ? "" : (lines[free] ?? "");
    const next = `${line}${" ".repeat(start - columnsOf(line))}${text}`;
    if (free < 0) lines.push(next);
    else lines[free] = next;
  }
  return lines;
}
