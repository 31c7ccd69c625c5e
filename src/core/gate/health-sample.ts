// What one arm says of a metric, as far as it is possible, and in the shape in which that metric is judged.

import type { MetricName, Sample } from "../model/metric.js";
import { possibleTotals } from "../stats/metric-absorb.js";
import { metricKinds } from "./health-config.js";

/** No amount of money, calls or seconds is larger; and it leaves room to reckon with squares of it. */
const largestValue = 1e12;

/** More sessions of one arm in a block are counted nowhere; a histogram that says so is a mistake. */
const mostSessions = 1_000_000;

/**
 * The sample with impossible numbers taken for missing, unknown values (NaN) left out, and endless ones made finite. A rate is counted,
 * also where its sessions' values or buckets were said; a mean or a quantile is never made of counts, nor a quantile of totals.
 */
export function soundSample(metric: MetricName, sample: Sample): Sample {
  const kind = metricKinds[metric];
  switch (sample.kind) {
    case "missing":
      return sample;
    case "rate":
      return kind === "rate" ? soundRate(sample) : missing(`counts of sessions do not tell a ${kind}`);
    case "values":
      return kind === "rate" ? counted(sample) : soundValues(sample);
    case "histogram": {
      const sound = soundHistogram(sample);
      return kind === "rate" && sound.kind === "histogram" ? counted(sound) : sound;
    }
    case "totals":
      return kind === "quantile" ? missing("totals do not tell a quantile") : soundTotals(sample, kind === "rate");
  }
}

function missing(because: string): Sample {
  return { kind: "missing", because };
}

function soundRate(sample: Extract<Sample, { readonly kind: "rate" }>): Sample {
  const { sessions, bad } = sample;
  const possible = bad >= 0 && bad <= sessions && Number.isFinite(sessions);
  return possible ? sample : missing(`${bad} bad of ${sessions} sessions is impossible`);
}

function soundValues({ values }: Extract<Sample, { readonly kind: "values" }>): Sample {
  const known = values.filter((value) => !Number.isNaN(value));
  return { kind: "values", values: known.map((value) => Math.min(Math.max(value, 0), largestValue)) };
}

function soundHistogram({ values, counts }: Extract<Sample, { readonly kind: "histogram" }>): Sample {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const whole = counts.every((count) => Number.isInteger(count) && count >= 0);
  if (values.length !== counts.length || !whole || !(total <= mostSessions)) {
    return missing("its histogram is none: each bucket has a value and a whole number of sessions");
  }
  const kept = values
    .map((value, index) => [value, counts[index] ?? 0] as const)
    .filter(([value, count]) => !Number.isNaN(value) && count > 0);
  return {
    kind: "histogram",
    values: kept.map(([value]) => Math.min(Math.max(value, 0), largestValue)),
    counts: kept.map(([, count]) => count),
  };
}

/** The sum of badness, which lies in [0, 1] for each session. */
function counted(sample: Extract<Sample, { readonly kind: "values" | "histogram" }>): Sample {
  const times = (index: number): number => (sample.kind === "histogram" ? (sample.counts[index] ?? 0) : 1);
  let sessions = 0;
  let bad = 0;
  for (const [index, value] of sample.values.entries()) {
    if (Number.isNaN(value)) continue;
    if (!(value >= 0 && value <= 1)) return missing(`a session's badness lies between 0 and 1, and ${value} does not`);
    sessions += times(index);
    bad += times(index) * value;
  }
  return { kind: "rate", sessions, bad: Math.min(bad, sessions) };
}

function soundTotals(sample: Extract<Sample, { readonly kind: "totals" }>, isRate: boolean): Sample {
  const { sessions, sum, squares } = sample;
  const shares = !isRate || (sum <= sessions && squares <= sum * (1 + 1e-9));
  const small = sum <= sessions * largestValue;
  const possible = possibleTotals({ count: sessions, sum, squares }) && shares && small;
  return possible
    ? sample
    : missing(`totals of ${sessions} sessions with the sum ${sum} and the sum of squares ${squares} are impossible`);
}

/** So many values of an arm and metric are kept of a block that waits to be merged: see `mergeSamples`. */
const mostPending = 500;

/**
 * Two blocks' samples as one. Of values the latest 500 are kept: a canary that gets no session at all must not fill the memory. Which
 * are kept depends on their order alone, never on what they say.
 */
export function mergeSamples(first: Sample, second: Sample): Sample {
  if (first.kind === "missing" || (second.kind !== "missing" && sampleCount(first) === 0)) return second;
  if (second.kind === "missing" || sampleCount(second) === 0) return first;
  if (first.kind === "rate" && second.kind === "rate") {
    return { kind: "rate", sessions: first.sessions + second.sessions, bad: first.bad + second.bad };
  }
  if (first.kind === "values" && second.kind === "values") {
    return { kind: "values", values: [...first.values, ...second.values].slice(-mostPending) };
  }
  if (first.kind === "totals" && second.kind === "totals") {
    const { sessions, sum, squares } = second;
    return {
      kind: "totals",
      sessions: first.sessions + sessions,
      sum: first.sum + sum,
      squares: first.squares + squares,
    };
  }
  const [a, b] = [bucketsOf(first), bucketsOf(second)];
  if (a !== null && b !== null) return mergeBuckets(a, b);
  return { kind: "missing", because: "it was reported in two shapes that cannot be put together" };
}

type Buckets = readonly (readonly [value: number, count: number])[];

function bucketsOf(sample: Sample): Buckets | null {
  if (sample.kind === "values") return sample.values.map((value) => [value, 1]);
  if (sample.kind === "histogram") return sample.values.map((value, index) => [value, sample.counts[index] ?? 0]);
  return null;
}

function mergeBuckets(first: Buckets, second: Buckets): Sample {
  const merged = new Map<number, number>();
  for (const [value, count] of [...first, ...second]) {
    const before = merged.get(value) ?? 0;
    merged.delete(value);
    merged.set(value, before + count);
  }
  const kept = [...merged].slice(-mostPending);
  return { kind: "histogram", values: kept.map(([value]) => value), counts: kept.map(([, count]) => count) };
}

/** Sessions for which a sample has a value. */
export function sampleCount(sample: Sample): number {
  switch (sample.kind) {
    case "missing":
      return 0;
    case "values":
      return sample.values.length;
    case "histogram":
      return sample.counts.reduce((sum, count) => sum + count, 0);
    case "rate":
    case "totals":
      return sample.sessions;
  }
}
