// Instants as text agree with the platform's own dates.

import fc from "fast-check";
import { expect, test } from "vitest";
import { instantText, parseInstant } from "../../../src/core/model/instant-text.js";
import type { Instant } from "../../../src/core/model/units.js";

const instants = fc.integer({ min: Date.UTC(0, 0), max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) });

test("every instant is written as the platform writes it, and read back", () => {
  fc.assert(
    fc.property(instants, (value) => {
      const written = instantText(value as Instant);
      expect(written).toBe(new Date(value).toISOString());
      expect(parseInstant(written)).toBe(value);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
  ["2024-02-29T00:00:00.5Z", Date.UTC(2024, 1, 29, 0, 0, 0, 500)],
  ["2000-02-29T23:59:59.999Z", Date.UTC(2000, 1, 29, 23, 59, 59, 999)],
  ["1900-02-29T00:00:00Z", null],
  ["2023-02-29T00:00:00Z", null],
  ["2023-04-31T00:00:00Z", null],
  ["2023-13-01T00:00:00Z", null],
  ["2023-00-01T00:00:00Z", null],
  ["2023-01-00T00:00:00Z", null],
  ["2023-01-01T24:00:00Z", null],
  ["2023-01-01T00:60:00Z", null],
  ["2023-01-01T00:00:60Z", null],
  ["2023-01-01T00:00:00", null],
  ["2023-01-01T00:00:00+01:00", null],
  ["2023-01-01", null],
  ["", null],
])("%j", (text, instant) => {
  expect(parseInstant(text)).toBe(instant);
});
