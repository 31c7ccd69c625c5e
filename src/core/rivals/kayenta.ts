/** Kayenta (Spinnaker's automated canary analysis): two series of one point a tick, compared by Mann and Whitney. */
import { mannWhitneyShift } from "./mann-whitney.js";
import { fullWindows, measured, type RivalMetric, type RivalRule, type RivalTick } from "./rival.js";

/** Fewer points are not compared. */
const leastPoints = 50;
const confidence = 0.98;
/** The interval has to clear a band of so much of the estimate itself. */
const bandShare = 0.25;
/** Below this score an analysis fails; it is a judge's default for "marginal". */
const marginalScore = 75;

/** Each metric is High, or passes; the score is the share that passes; below the marginal score the canary is rolled back. */
export const kayentaRule: RivalRule = (settings, ticks) => {
  const series = settings.metrics.map((metric) => ({ metric, points: pointsOf(ticks, metric) }));
  for (const window of fullWindows(settings, ticks)) {
    const judged = series.map(({ metric, points }) => {
      const seen = points.filter(({ index }) => index < window.end);
      return { metric, compared: seen.length >= leastPoints, high: seen.length >= leastPoints && isHigh(seen) };
    });
    const compared = judged.filter((each) => each.compared);
    const high = compared.filter((each) => each.high);
    if (compared.length === 0) continue;
    const score = 100 * (1 - high.length / compared.length);
    if (score < marginalScore) {
      const names = high.map(({ metric }) => metric.name).join(", ");
      return { at: window.at, because: `score ${Math.round(score)}: ${names} high` };
    }
  }
  return null;
};

interface Point {
  readonly index: number;
  readonly canary: number;
  readonly baseline: number;
}

/** A tick without data in an arm has no point. */
function pointsOf(ticks: readonly RivalTick[], metric: RivalMetric): readonly Point[] {
  return ticks.flatMap(({ metrics }, index) => {
    const arms = metrics[metric.name];
    if (arms === undefined) return [];
    const canary = measured([arms.canary], metric.reads);
    const baseline = measured([arms.baseline], metric.reads);
    return canary === null || baseline === null ? [] : [{ index, canary, baseline }];
  });
}

function isHigh(points: readonly Point[]): boolean {
  const canary = points.map((point) => point.canary);
  const baseline = points.map((point) => point.baseline);
  if (new Set([...canary, ...baseline]).size === 1) return false;
  const shift = mannWhitneyShift(canary, baseline, confidence);
  return shift.low > bandShare * Math.abs(shift.estimate);
}
