/** How durations, weights, margins, scores, models, paths and times are read; and that printing and reading are inverse. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDuration, printDuration } from "../../src/config/units/duration.js";
import { parseCeiling, parsePoints, parseRate, parseRelative } from "../../src/config/units/margin.js";
import { isMovingVersion, parseModelReference } from "../../src/config/units/model-reference.js";
import type { Parsed } from "../../src/config/units/parsed.js";
import { parseGlob, parsePath } from "../../src/config/units/repository-path.js";
import { parseScore } from "../../src/config/units/score.js";
import { parseWeight, printWeight } from "../../src/config/units/weight.js";
import { parseDays, parseHours, parseInstant } from "../../src/config/units/window-times.js";
import { parseZone } from "../../src/config/units/zone.js";
import type { Duration, Weight } from "../../src/core/model/units.js";

/** The value, or what is refused with its hint. */
function outcome(parsed: Parsed<unknown>): unknown {
  if (parsed.ok) return parsed.value;
  return parsed.hint === null ? `no: ${parsed.because}` : `no: ${parsed.because} ${parsed.hint}`;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

test.each([
  ["24h", day],
  ["30m", 30 * minute],
  ["14d", 14 * day],
  ["1h30m", 90 * minute],
  ["1d2h3m4s", day + 2 * hour + 3 * minute + 4000],
  ["90s", 90_000],
  ["0s", 0],
  [" 2h ", 2 * hour],
  [24, 'no: 24 is a duration without a unit. Write "24s", "24m", "24h" or "24d".'],
  ["24", 'no: "24" is a duration without a unit. Write "24s", "24m", "24h" or "24d".'],
  [
    "1.5h",
    'no: "1.5h" is not a duration. Durations are whole numbers with d, h, m or s, the largest first: "30m", "24h", "1h30m", "14d".',
  ],
  ["2 weeks", 'no: "2 weeks" is not a duration. Write "14d".'],
  ["5 min", 'no: "5 min" is not a duration. Write "5m".'],
  [
    "-5m",
    'no: "-5m" is not a duration. Durations are whole numbers with d, h, m or s, the largest first: "30m", "24h", "1h30m", "14d".',
  ],
  ["99999999d", 'no: "99999999d" is longer than a hundred years.'],
  [null, 'no: A duration is a text such as "24h", not nothing.'],
  [["24h"], 'no: A duration is a text such as "24h", not a list.'],
])("duration %j", (input, expected) => expect(outcome(parseDuration(input))).toBe(expected));

test.each([
  [5, 500],
  ["5", 500],
  ["5%", 500],
  ["5.00%", 500],
  ["0.25%", 25],
  ["0.25 %", 25],
  [0.05, 5],
  [0.29, 29],
  [0.57, 57],
  [1.15, 115],
  [100, 10_000],
  ["100%", 10_000],
  [0, 0],
  ["0.005%", 'no: "0.005%" is finer than 0.01 %, the smallest step of a weight.'],
  [1e-7, 'no: "0.0000001" is finer than 0.01 %, the smallest step of a weight.'],
  ["100.01%", 'no: "100.01%" is more than 100 %.'],
  [
    1e21,
    'no: "1000000000000000000000" is not a percentage. Write a number from 0 to 100 with a percent sign: "5%", "0.25%".',
  ],
  [-1, 'no: "-1" is not a percentage. Write a number from 0 to 100 with a percent sign: "5%", "0.25%".'],
  ["5pp", 'no: "5pp" is not a percentage. A weight is a share of sessions: write "5%".'],
  [true, 'no: A weight is a percentage such as "5%", not true.'],
])("weight %j", (input, expected) => expect(outcome(parseWeight(input))).toBe(expected));

test.each([
  ["5pp", 0.05],
  ["2 pp", 0.02],
  ["0.5pp", 0.005],
  ["7pp", 0.07],
  ["0pp", 0],
  ["5%", 'no: "5%" is relative, and the margin of a rate is a difference in points. Write "5pp".'],
  [5, 'no: 5 has no unit, and could be points, a share or a fraction. Write "5pp".'],
  ["100pp", 'no: "100pp" is the whole range of a rate: no canary could ever be worse than that.'],
  ["fivepp", 'no: "fivepp" is not a number of points. Write it as in "5pp".'],
])("points %j", (input, expected) => {
  const parsed = parsePoints(input);
  expect(parsed.ok ? parsed.value.value : outcome(parsed)).toBe(expected);
});

test.each([
  ["10%", 0.1],
  ["20%", 0.2],
  ["0.5%", 0.005],
  ["150%", 1.5],
  [
    "10pp",
    'no: "10pp" is a difference in points, and this margin is a share of the stable revision\'s value. Write "10%".',
  ],
  [0.1, 'no: 0.1 has no unit, and could be points, a share or a fraction. Write "0.1%".'],
  ["ten", 'no: "ten" is not a relative margin. Write it as in "10%".'],
])("relative margin %j", (input, expected) => {
  const parsed = parseRelative(input);
  expect(parsed.ok ? parsed.value.value : outcome(parsed)).toBe(expected);
});

test.each([
  ["80%", 0.8],
  ["99.5%", 0.995],
  ["101%", 'no: "101%" is more than 100 %.'],
  ["100%", 'no: "100%" is breached by the first task that fails. Write less, as in "99%".'],
  ["0%", 'no: "0%" can never be breached. Write more, as in "80%".'],
])("rate %j", (input, expected) => expect(outcome(parseRate(input))).toBe(expected));

test.each([
  ["10%", 0.1],
  ["0.5%", 0.005],
  ["101%", 'no: "101%" is more than 100 %.'],
  ["100%", 'no: "100%" can never be exceeded. Write less, as in "10%".'],
  ["0%", 'no: "0%" is breached by the first session. Write more, as in "1%".'],
  [0.1, 'no: 0.1 has no unit, and could be a fraction or percent. Write "10%" or "0.1%".'],
  [10, 'no: 10 has no unit, and could be points, a share or a fraction. Write "10%".'],
  ["10pp", 'no: "10pp" is not a rate. Write it as in "80%".'],
])("ceiling %j", (input, expected) => expect(outcome(parseCeiling(input))).toBe(expected));

test.each([
  [0.85, "0.85"],
  ["0.850", "0.85"],
  [0.1, "0.1"],
  ["0.05", "0.05"],
  [1, "1"],
  ["1.000", "1"],
  [0, "0"],
  [1e-7, "0.0000001"],
  [85, "no: 85 is more than 1, and a score is a fraction from 0 to 1. Write 0.85."],
  ["85%", 'no: "85%" is a percentage, and a score is a fraction. Write 0.85.'],
  ["5pp", 'no: "5pp" is a percentage, and a score is a fraction. Write 0.05.'],
  [1.01, "no: 1.01 is more than 1, and a score is a fraction from 0 to 1. Write 0.0101."],
  [101, "no: 101 is more than 1, and a score is a fraction from 0 to 1."],
  [-0.5, 'no: "-0.5" is not a fraction from 0 to 1. Write it as in "0.85".'],
  [{}, "no: A score is a fraction from 0 to 1, not a map."],
])("score %j", (input, expected) => expect(outcome(parseScore(input))).toBe(expected));

test.each([
  ["claude-opus-4-5@20251101", "claude-opus-4-5", "20251101"],
  ["us.anthropic/claude:0@v2", "us.anthropic/claude:0", "v2"],
  ["team@host/model@3", "team@host/model", "3"],
])("model %j", (input, model, version) => {
  expect(parseModelReference(input)).toEqual({ ok: true, value: { model, version, params: {} } });
});

test.each([
  ["claude-opus-4-5", 'Write it as in "claude-opus-4-5@VERSION".'],
  ["claude-opus-4-5-20251101", 'Did you mean "claude-opus-4-5@20251101"?'],
  ["gpt-4o-2024-08-06", 'Did you mean "gpt-4o@2024-08-06"?'],
  ["claude@", 'Write it as in "claude@VERSION".'],
  ["@1", 'Write it as in "claude-opus-4-5@20251101".'],
  [5, null],
])("model %j is refused", (input, hint) => {
  expect(parseModelReference(input)).toMatchObject({ ok: false, hint });
});

test.each([
  ["latest", true],
  ["20251101", false],
  ["preview", true],
  ["v1-preview-3", false],
])("version %j moves: %j", (version, moves) => expect(isMovingVersion(version)).toBe(moves));

test.each([
  ["live/support.json", "live/support.json"],
  ["./live//support.json", "live/support.json"],
  ["prompts/Cafe\u0301.md", "prompts/Caf\u00e9.md"],
  ["..hidden/x", "..hidden/x"],
  ["../x", /may leave/],
  ["a/../../x", /may leave/],
  ["a/..", /may leave/],
  ["/etc/passwd", /absolute/],
  ["C:/x", /absolute/],
  ["~/x", /absolute/],
  ["a\\b", /backslashes/],
  ["a\0b", /no file name/],
  [".git/config", /git's own/],
  ["prompts/*.md", /pattern/],
  [".", /names no file/],
  ["", /empty/],
  [3, /is a text/],
])("path %j", (input, expected) => {
  const found = outcome(parsePath(input));
  if (typeof expected === "string") expect(found).toBe(expected);
  else expect(found).toMatch(expected);
});

test.each([
  ["prompts/{a,b}/**", true],
  ["prompts/{a,b", false],
  ["prompts/a}b{", false],
  ["prompts/[ab].md", false],
  ["!prompts/**", false],
  ["../**", false],
])("pattern %j is accepted: %j", (input, ok) => expect(parseGlob(input).ok).toBe(ok));

test.each([
  ["mon-thu", [1, 2, 3, 4]],
  ["Mon, Wed,fri", [1, 3, 5]],
  ["sat-mon", [1, 6, 7]],
  ["mon-sun", [1, 2, 3, 4, 5, 6, 7]],
  ["mon-mon", [1]],
  ["monday", 'no: "monday" is not a day or a span of days. Days are mon, tue, wed, thu, fri, sat, sun.'],
  ["mon-tue-wed", 'no: "mon-tue-wed" is not a day or a span of days. Days are mon, tue, wed, thu, fri, sat, sun.'],
])("days %j", (input, expected) => expect(outcome(parseDays(input))).toEqual(expected));

test.each([
  ["09:00-16:00", { from: 540, to: 960 }],
  ["00:00-24:00", { from: 0, to: 1440 }],
  [
    "22:00-06:00",
    'no: "22:00-06:00" ends before it begins. For a span over midnight write two windows: "22:00-24:00" and "00:00-06:00".',
  ],
  ["09:60-10:00", 'no: "09:60-10:00" has a time that no clock shows.'],
  ["24:00-24:30", 'no: "24:00-24:30" has a time that no clock shows.'],
])("hours %j", (input, expected) => expect(outcome(parseHours(input))).toEqual(expected));

test.each([
  ["2026-12-24", "UTC", "start", "2026-12-24T00:00:00.000Z"],
  ["2026-12-24", "UTC", "end", "2026-12-25T00:00:00.000Z"],
  ["2026-12-24", "Europe/Berlin", "start", "2026-12-23T23:00:00.000Z"],
  ["2026-07-01", "Europe/Berlin", "end", "2026-07-01T22:00:00.000Z"],
  ["2026-12-24T18:00", "America/New_York", "start", "2026-12-24T23:00:00.000Z"],
  ["2026-12-24T18:00+01:00", "America/New_York", "end", "2026-12-24T17:00:00.000Z"],
  ["2026-12-24T18:00:30Z", "Asia/Tokyo", "start", "2026-12-24T18:00:30.000Z"],
  // The clocks of Berlin go from 02:00 to 03:00 on this day, and from 03:00 back to 02:00 on the other.
  ["2026-03-29T03:00", "Europe/Berlin", "start", "2026-03-29T01:00:00.000Z"],
  ["2026-10-25T04:00", "Europe/Berlin", "start", "2026-10-25T03:00:00.000Z"],
] as const)("instant %j in %s, %s", (input, zone, edge, expected) => {
  const parsed = parseInstant(input, zone, edge);
  expect(parsed.ok ? new Date(parsed.value).toISOString() : parsed.because).toBe(expected);
});

test.each(["2026-02-30", "2026-13-01", "24.12.2026", "2026-12-24T25:00"])("instant %j is refused", (input) => {
  expect(parseInstant(input, "UTC", "start").ok).toBe(false);
});

test.each([
  ["Europe/Berlin", true],
  ["UTC", true],
  ["Europe/Berlinn", false],
  ["", false],
])("zone %j is known: %j", (input, ok) => expect(parseZone(input).ok).toBe(ok));

describe("printing and reading are inverse", () => {
  test("durations, to the second", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_000_000_000 }), (seconds) => {
        const duration = (seconds * 1000) as Duration;
        expect(parseDuration(printDuration(duration))).toEqual({ ok: true, value: duration });
      }),
    );
  });

  test("weights, for every basis point", () => {
    for (let weight = 0; weight <= 10_000; weight++) {
      expect(parseWeight(printWeight(weight as Weight))).toEqual({ ok: true, value: weight });
      // The same as a bare number of percent, through binary fractions and back.
      expect(parseWeight(weight / 100)).toEqual({ ok: true, value: weight });
    }
  });

  test("points are the literal's own number", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999 }), (hundredths) => {
        const text = `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, "0")}pp`;
        expect(parsePoints(text)).toEqual({ ok: true, value: { kind: "points", value: Number(`${hundredths}e-4`) } });
      }),
    );
  });
});
