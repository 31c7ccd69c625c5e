// Margins: `2pp` is a difference of rates in points, `10%` a share of the stable revision's value.

import type { Margin } from "../../core/model/metric.js";
import { readDecimal, toNumber } from "./decimal-digits.js";
import { accepted, nameOf, type Parsed, refused } from "./parsed.js";

/** Points, for rates: `5pp` is 0.05. 100 points and more could never be exceeded, and are refused. */
export function parsePoints(input: unknown): Parsed<Margin> {
  const text = marginText(input, "pp");
  if (typeof text !== "string") return text;
  if (text.endsWith("%")) {
    return refused(
      `"${text}" is relative, and the margin of a rate is a difference in points.`,
      `Write "${text.replace(/\s*%$/, "")}pp".`,
    );
  }
  const decimal = /pp$/.test(text) ? readDecimal(text.replace(/\s*pp$/, "")) : null;
  if (decimal === null) return refused(`"${text}" is not a number of points.`, 'Write it as in "5pp".');
  const value = toNumber(decimal, 2);
  if (value >= 1) return refused(`"${text}" is the whole range of a rate: no canary could ever be worse than that.`);
  return accepted({ kind: "points", value });
}

/** A share of stable's value, for cost, calls and latency: `10%` is 0.1. */
export function parseRelative(input: unknown): Parsed<Margin> {
  const text = marginText(input, "%");
  if (typeof text !== "string") return text;
  if (/pp$/.test(text)) {
    return refused(
      `"${text}" is a difference in points, and this margin is a share of the stable revision's value.`,
      `Write "${text.replace(/\s*pp$/, "")}%".`,
    );
  }
  const decimal = text.endsWith("%") ? readDecimal(text.replace(/\s*%$/, "")) : null;
  if (decimal === null) return refused(`"${text}" is not a relative margin.`, 'Write it as in "10%".');
  return accepted({ kind: "relative", value: toNumber(decimal, 2) });
}

/** A rate in percent that may not be undercut, for floors: `80%` is 0.8. */
export function parseRate(input: unknown): Parsed<number> {
  const rate = shareOf(input);
  if (!rate.ok) return rate;
  if (rate.value === 1)
    return refused(`${rate.text} is breached by the first task that fails.`, 'Write less, as in "99%".');
  return rate.value === 0 ? refused(`${rate.text} can never be breached.`, 'Write more, as in "80%".') : rate;
}

/** A rate in percent that may not be exceeded, for floors of rates that are bad when they rise: `10%` is 0.1. */
export function parseCeiling(input: unknown): Parsed<number> {
  const rate = shareOf(input);
  if (!rate.ok) return rate;
  if (rate.value === 0) return refused(`${rate.text} is breached by the first session.`, 'Write more, as in "1%".');
  return rate.value === 1 ? refused(`${rate.text} can never be exceeded.`, 'Write less, as in "10%".') : rate;
}

function shareOf(input: unknown): (Parsed<number> & { ok: true; text: string }) | ReturnType<typeof refused> {
  if (typeof input === "number" && input > 0 && input < 1) {
    const percent = `${Number((input * 100).toPrecision(12))}%`;
    return refused(`${input} has no unit, and could be a fraction or percent.`, `Write "${percent}" or "${input}%".`);
  }
  const text = marginText(input, "%");
  if (typeof text !== "string") return text;
  const decimal = text.endsWith("%") ? readDecimal(text.replace(/\s*%$/, "")) : null;
  if (decimal === null) return refused(`"${text}" is not a rate.`, 'Write it as in "80%".');
  const value = toNumber(decimal, 2);
  return value > 1 ? refused(`"${text}" is more than 100 %.`) : { ok: true, value, text: `"${text}"` };
}

function marginText(input: unknown, unit: "pp" | "%"): string | ReturnType<typeof refused> {
  if (typeof input === "number") {
    return refused(`${input} has no unit, and could be points, a share or a fraction.`, `Write "${input}${unit}".`);
  }
  if (typeof input === "string" && input.trim() !== "") return input.trim();
  return refused(`A margin is a text such as "${unit === "pp" ? "5pp" : "10%"}", not ${nameOf(input)}.`);
}
