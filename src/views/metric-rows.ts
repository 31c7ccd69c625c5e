// Two arms side by side: six metrics with their units, and the difference. Whether that is more than noise, only an interval tells.

import type { MetricName } from "../core/model/metric.js";
import { differenceText, metricText, numberText } from "./amount-text.js";
import { type Cell, paragraph, table } from "./layout.js";
import type { Style } from "./style.js";
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

export interface Arms {
  readonly stable: ArmFigures | null;
  readonly canary: ArmFigures | null;
}

/** Six metrics, then tasks and sessions, as a table; where the terminal is too narrow for it, a line for each. */
export function metricLines(style: Style, arms: Arms, indent: string): readonly string[] {
  const shown = [arms.stable, arms.canary].filter((arm) => arm !== null);
  const counts = (name: "tasks" | "sessions"): readonly Cell[] => [
    { text: name },
    ...shown.map((arm): Cell => ({ text: numberText(arm[name]), align: "right" })),
  ];
  const rows = [...metricNames.map((metric) => metricRow(metric, arms)), counts("tasks"), counts("sessions")];
  const names = [arms.stable === null ? [] : ["stable"], arms.canary === null ? [] : ["canary"]].flat();
  const head: readonly Cell[] = [{ text: "" }, ...names.map((text): Cell => ({ text, align: "right", tone: "quiet" }))];
  const lines = table(style, [head, ...rows], indent);
  if (lines.length === rows.length + 1) return lines;
  return rows.flatMap(([name, ...cells]) => {
    const [values, compared] = [cells.slice(0, shown.length), cells.slice(shown.length)];
    const text = [values.map((cell) => cell.text).join(" -> "), ...compared.map((cell) => cell.text)].join(", ");
    return paragraph(style, `${name?.text}: ${text}`, { indent, hang: "  ", tone: compared[0]?.tone ?? "plain" });
  });
}

function metricRow(metric: MetricName, { stable, canary }: Arms): readonly Cell[] {
  const arms = [stable, canary].filter((arm) => arm !== null);
  const cells: Cell[] = [
    { text: metric },
    ...arms.map((arm): Cell => ({ text: metricText(metric, arm.values[metric]), align: "right" })),
  ];
  if (stable === null || canary === null) return cells;
  const difference = differenceText(metric, stable.values[metric], canary.values[metric]);
  if (difference === null) return cells;
  const arrow = /^[+-]/.test(difference) ? (difference.startsWith("+") ? "↑" : "↓") : "=";
  return [...cells, { text: `${arrow} ${difference}`, tone: "quiet", align: "right" }];
}
