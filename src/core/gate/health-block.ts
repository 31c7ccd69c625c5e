// Blocks as they are counted: merged while they are too small, and put in the shape that the accumulators take in.

import type { Block, BlockArm, MetricName, Sample } from "../model/metric.js";
import { fullWeight } from "../model/units.js";
import type { JudgedBlock } from "../stats/accumulator.js";
import { blockStandsAlone } from "../stats/block-rule.js";
import type { MetricBlock } from "../stats/metric-evidence.js";
import { metricKinds } from "./health-config.js";

/**
 * So many values an arm and metric are kept of a block that waits to be merged, the latest ones: a canary that gets no
 * session at all must not fill the memory. Which are kept depends on their order alone, never on what they say.
 */
const mostPending = 500;

/** Whether a block can be compared at all: both arms were meant to get sessions, and the counts are counts. */
export function isComparable({ weight, stable, canary }: Block): boolean {
  const counts = [stable.sessions, canary.sessions, stable.silent, canary.silent];
  const possible = counts.every((count) => Number.isFinite(count) && count >= 0);
  return (
    possible &&
    weight > 0 &&
    weight < fullWeight &&
    stable.silent <= stable.sessions &&
    canary.silent <= canary.sessions
  );
}

/** The block with impossible numbers taken for missing, unknown values (NaN) left out, and endless ones made finite. */
export function soundBlock(block: Block): Block {
  const sound = (arm: BlockArm): BlockArm => {
    const samples = Object.entries(arm.samples).map(([name, sample]) => [name, soundSample(sample)]);
    return { ...arm, samples: Object.fromEntries(samples) };
  };
  return { ...block, stable: sound(block.stable), canary: sound(block.canary) };
}

/** No amount of money, calls or seconds is larger; and it leaves room to reckon with squares of it. */
const largestValue = 1e12;

function soundSample(sample: Sample): Sample {
  if (sample.kind === "rate") {
    const { sessions, bad } = sample;
    const possible = bad >= 0 && bad <= sessions && Number.isFinite(sessions);
    return possible ? sample : { kind: "missing", because: `${bad} bad of ${sessions} sessions is impossible` };
  }
  if (sample.kind === "missing") return sample;
  const known = sample.values.filter((value) => !Number.isNaN(value));
  return { kind: "values", values: known.map((value) => Math.min(Math.max(value, 0), largestValue)) };
}

/** Whether a block stands alone; by counts, never by outcomes. */
export function standsAlone(block: Block): boolean {
  const share = block.weight / fullWeight;
  return blockStandsAlone({ canary: block.canary.sessions, stable: block.stable.sessions, share });
}

/** Two neighbouring blocks of one weight as one. A metric that misses in one arm of a block is left out of both arms of it. */
export function mergeBlocks(first: Block, second: Block): Block {
  const [a, b] = [withoutHalves(first), withoutHalves(second)];
  return {
    start: a.start,
    end: b.end,
    weight: b.weight,
    stable: mergeArms(a.stable, b.stable),
    canary: mergeArms(a.canary, b.canary),
  };
}

function metricsIn(block: Block): readonly MetricName[] {
  return Object.keys(block.stable.samples) as MetricName[];
}

function withoutHalves(block: Block): Block {
  const missing = new Map<MetricName, Sample>();
  for (const name of metricsIn(block)) {
    const { canary, stable } = bothSamples(block, name);
    if (canary.kind === "missing") missing.set(name, canary);
    else if (stable.kind === "missing") missing.set(name, stable);
  }
  if (missing.size === 0) return block;
  const replaced = (arm: BlockArm): BlockArm => ({
    ...arm,
    samples: { ...arm.samples, ...Object.fromEntries(missing) },
  });
  return { ...block, stable: replaced(block.stable), canary: replaced(block.canary) };
}

const unreported: Sample = { kind: "missing", because: "it was not reported" };

/** What both arms of a block say of a metric. */
export function bothSamples(block: Block, name: MetricName): { readonly canary: Sample; readonly stable: Sample } {
  return { canary: block.canary.samples[name] ?? unreported, stable: block.stable.samples[name] ?? unreported };
}

function mergeArms(first: BlockArm, second: BlockArm): BlockArm {
  const samples: Partial<Record<MetricName, Sample>> = {};
  for (const name of new Set([...Object.keys(first.samples), ...Object.keys(second.samples)]) as Set<MetricName>) {
    samples[name] = mergeSamples(first.samples[name] ?? unreported, second.samples[name] ?? unreported);
  }
  return {
    sessions: first.sessions + second.sessions,
    silent: first.silent + second.silent,
    samples: samples as BlockArm["samples"],
  };
}

function mergeSamples(first: Sample, second: Sample): Sample {
  if (first.kind === "missing") return second;
  if (second.kind === "missing") return first;
  if (first.kind === "rate" && second.kind === "rate") {
    return { kind: "rate", sessions: first.sessions + second.sessions, bad: first.bad + second.bad };
  }
  if (first.kind === "values" && second.kind === "values") {
    return { kind: "values", values: [...first.values, ...second.values].slice(-mostPending) };
  }
  return { kind: "missing", because: "it was reported as shares and as values" };
}

/** Sessions for which a sample has a value. */
export function sampleCount(sample: Sample): number {
  if (sample.kind === "rate") return sample.sessions;
  return sample.kind === "values" ? sample.values.length : 0;
}

/** The block as the accumulators take it in; a metric that misses in one arm is left out. */
export function judgedBlock(block: Block): JudgedBlock {
  const metrics: Record<string, MetricBlock> = {};
  for (const name of metricsIn(block)) {
    const said = metricBlock(metricKinds[name], bothSamples(block, name));
    if (said !== null) metrics[name] = said;
  }
  const arm = ({ sessions, silent }: BlockArm): JudgedBlock["canary"] => ({ sessions, silent });
  return { start: block.start, end: block.end, canary: arm(block.canary), stable: arm(block.stable), metrics };
}

function metricBlock(
  kind: "rate" | "mean" | "quantile",
  { canary, stable }: { readonly canary: Sample; readonly stable: Sample },
): MetricBlock | null {
  if (kind === "rate") {
    if (canary.kind !== "rate" || stable.kind !== "rate") return null;
    const bad = { canaryBad: canary.bad, stableBad: stable.bad };
    return { kind: "rate", counts: { canary: canary.sessions, stable: stable.sessions, ...bad } };
  }
  return canary.kind === "values" && stable.kind === "values" ? { kind: "values", canary, stable } : null;
}
