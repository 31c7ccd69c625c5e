// The sentences of a health gate: short, with the numbers in them.

import { instantText } from "../model/instant-text.js";
import type { Instant } from "../model/units.js";
import { metricKinds, primaryMetric } from "./health-config.js";
import type { Finding } from "./health-finding.js";

/** `task_success_rate 0.133 vs 0.727, drop 59.4 pp [52.1, 66.7]`: canary against stable, with the always-valid interval. */
export function findingText(finding: Finding): string {
  const { metric, stable, canary, worsening, limit, scale, unit } = finding;
  if (stable === null || canary === null) return `${metric} has no value yet`;
  if (scale === "exceedance") {
    const above = `${percentText(canary)} of canary ${unit}s vs ${percentText(stable)} above stable's ${amountText(limit ?? Number.NaN)} s`;
    return `${metric}: ${above}${changeText(finding)}`;
  }
  const shown = scale === "points" ? rateText : amountText;
  const change = worsening === null ? "" : changeText(finding);
  return `${metric} ${shown(canary)} vs ${shown(stable)}${change}`;
}

/** `, drop 4.1 pp [2.6, 5.7]`; the interval reads in the direction of the word. */
function changeText({ metric, worsening, scale }: Finding): string {
  if (worsening === null) return "";
  const isWorse = worsening.estimate > 0;
  const up = metric === primaryMetric ? !isWorse : isWorse;
  const [low, high] = isWorse ? [worsening.low, worsening.high] : [-worsening.high, -worsening.low];
  const size = (value: number): string => sizeText(value, scale);
  const unit = unitText(scale);
  const word =
    worsening.estimate === 0 ? "no change" : `${up ? "rise" : "drop"} ${size(Math.abs(worsening.estimate))}${unit}`;
  return `, ${word} [${size(low)}, ${size(high)}]`;
}

function sizeText(value: number, scale: Finding["scale"]): string {
  return scale === "units" ? amountText(value) : trimmed((value * 100).toFixed(1));
}

function unitText(scale: Finding["scale"]): string {
  if (scale === "units") return "";
  return scale === "relative" ? " %" : " pp";
}

/** Why a failing metric fails: `drop 59.4 pp [52.1, 66.7] > tolerance 2.5 pp`, or too many sessions above the cap. */
export function worseText(finding: Finding): string {
  const { limit, worseByTail } = finding;
  if (!worseByTail) return `${findingText(finding)} > tolerance ${limitText(finding, "tolerance")}`;
  const edge = (limit ?? Number.NaN) * (finding.scale === "relative" ? 1 + finding.rule.tolerance.value : 1);
  return `${findingText(finding)}, too many ${finding.unit}s above ${amountText(edge)} (stable's 99th percentile and the tolerance)`;
}

/** Margin or tolerance: `2.5 pp`, `20 %`. */
export function limitText(finding: Finding, which: "margin" | "tolerance"): string {
  const { value, kind } = finding.rule[which];
  if (kind === "relative") return `${trimmed((value * 100).toFixed(2))} %`;
  return finding.scale === "units" ? amountText(value) : `${trimmed((value * 100).toFixed(2))} pp`;
}

/** What is said of a verdict that rests on totals, whatever it is; null where none does. */
export function approximateText(metrics: readonly Finding[]): string | null {
  const rough = metrics.filter(({ approximate }) => approximate);
  if (rough.length === 0) return null;
  const names = rough.map(({ metric }) => metric).join(", ");
  const said = `approximate: the source gives totals alone for ${names}`;
  const means = rough.filter(({ metric }) => metricKinds[metric] === "mean");
  if (means.length === 0) return said;
  return `${said}, and totals of skewed values such as costs pass 15 to 45 % of canaries that are at the margin: answer values or a histogram`;
}

/** `evidence 3.2 of 3.0`: natural logarithms of the e-value and of its threshold. */
export function evidenceText(logE: number, target: number): string {
  return `evidence ${logE.toFixed(1).replace("-0.0", "0.0")} of ${target.toFixed(1)}`;
}

export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, " ");
}

/** `2026-11-24T14:20Z`, rounded up to the minute. */
export function minuteText(instant: Instant): string {
  return `${instantText((Math.ceil(instant / 60_000) * 60_000) as Instant).slice(0, 16)}Z`;
}

export function percentText(share: number): string {
  return `${trimmed((share * 100).toFixed(1))} %`;
}

function rateText(rate: number): string {
  return rate.toFixed(3);
}

/** Three digits that count. */
function amountText(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const places = Math.min(Math.max(2 - Math.floor(Math.log10(Math.abs(value))), 0), 12);
  return value.toFixed(places);
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "").replace(/^-0$/, "0") : text;
}
