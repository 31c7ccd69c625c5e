// The words and numbers of verdict pictures that text, SVG and Markdown share.

import type { GatePicture, MetricPicture, PictureMoment, PicturePoint } from "../core/model/gate-picture.js";
import { weightText } from "./amount-text.js";
import { glue } from "./layout.js";
import type { Tone } from "./style.js";

/** What an interval tells of a difference: it says worse or better only where it leaves 0 out. */
export type Trend = "worse" | "better" | "none";

export function trendOf({ worse, points }: Pick<MetricPicture, "worse" | "points">): Trend | null {
  const newest = points.at(-1);
  if (newest === undefined) return null;
  if (newest.low <= 0 && newest.high >= 0) return "none";
  return newest.low > 0 === (worse === "up") ? "worse" : "better";
}

const trendWords: Readonly<Record<Trend, string>> = {
  worse: "worse",
  better: "better",
  none: "no difference seen",
};

/** Where a metric stands: what is proven, else what its interval tells. */
export function standingText(metric: MetricPicture): string {
  const trend = trendOf(metric);
  switch (metric.state) {
    case "worse":
      return "proven worse";
    case "proven":
    case "not-worse":
      return "within the margin";
    case "missing":
      return "missing";
    case "not-applicable":
      return "no values";
    case "undecided":
      return trend === null ? "no values" : trendWords[trend];
  }
}

export function standingTone(metric: MetricPicture): Tone {
  if (metric.state === "worse") return "bad";
  if (metric.state === "proven" || metric.state === "not-worse") return "good";
  return trendOf(metric) === "worse" || metric.state === "missing" ? "warn" : "quiet";
}

/** A value of a picture with its unit and its sign: `-6.1 pp`, `+20 %`, `0`. */
export function valueText(scale: MetricPicture["scale"], value: number): string {
  const text = bareText(scale, value);
  return text === "0" ? text : `${text}${unitOf(scale)}`;
}

function bareText(scale: MetricPicture["scale"], value: number): string {
  const shown = scale === "units" ? value : value * 100;
  const size = Math.abs(shown);
  const places = scale === "units" && size > 0 ? Math.max(0, 2 - Math.floor(Math.log10(size))) : 1;
  const text = size.toFixed(Math.min(places, 12)).replace(/\.?0+$/, (zeros) => (zeros.startsWith(".") ? "" : zeros));
  const trimmed = text.includes(".") ? text.replace(/0+$/, "") : text;
  return Number(trimmed) === 0 ? "0" : `${shown < 0 ? "-" : "+"}${trimmed}`;
}

function unitOf(scale: MetricPicture["scale"]): string {
  if (scale === "units") return "";
  return scale === "relative" ? `${glue}%` : `${glue}pp`;
}

/** `-6.1 pp [-9, -3.2]`. */
export function pointText(scale: MetricPicture["scale"], { estimate, low, high }: PicturePoint): string {
  const interval = [low, high].map((value) => bareText(scale, value)).join(`,${glue}`);
  return `${valueText(scale, estimate)}${glue}[${interval}]`;
}

/** What the numbers of a metric are. */
export function measureText({ scale, approximate }: MetricPicture): string {
  return `${measures[scale]}${approximate ? ", approximate: from totals alone" : ""}`;
}

const measures: Readonly<Record<MetricPicture["scale"], string>> = {
  points: "canary minus stable, in points",
  relative: "canary minus stable, as a share of stable",
  units: "canary minus stable",
  exceedance: "sessions slower than stable's 95th percentile, canary minus stable, in points",
};

/** `margin -5 pp, tolerance -2.5 pp`; empty where they are in another unit. */
function limitsText({ scale, tolerance, margin }: MetricPicture): string {
  if (margin === null || tolerance === null) return "";
  if (margin === tolerance) return `margin and tolerance ${valueText(scale, margin)}`;
  return `margin ${valueText(scale, margin)}, tolerance ${valueText(scale, tolerance)}`;
}

/** One sentence that says everything which the drawing shows last. */
export function pictureSentence(metric: MetricPicture): string {
  const newest = metric.points.at(-1);
  const shown = newest === undefined ? "no values" : pointText(metric.scale, newest);
  const limits = limitsText(metric);
  const parts = [measureText(metric), ...(limits === "" ? [] : [limits]), `worse is ${metric.worse}`];
  return `${metric.metric} ${shown}: ${standingText(metric)} (${parts.join("; ")})`;
}

export function momentText(moment: PictureMoment): string {
  if (moment.kind === "weight") return weightText(moment.weight);
  return `${moment.gate} ${moment.result === "fail" ? "fails" : "passes"}`;
}

/** Over all metrics of a gate. */
export function pictureTitle({ gate }: GatePicture): string {
  return `${gate} gate: everything since the rollout began; intervals hold at every look (95${glue}%)`;
}

/** The horizontal lines of a picture; margin alone where both limits are one. */
export function limitLines(
  metric: MetricPicture,
): readonly { readonly name: "stable" | "tolerance" | "margin"; readonly value: number }[] {
  const { tolerance, margin } = metric;
  return [
    { name: "stable" as const, value: 0 },
    ...(tolerance === null || tolerance === margin || tolerance === 0
      ? []
      : [{ name: "tolerance" as const, value: tolerance }]),
    ...(margin === null ? [] : [{ name: "margin" as const, value: margin }]),
  ];
}

/** A comment or an incident has room for so many charts of one gate; the others keep their line. */
const mostCharts = 2;

/** Proven worse first, then what seems so, then what a pass is asked of. */
export function mostUrgent({ metrics }: GatePicture): readonly MetricPicture[] {
  const urgency = (metric: MetricPicture): number => {
    if (metric.state === "worse") return 3;
    if (trendOf(metric) === "worse") return 2;
    return metric.asked ? 1 : 0;
  };
  return [...metrics].sort((a, b) => urgency(b) - urgency(a)).slice(0, mostCharts);
}
