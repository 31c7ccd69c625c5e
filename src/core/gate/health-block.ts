// Blocks as they are counted: merged while they are too small, and put in the shape that the accumulators take in.

import type { Block, BlockArm, MetricName, Sample } from "../model/metric.js";
import { fullWeight } from "../model/units.js";
import type { JudgedBlock } from "../stats/accumulator.js";
import { blockStandsAlone } from "../stats/block-rule.js";
import type { MetricBlock } from "../stats/metric-evidence.js";
import type { ArmTotals } from "../stats/normal-mixture.js";
import { mergeSamples, soundSample } from "./health-sample.js";

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

/** The block with every sample in the shape in which its metric is judged: see `soundSample`. */
export function soundBlock(block: Block): Block {
  const sound = (arm: BlockArm): BlockArm => {
    const samples = Object.entries(arm.samples) as [MetricName, Sample][];
    return {
      ...arm,
      samples: Object.fromEntries(samples.map(([name, sample]) => [name, soundSample(name, sample)])),
    } as BlockArm;
  };
  return { ...block, stable: sound(block.stable), canary: sound(block.canary) };
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

/** The block as the accumulators take it in; a metric that misses in one arm is left out. */
export function judgedBlock(block: Block): JudgedBlock {
  const metrics: Record<string, MetricBlock> = {};
  for (const name of metricsIn(block)) {
    const said = metricBlock(bothSamples(block, name));
    if (said !== null) metrics[name] = said;
  }
  const arm = ({ sessions, silent }: BlockArm): JudgedBlock["canary"] => ({ sessions, silent });
  return { start: block.start, end: block.end, canary: arm(block.canary), stable: arm(block.stable), metrics };
}

function metricBlock({ canary, stable }: { readonly canary: Sample; readonly stable: Sample }): MetricBlock | null {
  if (canary.kind === "rate" && stable.kind === "rate") {
    const bad = { canaryBad: canary.bad, stableBad: stable.bad };
    return { kind: "rate", counts: { canary: canary.sessions, stable: stable.sessions, ...bad } };
  }
  const [canaryTotals, stableTotals] = [totalsOf(canary), totalsOf(stable)];
  if (canaryTotals !== null && stableTotals !== null)
    return { kind: "totals", canary: canaryTotals, stable: stableTotals };
  return hasValues(canary) && hasValues(stable) ? { kind: "values", canary, stable } : null;
}

function totalsOf(sample: Sample): ArmTotals | null {
  return sample.kind === "totals" ? { count: sample.sessions, sum: sample.sum, squares: sample.squares } : null;
}

function hasValues(sample: Sample): sample is Extract<Sample, { readonly kind: "values" | "histogram" }> {
  return sample.kind === "values" || sample.kind === "histogram";
}
