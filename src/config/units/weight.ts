// Weights: `5`, `5%`, `0.25%`. A bare number is percent.

import type { Weight } from "../../core/model/units.js";
import { plainNumber, readDecimal, scaled } from "./decimal-digits.js";
import { accepted, nameOf, type Parsed, refused } from "./parsed.js";

/** Basis points, exact in decimal. Finer than 0.01 % is refused, and so is more than 100 %. */
export function parseWeight(input: unknown): Parsed<Weight> {
  const text = writtenText(input);
  if (text === null) return refused(`A weight is a percentage such as "5%", not ${nameOf(input)}.`);
  const decimal = readDecimal(text.replace(/\s*%$/, ""));
  if (decimal === null) return refused(`"${text}" is not a percentage.`, weightHint(text));
  const basisPoints = scaled(decimal, 2);
  if (basisPoints === null) return refused(`"${text}" is finer than 0.01 %, the smallest step of a weight.`);
  if (basisPoints > 10_000n) return refused(`"${text}" is more than 100 %.`);
  return accepted(Number(basisPoints) as Weight);
}

/** `5%`, `0.25%`: what `parseWeight` reads as the same weight. */
export function printWeight(weight: Weight): string {
  const whole = Math.floor(weight / 100);
  const rest = weight % 100;
  return rest === 0 ? `${whole}%` : `${whole}.${String(rest).padStart(2, "0").replace(/0$/, "")}%`;
}

function writtenText(input: unknown): string | null {
  if (typeof input === "string") return input.trim();
  return typeof input === "number" ? (plainNumber(input) ?? String(input)) : null;
}

function weightHint(text: string): string {
  if (/pp$/.test(text)) return `A weight is a share of sessions: write "${text.replace(/\s*pp$/, "")}%".`;
  return 'Write a number from 0 to 100 with a percent sign: "5%", "0.25%".';
}
