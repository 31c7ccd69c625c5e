// What a gate has seen: a success rate that falls at the second weight, a cost that is noise, a latency that is shown by its exceedance.

import type { GatePicture, MetricPicture, PicturePoint } from "../../src/core/model/gate-picture.js";
import type { Instant, RolloutId } from "../../src/core/model/units.js";
import { at, percent } from "./samples.js";

const first = at("2026-11-22T12:00:00Z");
const second = at("2026-11-22T22:00:00Z");

/** A point each half hour: what is estimated, and an interval that narrows as sessions come. */
function course(estimate: (hour: number) => number, spread: number): readonly PicturePoint[] {
  return Array.from({ length: 27 }, (_, index): PicturePoint => {
    const hour = (index + 1) / 2;
    const middle = estimate(hour);
    const half = spread / Math.sqrt(hour);
    const time = (first + hour * 3_600_000) as Instant;
    const six = (value: number): number => Number(value.toPrecision(6));
    const weight = time > second ? percent(50) : percent(5);
    return { at: time, weight, estimate: six(middle), low: six(middle - half), high: six(middle + half) };
  });
}

const fallingSuccess: MetricPicture = {
  metric: "task_success_rate",
  scale: "points",
  worse: "down",
  tolerance: -0.02,
  margin: -0.04,
  state: "worse",
  asked: true,
  approximate: false,
  points: course((hour) => -0.012 - (hour > 10 ? 0.012 * (hour - 10) : 0) + 0.02 / hour, 0.075),
};
const noisyCost: MetricPicture = {
  metric: "mean_cost_usd",
  scale: "relative",
  worse: "up",
  tolerance: 0.2,
  margin: 0.2,
  state: "undecided",
  asked: false,
  approximate: true,
  points: course((hour) => 0.04 - 0.1 / hour, 0.3),
};
const slowerLatency: MetricPicture = {
  metric: "p95_latency_sec",
  scale: "exceedance",
  worse: "up",
  tolerance: null,
  margin: null,
  state: "not-worse",
  asked: false,
  approximate: false,
  points: course(() => 0.004, 0.04),
};

export const picture: GatePicture = {
  rollout: "support-40" as RolloutId,
  gate: "full",
  from: first,
  to: at("2026-11-23T02:00:00Z"),
  moments: [
    { kind: "weight", at: first, weight: percent(5) },
    { kind: "verdict", at: second, gate: "canary", result: "pass" },
    { kind: "weight", at: second, weight: percent(50) },
    { kind: "verdict", at: at("2026-11-23T02:00:00Z"), gate: "full", result: "fail" },
  ],
  metrics: [fallingSuccess, noisyCost, slowerLatency],
};

/** The first look: a single point, with an interval far wider than any margin. */
export const firstLook: GatePicture = {
  ...picture,
  gate: "canary",
  to: (first + 1_800_000) as Instant,
  moments: picture.moments.slice(0, 1),
  metrics: [{ ...fallingSuccess, state: "undecided", points: course(() => -0.01, 0.5).slice(0, 1) }],
};
