/** Digests are made of this text: it must be the same whatever order an object came in, and whatever its keys are. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "../../../src/core/model/revision.js";

test.each([
  [
    "keys by UTF-16 code unit",
    { b: 1, a: 2, B: 3, "\u{1F600}": 4, "\uFB33": 5 },
    '{"B":3,"a":2,"b":1,"\u{1F600}":4,"\uFB33":5}',
  ],
  [
    "numbers among the keys",
    { 10: "ten", 9: "nine", a: { 2: 0, 11: 0, "-1": 0 } },
    '{"10":"ten","9":"nine","a":{"-1":0,"11":0,"2":0}}',
  ],
  ["a name that objects give a meaning", JSON.parse('{"a":1,"__proto__":{"b":2}}'), '{"__proto__":{"b":2},"a":1}'],
  ["what is absent", { a: undefined, b: [null, { c: undefined }] }, '{"b":[null,{}]}'],
])("%s", (_, value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test("one text for one content, and the content in the text", () => {
  const keys = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("0", "7", "10", "01", "a", "__proto__", "constructor"),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue({ maxDepth: 0 }),
      fc.array(tie("value")),
      fc.dictionary(keys, tie("value")),
    ),
  }));
  fc.assert(
    fc.property(value, (content) => {
      const text = canonicalJson(content);
      expect(canonicalJson(shuffled(content))).toBe(text);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(content)));
    }),
  );
});

/** The same content with the keys of every object the other way round. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, field]) => [key, shuffled(field)] as const)
      .reverse(),
  );
}
