// Two arms side by side: six metrics with their units, the difference, and in words whether it is for the better.

import type { MetricName } from "../core/model/metric.js";
import { shortRevision } from "../core/model/units.js";
import { differenceText, metricText, numberText } from "./amount-text.js";
import type { Cell } from "./layout.js";
import type { ArmFigures } from "./view.js";

/** In the order of every table. */
export const metricNames: readonly MetricName[] = [
  "task_success_rate",
  "mean_llm_calls",
  "mean_cost_usd",
  "checkpoint_trigger_rate",
  "rollback_rate",
  "p95_latency_sec",
];

/** Success is bad when it falls; everything else is bad when it rises. */
export function trend(
  metric: MetricName,
  stable: number | null,
  canary: number | null,
): "better" | "worse" | "same" | null {
  const difference = differenceText(metric, stable, canary);
  if (difference === null) return null;
  if (!/^[+-]/.test(difference)) return "same";
  const rose = difference.startsWith("+");
  return rose === (metric === "task_success_rate") ? "better" : "worse";
}

export interface Arms {
  readonly stable: ArmFigures | null;
  readonly canary: ArmFigures | null;
}

/** A head, six metrics, then tasks and sessions; without a canary, its columns are left out. */
export function metricRows({ stable, canary }: Arms): readonly (readonly Cell[])[] {
  const arms = [stable, canary].filter((arm) => arm !== null);
  const labels = [
    stable === null ? "" : `stable ${shortRevision(stable.revision)}`,
    canary === null ? "" : `canary ${shortRevision(canary.revision)}`,
  ];
  const head: readonly Cell[] = [
    { text: "" },
    ...labels.filter((label) => label !== "").map((text): Cell => ({ text, align: "right", tone: "quiet" })),
  ];
  const counts = (name: string, of: (arm: ArmFigures) => number): readonly Cell[] => [
    { text: name },
    ...arms.map((arm): Cell => ({ text: numberText(of(arm)), align: "right" })),
  ];
  return [
    head,
    ...metricNames.map((metric) => metricRow(metric, { stable, canary })),
    counts("tasks", (arm) => arm.tasks),
    counts("sessions", (arm) => arm.sessions),
  ];
}

function metricRow(metric: MetricName, { stable, canary }: Arms): readonly Cell[] {
  const arms = [stable, canary].filter((arm) => arm !== null);
  const cells: Cell[] = [
    { text: metric },
    ...arms.map((arm): Cell => ({ text: metricText(metric, arm.values[metric]), align: "right" })),
  ];
  if (stable === null || canary === null) return cells;
  const difference = differenceText(metric, stable.values[metric], canary.values[metric]);
  const word = trend(metric, stable.values[metric], canary.values[metric]);
  if (difference === null || word === null) return cells;
  const arrow = word === "same" ? "=" : difference.startsWith("+") ? "↑" : "↓";
  const tone = word === "worse" ? "bad" : word === "better" ? "good" : "quiet";
  return [...cells, { text: `${arrow} ${difference}`, tone, align: "right" }, { text: word, tone }];
}
