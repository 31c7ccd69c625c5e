// Exact decimal numbers for scores: 0.90 - 0.85 is 0.05, which binary floats get wrong.

/** The value is `digits` / 10^`scale`; `scale` >= 0. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/**
 * Places that a score is kept with. Any two shares of up to a million items differ by more than this; a float's accident
 * (0.8499999999999999 for 0.85) differs by less. Rounding half up at a fixed place commutes with adding a margin of at
 * most so many places, so two shares that lie exactly a margin apart still do after rounding.
 */
const scorePlaces = 12;

/** Exponents beyond this are no scores, and would cost memory. */
const exponentLimit = 400;

const zero: Decimal = { digits: 0n, scale: 0 };

/** Reads `0.85`, `-1`, `.5` and `1e-7`; null for anything else, NaN and the infinities among it. */
export function parseDecimal(text: string): Decimal | null {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i.exec(text.trim());
  if (match === null) return null;
  const [, sign, whole = "", fraction = "", exponentText = "0"] = match;
  if (whole === "" && fraction === "") return null;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > exponentLimit) return null;
  const digits = BigInt(`${sign === "-" ? "-" : ""}${whole}${fraction}`);
  const scale = fraction.length - exponent;
  return scale >= 0 ? { digits, scale } : { digits: digits * power(-scale), scale: 0 };
}

/** The shortest decimal that a float stands for; null for NaN and the infinities. */
export function decimalOf(value: number): Decimal | null {
  return parseDecimal(String(value));
}

/** Without an exponent and without zeros at the end: `0.85`. */
export function decimalText(value: Decimal): string {
  const sign = value.digits < 0n ? "-" : "";
  const all = (value.digits < 0n ? -value.digits : value.digits).toString().padStart(value.scale + 1, "0");
  const whole = all.slice(0, all.length - value.scale);
  const fraction = all.slice(all.length - value.scale).replace(/0+$/, "");
  return fraction === "" ? (/^0+$/.test(whole) ? "0" : `${sign}${whole}`) : `${sign}${whole}.${fraction}`;
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: atScale(a, scale) + atScale(b, scale), scale };
}

export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, { digits: -b.digits, scale: b.scale });
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const difference = minus(a, b).digits;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** `a` / `b`, rounded half up (towards positive infinity) at `places`. `b` must not be 0: a RangeError says so. */
export function quotient(a: Decimal, b: Decimal, places: number = scorePlaces): Decimal {
  const top = a.digits * power(b.scale + places);
  const bottom = b.digits * power(a.scale);
  return { digits: floorDivide(2n * top + bottom, 2n * bottom), scale: places };
}

/** Rounded half up at `places`. */
export function rounded(value: Decimal, places: number = scorePlaces): Decimal {
  return value.scale <= places ? value : quotient(value, { digits: 1n, scale: 0 }, places);
}

/** The mean, rounded half up at `scorePlaces`; null of nothing. */
export function meanOf(values: readonly Decimal[]): Decimal | null {
  if (values.length === 0) return null;
  return quotient(values.reduce(plus, zero), { digits: BigInt(values.length), scale: 0 });
}

function atScale(value: Decimal, scale: number): bigint {
  return value.digits * power(scale - value.scale);
}

function power(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** BigInt division rounds towards zero; this rounds down. */
function floorDivide(top: bigint, bottom: bigint): bigint {
  const result = top / bottom;
  return top % bottom !== 0n && top < 0n !== bottom < 0n ? result - 1n : result;
}
