// The days, hours and instants of windows and freezes.

import type { Instant } from "../../core/model/units.js";
import { accepted, nameOf, type Parsed, refused } from "./parsed.js";
import { wallTimeToInstant } from "./zone.js";

const dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** Days of the week, ascending, 1 is Monday: `mon-thu` is [1, 2, 3, 4], and `sat-mon` runs over the weekend's end. */
export function parseDays(input: unknown): Parsed<readonly number[]> {
  if (typeof input !== "string") return refused(`Days are a text such as "mon-thu", not ${nameOf(input)}.`);
  const days = new Set<number>();
  for (const part of input.split(",").map((text) => text.trim().toLowerCase())) {
    const [from, to = from, ...rest] = part.split("-").map((name) => dayNames.indexOf(name.trim()));
    if (from === undefined || to === undefined || from < 0 || to < 0 || rest.length > 0) {
      return refused(`"${part}" is not a day or a span of days.`, `Days are ${dayNames.join(", ")}.`);
    }
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day + 1);
      if (day === to) break;
    }
  }
  return accepted([...days].sort((a, b) => a - b));
}

/** Minutes after local midnight. The end lies behind the beginning: a span over midnight is two windows. */
export function parseHours(input: unknown): Parsed<{ readonly from: number; readonly to: number }> {
  if (typeof input !== "string") return refused(`Hours are a text such as "09:00-16:00", not ${nameOf(input)}.`);
  const text = input.trim();
  const match = /^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$/.exec(text);
  if (match === null) return refused(`"${text}" is not a span of hours.`, 'Write it as in "09:00-16:00".');
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = match.slice(1).map(Number);
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  if (fromMinute > 59 || toMinute > 59 || from >= 1440 || to > 1440)
    return refused(`"${text}" has a time that no clock shows.`);
  if (from >= to) {
    return refused(
      `"${text}" ends before it begins.`,
      `For a span over midnight write two windows: "${match[1]}:${match[2]}-24:00" and "00:00-${match[3]}:${match[4]}".`,
    );
  }
  return accepted({ from, to });
}

/** A day or a point in time. `edge` says which end of a day is meant: a freeze's last day is still inside. */
export function parseInstant(input: unknown, zone: string, edge: "start" | "end"): Parsed<Instant> {
  if (typeof input !== "string") return refused(`A time is a text such as "2026-12-24", not ${nameOf(input)}.`);
  const text = input.trim();
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
  if (match === null)
    return refused(`"${text}" is not a day or a point in time.`, 'Write it as in "2026-12-24" or "2026-12-24T18:00".');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(wallMs);
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    return refused(`"${text}" is not in the calendar.`);
  }
  const offset = match[7];
  if (offset !== undefined) return accepted((wallMs - offsetMs(offset)) as Instant);
  const wholeDay = match[4] === undefined;
  return accepted(wallTimeToInstant(wholeDay && edge === "end" ? wallMs + 86_400_000 : wallMs, zone));
}

function offsetMs(offset: string): number {
  if (offset === "Z") return 0;
  const [hours = 0, minutes = 0] = offset.slice(1).split(":").map(Number);
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
