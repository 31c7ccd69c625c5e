// Durations as people write them: `24h`, `30m`, `1h30m`, `14d`.

import type { Duration } from "../../core/model/units.js";
import { accepted, nameOf, type Parsed, refused } from "./parsed.js";

const form = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
const unitsMs = [86_400_000, 3_600_000, 60_000, 1000] as const;
const suffixes = ["d", "h", "m", "s"] as const;
/** A hundred years: what is longer is a slip of the finger. */
const longestMs = 36_525 * 86_400_000;

/** Milliseconds. Each unit once, from days down to seconds; a bare number says not of what, and is refused. */
export function parseDuration(input: unknown): Parsed<Duration> {
  if (typeof input === "number") {
    return refused(
      `${input} is a duration without a unit.`,
      `Write "${input}s", "${input}m", "${input}h" or "${input}d".`,
    );
  }
  if (typeof input !== "string") return refused(`A duration is a text such as "24h", not ${nameOf(input)}.`);
  const text = input.trim();
  if (/^\d+(\.\d+)?$/.test(text)) {
    return refused(
      `"${text}" is a duration without a unit.`,
      `Write "${text}s", "${text}m", "${text}h" or "${text}d".`,
    );
  }
  const match = form.exec(text);
  if (match === null || text === "") return refused(`"${text}" is not a duration.`, durationHint(text));
  const ms = unitsMs.reduce((sum, unit, index) => sum + unit * Number(match[index + 1] ?? 0), 0);
  if (ms > longestMs) return refused(`"${text}" is longer than a hundred years.`);
  return accepted(ms as Duration);
}

/** The shortest text that `parseDuration` reads as the same duration; parts of a second are dropped. */
export function printDuration(duration: Duration): string {
  let rest = Math.floor(duration / 1000) * 1000;
  let text = "";
  for (const [index, unit] of unitsMs.entries()) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0) text += `${count}${suffixes[index]}`;
  }
  return text === "" ? "0s" : text;
}

function durationHint(text: string): string {
  const spelled = /^(\d+)\s*(s|sec|secs|seconds?|m|min|mins|minutes?|h|hr|hrs|hours?|d|days?|w|wk|weeks?)$/i.exec(text);
  if (spelled?.[1] !== undefined && spelled[2] !== undefined) {
    const unit = spelled[2].charAt(0).toLowerCase();
    return `Write "${unit === "w" ? `${Number(spelled[1]) * 7}d` : `${spelled[1]}${unit}`}".`;
  }
  return 'Durations are whole numbers with d, h, m or s, the largest first: "30m", "24h", "1h30m", "14d".';
}
