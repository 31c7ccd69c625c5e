// One metric of a health gate over time as a file of its own: the estimate, its interval, the limits, weights and verdicts.

import type { GatePicture, MetricPicture, PictureMoment } from "../../core/model/gate-picture.js";
import { niceValues, placeOf, timeSpan, valueSpan } from "../chart-scale.js";
import {
  limitLines,
  measureText,
  momentText,
  pictureSentence,
  pictureTitle,
  pointText,
  standingText,
  valueText,
} from "../picture-words.js";
import { stampText } from "../time-text.js";
import { filled, fixed, type Ink, stroked, svgPage, svgText, timeLabels, valueLabels } from "./svg-page.js";

const page = { width: 760, height: 440, left: 72, right: 136, top: 132, bottom: 384 } as const;
const plot = { width: page.width - page.left - page.right, height: page.bottom - page.top } as const;

interface Places {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
}

/** `about`: whose picture it is, an agent or an incident. */
export function pictureSvg(about: string, picture: GatePicture, metric: MetricPicture): string {
  const times = timeSpan(picture);
  const values = valueSpan(metric);
  const places: Places = {
    x: (at) => page.left + placeOf(times, at) * plot.width,
    y: (value) => page.bottom - placeOf(values, value) * plot.height,
  };
  const newest = metric.points.at(-1);
  const shown = newest === undefined ? "no values" : pointText(metric.scale, newest);
  const title = `${about}: ${metric.metric} ${shown}`;
  const description = `${pictureSentence(metric)}. ${pictureTitle(picture)}. ${picture.moments.map((moment) => `${stampText(moment.at)} ${momentText(moment)}`).join("; ")}.`;
  const scaled = niceValues(values, 6).map((value) => ({ y: places.y(value), text: valueText(metric.scale, value) }));
  return svgPage({ width: page.width, height: page.height, title, description }, [
    svgText({ x: 16, y: 24, bold: true }, `${about}: ${metric.metric}`),
    `${svgText({ x: 16, y: 44, bold: true, ink: standingInk(metric) }, `${standingText(metric)}, ${shown}`)}`,
    svgText({ x: 16, y: 62, ink: "quiet" }, [measureText(metric), noLimitsText(metric)].join("")),
    svgText({ x: 16, y: 79, ink: "quiet" }, pictureTitle(picture)),
    // Wide enough for the newest point where it stands on the edge.
    `<clipPath id="plot"><rect x="${page.left}" y="${page.top}" width="${plot.width + 6}" height="${plot.height}"/></clipPath>`,
    `<rect x="${page.left}" y="${page.top}" width="${plot.width}" height="${plot.height}" ${filled("panel")}/>`,
    ...beyondMargin(metric, places),
    ...scaled.map(({ y }) => line({ x: page.left, y }, { x: page.left - 4, y }, stroked("quiet"))),
    ...valueLabels(scaled, page.left),
    ...sides(metric),
    ...limits(metric, places),
    `<g clip-path="url(#plot)">`,
    ...course(metric, places),
    "</g>",
    ...momentMarks(picture.moments, places),
    ...timeLabels(
      [
        { x: page.left, text: stampText(picture.from) },
        { x: page.left + plot.width, text: stampText(picture.to) },
      ],
      page.bottom + 6,
    ),
    legend(),
  ]);
}

function standingInk(metric: MetricPicture): Ink {
  if (metric.state === "worse") return "bad";
  return metric.state === "proven" || metric.state === "not-worse" ? "good" : "ink";
}

interface Spot {
  readonly x: number;
  readonly y: number;
}
function line(from: Spot, to: Spot, as: string): string {
  return `<line x1="${fixed(from.x)}" y1="${fixed(from.y)}" x2="${fixed(to.x)}" y2="${fixed(to.y)}" ${as}/>`;
}

/** The side on which a canary is past the margin. */
function beyondMargin({ margin, worse }: MetricPicture, { y }: Places): readonly string[] {
  if (margin === null) return [];
  const edge = y(margin);
  const [top, bottom] = worse === "down" ? [edge, page.bottom] : [page.top, edge];
  return [
    `<rect x="${page.left}" y="${fixed(top)}" width="${plot.width}" height="${fixed(bottom - top)}" ${filled("bad")} fill-opacity="0.1"/>`,
  ];
}

/** Which way is which, beside the ends of the axis. */
function sides({ worse }: MetricPicture): readonly string[] {
  const x = page.left + plot.width + 8;
  const at = { up: { x, y: page.top + 10 }, down: { x, y: page.bottom - 2 } } as const;
  const arrow = { up: "↑", down: "↓" } as const;
  const better = worse === "up" ? "down" : "up";
  return [
    svgText({ ...at[worse], ink: "quiet", bold: true }, `${arrow[worse]} worse`),
    svgText({ ...at[better], ink: "quiet", bold: true }, `${arrow[better]} better`),
  ];
}

function noLimitsText({ scale }: MetricPicture): string {
  return scale === "exceedance" ? " (the margin is of the latency itself: no line)" : "";
}

const strokes = {
  stable: `${stroked("ink")} stroke-width="1.5"`,
  tolerance: `${stroked("warn")} stroke-width="1.5" stroke-dasharray="2 4"`,
  margin: `${stroked("bad")} stroke-width="1.5" stroke-dasharray="9 5"`,
} as const;

/** Lines with their names at the right, moved apart where they would touch. */
function limits(metric: MetricPicture, { y }: Places): readonly string[] {
  const known = [...limitLines(metric)].sort((a, b) => b.value - a.value);
  let free = Number.NEGATIVE_INFINITY;
  return known.flatMap(({ name, value }) => {
    const height = y(value);
    const label = Math.max(height + 4, free);
    free = label + 14;
    const ends = [
      { x: page.left, y: height },
      { x: page.left + plot.width, y: height },
    ] as const;
    const said = name === "stable" ? "no difference" : `${name} ${valueText(metric.scale, value)}`;
    return [line(ends[0], ends[1], strokes[name]), svgText({ x: page.left + plot.width + 8, y: label }, said)];
  });
}

/** The band, its edges, the estimate, and the newest interval with its ends. */
function course({ points }: MetricPicture, { x, y }: Places): readonly string[] {
  const path = (value: (point: MetricPicture["points"][number]) => number): readonly string[] =>
    points.map((point) => `${fixed(x(point.at))},${fixed(y(value(point)))}`);
  const [upper, lower] = [path(({ high }) => high), path(({ low }) => low)];
  const newest = points.at(-1);
  if (newest === undefined) return [];
  const at = x(newest.at);
  const end = (value: number): string =>
    line({ x: at - 5, y: y(value) }, { x: at + 5, y: y(value) }, `${stroked("accent")} stroke-width="2"`);
  return [
    `<polygon points="${[...upper, ...[...lower].reverse()].join(" ")}" ${filled("accent")} fill-opacity="0.22"/>`,
    `<polyline points="${upper.join(" ")}" ${stroked("accent")} stroke-opacity="0.6"/>`,
    `<polyline points="${lower.join(" ")}" ${stroked("accent")} stroke-opacity="0.6"/>`,
    `<polyline points="${path(({ estimate }) => estimate).join(" ")}" ${stroked("accent")} stroke-width="2.5"/>`,
    line({ x: at, y: y(newest.low) }, { x: at, y: y(newest.high) }, `${stroked("accent")} stroke-width="2"`),
    end(newest.low),
    end(newest.high),
    `<circle cx="${fixed(at)}" cy="${fixed(y(newest.estimate))}" r="4.5" ${filled("accent")}/>`,
  ];
}

/** Lines through the plot with their words above, on as many rows as keep them apart; verdicts are drawn thick. */
function momentMarks(moments: readonly PictureMoment[], places: Places): readonly string[] {
  const ends: number[] = [];
  return moments.flatMap((moment) => {
    const x = places.x(moment.at);
    const said = `${moment.kind === "weight" ? "" : moment.result === "fail" ? "✗ " : "✓ "}${momentText(moment)}`;
    const width = said.length * letter;
    const start = Math.min(x, page.left + plot.width + page.right - width);
    const free = ends.findIndex((end) => end < start);
    const row = Math.min(free < 0 ? ends.length : free, 2);
    ends[row] = start + width;
    const ink: Ink = moment.kind === "weight" ? "quiet" : moment.result === "fail" ? "bad" : "good";
    const stroke = moment.kind === "weight" ? 'stroke-dasharray="1 3"' : 'stroke-width="2.5"';
    return [
      line({ x, y: page.top - 4 }, { x, y: page.bottom }, `${stroked(ink)} ${stroke}`),
      svgText({ x: start, y: page.top - 8 - 14 * row, ink, bold: true }, said),
    ];
  });
}

/** About the width of a bold letter. */
const letter = 7.5;

function legend(): string {
  const y = page.height - 16;
  return [
    line({ x: page.left, y: y - 4 }, { x: page.left + 24, y: y - 4 }, `${stroked("accent")} stroke-width="2.5"`),
    svgText({ x: page.left + 30, y }, "estimate"),
    `<rect x="${page.left + 110}" y="${y - 11}" width="24" height="13" ${filled("accent")} fill-opacity="0.22"/>`,
    svgText({ x: page.left + 140, y }, "interval, for display: verdicts come from the gate's test"),
  ].join("\n");
}
