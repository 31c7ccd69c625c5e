/** A scene draws the traffic of one stream, tick after tick, for as long as somebody asks. */
import type { RivalArms } from "../../src/core/rivals/rival.js";
import type { Random } from "../../src/core/stats/draws.js";

const tickMinutes = 5;
export const ticksPerHour = 60 / tickMinutes;
export const tickMs = tickMinutes * 60_000;

/** One arm's sessions of one tick: counts of bad ones (fractions for sessions of several tasks), or values. */
export type Arm =
  | { readonly kind: "counts"; readonly sessions: number; readonly bad: number }
  | { readonly kind: "values"; readonly values: readonly number[] };

export interface SceneTick {
  /** The canary's share of the traffic. */
  readonly share: number;
  /** The start cohort of the tick, matured: what our gates read. */
  readonly canary: Arm;
  readonly stable: Arm;
  /** What came in during the tick: what the rivals read. */
  readonly seen: RivalArms;
}

/** What is wrong with the canary, by the hour: points added to its badness, or a factor on its values. */
export interface Effect {
  readonly points: (hour: number) => number;
  readonly factor: (hour: number) => number;
}

export const healthy: Effect = { points: () => 0, factor: () => 1 };

/** So much worse, from an hour on. */
export function worseBy(amount: number, from = 0): Effect {
  return { points: (hour) => (hour < from ? 0 : amount), factor: (hour) => (hour < from ? 1 : 1 + amount) };
}

/** What is known of stable before the canary starts, in badness or in values. */
export interface Before {
  /** The true mean of a rate or of values; for latency, the 95th percentile: what a fixed range is set by. */
  readonly reference: number;
  /** What history says of the badness: cut off at the cap, where there is one. */
  readonly mean: number;
  readonly variance: number;
  readonly cap: number;
  /** Stable's latest values; none for rates. */
  readonly values: readonly number[];
}

export interface Scene {
  readonly name: string;
  readonly judged: "rate" | "mean" | "quantile";
  readonly sessionsPerHour: number;
  readonly share: (hour: number) => number;
  /** Points for rates, a share of stable for the others. */
  readonly margin: number;
  readonly before: Before;
  readonly ticks: (random: Random, effect: Effect) => Generator<SceneTick>;
}

/** The hour in which a tick starts, from the start of the canary. */
export function hourOf(tick: number): number {
  return tick / ticksPerHour;
}
