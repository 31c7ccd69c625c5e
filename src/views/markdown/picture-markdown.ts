// Verdict pictures in Markdown: one axis for all metrics, charts of those that matter most, and the files where some were written.

import type { GatePicture, MetricPicture } from "../../core/model/gate-picture.js";
import { finished } from "../layout.js";
import { mostUrgent, pointText, standingText } from "../picture-words.js";
import type { Style } from "../style.js";
import { pictureCharts } from "../text/picture-chart.js";
import { pictureLines } from "../text/picture-lines.js";
import type { DrawnPicture } from "../view.js";
import { words } from "./inline.js";

/** Folded away; empty without a picture. */
export function picturePart(
  picture: GatePicture | null | undefined,
  as: { readonly drawn: readonly DrawnPicture[]; readonly style: Style },
): readonly string[] {
  if (picture === null || picture === undefined) return [];
  const style: Style = { ...as.style, color: false, unicode: true, width: 100 };
  const lines = [...pictureLines(picture, style, "  "), "", ...pictureCharts(picture, style, "", mostUrgent(picture))];
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
