/** How a metric's evidence takes in a block, a new stage and a later start. STATISTICS sections 3, 5 and 6. */
import { absorbMean, type MeanState, type Sample, sampleSize, soundSample } from "./mean.js";
import {
  type Arms,
  type MeanEvidence,
  type MetricBlock,
  type MetricEvidence,
  noTotals,
  openAtCap,
  type QuantileEvidence,
  type RateEvidence,
  slotCount,
  type TotalsEvidence,
} from "./metric-evidence.js";
import { momentsOf } from "./moments.js";
import { type ArmTotals, addStratum, enoughForMixture, mixtureLogE, noStrata, stratumOf } from "./normal-mixture.js";
import { type Betting, enterStage, extendStage, logE } from "./process.js";
import { absorbQuantile, countExceedances } from "./quantile.js";
import { absorbSketch, sketchQuantile } from "./quantile-sketch.js";
import { absorbRate } from "./rate.js";
import type { RateCounts } from "./reverse-projection.js";

/** When the block ended (ms), and whether it belongs to an earlier stage and speaks for FAIL alone. */
export interface BlockPlace {
  readonly end: number;
  readonly late: boolean;
}

/** The evidence after a block. A block of the wrong kind, or with impossible numbers, is left out and counted as unsound. */
export function absorbMetric(evidence: MetricEvidence, block: MetricBlock, place: BlockPlace): MetricEvidence {
  const unsound = { ...evidence, unsound: evidence.unsound + 1 };
  if (evidence.kind === "rate") {
    return block.kind === "rate" && possible(block.counts) ? absorbRateBlock(evidence, block.counts, place) : unsound;
  }
  if (evidence.kind === "totals") {
    return block.kind === "totals" && [block.canary, block.stable].every(possibleTotals)
      ? absorbTotals(evidence, block, place)
      : unsound;
  }
  if (block.kind !== "values" || !countable(block.canary) || !countable(block.stable)) return unsound;
  const sound = { canary: soundSample(block.canary), stable: soundSample(block.stable) };
  if (evidence.kind === "mean") return absorbMeanBlock(evidence, sound, place);
  const canary = valuesOf(sound.canary);
  const stable = valuesOf(sound.stable);
  return canary === null || stable === null ? unsound : absorbQuantileBlock(evidence, { canary, stable }, place);
}

function possible({ canary, stable, canaryBad, stableBad }: RateCounts): boolean {
  const inside = canaryBad >= 0 && canaryBad <= canary && stableBad >= 0 && stableBad <= stable;
  return inside && Number.isFinite(canary + stable);
}

/** Rounding aside, no sum of squares is below the square of the sum over the count. */
export function possibleTotals({ count, sum, squares }: ArmTotals): boolean {
  const finite = [count, sum, squares].every((part) => Number.isFinite(part) && part >= 0);
  return finite && (count > 0 ? count * squares >= sum * sum * (1 - 1e-9) : sum === 0 && squares === 0);
}

function countable(sample: Sample): boolean {
  if (sample.kind === "values") return true;
  if (sample.kind === "moments")
    return sample.count >= 0 && sample.squares >= 0 && Number.isFinite(sample.sum + sample.squares);
  return (
    sample.counts.length === sample.values.length &&
    sample.counts.every((count) => count >= 0 && Number.isFinite(count))
  );
}

/** A histogram's values one by one; null for moments, in which no quantile can be counted. */
function valuesOf(sample: Sample): readonly number[] | null {
  if (sample.kind === "moments") return null;
  if (sample.kind === "values") return sample.values;
  return sample.values.flatMap((value, index) => new Array<number>(Math.round(sample.counts[index] ?? 0)).fill(value));
}

function addArm(arm: ArmTotals, more: ArmTotals): ArmTotals {
  return { count: arm.count + more.count, sum: arm.sum + more.sum, squares: arm.squares + more.squares };
}

/** The sums that are shown count this stage alone. */
function addArms(arms: Arms, block: Arms, place: BlockPlace): Arms {
  if (place.late) return arms;
  return { canary: addArm(arms.canary, block.canary), stable: addArm(arms.stable, block.stable) };
}

/** A share of bad sessions as totals: its square sum is not known for fractions, and at most the sum. */
function shareTotals(sessions: number, bad: number): ArmTotals {
  return { count: sessions, sum: bad, squares: bad };
}

/** The moment a PASS is proven in a stage stays, whatever comes later (STATISTICS section 6). */
function latch(
  before: number | null,
  state: Betting & { readonly targets: { readonly pass: number } },
  place: BlockPlace,
): number | null {
  if (before !== null || place.late) return before;
  return logE(state).pass >= state.targets.pass ? place.end : null;
}

function absorbRateBlock(evidence: RateEvidence, counts: RateCounts, place: BlockPlace): RateEvidence {
  const main = absorbRate(evidence.main, counts, place.late);
  const block = {
    canary: shareTotals(counts.canary, counts.canaryBad),
    stable: shareTotals(counts.stable, counts.stableBad),
  };
  return {
    ...evidence,
    main,
    arms: addArms(evidence.arms, block, place),
    provenAt: latch(evidence.provenAt, main, place),
  };
}

function absorbQuantileBlock(
  evidence: QuantileEvidence,
  block: { readonly canary: readonly number[]; readonly stable: readonly number[] },
  place: BlockPlace,
): QuantileEvidence {
  const counted = countExceedances(evidence.main, block);
  const main = absorbQuantile(evidence.main, block, place.late);
  if (counted === null) return { ...evidence, main };
  const shown = {
    canary: shareTotals(counted.canary, counted.canaryAbove),
    stable: shareTotals(counted.stable, counted.stableAbove),
  };
  return {
    ...evidence,
    main,
    arms: addArms(evidence.arms, shown, place),
    provenAt: latch(evidence.provenAt, main, place),
  };
}

/** The cap is learned from so many stable sessions, where history did not give one. */
const sessionsForCap = 200;

type MeanSamples = { readonly canary: Sample; readonly stable: Sample };

function absorbMeanBlock(evidence: MeanEvidence, block: MeanSamples, place: BlockPlace): MeanEvidence {
  const { main, tail } = evidence;
  if (main === null || tail === null) return learnCap(evidence, block);
  const after = absorbMean(main, block, place.late);
  const above = {
    canary: sessionsAbove(block.canary, toleratedCap(main)),
    stable: sessionsAbove(block.stable, main.cap),
  };
  const tailAfter =
    above.canary === null || above.stable === null
      ? tail
      : absorbRate(
          tail,
          {
            canary: sampleSize(block.canary),
            stable: sampleSize(block.stable),
            canaryBad: above.canary,
            stableBad: above.stable,
          },
          place.late,
        );
  const capped = (sample: Sample): ArmTotals => momentsOf(sample, (value) => Math.min(value, main.cap));
  return {
    ...evidence,
    main: after,
    tail: tailAfter,
    arms: addArms(evidence.arms, { canary: capped(block.canary), stable: capped(block.stable) }, place),
    provenAt: latch(evidence.provenAt, after, place),
    tailProvenAt: latch(evidence.tailProvenAt, tailAfter, place),
  };
}

/**
 * What the canary's sessions are held against: the cap moved by a relative tolerance, as a quantile is (section 4). Where calls
 * hardly vary, a tolerated rise of the mean would carry far more than two points of the sessions over the cap as it is.
 */
function toleratedCap({ cap, scale, tolerance }: MeanState): number {
  return scale === "relative" ? (1 + tolerance) * cap : cap;
}

/** Sessions above a limit; null where the source gave moments, which hide them. */
function sessionsAbove(sample: Sample, limit: number): number | null {
  if (sample.kind === "moments") return null;
  const times = (index: number): number => (sample.kind === "histogram" ? (sample.counts[index] ?? 0) : 1);
  return sample.values.reduce((sum, value, index) => sum + (value > limit ? times(index) : 0), 0);
}

/** A cap below this is no amount of money, calls or time; a metric that is always 0 keeps waiting for its cap. */
const leastCap = 1e-9;

/** Bets need a cap that was fixed before: until 200 stable sessions have shown where it lies, nothing is bet. */
function learnCap(evidence: MeanEvidence, block: MeanSamples): MeanEvidence {
  const { waiting, arms } = evidence;
  const stable = valuesOf(block.stable);
  if (waiting === null || stable === null) return evidence;
  const caps = absorbSketch(waiting.caps, stable.filter(Number.isFinite));
  const seen = { ...noTotals, count: arms.stable.count + stable.length };
  const cap = seen.count >= sessionsForCap ? sketchQuantile(caps) : null;
  if (cap !== null && cap >= leastCap) {
    return openAtCap({ ...evidence, arms: { canary: noTotals, stable: noTotals } }, waiting, cap);
  }
  return { ...evidence, waiting: { ...waiting, caps }, arms: { canary: noTotals, stable: seen } };
}

/** A stage is one stratum, which is closed when the next one begins: what comes late of it is left out, whatever it says. */
function absorbTotals(evidence: TotalsEvidence, block: Arms, place: BlockPlace): TotalsEvidence {
  if (place.late) return evidence;
  const after = { ...evidence, arms: addArms(evidence.arms, block, place) };
  const passed = evidence.provenAt ?? (totalsLogE(after).pass >= Math.log(1 / evidence.stake.beta) ? place.end : null);
  return { ...after, provenAt: passed };
}

/** ln of the approximate FAIL and PASS values of a metric of which only totals are known; 0 while they are too few for it. */
export function totalsLogE(evidence: TotalsEvidence): { readonly fail: number; readonly pass: number } {
  const fail = addStratum(evidence.pastFail, judgedStratum(evidence, evidence.config.tolerance));
  const pass = addStratum(noStrata, judgedStratum(evidence, evidence.config.margin));
  const question = { shift: 0, priorSd: priorSdOf(evidence) };
  return {
    fail: mixtureLogE(fail, { ...question, side: "above" }),
    pass: mixtureLogE(pass, { ...question, side: "below" }),
  };
}

/** The stage's difference beyond a shift; null while the canary's sessions are too few to be taken for normal. */
function judgedStratum(evidence: TotalsEvidence, shift: number): ReturnType<typeof stratumOf> {
  const { count, sum } = evidence.arms.canary;
  const bad = evidence.config.of === "rate" ? sum : Number.POSITIVE_INFINITY;
  return enoughForMixture({ sessions: count, bad }) ? shiftedStratum(evidence, shift) : null;
}

/** The stage's difference of means once the canary was moved onto the boundary. */
function shiftedStratum(evidence: TotalsEvidence, shift: number): ReturnType<typeof stratumOf> {
  const { config, arms } = evidence;
  const unit = unitOf(evidence);
  if (config.scale === "relative") {
    const { count, sum, squares } = arms.canary;
    const factor = 1 / (1 + shift);
    const canary = { count, sum: factor * sum, squares: factor ** 2 * squares };
    return stratumOf({ canary, stable: arms.stable }, unit);
  }
  const stratum = stratumOf(arms, unit);
  return stratum === null ? null : { ...stratum, difference: stratum.difference - shift };
}

/** Differences about as large as the margin are looked for. */
function priorSdOf(evidence: TotalsEvidence): number {
  const { config, arms } = evidence;
  const size =
    config.scale === "relative" ? (arms.stable.sum / Math.max(arms.stable.count, 1)) * config.margin : config.margin;
  return Math.max(size, 1e-3 * unitOf(evidence));
}

/** A stage begins: PASS starts anew, FAIL goes on, and the sums that are shown are laid aside. */
export function enterMetricStage(evidence: MetricEvidence, planned: number): MetricEvidence {
  const past = addStratum(evidence.past, shownStratum(evidence));
  const fresh = { past, arms: { canary: noTotals, stable: noTotals }, provenAt: null, tailProvenAt: null };
  switch (evidence.kind) {
    case "totals": {
      const pastFail = addStratum(evidence.pastFail, judgedStratum(evidence, evidence.config.tolerance));
      return { ...evidence, ...fresh, pastFail };
    }
    case "mean": {
      const { main, tail, waiting } = evidence;
      if (waiting !== null) return { ...evidence, waiting: { ...waiting, planned } };
      if (main === null || tail === null) return evidence;
      return { ...evidence, ...fresh, main: enterStage(main, planned), tail: enterStage(tail, planned) };
    }
    case "rate":
      return { ...evidence, ...fresh, main: enterStage(evidence.main, planned) };
    case "quantile":
      return { ...evidence, ...fresh, main: enterStage(evidence.main, planned) };
  }
}

/** The stage lasts longer: the horizon moves out. */
export function extendMetricStage(evidence: MetricEvidence, planned: number): MetricEvidence {
  switch (evidence.kind) {
    case "totals":
      return evidence;
    case "mean": {
      const { main, tail, waiting } = evidence;
      if (waiting !== null)
        return { ...evidence, waiting: { ...waiting, planned: Math.max(waiting.planned, planned) } };
      if (main === null || tail === null) return evidence;
      return { ...evidence, main: extendStage(main, planned), tail: extendStage(tail, planned) };
    }
    case "rate":
      return { ...evidence, main: extendStage(evidence.main, planned) };
    case "quantile":
      return { ...evidence, main: extendStage(evidence.main, planned) };
  }
}

/** A later start, for which a slot was reserved: remembers where the FAIL grid stands now. */
export function restartMetric(evidence: MetricEvidence): MetricEvidence {
  if (evidence.kind === "totals" || evidence.slots.length >= slotCount) return evidence;
  const grid = evidence.main?.process.fail.grid ?? [];
  return { ...evidence, slots: [...evidence.slots, grid] };
}

/** The range of the badness that is shown: 1 for shares, the cap for means. */
function unitOf(evidence: MetricEvidence): number {
  if (evidence.kind === "totals") return evidence.config.unit ?? rootMeanSquare(evidence.arms);
  return evidence.kind === "mean" ? (evidence.main?.cap ?? 1) : 1;
}

/** Of both arms' values; never 0. */
function rootMeanSquare({ canary, stable }: Arms): number {
  const count = canary.count + stable.count;
  return Math.max(count > 0 ? Math.sqrt((canary.squares + stable.squares) / count) : 0, 1e-9);
}

/** This stage's difference as shown, canary minus stable; null while an arm is empty or the cap unknown. */
export function shownStratum(evidence: MetricEvidence): ReturnType<typeof stratumOf> {
  if (evidence.kind === "mean" && evidence.main === null) return null;
  return stratumOf(evidence.arms, unitOf(evidence));
}
