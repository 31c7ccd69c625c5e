// Numbers as people read them: groups of three digits, units behind a space, no more digits than mean something.

import type { MetricName } from "../core/model/metric.js";
import type { Weight } from "../core/model/units.js";
import { glue } from "./layout.js";

/** `1 204`, `0.5`. Four digits stay together only in years. */
export function numberText(value: number): string {
  const [whole = "", fraction] = String(value).split(".");
  const grouped = /e/.test(whole) ? whole : whole.replace(/\B(?=(\d{3})+$)/g, glue);
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Basis points: `5 %`, `0.25 %`, `100 %`. */
export function weightText(weight: Weight | number): string {
  return `${weight / 100}${glue}%`;
}

/** A fraction with one decimal: `90.2 %`. */
export function percentText(fraction: number): string {
  return `${(fraction * 100).toFixed(1)}${glue}%`;
}

/** `1 agent`, `3 agents`, `0 agents`. */
export function countText(count: number, noun: string, plural = `${noun}s`): string {
  return `${numberText(count)}${glue}${count === 1 ? noun : plural}`;
}

/** The unit that a metric is measured and shown in. */
const units: Readonly<Record<MetricName, "rate" | "count" | "usd" | "seconds">> = {
  task_success_rate: "rate",
  mean_llm_calls: "count",
  mean_cost_usd: "usd",
  checkpoint_trigger_rate: "rate",
  rollback_rate: "rate",
  p95_latency_sec: "seconds",
};

/** `90.2 %`, `$0.03141`, `12.4 s`, `7.31`; `n/a` for null: not measured. */
export function metricText(metric: MetricName, value: number | null): string {
  if (value === null) return "n/a";
  switch (units[metric]) {
    case "rate":
      return percentText(value);
    case "usd":
      return `$${significant(value, 4)}`;
    case "seconds":
      return `${significant(value, 3)}${glue}s`;
    case "count":
      return significant(value, 3);
  }
}

/** How far `canary` is from `stable`: points for rates, a share of stable for the others. Null where either is not known. */
export function differenceText(metric: MetricName, stable: number | null, canary: number | null): string | null {
  if (stable === null || canary === null) return null;
  const difference = canary - stable;
  if (units[metric] === "rate") return signed(difference * 100, "pp");
  if (stable === 0) return difference === 0 ? signed(0, "%") : null;
  return signed((difference / stable) * 100, "%");
}

function signed(value: number, unit: string): string {
  const text = Math.abs(value).toFixed(1);
  return `${Number(text) === 0 ? "" : value < 0 ? "-" : "+"}${text}${glue}${unit}`;
}

/** Without exponents and without trailing zeros behind a whole number. */
function significant(value: number, digits: number): string {
  if (value === 0) return "0";
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  if (magnitude >= digits - 1) return numberText(Math.round(value));
  return value.toFixed(Math.min(12, digits - 1 - magnitude));
}
