// Verdict pictures as JSON for programs: the points that the drawings are made of.

import type { GatePicture, MetricPicture, PictureMoment, PicturePoint } from "../../core/model/gate-picture.js";
import { trendOf } from "../picture-words.js";
import type { DrawnPicture } from "../view.js";
import { instantJson, type JsonObject, weightJson } from "./plain-values.js";

export function pictureJson(picture: GatePicture | null): JsonObject | null {
  if (picture === null) return null;
  const { rollout, gate, from, to, moments, metrics } = picture;
  return {
    rollout,
    gate,
    from: instantJson(from),
    to: instantJson(to),
    moments: moments.map(momentJson),
    metrics: metrics.map(metricJson),
  };
}

function momentJson(moment: PictureMoment): JsonObject {
  const at = instantJson(moment.at);
  if (moment.kind === "weight") return { kind: moment.kind, at, weight: weightJson(moment.weight) };
  return { kind: moment.kind, at, gate: moment.gate, result: moment.result };
}

function metricJson(metric: MetricPicture): JsonObject {
  return {
    metric: metric.metric,
    scale: metric.scale,
    worse: metric.worse,
    tolerance: metric.tolerance,
    margin: metric.margin,
    state: metric.state,
    asked: metric.asked,
    approximate: metric.approximate,
    trend: trendOf(metric),
    points: metric.points.map(pointJson),
  };
}

function pointJson({ at, weight, estimate, low, high }: PicturePoint): JsonObject {
  return { at: instantJson(at), weight: weightJson(weight), estimate, low, high };
}

export function drawnJson({ about, metric, path }: DrawnPicture): JsonObject {
  return { about, metric, path };
}
