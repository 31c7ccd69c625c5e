// Samples as a program prints them, to the ones that gates count.

import { metricKinds } from "../../../core/gate/health-config.js";
import type { SourceSamples } from "../../../core/generated/source-blocks.js";
import type { SourcePast } from "../../../core/generated/source-history.js";
import { metricNames } from "../../../core/metric/session-values.js";
import type { MetricName, Sample } from "../../../core/model/metric.js";
import type { Fault } from "../../../ports/fault.js";

type Wrong = (name: MetricName, because: string) => Fault;

/** What an arm says of every metric; a metric that is left out is missing, and says nothing where there was no session. */
export function readSamples(
  metrics: SourceSamples,
  sessions: number,
  wrong: Wrong,
): Readonly<Record<MetricName, Sample>> {
  const samples = metricNames.map((name) => {
    const said = metrics[name];
    const sample = said === undefined ? unsaid(name, sessions) : sampleOf(said);
    const known = countOf(sample);
    if (sample.kind === "histogram" && sample.values.length !== sample.counts.length)
      throw wrong(name, `${sample.values.length} values and ${sample.counts.length} counts make no buckets`);
    if (known > sessions) throw wrong(name, `${known} sessions have a value, and only ${sessions} started`);
    if (sample.kind === "rate" && sample.bad > sample.sessions)
      throw wrong(name, `${sample.bad} of ${sample.sessions} sessions are bad`);
    return [name, sample];
  });
  return Object.fromEntries(samples);
}

type Said = NonNullable<SourceSamples[MetricName]>;

function sampleOf(said: Said): Sample {
  if (said.kind !== "totals") return said;
  return { kind: "totals", sessions: said.sessions, sum: said.sum, squares: said.sum_of_squares };
}

function unsaid(name: MetricName, sessions: number): Sample {
  if (sessions > 0) return { kind: "missing", because: `the source does not say ${name}` };
  return name.endsWith("_rate") ? { kind: "rate", sessions: 0, bad: 0 } : { kind: "values", values: [] };
}

function countOf(sample: Sample): number {
  if (sample.kind === "missing") return 0;
  if (sample.kind === "values") return sample.values.length;
  return sample.kind === "histogram" ? sample.counts.reduce((sum, count) => sum + count, 0) : sample.sessions;
}

/** No baseline asks for more. */
const mostValues = 2000;

/** History as single values, at most 2000: counts and buckets are thinned out evenly. */
export function pastValues(name: MetricName, said: SourcePast[MetricName], wrong: Wrong): readonly number[] {
  if (said === undefined) return [];
  const worse =
    said.kind === "rate" || metricKinds[name] !== "rate" ? undefined : said.values.find((value) => value > 1);
  if (worse !== undefined) throw wrong(name, `a session's badness lies between 0 and 1, and ${worse} does not`);
  if (said.kind === "values") return said.values.slice(0, mostValues);
  if (said.kind === "rate") {
    if (said.bad > said.sessions) throw wrong(name, `${said.bad} of ${said.sessions} sessions are bad`);
    return thinned([0, 1], [said.sessions - said.bad, said.bad]);
  }
  if (said.values.length !== said.counts.length)
    throw wrong(name, `${said.values.length} values and ${said.counts.length} counts make no buckets`);
  return thinned(said.values, said.counts);
}

/** Multiples of the golden section visit every part of an interval evenly, however early they are stopped. */
const goldenSection = (Math.sqrt(5) - 1) / 2;

/** Evenly spaced quantiles, in an order in which every stretch has the same shares: none of them is older than another. */
function thinned(values: readonly number[], counts: readonly number[]): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const wanted = Math.min(Math.floor(total), mostValues);
  const quantiles: number[] = [];
  let at = 0;
  let end = counts[0] ?? 0;
  for (let index = 0; index < wanted; index++) {
    while (end <= ((index + 0.5) / wanted) * total && at < counts.length - 1) end += counts[++at] ?? 0;
    quantiles.push(values[at] ?? 0);
  }
  return quantiles
    .map((value, index) => ({ value, turn: (index * goldenSection) % 1 }))
    .sort((a, b) => a.turn - b.turn)
    .map(({ value }) => value);
}
