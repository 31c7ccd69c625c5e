// Decimals as they were written, without a trip through binary fractions: 0.07 x 100 is 7 here.

/** The digits of a plain decimal number, scaled: `value` is `digits` / 10^`places`. Null where the text is none. */
export interface DecimalDigits {
  readonly digits: bigint;
  readonly places: number;
}

/** Reads `12`, `0.25` or `.5`, without sign and exponent. */
export function readDecimal(text: string): DecimalDigits | null {
  const match = /^(\d*)(?:\.(\d*))?$/.exec(text);
  const whole = match?.[1] ?? "";
  const fraction = match?.[2] ?? "";
  if (match === null || whole + fraction === "" || fraction.length > 40 || whole.length > 15) return null;
  return { digits: BigInt(`${whole}${fraction}`), places: fraction.length };
}

/** The text of a number that YAML read, without an exponent; null for what is not finite or is negative. */
export function plainNumber(value: number): string | null {
  if (!Number.isFinite(value) || value < 0) return null;
  const text = String(value);
  const match = /^(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const digits = `${match[1] ?? ""}${match[2] ?? ""}`;
  const point = (match[1] ?? "").length + Number(match[3]);
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  return point >= digits.length ? digits.padEnd(point, "0") : `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** The value times 10^`by` as a whole number; null where it is not whole. */
export function scaled({ digits, places }: DecimalDigits, by: number): bigint | null {
  if (by >= places) return digits * 10n ** BigInt(by - places);
  const divisor = 10n ** BigInt(places - by);
  return digits % divisor === 0n ? digits / divisor : null;
}

/** The shortest decimal text of the value: `0.85`, `1`, `0`. */
export function printDecimal({ digits, places }: DecimalDigits): string {
  const text = digits.toString().padStart(places + 1, "0");
  const whole = text.slice(0, text.length - places);
  const fraction = text.slice(text.length - places).replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** The number nearest to value / 10^`by`: 5 with 2 is 0.05, exactly the literal. */
export function toNumber(value: DecimalDigits, by: number): number {
  return Number(`${value.digits}e-${value.places + by}`);
}
