/** A z-test made for one look at the end, looked at after every tick: what a dashboard with a p-value amounts to. */
import { armsIn, type RivalArm, type RivalMetric, type RivalRule, type RivalTick, sumsOf } from "./rival.js";

/** Two-sided 5 %. */
const critical = 1.959963984540054;

/** Totals since the start; rolls back at the first look at which some metric is significantly worse. */
export const fixedRule: RivalRule = (settings, ticks) => {
  const totals = settings.metrics.map((metric) => ({ metric, canary: nothing(), stable: nothing() }));
  for (const [index, tick] of ticks.entries()) {
    for (const { metric, canary, stable } of totals) {
      add(canary, tick, { metric, arm: "canary" });
      add(stable, tick, { metric, arm: "stable" });
      if (index + 1 < settings.windowTicks) continue;
      const z = zOf(canary, stable);
      if (z > critical) return { at: tick.at, because: `${metric.name} is worse, z = ${z.toFixed(2)}` };
    }
  }
  return null;
};

interface Totals {
  count: number;
  sum: number;
  squares: number;
}

function nothing(): Totals {
  return { count: 0, sum: 0, squares: 0 };
}

function add(
  totals: Totals,
  tick: RivalTick,
  { metric, arm }: { readonly metric: RivalMetric; readonly arm: "canary" | "stable" },
): void {
  for (const said of armsIn([tick], metric.name, arm)) {
    const sums = sumsOf(metric.reads === "p95" ? exceedances(said, metric.reference) : said);
    totals.count += sums.count;
    totals.sum += sums.sum;
    totals.squares += sums.squares;
  }
}

/** A quantile is compared by the share of sessions above stable's known one. */
function exceedances(arm: RivalArm, limit: number): RivalArm {
  return arm.kind === "sums" ? arm : { kind: "values", values: arm.values.map((value) => Number(value > limit)) };
}

/** The difference of means in standard errors; 0 while nothing varies. */
function zOf(canary: Totals, stable: Totals): number {
  if (canary.count < 2 || stable.count < 2) return 0;
  const means = { canary: canary.sum / canary.count, stable: stable.sum / stable.count };
  const variance = varianceOf(canary) / canary.count + varianceOf(stable) / stable.count;
  return variance > 0 ? (means.canary - means.stable) / Math.sqrt(variance) : 0;
}

function varianceOf({ count, sum, squares }: Totals): number {
  return Math.max(squares - (sum * sum) / count, 0) / (count - 1);
}
