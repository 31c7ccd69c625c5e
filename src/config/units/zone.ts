// Time zones by their IANA names, and what a clock on the wall there means.

import type { Instant } from "../../core/model/units.js";
import { accepted, nameOf, type Parsed, refused } from "./parsed.js";

export function parseZone(input: unknown): Parsed<string> {
  if (typeof input !== "string") return refused(`A time zone is a name such as "Europe/Berlin", not ${nameOf(input)}.`);
  const zone = input.trim();
  try {
    return accepted(
      new Intl.DateTimeFormat("en-US", { timeZone: zone }).resolvedOptions().timeZone === "UTC" ? "UTC" : zone,
    );
  } catch {
    return refused(
      `"${zone}" is not a time zone that is known here.`,
      'Zones are named as in "Europe/Berlin" or "UTC".',
    );
  }
}

/** The instant at which the clocks of `zone` show this wall time (milliseconds, as if it were UTC). In a gap: the later side. */
export function wallTimeToInstant(wallMs: number, zone: string): Instant {
  if (zone === "UTC") return wallMs as Instant;
  const first = wallMs - offsetAt(wallMs, zone);
  return (wallMs - offsetAt(first, zone)) as Instant;
}

function offsetAt(instantMs: number, zone: string): number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const parts = Object.fromEntries(format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instantMs / 1000) * 1000;
}
