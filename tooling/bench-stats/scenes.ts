/** The streams of STATISTICS section 10, one metric each. */
import type { RivalArm, RivalArms } from "../../src/core/rivals/rival.js";
import {
  drawBinomial,
  drawGamma,
  drawNormal,
  drawPoisson,
  type Random,
  seededRandom,
} from "../../src/core/stats/draws.js";
import { clamp, expit, logit } from "../../src/core/stats/logistic.js";
import { type Arm, type Before, hourOf, type Scene, type SceneTick, ticksPerHour } from "./scene.js";

export interface RateWorld {
  readonly name: string;
  readonly sessionsPerHour?: number;
  readonly share?: (hour: number) => number;
  readonly stable: number;
  readonly margin: number;
  /** Added to the log-odds of both arms. */
  readonly drift?: (hour: number) => number;
}

/** Sessions that are good or bad. */
export function rateScene(world: RateWorld): Scene {
  const { name, stable, margin, sessionsPerHour = 1000, share = () => 0.05, drift = () => 0 } = world;
  return {
    name,
    judged: "rate",
    sessionsPerHour,
    share,
    margin,
    before: rateBefore(stable),
    *ticks(random, effect) {
      for (let tick = 0; ; tick += 1) {
        const hour = hourOf(tick);
        const base = expit(logit(stable) + drift(hour));
        const worse = clamp(base + effect.points(hour), 0, 1);
        const sizes = arrivals(random, { sessionsPerHour, share: share(hour) });
        const baselineBad = drawBinomial(random, sizes.baseline, base);
        const canaryBad = drawBinomial(random, sizes.canary, worse);
        const stableBad = baselineBad + drawBinomial(random, sizes.stable - sizes.baseline, base);
        yield {
          share: share(hour),
          canary: { kind: "counts", sessions: sizes.canary, bad: canaryBad },
          stable: { kind: "counts", sessions: sizes.stable, bad: stableBad },
          seen: {
            canary: zeroOne(sizes.canary, canaryBad),
            stable: zeroOne(sizes.stable, stableBad),
            baseline: zeroOne(sizes.baseline, baselineBad),
          },
        };
      }
    },
  };
}

function rateBefore(stable: number): Before {
  return { reference: stable, mean: stable, variance: stable * (1 - stable), cap: 1, values: [] };
}

interface Sizes {
  readonly canary: number;
  readonly stable: number;
  readonly baseline: number;
}

function arrivals(random: Random, at: { readonly sessionsPerHour: number; readonly share: number }): Sizes {
  const sessions = drawPoisson(random, at.sessionsPerHour / ticksPerHour);
  const canary = drawBinomial(random, sessions, at.share);
  const stable = sessions - canary;
  return { canary, stable, baseline: Math.min(canary, stable) };
}

function zeroOne(count: number, bad: number): RivalArm {
  return { kind: "sums", count, sum: bad, squares: bad };
}

export interface ValueWorld {
  readonly name: string;
  readonly judged: "mean" | "quantile";
  readonly margin: number;
  readonly draw: (random: Random) => number;
  /** Where the mean is known exactly; else it is measured with the rest. */
  readonly mean?: number;
}

/** Sessions with a value: cost, calls, latency. A worse canary's values are all larger by a factor. */
function valueScene(world: ValueWorld): Scene {
  const { name, judged, margin, draw } = world;
  const share = (): number => 0.05;
  const sessionsPerHour = 1000;
  const values = (random: Random, count: number, factor: number): readonly number[] =>
    Array.from({ length: count }, () => factor * draw(random));
  return {
    name,
    judged,
    sessionsPerHour,
    share,
    margin,
    before: measuredBefore(draw, world),
    *ticks(random, effect) {
      for (let tick = 0; ; tick += 1) {
        const sizes = arrivals(random, { sessionsPerHour, share: share() });
        const canary = values(random, sizes.canary, effect.factor(hourOf(tick)));
        const stable = values(random, sizes.stable, 1);
        yield valueTick({ canary, stable, baseline: stable.slice(0, sizes.baseline) }, share());
      }
    },
  };
}

function valueTick(
  arms: {
    readonly canary: readonly number[];
    readonly stable: readonly number[];
    readonly baseline: readonly number[];
  },
  share: number,
): SceneTick {
  const arm = (values: readonly number[]): { readonly kind: "values"; readonly values: readonly number[] } => ({
    kind: "values",
    values,
  });
  const seen: RivalArms = { canary: arm(arms.canary), stable: arm(arms.stable), baseline: arm(arms.baseline) };
  return { share, canary: arm(arms.canary), stable: arm(arms.stable), seen };
}

/** From two thousand sessions of history. */
function measuredBefore(draw: (random: Random) => number, { judged, mean }: ValueWorld): Before {
  const random = seededRandom(4711);
  const values = Array.from({ length: 2000 }, () => draw(random));
  const sorted = [...values].sort((a, b) => a - b);
  const cap = sorted[1979] ?? 0;
  const capped = values.map((value) => Math.min(value, cap));
  const cappedMean = capped.reduce((sum, value) => sum + value, 0) / capped.length;
  const variance = capped.reduce((sum, value) => sum + (value - cappedMean) ** 2, 0) / capped.length;
  const reference = judged === "quantile" ? (sorted[1899] ?? 0) : (mean ?? cappedMean);
  return { reference, mean: cappedMean, variance, cap, values };
}

/** Four tasks a session that fail together: beta-distributed chances with this correlation within the session. */
function taskScene(): Scene {
  const tasks = 4;
  const correlation = 0.4;
  const size = (1 - correlation) / correlation;
  const stable = 0.1;
  const failures = (random: Random, sessions: number, rate: number): number => {
    let failed = 0;
    for (let session = 0; session < sessions; session += 1) {
      const a = drawGamma(random, rate * size);
      const chance = a / (a + drawGamma(random, (1 - rate) * size));
      failed += drawBinomial(random, tasks, chance);
    }
    return failed;
  };
  const arm = (sessions: number, failed: number): Arm => ({ kind: "counts", sessions, bad: failed / tasks });
  const each = (sessions: number, failed: number): RivalArm => zeroOne(sessions * tasks, failed);
  return {
    ...rateScene({ name: "four tasks a session, correlated 0.4", stable, margin: 0.05 }),
    *ticks(random, effect) {
      for (let tick = 0; ; tick += 1) {
        const sizes = arrivals(random, { sessionsPerHour: 1000, share: 0.05 });
        const canary = failures(random, sizes.canary, stable + effect.points(hourOf(tick)));
        const baseline = failures(random, sizes.baseline, stable);
        const all = baseline + failures(random, sizes.stable - sizes.baseline, stable);
        yield {
          share: 0.05,
          canary: arm(sizes.canary, canary),
          stable: arm(sizes.stable, all),
          seen: {
            canary: each(sizes.canary, canary),
            stable: each(sizes.stable, all),
            baseline: each(sizes.baseline, baseline),
          },
        };
      }
    },
  };
}

/** Good sessions end after 3 minutes, bad ones after 20 (exponential): what has ended so far flatters a canary that is young. */
function delayedScene(): Scene {
  const stable = 0.1;
  const minutes = { good: 3, bad: 20 };
  const timeout = 30;
  const mature = timeout / 5;
  return {
    ...rateScene({ name: "bad sessions end later than good ones", stable, margin: 0.05 }),
    *ticks(random, effect) {
      const ended = { canary: new Ended(), stable: new Ended(), baseline: new Ended() };
      // Stable has been running: its sessions end from the first tick on.
      for (let tick = -mature; ; tick += 1) {
        const hour = hourOf(Math.max(tick, 0));
        const sizes = arrivals(random, { sessionsPerHour: 1000, share: tick < 0 ? 0 : 0.05 });
        const start = (into: readonly Ended[], count: number, rate: number): number => {
          let bad = 0;
          for (let session = 0; session < count; session += 1) {
            const isBad = random() < rate;
            const after = -Math.log(1 - random()) * (isBad ? minutes.bad : minutes.good);
            const failed = isBad || after > timeout;
            bad += Number(failed);
            const at = tick + Math.floor((random() * 5 + Math.min(after, timeout)) / 5);
            for (const arm of into) arm.add(at, failed);
          }
          return bad;
        };
        const canaryBad = start([ended.canary], sizes.canary, stable + effect.points(hour));
        const baselineBad = start([ended.stable, ended.baseline], sizes.baseline, stable);
        const stableBad = baselineBad + start([ended.stable], sizes.stable - sizes.baseline, stable);
        if (tick < 0) continue;
        yield {
          share: 0.05,
          canary: { kind: "counts", sessions: sizes.canary, bad: canaryBad },
          stable: { kind: "counts", sessions: sizes.stable, bad: stableBad },
          seen: { canary: ended.canary.at(tick), stable: ended.stable.at(tick), baseline: ended.baseline.at(tick) },
        };
      }
    },
  };
}

/** Sessions by the tick in which they end. */
class Ended {
  readonly #ticks = new Map<number, { count: number; bad: number }>();

  add(tick: number, bad: boolean): void {
    const sums = this.#ticks.get(tick) ?? { count: 0, bad: 0 };
    this.#ticks.set(tick, { count: sums.count + 1, bad: sums.bad + Number(bad) });
  }

  at(tick: number): RivalArm {
    const { count, bad } = this.#ticks.get(tick) ?? { count: 0, bad: 0 };
    return zeroOne(count, bad);
  }
}

const day = 24;
const diurnal = (hour: number): number => 0.6 * Math.sin((2 * Math.PI * hour) / day);
/** Half an hour of trouble in both arms, every nine hours. */
const incidents = (hour: number): number => (hour % 9 >= 4 && hour % 9 < 4.5 ? 2.5 : 0);

const lognormal =
  (sigma: number) =>
  (random: Random): number =>
    Math.exp(sigma * drawNormal(random));
const pareto =
  (tail: number) =>
  (random: Random): number =>
    (1 - random()) ** (-1 / tail);
/** Calls: 1 and a negative binomial with mean 7 and size 2. */
const calls = (random: Random): number => 1 + drawPoisson(random, (drawGamma(random, 2) * 7) / 2);

export const standardScene = rateScene({ name: "success 0.90, 5 % of 1000/h", stable: 0.1, margin: 0.05 });

export const rateScenes: readonly Scene[] = [
  standardScene,
  rateScene({ name: "success 0.99", stable: 0.01, margin: 0.02 }),
  rateScene({ name: "success 0.999", stable: 0.001, margin: 0.01 }),
  rateScene({ name: "success 0.50", stable: 0.5, margin: 0.05 }),
  rateScene({ name: "split 50/50", stable: 0.1, margin: 0.05, share: () => 0.5 }),
  rateScene({ name: "1 % canary", stable: 0.1, margin: 0.05, share: () => 0.01 }),
  rateScene({ name: "60 sessions an hour", stable: 0.1, margin: 0.05, sessionsPerHour: 60 }),
  rateScene({ name: "day and night (0.6 log-odds)", stable: 0.1, margin: 0.05, drift: diurnal }),
  rateScene({ name: "shared incidents", stable: 0.1, margin: 0.05, drift: incidents }),
  rateScene({
    name: "5 % then 50 % at 12 h, drifting",
    stable: 0.1,
    margin: 0.05,
    drift: diurnal,
    share: (hour) => (hour < 12 ? 0.05 : 0.5),
  }),
  taskScene(),
  delayedScene(),
];

export const valueScenes: readonly Scene[] = [
  valueScene({ name: "cost, lognormal 1", judged: "mean", margin: 0.2, draw: lognormal(1), mean: Math.exp(0.5) }),
  valueScene({ name: "cost, lognormal 1.5", judged: "mean", margin: 0.2, draw: lognormal(1.5), mean: Math.exp(1.125) }),
  valueScene({ name: "cost, lognormal 2", judged: "mean", margin: 0.2, draw: lognormal(2), mean: Math.exp(2) }),
  valueScene({ name: "cost, Pareto 2.1", judged: "mean", margin: 0.2, draw: pareto(2.1), mean: 2.1 / 1.1 }),
  valueScene({ name: "cost, Pareto 1.5", judged: "mean", margin: 0.2, draw: pareto(1.5), mean: 3 }),
  valueScene({ name: "calls, negative binomial", judged: "mean", margin: 0.2, draw: calls, mean: 8 }),
  valueScene({ name: "p95 latency, lognormal 0.8", judged: "quantile", margin: 0.25, draw: lognormal(0.8) }),
];
