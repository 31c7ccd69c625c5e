import fc from "fast-check";
import { expect, test } from "vitest";
import type { Instant } from "../../src/core/model/units.js";
import { glue } from "../../src/views/layout.js";
import { clockText, durationText, relativeText, stampText } from "../../src/views/time-text.js";
import { at, now } from "./samples.js";

const spaced = (text: string): string => text.replaceAll(glue, " ");
const seconds = 1000;
const hours = 3_600_000;

test.each([
  [0, "under 1 s"],
  [999, "under 1 s"],
  [45 * seconds, "45 s"],
  [119 * seconds, "1 min"],
  [2 * hours + 20 * 60 * seconds, "2 h 20 min"],
  [2 * hours, "2 h"],
  [26 * hours, "26 h"],
  [76 * hours, "3 d 4 h"],
  [72 * hours, "3 d"],
])("%d ms is %s", (milliseconds, expected) => expect(spaced(durationText(milliseconds))).toBe(expected));

test.each([
  ["2026-11-24T14:20:00Z", "Tue 14:20 UTC", "in 27 h"],
  ["2026-11-23T11:20:00Z", "Mon 11:20 UTC", "now"],
  ["2026-11-23T11:19:57Z", "Mon 11:19 UTC", "3 s ago"],
  ["2026-12-24T00:00:00Z", "2026-12-24 00:00 UTC", "in 30 d 12 h"],
  ["2026-02-28T23:59:59Z", "2026-02-28 23:59 UTC", "267 d 11 h ago"],
])("%s is %s, %s", (iso, clock, relative) => {
  expect(spaced(clockText(at(iso), now))).toBe(clock);
  expect(spaced(relativeText(at(iso), now))).toBe(relative);
});

test("weekdays and dates are those of the platform's calendar", () => {
  const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  fc.assert(
    fc.property(fc.integer({ min: -62_000_000_000_000, max: 250_000_000_000_000 }), (milliseconds) => {
      const instant = milliseconds as Instant;
      const date = new Date(milliseconds);
      expect(clockText(instant, instant).slice(0, 3)).toBe(weekdays[date.getUTCDay()]);
      expect(stampText(instant)).toBe(`${date.toISOString().slice(0, 19).replace("T", " ")} UTC`);
    }),
  );
});
