/** Whether the plan's forecast comes true. */
import { decisionTarget, informationNeeded } from "../../src/core/stats/decision-time.js";
import { seedOf } from "../../src/core/stats/draws.js";
import { rateGrowth } from "../../src/core/stats/growth.js";
import { race } from "./detection.js";
import { level } from "./method.js";
import {
  atMost,
  type Estimate,
  type Goal,
  hoursText,
  type Part,
  quantileEstimate,
  type Size,
  worstState,
} from "./report.js";
import { rateScene } from "./scenes.js";

interface Case {
  readonly direction: "fail" | "pass";
  readonly stable: number;
  /** The canary's badness for FAIL; the margin for PASS. */
  readonly size: number;
  readonly share: number;
  readonly sessionsPerHour: number;
}

const cases: readonly Case[] = [
  { direction: "fail", stable: 0.1, size: 0.12, share: 0.05, sessionsPerHour: 1000 },
  { direction: "fail", stable: 0.1, size: 0.15, share: 0.05, sessionsPerHour: 1000 },
  { direction: "fail", stable: 0.1, size: 0.2, share: 0.05, sessionsPerHour: 1000 },
  { direction: "fail", stable: 0.01, size: 0.03, share: 0.05, sessionsPerHour: 1000 },
  { direction: "fail", stable: 0.3, size: 0.4, share: 0.05, sessionsPerHour: 300 },
  { direction: "pass", stable: 0.1, size: 0.02, share: 0.05, sessionsPerHour: 1000 },
  { direction: "pass", stable: 0.1, size: 0.05, share: 0.05, sessionsPerHour: 1000 },
  { direction: "pass", stable: 0.1, size: 0.02, share: 0.5, sessionsPerHour: 1000 },
  { direction: "pass", stable: 0.3, size: 0.05, share: 0.1, sessionsPerHour: 300 },
];

/** A stage lasts 48 hours unless the spec says otherwise; where the forecast needs more, the plan asks for more. */
const defaultUntil = 48;

interface Compared {
  readonly name: string;
  readonly predicted: { readonly median: number; readonly p90: number };
  readonly played: { readonly median: Estimate; readonly p90: Estimate };
}

export function forecasts(size: Size, seed: number, say: (line: string) => void): Part {
  const rows = cases.map((each, index) => {
    say(`forecast ${index + 1} of ${cases.length}`);
    return compare(each, size.forecast, seedOf(seed, 5, index));
  });
  const off = (predicted: number, played: number): number => Math.abs(predicted / played - 1);
  /** How far off at least: what was played is itself known to its interval alone. */
  const offAtLeast = (predicted: number, { least, most }: Estimate): number =>
    predicted < least ? off(predicted, least) : predicted > most ? off(predicted, most) : 0;
  const goal = (name: string, most: number, pick: "median" | "p90"): Goal => {
    const each = rows.map(({ predicted, played }): Estimate => {
      const value = off(predicted[pick], played[pick].value);
      return { value, least: offAtLeast(predicted[pick], played[pick]), most: value };
    });
    const worst = Math.max(...each.map(({ value }) => value));
    return {
      name,
      wanted: `within ${100 * most} % of the simulation`,
      measured: `worst ${Math.round(100 * worst)} % off`,
      state: worstState(each.map((one) => atMost(one, most))),
    };
  };
  return {
    tables: [
      {
        title: "Forecast against simulation",
        note: "Hours of traffic until the decision, without the session timeout; tolerance 0, one metric; a stage is planned for the default 48 hours, or for the forecast 90th percentile where that is longer.",
        head: ["case", "median, forecast", "played", "p90, forecast", "played"],
        rows: rows.map(({ name, predicted, played }) => [
          name,
          hoursText(predicted.median),
          hoursText(played.median.value),
          hoursText(predicted.p90),
          hoursText(played.p90.value),
        ]),
      },
    ],
    goals: [goal("forecast of the median", 0.15, "median"), goal("forecast of the 90th percentile", 0.2, "p90")],
  };
}

function compare(each: Case, runs: number, seed: number): Compared {
  const { direction, stable, size, share, sessionsPerHour } = each;
  const isFail = direction === "fail";
  const margin = isFail ? 0.05 : size;
  const scene = rateScene({ name: "forecast", stable, margin, sessionsPerHour, share: () => share });
  const worse = isFail ? size - stable : 0;
  const growth = rateGrowth({ share, canary: stable + worse, stable, shift: isFail ? 0 : margin });
  const target = decisionTarget(direction, { level, weight: 1 });
  const hoursAt = (probability: number): number => informationNeeded(target, probability) / (growth * sessionsPerHour);
  const plannedFor = Math.max(defaultUntil, hoursAt(0.9));
  const { hours } = race({ scene, direction, worse, tolerance: 0, plannedFor, runs, seed });
  const what = isFail ? `FAIL ${stable} -> ${size}` : `PASS margin ${size} at ${stable}`;
  return {
    name: `${what}, ${100 * share} % of ${sessionsPerHour}/h`,
    predicted: { median: hoursAt(0.5), p90: hoursAt(0.9) },
    played: { median: quantileEstimate(hours, 0.5), p90: quantileEstimate(hours, 0.9) },
  };
}
