/** Flagger and Argo Rollouts: the canary's value over a window against a fixed range, and a count of the checks that failed. */
import { armsIn, fullWindows, measured, type RivalMetric, type RivalRule, type RivalTick } from "./rival.js";

/** Flagger's default threshold is 1; 5 is what its own tutorials set, and forgives more. */
const flaggerThreshold = 5;

/**
 * Flagger: at each interval every metric is held against its range; an interval with a metric outside adds 1 to a counter
 * that never falls; at the threshold it rolls back, otherwise the weight rises.
 */
export const flaggerRule: RivalRule = (settings, ticks) => {
  let failedChecks = 0;
  for (const window of fullWindows(settings, ticks)) {
    const outside = settings.metrics.find((metric) => isOutside(window.ticks, metric));
    if (outside === undefined) continue;
    failedChecks += 1;
    if (failedChecks >= flaggerThreshold) {
      const because = `${failedChecks} failed checks, the last one of ${outside.name}`;
      return { at: window.at, because };
    }
  }
  return null;
};

/** Argo's default limit is 0 failed measurements; 3 forgives more. */
const argoFailureLimit = 3;

/** Argo Rollouts: each metric counts its own measurements that fail; the run fails when there are more than its limit. */
export const argoRule: RivalRule = (settings, ticks) => {
  const failures = new Map<string, number>();
  for (const window of fullWindows(settings, ticks)) {
    for (const metric of settings.metrics) {
      if (!isOutside(window.ticks, metric)) continue;
      const count = (failures.get(metric.name) ?? 0) + 1;
      failures.set(metric.name, count);
      if (count > argoFailureLimit) {
        return { at: window.at, because: `${count} failed measurements of ${metric.name}` };
      }
    }
  }
  return null;
};

/** A window without data is neutral. */
function isOutside(ticks: readonly RivalTick[], metric: RivalMetric): boolean {
  const value = measured(armsIn(ticks, metric.name, "canary"), metric.reads);
  return value !== null && value > metric.limit;
}
