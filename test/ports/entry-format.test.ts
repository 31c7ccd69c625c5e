/** What a store hands out as an entry: what this version wrote, what older ones did, and nothing else. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event } from "../../src/core/model/journal.js";
import type { Instant } from "../../src/core/model/units.js";
import { entryText, readEntry } from "../../src/ports/entry-format.js";
import { Fault } from "../../src/ports/fault.js";

const event: Event = {
  kind: "commanded",
  command: "pause",
  why: "a look",
  at: 1_700_000_000_000 as Instant,
  by: "ada",
  plan: null,
};
const written = JSON.parse(entryText(event)) as Record<string, unknown>;

const read = (text: string) => readEntry("support", { serial: 7, event: text });
const refusal = (text: string): Fault => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error(`${text} was read`);
};

test("an entry comes back as it was, with a number of its format on the way", () => {
  expect(written.format).toBe(1);
  expect(read(entryText(event))).toEqual({ serial: 7, event });
});

test("an entry from before there were numbers is format 1", () => {
  const { format, ...old } = written;
  expect(format).toBe(1);
  expect(read(JSON.stringify(old))).toEqual({ serial: 7, event });
});

describe("refused, with the place and what to do", () => {
  const cases: readonly (readonly [name: string, change: object | string, kind: string, says: RegExp])[] = [
    ["a newer format", { format: 2 }, "unsupported", /Entry 7 of the journal of support has the format 2.*Upgrade/],
    ["a newer kind of entry", { kind: "agent-cloned" }, "unsupported", /"agent-cloned".*Upgrade rollout/],
    ["a kind that is a property of all objects", { kind: "constructor" }, "unsupported", /"constructor".*Upgrade/],
    ["a format that never was", { format: "one" }, "rejected", /no number of a format.*Restore/],
    ["no kind", { kind: undefined }, "rejected", /kind is missing/],
    ["a time that is none", { at: "yesterday" }, "rejected", /at is "yesterday", not a whole number/],
    ["a time beyond all dates", { at: 9e15 }, "rejected", /at is 9000000000000000/],
    ["a command that is none", { command: "explode" }, "rejected", /command is "explode", not pause or resume/],
    ["something else than an object", "[1]", "rejected", /not a JSON object/],
    ["a torn text", '{"at":17000', "rejected", /not a JSON object/],
    ["nesting without end", "[".repeat(100_000), "rejected", /not a JSON object/],
  ];
  test.each(cases)("%s", (_, change, kind, says) => {
    const found = refusal(typeof change === "string" ? change : JSON.stringify({ ...written, ...change }));
    expect(found.kind).toBe(kind);
    expect(found.message).toMatch(says);
  });
});

test("whatever stands there, it is read or refused", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string({ unit: "binary" })), (text) => {
      try {
        read(text);
      } catch (error) {
        expect(error).toBeInstanceOf(Fault);
      }
    }),
  );
});
