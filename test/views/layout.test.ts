import fc from "fast-check";
import { expect, test } from "vitest";
import { columnsOf, harmless, table, wrapped } from "../../src/views/layout.js";
import { plain } from "./samples.js";

const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 40 });

test("wrapping keeps every word, in order, and every line within the width", () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 20, max: 100 }), (text, width) => {
      const lines = wrapped(text.join(" "), { width, first: "  ", rest: "    " });
      expect(lines.join(" ").trim().split(/\s+/)).toEqual(text);
      for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(width);
    }),
  );
});

test("a number stays with its unit, and a word that is too long stays whole", () => {
  expect(
    wrapped("a drop of 4.1 pp in 24 h", { width: 12, first: "", rest: "" }).map((line) =>
      line.replaceAll("\u00a0", " "),
    ),
  ).toEqual(["a drop of", "4.1 pp in", "24 h"]);
  expect(wrapped("see sha256:0123456789abcdef here", { width: 10, first: "", rest: "  " })).toEqual([
    "see",
    "  sha256:0123456789abcdef",
    "  here",
  ]);
});

test("wide and combining characters take the columns that terminals give them", () => {
  expect([columnsOf("abc"), columnsOf("日本"), columnsOf("e\u0301"), columnsOf("🚀")]).toEqual([3, 4, 1, 2]);
});

test("a table lines up, and folds rather than cuts", () => {
  const rows = [
    [{ text: "a" }, { text: "long cell" }, { text: "7", align: "right" as const }],
    [{ text: "bcd" }, { text: "" }, { text: "1 204", align: "right" as const }],
  ];
  expect(table(plain, rows)).toEqual(["a    long cell      7", "bcd             1 204"]);
  expect(table({ ...plain, width: 12 }, rows)).toEqual(["a", "    long cell", "    7", "bcd", "    1 204"]);
});

test("control characters from outside become visible, at any depth", () => {
  expect(harmless({ a: ["\u001b[31m", { b: "x\u0007\u009b\u202e" }], c: 1, d: null })).toEqual({
    a: ["\\x1b[31m", { b: "x\\x07\\x9b\\x202e" }],
    c: 1,
    d: null,
  });
  expect(harmless("two\nlines\tand a tab")).toBe("two\nlines\tand a tab");
});
