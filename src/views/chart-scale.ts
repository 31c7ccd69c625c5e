// How values and times become places on a drawing, for terminals and SVG alike.

import type { GatePicture, MetricPicture, PicturePoint } from "../core/model/gate-picture.js";
import { limitLines } from "./picture-words.js";

export interface Span {
  readonly low: number;
  readonly high: number;
}

/** Space beside what must be seen, as a share of it. */
const air = 0.18;

/** What the value axis covers: every limit and the newest interval. Earlier intervals are far wider, and run out of the drawing. */
export function valueSpan(metric: MetricPicture): Span {
  const newest = metric.points.at(-1);
  const seen = [
    ...limitLines(metric).map(({ value }) => value),
    ...(newest === undefined ? [] : [newest.low, newest.high]),
  ];
  const [low, high] = [Math.min(...seen), Math.max(...seen)];
  const space = (high - low || 1) * air;
  const ends = possible[metric.scale];
  return { low: Math.max(low - space, ends.low), high: Math.min(high + space, ends.high) };
}

/** Differences of shares end at 100 points, and nothing loses more than all of itself. */
const possible: Readonly<Record<MetricPicture["scale"], Span>> = {
  points: { low: -1, high: 1 },
  exceedance: { low: -1, high: 1 },
  relative: { low: -1, high: Number.POSITIVE_INFINITY },
  units: { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY },
};

export function timeSpan({ from, to }: Pick<GatePicture, "from" | "to">): Span {
  return { low: from, high: Math.max(to, from + 1) };
}

/** 0 at the low end, 1 at the high end. */
export function placeOf(span: Span, value: number): number {
  return (value - span.low) / (span.high - span.low);
}

/** Round values inside the span, at most `most` of them. */
export function niceValues(span: Span, most: number): readonly number[] {
  const raw = (span.high - span.low) / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((times) => times * power >= raw) ?? 10) * power;
  const first = Math.ceil(span.low / step);
  const count = Math.max(0, Math.floor(span.high / step) - first + 1);
  return Array.from({ length: count }, (_, index) => (first + index) * step);
}

/** What a picture shows at a time between its first and its last point, on straight lines; null outside. */
export function pointAt(points: readonly PicturePoint[], at: number): Omit<PicturePoint, "at" | "weight"> | null {
  const index = points.findIndex((point) => point.at >= at);
  const next = points[index];
  if (next === undefined) return null;
  const before = points[index - 1];
  if (before === undefined) return next.at === at ? next : null;
  const part = (at - before.at) / (next.at - before.at);
  const between = (from: number, to: number): number => from + part * (to - from);
  return {
    estimate: between(before.estimate, next.estimate),
    low: between(before.low, next.low),
    high: between(before.high, next.high),
  };
}
