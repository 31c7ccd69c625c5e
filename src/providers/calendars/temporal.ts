// Windows and freezes by the clocks on the wall of their zones. A gap is never shown by a clock, so nothing opens in it; an
// hour that comes twice is shown twice, so a window in it is open twice.

import type { Temporal as TemporalTypes } from "temporal-polyfill";
import type { WindowGate, WindowRule } from "../../core/model/gate.js";
import { day, type Instant } from "../../core/model/units.js";
import type { Calendar } from "../../ports/calendar.js";

type Clock = typeof TemporalTypes;
type Wall = TemporalTypes.ZonedDateTime;

/** How far ahead a change is looked for. */
const farthest = 366;

/** The calendar of `temporal-polyfill`. The library is loaded at the first look, so that a spec without windows does not pay for it. */
export function openTemporalCalendar(): Calendar {
  return {
    async look(gate, now) {
      const { Temporal } = await import("temporal-polyfill");
      const changesAt = nextChange(Temporal, gate, now);
      return { ...explain(Temporal, gate, { now, changesAt }), changesAt };
    },
  };
}

function wallAt(temporal: Clock, at: Instant, zone: string): Wall {
  return temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}

function minuteOfDay(wall: Wall): number {
  return wall.hour * 60 + wall.minute;
}

function isInside(temporal: Clock, rule: WindowRule, at: Instant): boolean {
  const wall = wallAt(temporal, at, rule.zone);
  const minute = minuteOfDay(wall);
  return rule.days.includes(wall.dayOfWeek) && minute >= rule.from && minute < rule.to;
}

function freezeAt(gate: WindowGate, at: Instant): WindowGate["freezes"][number] | undefined {
  return gate.freezes.filter(({ from, to }) => at >= from && at < to).sort((a, b) => b.to - a.to)[0];
}

function isOpen(temporal: Clock, gate: WindowGate, at: Instant): boolean {
  if (freezeAt(gate, at) !== undefined) return false;
  return gate.windows.length === 0 || gate.windows.some((rule) => isInside(temporal, rule, at));
}

/** The first instant after `now` at which a rise becomes allowed or forbidden; null where none lies within a year. */
function nextChange(temporal: Clock, gate: WindowGate, now: Instant): Instant | null {
  const open = isOpen(temporal, gate, now);
  const last = now + farthest * day;
  const changes = (at: Instant): boolean => at > now && at <= last && isOpen(temporal, gate, at) !== open;
  const freeze = Math.min(...gate.freezes.flatMap(({ from, to }) => [from, to]).filter(changes));
  for (let ahead = 0; ahead <= farthest && gate.windows.length > 0; ahead += 7) {
    // Days of two zones overlap, so the first change of a week is certain only with two more days in view.
    const days = Array.from({ length: 9 }, (_, index) => ahead + index);
    const found = gate.windows.flatMap((rule) => days.flatMap((each) => edges(temporal, rule, { now, ahead: each })));
    const first = Math.min(freeze, ...found.filter(changes));
    if (first <= now + (ahead + 7) * day) return first as Instant;
  }
  return freeze < Infinity ? (freeze as Instant) : null;
}

/** Where a window can open or close on the day that lies `ahead` days after the one of `now` there. */
function edges(
  temporal: Clock,
  rule: WindowRule,
  at: { readonly now: Instant; readonly ahead: number },
): readonly Instant[] {
  const today = wallAt(temporal, at.now, rule.zone).toPlainDate().add({ days: at.ahead });
  const found: Instant[] = [];
  for (const minute of [rule.from, rule.to]) {
    const wall = today.toPlainDateTime().add({ minutes: minute });
    // Both sides of an hour that comes twice; in a gap the two lie around it, and the jump itself is the edge.
    for (const disambiguation of ["earlier", "later"] as const) {
      found.push(wall.toZonedDateTime(rule.zone, { disambiguation }).epochMilliseconds as Instant);
    }
  }
  const midnight = today.toZonedDateTime(rule.zone);
  const jump = midnight.getTimeZoneTransition("next")?.epochMilliseconds;
  if (jump !== undefined && jump < midnight.add({ days: 1 }).epochMilliseconds) found.push(jump as Instant);
  return found;
}

function explain(
  temporal: Clock,
  gate: WindowGate,
  at: { readonly now: Instant; readonly changesAt: Instant | null },
): { readonly open: boolean; readonly because: string } {
  const { now, changesAt } = at;
  const zone = gate.windows[0]?.zone ?? "UTC";
  const when = changesAt === null ? null : momentText(wallAt(temporal, changesAt, zone));
  const freeze = freezeAt(gate, now);
  if (freeze !== undefined) {
    const end = momentText(wallAt(temporal, freeze.to, zone));
    const opens = changesAt === null || changesAt === freeze.to ? "" : `, and the next window opens ${when}`;
    return { open: false, because: `frozen until ${end}: ${freeze.because}${opens}` };
  }
  const rule = gate.windows.find((candidate) => isInside(temporal, candidate, now));
  const until = when === null ? "" : ` until ${when}`;
  if (gate.windows.length === 0) return { open: true, because: `no window is asked for and no freeze is on${until}` };
  if (rule !== undefined) return { open: true, because: `inside the window ${ruleText(rule)}${until}` };
  const opens = when === null ? "none opens within a year" : `the next one opens ${when}`;
  return { open: false, because: `outside the windows (${gate.windows.map(ruleText).join("; ")}): ${opens}` };
}

const dayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function dayName(number: number): string {
  return dayNames[number - 1] ?? "";
}

/** `Tue 2026-11-24 09:00 Europe/Berlin`. */
function momentText(wall: Wall): string {
  return `${dayName(wall.dayOfWeek)} ${wall.toPlainDate()} ${clockText(minuteOfDay(wall))} ${wall.timeZoneId}`;
}

/** `Mon-Thu 09:00-16:00 Europe/Berlin`. */
function ruleText({ days, from, to, zone }: WindowRule): string {
  return `${daysText(days)} ${clockText(from)}-${clockText(to)} ${zone}`;
}

function daysText(days: readonly number[]): string {
  const first = days[0] ?? 1;
  const isRun = days.length > 2 && days.every((number, index) => number === first + index);
  return isRun ? `${dayName(first)}-${dayName(days.at(-1) ?? first)}` : days.map(dayName).join(", ");
}

function clockText(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}
