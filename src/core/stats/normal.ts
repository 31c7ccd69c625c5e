/**
 * The standard normal distribution. Rational approximations of W. J. Cody (Mathematics of Computation 23, 1969, 631-637),
 * as laid out for the normal by Cody (ACM TOMS 19, 1993, algorithm 715), relative error near 1e-16 in both tails, constants rounded to doubles;
 * the quantile is M. J. Wichura's PPND16 (Applied Statistics 37, 1988, AS 241).
 */

const centre = {
  top: [0.06568233791820745, 2.2352520354606837, 161.02823106855587, 1067.6894854603709, 18154.98125334356],
  bottom: [1, 47.202581904688245, 976.0985517377767, 10260.932208618979, 45507.78933502673],
};

const flank = {
  top: [
    1.0765576773720192e-8, 0.39894151208813466, 8.883149794388377, 93.50665613217785, 597.2702763948002,
    2494.5375852903726, 6848.190450536283, 11602.65143764735, 9842.714838383978,
  ],
  bottom: [
    1, 22.266688044328117, 235.387901782625, 1519.3775994075547, 6485.558298266761, 18615.571640885097,
    34900.95272114598, 38912.00328609327, 19685.429676859992,
  ],
};

const tail = {
  top: [
    0.023073441764940174, 0.215898534057957, 0.12740116116024736, 0.022235277870649807, 0.0014216191932278934,
    2.9112874951168793e-5,
  ],
  bottom: [1, 1.284260096144911, 0.4682382124808651, 0.06598813786892856, 0.0037823963320275824, 7.297515550839662e-5],
};

const rootOfTwoPi = Math.sqrt(2 * Math.PI);

/** Horner's rule, highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}

/** The probability beyond a distance of at least 0.67 from the middle, divided by exp(-distance^2 / 2). */
function scaledTail(distance: number): number {
  if (distance <= Math.sqrt(32)) return polynomial(flank.top, distance) / polynomial(flank.bottom, distance);
  const inverse = 1 / (distance * distance);
  const correction = (inverse * polynomial(tail.top, inverse)) / polynomial(tail.bottom, inverse);
  return (1 / rootOfTwoPi - correction) / distance;
}

/** exp(-x^2 / 2), with x split so that its square does not lose digits. */
function bell(x: number): number {
  const coarse = Math.trunc(x * 16) / 16;
  return Math.exp(-0.5 * coarse * coarse) * Math.exp(-0.5 * (x - coarse) * (x + coarse));
}

/** P(Z <= x) for a standard normal Z. */
export function normalCdf(x: number): number {
  const distance = Math.abs(x);
  if (Number.isNaN(x)) return Number.NaN;
  if (distance <= 0.67448975) {
    return 0.5 + (x * polynomial(centre.top, x * x)) / polynomial(centre.bottom, x * x);
  }
  const outside = distance > 40 ? 0 : bell(distance) * scaledTail(distance);
  return x > 0 ? 1 - outside : outside;
}

/** ln P(Z <= x), accurate far below where the probability itself is too small for a double. */
export function logNormalCdf(x: number): number {
  if (x === Number.NEGATIVE_INFINITY) return x;
  if (x >= -0.67448975) return x > 0.67448975 ? Math.log1p(-normalCdf(-x)) : Math.log(normalCdf(x));
  return -0.5 * x * x + Math.log(scaledTail(-x));
}

const quantileCentre = {
  top: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
    133.14166789178438, 3.3871328727963665,
  ],
  bottom: [
    5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
    42.31333070160091, 1,
  ],
};

const quantileFlank = {
  top: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  bottom: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
};

const quantileTail = {
  top: [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
    1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  bottom: [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
    0.1369298809227358, 0.599832206555888, 1,
  ],
};

/** The x with P(Z <= x) = probability; -Infinity at 0, Infinity at 1. */
export function normalQuantile(probability: number): number {
  const offset = probability - 0.5;
  if (Math.abs(offset) <= 0.425) {
    const r = 0.180625 - offset * offset;
    return (offset * polynomial(quantileCentre.top, r)) / polynomial(quantileCentre.bottom, r);
  }
  const outside = offset < 0 ? probability : 1 - probability;
  if (!(outside >= 0)) return Number.NaN;
  if (outside === 0) return offset < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const r = Math.sqrt(-Math.log(outside));
  const part = r <= 5 ? quantileFlank : quantileTail;
  const shifted = r - (r <= 5 ? 1.6 : 5);
  const size = polynomial(part.top, shifted) / polynomial(part.bottom, shifted);
  return offset < 0 ? -size : size;
}
