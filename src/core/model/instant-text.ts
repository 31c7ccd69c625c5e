// Instants as people read them, without a platform's date: ISO 8601 in UTC, the form of RFC 3339 with milliseconds.

import { day, hour, type Instant, minute, second } from "./units.js";

const shape = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?Z$/;

/** `2026-11-23T17:05:00.000Z`. For instants of the years 0 to 9999; others have no such form. */
export function instantText(instant: Instant): string {
  const days = Math.floor(instant / day);
  const rest = instant - days * day;
  const { year, month, dayOfMonth } = civilFromDays(days);
  const time = [Math.floor(rest / hour), Math.floor(rest / minute) % 60, Math.floor(rest / second) % 60];
  const clock = time.map((part) => padded(part, 2)).join(":");
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(dayOfMonth, 2)}T${clock}.${padded(rest % second, 3)}Z`;
}

/** The instant that `instantText` wrote; null for any other text, and for dates that no calendar has. */
export function parseInstant(text: string): Instant | null {
  const match = shape.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, dayOfMonth = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1, 7).map(Number);
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const days = daysFromCivil(year, month, dayOfMonth);
  const back = civilFromDays(days);
  if (back.month !== month || back.dayOfMonth !== dayOfMonth) return null;
  const milliseconds = Number((match[7] ?? "").padEnd(3, "0"));
  return (days * day + hours * hour + minutes * minute + seconds * second + milliseconds) as Instant;
}

function padded(part: number, width: number): string {
  return String(part).padStart(width, "0");
}

// Both from Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, eras have 400 years.

function daysFromCivil(year: number, month: number, dayOfMonth: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + dayOfMonth - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilFromDays(days: number): { readonly year: number; readonly month: number; readonly dayOfMonth: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leapDays = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfMonth };
}
