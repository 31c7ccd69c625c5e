// Verdict pictures in Markdown: one axis for all metrics, charts of those that matter most, and the files where some were written.

import type { GatePicture, MetricPicture } from "../../core/model/gate-picture.js";
import { finished } from "../layout.js";
import { pointText, standingText, trendOf } from "../picture-words.js";
import type { Style } from "../style.js";
import { pictureChart } from "../text/picture-chart.js";
import { pictureLines } from "../text/picture-lines.js";
import type { DrawnPicture } from "../view.js";
import { words } from "./inline.js";

/** A comment has room for so many charts of one gate; the others keep their line. */
const mostCharts = 2;

/** Folded away; empty without a picture. */
export function picturePart(
  picture: GatePicture | null | undefined,
  as: { readonly drawn: readonly DrawnPicture[]; readonly style: Style },
): readonly string[] {
  if (picture === null || picture === undefined) return [];
  const style: Style = { ...as.style, color: false, unicode: true, width: 100 };
  const charts = [...picture.metrics].sort((a, b) => urgency(b) - urgency(a)).slice(0, mostCharts);
  const lines = [
    ...pictureLines(picture, style, "  "),
    ...charts.flatMap((metric) => ["", ...pictureChart(picture, metric, { style, indent: "" })]),
  ];
  const images = as.drawn.map(({ metric, path }) => {
    const drawing = picture.metrics.find((candidate) => candidate.metric === metric);
    const said = drawing === undefined ? metric : shortSentence(drawing);
    return `![${words(said).replaceAll("]", "\\]")}](<${path.replaceAll("\\", "/").replace(/[<>]/g, encodeURIComponent)}>)`;
  });
  return [
    `<details><summary>what the ${words(picture.gate)} gate has seen</summary>`,
    "",
    ...(images.length === 0 ? [] : [...images, ""]),
    "```",
    ...finished(style, lines).trimEnd().split("\n"),
    "```",
    "",
    "</details>",
    "",
  ];
}

function shortSentence(metric: MetricPicture): string {
  const newest = metric.points.at(-1);
  const shown = newest === undefined ? "" : ` ${pointText(metric.scale, newest)}`;
  return `${metric.metric}${shown}: ${standingText(metric)}`;
}

/** Proven worse first, then what seems so, then what a pass is asked of. */
function urgency(metric: MetricPicture): number {
  if (metric.state === "worse") return 3;
  if (trendOf(metric) === "worse") return 2;
  return metric.asked ? 1 : 0;
}
