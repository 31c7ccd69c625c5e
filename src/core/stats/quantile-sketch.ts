/**
 * A running quantile of a stream of positive values in some 32 numbers: fine logarithmic buckets around the quantile, and two
 * sums for everything below and above them. Older values fade. It chooses where a quantile test looks, nothing else: an
 * error here costs sessions, never validity (STATISTICS section 4).
 */
import { clamp } from "./logistic.js";

/** Each bucket's upper edge is 7 % above its lower one, so 28 of them span a factor of 6.6. */
const ratio = Math.log(1.07);
const buckets = 28;

/** The quantile is kept about here among the buckets: latencies have more to say above than below. */
const home = 16;

/** So many values are kept as they are before the buckets are laid around their quantile. */
const leastValues = 40;

/** Half of a value's weight is gone after this many newer ones: about the memory of the latest 2 000. */
const halfLife = 1400;

/** Plain JSON. While `weights` is null the first values are still being gathered in `early`. */
export interface QuantileSketch {
  readonly q: number;
  readonly early: readonly number[];
  /** Index of the lowest bucket: it holds values from 1.07^origin on. */
  readonly origin: number;
  readonly weights: readonly number[] | null;
  readonly below: number;
  readonly above: number;
}

/** An empty sketch of the q-quantile, 0 < q < 1. */
export function openSketch(q: number): QuantileSketch {
  if (!(q > 0 && q < 1)) throw new RangeError(`A quantile lies between 0 and 1, not at ${q}.`);
  return { q, early: [], origin: 0, weights: null, below: 0, above: 0 };
}

/** The quantile so far; null until 40 values were seen. */
export function sketchQuantile(sketch: QuantileSketch): number | null {
  const { weights } = sketch;
  if (weights === null) return null;
  const within = weights.reduce((sum, weight) => sum + weight, 0);
  let left = sketch.q * (sketch.below + within + sketch.above) - sketch.below;
  if (left <= 0) return Math.exp(ratio * sketch.origin);
  for (const [index, weight] of weights.entries()) {
    if (left <= weight) return Math.exp(ratio * (sketch.origin + index + left / weight));
    left -= weight;
  }
  return Math.exp(ratio * (sketch.origin + buckets));
}

/** The sketch after more values; NaN is left out, values at or below 0 count as below everything. */
export function absorbSketch(sketch: QuantileSketch, values: readonly number[]): QuantileSketch {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return sketch;
  if (sketch.weights !== null) return centred(withValues(sketch, known));
  const early = [...sketch.early, ...known];
  if (early.length < leastValues) return { ...sketch, early };
  return centred(withValues(laidAround(sketch, early), early));
}

/** The q-quantile of a list, linear between order statistics (type 7 of Hyndman and Fan); NaN for no values. */
export function sampleQuantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? low;
  return low === high ? low : low + (place - Math.floor(place)) * (high - low);
}

function indexOf(value: number): number {
  return value > 0 ? Math.floor(Math.log(value) / ratio) : Number.NEGATIVE_INFINITY;
}

/** Lowest and highest bucket that a double's logarithm can ask for. */
const farthest = Math.ceil(710 / ratio);

function laidAround(sketch: QuantileSketch, values: readonly number[]): QuantileSketch {
  const middle = clamp(indexOf(sampleQuantile(values, sketch.q)), -farthest, farthest);
  return {
    ...sketch,
    early: [],
    origin: middle - home,
    weights: new Array<number>(buckets).fill(0),
    below: 0,
    above: 0,
  };
}

function withValues(sketch: QuantileSketch, values: readonly number[]): QuantileSketch {
  const kept = 2 ** (-values.length / halfLife);
  const weights = (sketch.weights ?? []).map((weight) => weight * kept);
  let below = sketch.below * kept;
  let above = sketch.above * kept;
  for (const value of values) {
    const index = indexOf(value) - sketch.origin;
    const weight = weights[index];
    if (index < 0) below += 1;
    else if (weight === undefined) above += 1;
    else weights[index] = weight + 1;
  }
  return { ...sketch, weights, below, above };
}

/** Moves the buckets when the quantile has wandered off; what falls off an end is kept as a sum. */
function centred(sketch: QuantileSketch): QuantileSketch {
  const value = sketchQuantile(sketch);
  const { weights } = sketch;
  if (value === null || weights === null) return sketch;
  const place = Math.log(value) / ratio - sketch.origin;
  if (place > 5 && place < 24) return sketch;
  const shift = clamp(Math.floor(place) - home, -buckets, buckets);
  const at = (index: number): number => weights[index] ?? 0;
  const lost = weights
    .filter((_, index) => index < shift || index >= buckets + shift)
    .reduce((sum, weight) => sum + weight, 0);
  return {
    ...sketch,
    origin: sketch.origin + shift,
    weights: weights.map((_, index) => at(index + shift)),
    below: sketch.below + (shift > 0 ? lost : 0),
    above: sketch.above + (shift < 0 ? lost : 0),
  };
}
