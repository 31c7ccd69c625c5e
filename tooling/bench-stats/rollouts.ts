/** Whole rollouts with six metrics, and what a gate costs: state and time. */
import { absorbBlock } from "../../src/core/stats/accumulator.js";
import { seededRandom, seedOf } from "../../src/core/stats/draws.js";
import {
  atLeast,
  atMost,
  hoursText,
  median,
  type Part,
  percentText,
  quantileEstimate,
  type Size,
  shareOf,
  type Table,
} from "./report.js";
import { ticksPerHour } from "./scene.js";
import { type Course, drawSix, openSix, playRollout, type Strictness } from "./six-metrics.js";

const holdHours = 6;
const mostHours = 96;

interface Played {
  readonly drop: number;
  readonly strictness: Strictness;
  readonly courses: readonly Course[];
}

export function rollouts(size: Size, seed: number, say: (line: string) => void): Part {
  const played: Played[] = [];
  for (const strictness of ["strict", "default"] as const) {
    for (const drop of [0, 0.05, 0.1]) {
      say(`whole rollouts: ${100 * drop} points lost, ${strictness} tolerance`);
      const courses = Array.from({ length: size.rollouts }, (_, run) =>
        playRollout(seededRandom(seedOf(seed, 6, run, 1000 * drop)), {
          strictness,
          drop,
          hold: holdHours * ticksPerHour,
          most: mostHours * ticksPerHour,
        }),
      );
      played.push({ drop, strictness, courses });
    }
  }
  const cost = costOf();
  return { tables: [rolloutsTable(played), cost.table], goals: [...courseGoals(played), ...costGoals(cost)] };
}

function courseGoals(played: readonly Played[]): Part["goals"] {
  const healthy = played[0]?.courses ?? [];
  const promoted = healthy.filter(({ end }) => end === "promoted");
  const hours = quantileEstimate(
    promoted.map(({ ticks }) => ticks / ticksPerHour),
    0.5,
  );
  const bad = played.find(({ drop, strictness }) => drop === 0.05 && strictness === "strict")?.courses ?? [];
  const wrong = bad.filter(({ end }) => end === "promoted").length;
  return [
    {
      name: "a healthy canary is promoted",
      wanted: "in at least 95 of 100 rollouts",
      measured: `${percentText(promoted.length / healthy.length)} of ${healthy.length}`,
      state: atLeast(shareOf(promoted.length, healthy.length), 0.95),
    },
    {
      name: "a healthy canary is promoted",
      wanted: "in at most 16 h (median)",
      measured: hoursText(hours.value),
      state: atMost(hours, 16),
    },
    {
      name: "a canary at the margin is promoted",
      wanted: "in at most 5 of 100 rollouts",
      measured: `${percentText(wrong / bad.length)} of ${bad.length}`,
      state: atMost(shareOf(wrong, bad.length), 0.05),
    },
  ];
}

function costGoals(cost: ReturnType<typeof costOf>): Part["goals"] {
  return [
    {
      name: "state for each metric and stage",
      wanted: "at most 120 numbers",
      measured: `${cost.numbers}`,
      state: cost.numbers <= 120 ? "reached" : "missed",
    },
    {
      name: "six metrics, one tick",
      wanted: "under 1 ms",
      measured: `${cost.ms.toFixed(2)} ms`,
      state: cost.ms < 1 ? "reached" : "missed",
    },
  ];
}

function rolloutsTable(played: readonly Played[]): Table {
  const share = (courses: readonly Course[], end: Course["end"]): string =>
    percentText(courses.filter((course) => course.end === end).length / courses.length);
  const hours = (courses: readonly Course[], end: Course["end"]): string =>
    hoursText(median(courses.filter((course) => course.end === end).map(({ ticks }) => ticks / ticksPerHour)));
  return {
    title: "Whole rollouts, six correlated metrics",
    note: `5 %, then 50 %, of 1000 sessions an hour; at least ${holdHours} h at each weight; task success has to be proven within 5 points, every metric is guarded; left open after ${mostHours} h.`,
    head: ["points lost", "tolerance", "promoted", "median", "rolled back", "median", "open"],
    rows: played.map(({ drop, strictness, courses }) => [
      `${100 * drop}`,
      strictness === "strict" ? "0" : "default",
      share(courses, "promoted"),
      hours(courses, "promoted"),
      share(courses, "rolled back"),
      hours(courses, "rolled back"),
      share(courses, "open"),
    ]),
  };
}

/** Numbers kept of the largest metric once all later starts are used, and milliseconds for a tick of six metrics. */
function costOf(): { readonly numbers: number; readonly ms: number; readonly table: Table } {
  const random = seededRandom(1);
  const blocks = Array.from({ length: 700 }, (_, tick) => drawSix(random, { tick, share: 0.05, drop: 0 }));
  let memory = openSix("default");
  for (const block of blocks.slice(0, 400)) memory = absorbBlock(memory, block);
  const from = performance.now();
  for (const block of blocks.slice(400)) memory = absorbBlock(memory, block);
  const ms = (performance.now() - from) / 300;
  const rows = memory.metrics.map(({ name, evidence }) => [name, evidence.kind, `${numbersIn(evidence)}`]);
  const numbers = Math.max(...memory.metrics.map(({ evidence }) => numbersIn(evidence)));
  const table: Table = {
    title: "What a gate keeps",
    note: `Numbers of each metric after 58 hours, whatever the traffic; a tick of six metrics and 83 sessions took ${ms.toFixed(2)} ms here.`,
    head: ["metric", "method", "numbers"],
    rows,
  };
  return { numbers, ms, table };
}

function numbersIn(value: unknown): number {
  if (typeof value === "number") return 1;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, each) => sum + numbersIn(each), 0);
}
