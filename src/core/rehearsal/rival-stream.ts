/** What the rules of other tools would have seen of a recording: sessions as they ended, at the ramp's first weight. */
import { metricKinds } from "../gate/health-config.js";
import { gridStep } from "../metric/block-grid.js";
import { finishedValues, type SessionValues, type TrackedSession } from "../metric/session-values.js";
import type { HealthGate } from "../model/gate.js";
import type { MetricName, MetricRule } from "../model/metric.js";
import { hour, type Instant, later, type Weight } from "../model/units.js";
import type { RivalArm, RivalArms, RivalMetric, RivalSettings, RivalTick } from "../rivals/rival.js";
import { murmur3 } from "../routing/murmur3.js";
import { sampleQuantile } from "../stats/quantile-sketch.js";
import { type Recording, sessionsAtWeight } from "./recorded.js";

export interface RivalStream {
  readonly settings: RivalSettings;
  readonly ticks: readonly RivalTick[];
}

interface EndedSession {
  readonly key: string;
  readonly isCanary: boolean;
  readonly values: SessionValues;
}

/** One measurement an hour; the fixed ranges are stable's own values over the whole recording, widened by the margins. */
export function rivalStream(
  recording: Recording,
  first: { readonly weight: Weight; readonly gate: HealthGate },
): RivalStream {
  const byTick = endedByTick(recording, first.weight);
  const metrics = first.gate.metrics.flatMap((rule) => rivalMetric(rule, [...byTick.values()].flat()));
  const ticks: RivalTick[] = [];
  const last = Math.max(recording.to, ...byTick.keys());
  for (let at = later(recording.from, gridStep); at <= last; at = later(at, gridStep)) {
    const ended = byTick.get(at) ?? [];
    ticks.push({
      at,
      metrics: Object.fromEntries(metrics.map(({ name }) => [name, armsOf(name as MetricName, ended)])),
    });
  }
  return { settings: { metrics, windowTicks: hour / gridStep }, ticks };
}

/** End of the tick -> the sessions whose last task ended in it. What never ended is not seen. */
function endedByTick(recording: Recording, weight: Weight): ReadonlyMap<Instant, readonly EndedSession[]> {
  const byTick = new Map<Instant, EndedSession[]>();
  for (const cell of recording.cells.keys()) {
    for (const session of sessionsAtWeight(recording, { cell: cell as Instant, weight })) {
      if (session.tasks.length === 0) continue;
      const at = tickOf(session);
      const alike = byTick.get(at) ?? [];
      alike.push({
        key: session.key,
        isCanary: session.revision === recording.canary,
        values: finishedValues(session.tasks),
      });
      byTick.set(at, alike);
    }
  }
  return byTick;
}

function tickOf({ tasks }: TrackedSession): Instant {
  const ended = tasks.reduce((latest, { endedAt }) => Math.max(latest, endedAt), 0);
  return ((Math.floor(ended / gridStep) + 1) * gridStep) as Instant;
}

/** Nothing where stable never reported the metric. */
function rivalMetric({ metric, margin }: MetricRule, sessions: readonly EndedSession[]): readonly RivalMetric[] {
  const values = valuesOf(
    metric,
    sessions.filter(({ isCanary }) => !isCanary),
  );
  if (values.length === 0) return [];
  const reads = metricKinds[metric] === "quantile" ? "p95" : "mean";
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const reference = reads === "p95" ? sampleQuantile(values, 0.95) : mean;
  const limit = margin.kind === "points" ? reference + margin.value : reference * (1 + margin.value);
  return [{ name: metric, reads, reference, limit }];
}

function valuesOf(metric: MetricName, sessions: readonly EndedSession[]): readonly number[] {
  return sessions.map(({ values }) => values[metric]).filter((value) => typeof value === "number");
}

function armsOf(metric: MetricName, ended: readonly EndedSession[]): RivalArms {
  const canary = ended.filter(({ isCanary }) => isCanary);
  const stable = ended.filter(({ isCanary }) => !isCanary);
  const baseline = [...stable].sort((a, b) => murmur3(a.key) - murmur3(b.key)).slice(0, canary.length);
  const arm = (sessions: readonly EndedSession[]): RivalArm => ({ kind: "values", values: valuesOf(metric, sessions) });
  return { canary: arm(canary), stable: arm(stable), baseline: arm(baseline) };
}
