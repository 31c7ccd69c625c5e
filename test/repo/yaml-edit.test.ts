import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { editYaml, type YamlEdit } from "../../src/repo/yaml-edit.js";

function edited(text: string, ...edits: readonly YamlEdit[]): string {
  const result = editYaml({ name: "models.yaml", text }, edits);
  return result.ok
    ? result.value
    : result.problems.map(({ code, span }) => `${code} ${span?.line ?? 0}:${span?.column ?? 0}`).join(", ");
}
const set = (path: string, value: string | { readonly [key: string]: string }, after?: string): YamlEdit =>
  after === undefined
    ? { kind: "set", path: path.split("."), value }
    : { kind: "set", path: path.split("."), value, after };
const remove = (path: string): YamlEdit => ({ kind: "remove", path: path.split(".") });

describe("edits of YAML", () => {
  it.each([
    ["a plain value", "# head\na: x@1   # tail\nb: y@1\n", set("a", "x@2"), "# head\na: x@2   # tail\nb: y@1\n"],
    ["a quoted value", "a: 'x@1' # t\n", set("a", "x@2"), "a: 'x@2' # t\n"],
    ["a doubly quoted value", 'a: "x@1"\n', set("a", "x@2"), 'a: "x@2"\n'],
    [
      "a value that looks like a number",
      "a: { version: x }\n",
      set("a.version", "20260115"),
      'a: { version: "20260115" }\n',
    ],
    ["a value in a flow map", "s: { a: x@1, b: y@1 } # t\n", set("s.b", "y@2"), "s: { a: x@1, b: y@2 } # t\n"],
    ["a colon in a flow map", "s: { a: x@1 }\n", set("s.a", "org:x@2"), 's: { a: "org:x@2" }\n'],
    [
      "a block map by a text",
      "a: # why\n  model: x\n  version: '1' # v\nb: y@1\n",
      set("a", "x@2"),
      "a: x@2 # why\nb: y@1\n",
    ],
    [
      "a text by a map",
      "a: x@1\nb: y@1\n",
      set("a", { model: "x", version: "2" }),
      'a: { model: x, version: "2" }\nb: y@1\n',
    ],
    ["a key without a value", "a:   # t\nb: y@1\n", set("a", "x@2"), "a: x@2   # t\nb: y@1\n"],
    ["an alias' target elsewhere", "a: &m x@1\nb: *m\nc: z@1\n", set("c", "z@2"), "a: &m x@1\nb: *m\nc: z@2\n"],
  ])("replaces %s", (_, text, edit, expected) => {
    expect(edited(text, edit)).toBe(expected);
  });

  it.each([
    ["last in a block map", "a: x@1 # t\n# end\n", set("b", "y@1"), "a: x@1 # t\nb: y@1\n# end\n"],
    ["behind its sibling", "a: x@1\nz: x@1\n", set("support/a", "x@2", "a"), "a: x@1\nsupport/a: x@2\nz: x@1\n"],
    [
      "behind a sibling with lines of its own",
      "a:\n  model: x\n  version: v1\nz: x@1\n",
      set("b", "x@2", "a"),
      "a:\n  model: x\n  version: v1\nb: x@2\nz: x@1\n",
    ],
    ["in a file without a last line break", "a: x@1", set("b", "y@1"), "a: x@1\nb: y@1\n"],
    ["in an empty file", "# only this\n", set("b", "y@1"), "# only this\nb: y@1\n"],
    [
      "with the maps around it",
      "agents:\n    s:\n        steps: [a]\n",
      set("canary.overrides.a", "x@2"),
      "agents:\n    s:\n        steps: [a]\ncanary:\n    overrides:\n        a: x@2\n",
    ],
    [
      "under a key without a value",
      "canary:\n  overrides:  # candidates\nb: 1\n",
      set("canary.overrides.a", "x@2"),
      "canary:\n  overrides:  # candidates\n    a: x@2\nb: 1\n",
    ],
    ["in an empty flow map", "o: {} # t\n", set("o.a", "x@2"), "o: { a: x@2 } # t\n"],
    ["in place of ~", "o: ~ # t\n", set("o.a", "x@2"), "o: { a: x@2 } # t\n"],
    ["in a flow map", "o: { b: y@1 }\n", set("o.a", "x@2"), "o: { b: y@1, a: x@2 }\n"],
    ["deep in a flow map", "o: { b: y@1 }\n", set("o.c.a", "x@2"), "o: { b: y@1, c: { a: x@2 } }\n"],
    ["under an empty key of a flow map", "o: { b:}\n", set("o.b.a", "x@2"), "o: { b: { a: x@2 }}\n"],
    ["with CRLF", "a: x@1\r\nz: y@1\r\n", set("b", "x@2", "a"), "a: x@1\r\nb: x@2\r\nz: y@1\r\n"],
  ])("inserts %s", (_, text, edit, expected) => {
    expect(edited(text, edit)).toBe(expected);
  });

  it.each([
    ["a line", "o:\n  # about a\n  a: x@1 # t\n  b: y@1\n", remove("o.a"), "o:\n  # about a\n  b: y@1\n"],
    ["the only line", "o: # c\n  a: x@1\nz: 1\n", remove("o.a"), "o: # c\nz: 1\n"],
    ["a block", "o:\n  a:\n    model: x\n    version: v1\n  b: y@1\n", remove("o.a"), "o:\n  b: y@1\n"],
    ["the last line", "o:\n  a: x@1", remove("o.a"), "o:\n"],
    ["the first of a flow map", "o: { a: x@1, b: y@1 } # t\n", remove("o.a"), "o: { b: y@1 } # t\n"],
    ["the last of a flow map", "o: { a: x@1, b: y@1 }\n", remove("o.b"), "o: { a: x@1 }\n"],
    ["the only one of a flow map", "o: { a: x@1 }\n", remove("o.a"), "o: {}\n"],
    ["nothing", "o: { a: x@1 }\n", remove("o.c"), "o: { a: x@1 }\n"],
  ])("removes %s", (_, text, edit, expected) => {
    expect(edited(text, edit)).toBe(expected);
  });

  it.each([
    ["a map behind an alias", "a: &m { x: x@1 }\nb: *m\n", set("b.x", "x@2"), "repo/shared-through-alias 2:4"],
    ["a map that others share", "a: &m { x: x@1 }\nb: *m\n", set("a.x", "x@2"), "repo/shared-through-alias 1:7"],
    ["a value that others share", "a: &m x@1\nb: *m\n", set("a", "x@2"), "repo/shared-through-alias 1:7"],
    ["text that is no map", "a: x@1\n", set("a.b", "x@2"), "repo/bad-yaml 1:4"],
    ["broken text", "a: [1\n", set("b", "x@2"), "repo/bad-yaml 2:1"],
    ["a list", "- a\n", set("b", "x@2"), "repo/bad-yaml 1:1"],
  ])("refuses %s", (_, text, edit, expected) => {
    expect(edited(text, edit)).toBe(expected);
  });

  const name = fc.stringMatching(/^[a-z]{1,6}$/);
  const model = fc.tuple(name, fc.nat(99999999)).map(([text, version]) => `${text}@${version}`);
  const comment = fc.constantFrom("", "  # a comment", " #b: c");
  const above = fc.constantFrom("", "# above\n", "\n", "  # indented\n\n");
  const entry = fc.record({
    key: name,
    value: model,
    comment,
    above,
    quote: fc.constantFrom("", '"', "'"),
    deep: fc.boolean(),
  });
  const blocks = fc.uniqueArray(entry, { selector: ({ key }) => key, minLength: 1, maxLength: 8 });
  const render = (
    entries: readonly { key: string; value: string; comment: string; above: string; quote: string; deep: boolean }[],
  ): string =>
    entries
      .map(({ key, value, comment, above, quote, deep }) =>
        deep
          ? `${above}${key}:${comment}\n  model: ${value}${comment}\n  version: "1"\n`
          : `${above}${key}: ${quote}${value}${quote}${comment}\n`,
      )
      .join("");

  it("changes the intended line alone, in block maps with any line ends", () => {
    fc.assert(
      fc.property(blocks, fc.nat(), model, fc.boolean(), (entries, pick, value, crlf) => {
        const text = crlf ? render(entries).replaceAll("\n", "\r\n") : render(entries);
        const chosen = entries[pick % entries.length];
        if (chosen === undefined) return;
        const path = chosen.deep ? `${chosen.key}.model` : chosen.key;
        const result = edited(text, set(path, value));
        const [before, after] = [text.split("\n"), result.split("\n")];
        expect(after).toHaveLength(before.length);
        const changed = after.filter((line, index) => line !== before[index]);
        expect(changed.length).toBe(chosen.value === value ? 0 : 1);
        for (const line of changed) expect(line).toContain(value);
        const gone = edited(result, set("brandnew", value), remove("brandnew"));
        expect(gone).toBe(result);
        const kept = edited(text, remove(chosen.key));
        expect((kept.match(/#[^\r\n]*/g) ?? []).length).toBeGreaterThanOrEqual(
          (text.match(/^ *#[^\r\n]*/gm) ?? []).length,
        );
        expect(parse(kept)?.[chosen.key]).toBeUndefined();
      }),
    );
  });

  it("changes the intended pair alone in flow maps", () => {
    const flow = fc.uniqueArray(fc.record({ key: name, value: model }), {
      selector: ({ key }) => key,
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(flow, fc.nat(), model, fc.constantFrom("{ ", "{", "{\n  "), (entries, pick, value, brace) => {
        const text = `# top\nsteps: ${brace}${entries.map((one) => `${one.key}: ${one.value}`).join(", ")} } # tail\nz: 1\n`;
        const chosen = entries[pick % entries.length]?.key ?? "";
        const expected = Object.fromEntries(entries.map((one) => [one.key, one.key === chosen ? value : one.value]));
        const result = edited(text, set(`steps.${chosen}`, value));
        expect(parse(result)).toEqual({ steps: expected, z: 1 });
        expect(result.split(", ").length).toBe(text.split(", ").length);
        expect(result).toMatch(/^# top\n[\s\S]*# tail\nz: 1\n$/);
        const less = edited(text, remove(`steps.${chosen}`));
        expect(Object.keys(parse(less).steps ?? {})).toEqual(
          entries.map((one) => one.key).filter((key) => key !== chosen),
        );
        expect(less).toMatch(/^# top\n[\s\S]*# tail\nz: 1\n$/);
      }),
    );
  });
});
