// What a health gate judges by: the strategy's words, `full` on top of `canary`, and the defaults under both.

import type { GatesConfig, HealthGateConfig } from "../core/generated/rollout-config.js";
import type { HealthGate } from "../core/model/gate.js";
import type { Margin, MetricName, MetricRule } from "../core/model/metric.js";
import { type Duration, hour } from "../core/model/units.js";
import { rolloutConfigDefaults as defaults } from "./generated/rollout-config-shape.js";
import { parseDuration } from "./units/duration.js";
import { parsePoints, parseRelative } from "./units/margin.js";
import { readAgain } from "./units/parsed.js";

export type HealthSettings = Pick<
  HealthGate,
  "skip" | "prove" | "metrics" | "alpha" | "beta" | "staleAfter" | "minSessions"
>;

/** The order in which metrics are listed: the primary one first. */
export const metricNames: readonly MetricName[] = [
  "task_success_rate",
  "mean_llm_calls",
  "mean_cost_usd",
  "checkpoint_trigger_rate",
  "rollback_rate",
  "p95_latency_sec",
];

const rates: readonly MetricName[] = ["task_success_rate", "checkpoint_trigger_rate", "rollback_rate"];
/** One false-rollback budget of 0.05 a rollout; a paired eval gate spends 0.01 of it. */
const alphas = { paired: 0.04, point: 0.05 } as const;

export function healthSettings(
  gates: NonNullable<GatesConfig>,
  name: "canary" | "full",
  { paired, sessionTimeout }: { readonly paired: boolean; readonly sessionTimeout: Duration },
): HealthSettings {
  const canary = gates.canary ?? {};
  const own = name === "full" ? (gates.full ?? {}) : canary;
  const at = "strategies.*.gates.canary";
  const stale = own.stale_after ?? canary.stale_after;
  return {
    // Leaving out one gate does not leave out the other.
    skip: own.skip?.because ?? null,
    prove: own.prove ?? canary.prove ?? defaults[`${at}.prove`],
    metrics: metricNames.map((metric) => metricRule(metric, [own, canary])),
    alpha: canary.alpha ?? (paired ? alphas.paired : alphas.point),
    beta: own.beta ?? canary.beta ?? defaults[`${at}.beta`],
    staleAfter: stale === undefined ? ((2 * hour + sessionTimeout) as Duration) : readAgain(parseDuration(stale)),
    minSessions: own.min_sessions ?? canary.min_sessions ?? defaults[`${at}.min_sessions`],
  };
}

/** The words about one metric, whatever its direction. */
export interface WrittenRule {
  readonly margin: string | undefined;
  readonly tolerance: string | undefined;
}

export function writtenRule(gate: HealthGateConfig | undefined, metric: MetricName): WrittenRule {
  const rule: { readonly max_drop?: string; readonly max_rise?: string; readonly tolerance?: string } =
    gate?.metrics?.[metric] ?? {};
  return { margin: rule.max_drop ?? rule.max_rise, tolerance: rule.tolerance };
}

/** `layers`, the nearest first. A layer that sets a margin takes no tolerance from the layers below. */
export function metricRule(metric: MetricName, layers: readonly HealthGateConfig[]): MetricRule {
  const written = layers.map((layer) => writtenRule(layer, metric));
  const nearest = written.findIndex(({ margin, tolerance }) => margin !== undefined || tolerance !== undefined);
  const margin = marginOf(metric, written.find((rule) => rule.margin !== undefined)?.margin ?? defaultMargin(metric));
  const tolerance = written[nearest]?.tolerance;
  return {
    metric,
    margin,
    tolerance: tolerance === undefined ? defaultTolerance(metric, margin) : marginOf(metric, tolerance),
  };
}

function defaultMargin(metric: MetricName): string {
  const rule: { readonly max_drop?: string; readonly max_rise?: string } =
    defaults[`strategies.*.gates.canary.metrics.${metric}`];
  return rule.max_drop ?? rule.max_rise ?? "";
}

/** Half the margin for rates, the whole margin for calls, cost and latency. */
function defaultTolerance(metric: MetricName, margin: Margin): Margin {
  return rates.includes(metric) ? { ...margin, value: margin.value / 2 } : margin;
}

function marginOf(metric: MetricName, text: string): Margin {
  return readAgain(rates.includes(metric) ? parsePoints(text) : parseRelative(text));
}
