// A gate's metrics on one axis, a line for each: at a glance, which of them is worse and by how many margins.

import type { GatePicture, MetricPicture, PicturePoint } from "../../core/model/gate-picture.js";
import { type Cell, paragraph, table } from "../layout.js";
import { pictureTitle, pointText, standingText, standingTone } from "../picture-words.js";
import { paint, type Style } from "../style.js";

/** Columns from 0 to twice the margin, which is the end of the axis. */
const half = 12;
const perMargin = half / 2;
/** One margin of a picture that has none in its own unit: five points of sessions. */
const noMargin = 0.05;

const marks = {
  unicode: { axis: "·", zero: "│", tolerance: "┊", margin: "┃", line: "─", low: "├", high: "┤", dot: "●" },
  ascii: { axis: ".", zero: "|", tolerance: ":", margin: "!", line: "-", low: "[", high: "]", dot: "o" },
} as const;

/** On every axis worse is to the right, whatever the metric's own direction is; the numbers keep it. */
export function pictureLines(picture: GatePicture, style: Style, indent: string): readonly string[] {
  const lines = [...paragraph(style, pictureTitle(picture), { indent: indent.slice(2), hang: "  ", tone: "quiet" })];
  const rows = picture.metrics.map((metric) => row(metric, style));
  const head: readonly Cell[] = [{ text: "" }, { text: "" }, { text: headText(), tone: "quiet" }, { text: "" }];
  const wide = table(style, [head, ...rows], indent);
  if (wide.length === rows.length + 1) lines.push(...wide);
  else lines.push(...narrow(picture, style, indent));
  const say = (text: string): number => lines.push(...paragraph(style, text, { indent, hang: "  ", tone: "quiet" }));
  if (picture.metrics.some(({ scale }) => scale === "exceedance")) say(exceedanceText);
  const rough = picture.metrics.filter(({ approximate }) => approximate).map(({ metric }) => metric);
  if (rough.length > 0) say(`approximate, for the source gives totals alone: ${rough.join(", ")}`);
  return lines;
}

const exceedanceText =
  "p95_latency_sec: how many more sessions are slower than stable's 95th percentile; its margin is of the latency, so it has no mark";

function narrow({ metrics }: GatePicture, style: Style, indent: string): readonly string[] {
  const lines = [`${indent}  ${paint(style, "quiet", headText())}`];
  for (const metric of metrics) {
    const [name, numbers, axis, word] = row(metric, style);
    const said = `${name?.text} ${numbers?.text}: ${word?.text}`;
    lines.push(...paragraph(style, said, { indent, hang: "  ", tone: standingTone(metric) }));
    lines.push(`${indent}  ${axis?.text.trimEnd()}`);
  }
  return lines;
}

function headText(): string {
  const zero = "better".padEnd(half);
  return `${zero}${"0".padEnd(perMargin)}margin`;
}

function row(metric: MetricPicture, style: Style): readonly Cell[] {
  const newest = metric.points.at(-1);
  return [
    { text: metric.metric },
    { text: newest === undefined ? "" : pointText(metric.scale, newest) },
    { text: newest === undefined ? "" : axisText(metric, newest, style) },
    { text: standingText(metric), tone: standingTone(metric) },
  ];
}

/** The axis with its limits, and the interval on it; an end outside of the axis is an arrow. */
function axisText(metric: MetricPicture, newest: PicturePoint, style: Style): string {
  const signs = style.unicode ? marks.unicode : marks.ascii;
  const cells = Array.from({ length: 2 * half + 1 }, (): string => signs.axis);
  const turn = metric.worse === "up" ? 1 : -1;
  const unit = Math.abs(metric.margin ?? noMargin) || noMargin;
  const column = (value: number): number => half + Math.round(((turn * value) / unit) * perMargin);
  const put = (at: number, sign: string): void => {
    if (at >= 0 && at < cells.length) cells[at] = sign;
  };
  const [low, high] = [column(newest.low), column(newest.high)].sort((a, b) => a - b) as [number, number];
  for (let at = Math.max(low, 0); at <= Math.min(high, 2 * half); at += 1) put(at, signs.line);
  put(half, signs.zero);
  if (metric.tolerance !== null) put(column(metric.tolerance), signs.tolerance);
  if (metric.margin !== null) put(column(metric.margin), signs.margin);
  put(low, signs.low);
  put(high, signs.high);
  if (low < 0) put(0, "<");
  if (high > 2 * half) put(2 * half, ">");
  // An estimate off the axis stands before the arrow that points to it.
  put(Math.min(Math.max(column(newest.estimate), low < 0 ? 1 : 0), 2 * half - (high > 2 * half ? 1 : 0)), signs.dot);
  return cells.join("");
}
