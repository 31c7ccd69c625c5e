// Times as people read them: where on the clock, in UTC, and how far from now.

import { instantText } from "../core/model/instant-text.js";
import { day, hour, type Instant, minute, second } from "../core/model/units.js";
import { glue } from "./layout.js";

const weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/** `under 1 s`, `45 s`, `12 min`, `2 h 20 min`, `26 h`, `3 d 4 h`. Milliseconds in; rounded down to the smaller unit shown. */
export function durationText(milliseconds: number): string {
  if (milliseconds < second) return `under${glue}1${glue}s`;
  if (milliseconds < minute) return whole(milliseconds, second, "s");
  if (milliseconds < hour) return whole(milliseconds, minute, "min");
  if (milliseconds < 10 * hour) return two(milliseconds, [hour, "h"], [minute, "min"]);
  if (milliseconds < 2 * day) return whole(milliseconds, hour, "h");
  return two(milliseconds, [day, "d"], [hour, "h"]);
}

/** `Tue 14:20 UTC` within six days of now, else `2026-11-23 14:20 UTC`. */
export function clockText(instant: Instant, now: Instant): string {
  const iso = instantText(instant);
  const near = Math.abs(instant - now) < 6 * day;
  const date = near ? (weekdays[(Math.floor(instant / day) + 7_000_000) % 7] ?? "") : iso.slice(0, 10);
  return `${date}${glue}${iso.slice(11, 16)}${glue}UTC`;
}

/** `in 3 h`, `3 s ago`, `now`. */
export function relativeText(instant: Instant, now: Instant): string {
  const distance = instant - now;
  if (Math.abs(distance) < second) return "now";
  return distance > 0 ? `in${glue}${durationText(distance)}` : `${durationText(-distance)}${glue}ago`;
}

/** `Tue 14:20 UTC, in 3 h`. */
export function momentText(instant: Instant, now: Instant): string {
  return `${clockText(instant, now)}, ${relativeText(instant, now)}`;
}

/** `2026-11-23 17:05:09 UTC`, for records. */
export function stampText(instant: Instant): string {
  const iso = instantText(instant);
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

function whole(milliseconds: number, unit: number, name: string): string {
  return `${Math.floor(milliseconds / unit)}${glue}${name}`;
}

function two(milliseconds: number, large: readonly [number, string], small: readonly [number, string]): string {
  const rest = milliseconds % large[0];
  const tail = rest < small[0] ? "" : ` ${whole(rest, small[0], small[1])}`;
  return `${whole(milliseconds, large[0], large[1])}${tail}`;
}
