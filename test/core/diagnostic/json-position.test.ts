import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findJsonFault, findJsonValue } from "../../../src/core/diagnostic/json-position.js";
import { spanAt } from "../../../src/core/diagnostic/span-at.js";

describe("places in JSON", () => {
  it.each([
    ["", 0],
    ['{"a": 1', 7],
    ['{"a": }', 6],
    ['{"a" 1}', 5],
    ["[1, 2,]", 6],
    ["[1] 2", 4],
    ['{"a": "b', 6],
    ["{a: 1}", 1],
    ['["\\x"]', 2],
    ["[01]", 1],
    ["[1.]", 1],
    ["nul", 0],
    ["[".repeat(600), 501],
  ])("finds where %j stops being JSON", (text, offset) => {
    expect(findJsonFault(text)?.offset).toBe(offset);
  });

  it("agrees with JSON.parse on what is JSON", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom("", ",", "}", '"', "0", " ", "\n"), (text, at, noise) => {
        const place = at % (text.length + 1);
        const changed = text.slice(0, place) + noise + text.slice(place);
        let good = true;
        try {
          JSON.parse(changed);
        } catch {
          good = false;
        }
        expect(findJsonFault(changed) === null).toBe(good);
      }),
    );
  });

  it("finds values by their path", () => {
    const text = '{"a": [1, {"b\\"": "x"}], "c": null}';
    expect(text.slice(findJsonValue(text, ["a", 1, 'b"']))).toMatch(/^"x"/);
    expect(text.slice(findJsonValue(text, ["c"]))).toBe("null}");
    expect(text.slice(findJsonValue(text, ["a", 7]))).toMatch(/^\[1/);
    expect(findJsonValue(text, ["z", "y"])).toBe(0);
  });

  it("shows the lines around a place, but no line that a machine wrote", () => {
    const file = { name: "f", text: "one\r\ntwo\nthree\nfour" };
    expect(spanAt(file, file.text.indexOf("wo"), 2)).toEqual({
      file: "f",
      line: 2,
      column: 2,
      length: 2,
      snippet: [
        { line: 1, text: "one" },
        { line: 2, text: "two" },
        { line: 3, text: "three" },
      ],
    });
    expect(spanAt({ name: "f", text: "x".repeat(500) }, 400, 1)).toMatchObject({ line: 1, column: 401, snippet: [] });
  });
});
