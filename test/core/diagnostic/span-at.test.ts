/** A place in a text, ready to print: counted in large files, and without what no log should hold. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { spanAt } from "../../../src/core/diagnostic/span-at.js";

const file = (text: string) => ({ name: "f", text });

test("the line with the one before and the one after it", () => {
  expect(spanAt(file("a\r\nbcd\ne"), 4, 1)).toEqual({
    ...{ file: "f", line: 2, column: 2, length: 1 },
    snippet: [
      { line: 1, text: "a" },
      { line: 2, text: "bcd" },
      { line: 3, text: "e" },
    ],
  });
});

test("line and column are those that counting gives", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "\n", "b", " ") });
  fc.assert(
    fc.property(text, fc.nat(40), (whole, at) => {
      const offset = Math.min(at, whole.length);
      const before = whole.slice(0, offset).split("\n");
      const { line, column, snippet } = spanAt(file(whole), offset, 1);
      expect([line, column]).toEqual([before.length, (before.at(-1)?.length ?? 0) + 1]);
      const lines = whole.split("\n");
      const around = [line - 1, line, line + 1].filter((number) => number >= 1 && number <= lines.length);
      expect(snippet).toEqual(around.map((number) => ({ line: number, text: lines[number - 1] })));
    }),
  );
});

test.each([
  ["state: postgres://rollout:hunter2@db/x", "state: postgres://rollout:*******@db/x"],
  ['{ http: "https://a:b%40c@h:80/" }', '{ http: "https://a:*****@h:80/" }'],
  ["see https://example.org:8080/a@b and a: b@c", "see https://example.org:8080/a@b and a: b@c"],
  ["{ api_key: hunter2, max_tokens: 9 }", "{ api_key: *******, max_tokens: 9 }"],
  ['  "client_secret": "hunter2"', '  "client_secret": "*******"'],
  ["vertex_credentials: hunter2", "vertex_credentials: *******"],
  ["extra_headers: { Authorization: Bearer hunter2 }", "extra_headers: { Authorization: Bearer ******* }"],
  ["{ x-api-key: hunter2, token: hunter2 }", "{ x-api-key: *******, token: ******* }"],
  ["target: { key: session, key_env: LITELLM_KEY }", "target: { key: session, key_env: LITELLM_KEY }"],
  ["api_key: os.environ/ANTHROPIC_API_KEY", "api_key: os.environ/ANTHROPIC_API_KEY"],
  ["organization: sk-hunter2", "organization: sk-*******"],
  ["task-success-drop.md: risk-free", "task-success-drop.md: risk-free"],
])("what is secret takes up its place, and is not shown: %s", (text, shown) => {
  expect(spanAt(file(text), 0, 1).snippet).toEqual([{ line: 1, text: shown }]);
});
