// Scores: fractions from 0 to 1, kept as decimals so that 0.90 - 0.85 is 0.05.

import { plainNumber, printDecimal, readDecimal, scaled } from "./decimal-digits.js";
import { accepted, nameOf, type Parsed, refused } from "./parsed.js";

/** The shortest decimal text of the fraction: `0.850` is `0.85`. */
export function parseScore(input: unknown): Parsed<string> {
  const text = typeof input === "number" ? (plainNumber(input) ?? String(input)) : input;
  if (typeof text !== "string") return refused(`A score is a fraction from 0 to 1, not ${nameOf(input)}.`);
  const trimmed = text.trim();
  const percent = /^(\d+(?:\.\d+)?)\s*(%|pp)$/.exec(trimmed);
  if (percent?.[1] !== undefined)
    return refused(`"${trimmed}" is a percentage, and a score is a fraction.`, asFraction(percent[1]));
  const decimal = readDecimal(trimmed);
  if (decimal === null) return refused(`"${trimmed}" is not a fraction from 0 to 1.`, 'Write it as in "0.85".');
  if (decimal.digits > 10n ** BigInt(decimal.places)) {
    return refused(`${trimmed} is more than 1, and a score is a fraction from 0 to 1.`, asFraction(trimmed));
  }
  return accepted(printDecimal(decimal));
}

function asFraction(percent: string): string | null {
  const decimal = readDecimal(percent);
  if (decimal === null || (scaled(decimal, decimal.places) ?? 0n) > 100n * 10n ** BigInt(decimal.places)) return null;
  return `Write ${printDecimal({ digits: decimal.digits, places: decimal.places + 2 })}.`;
}
