/** The repository speaks about the product, and makes sense to somebody who has nothing else. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { trackedFiles } from "../support/tracked-files.js";

interface Ban {
  readonly what: string;
  readonly pattern: RegExp;
}

const bans: readonly Ban[] = [
  { what: "a path of one machine", pattern: /(?<![\w.])\/(?:work|root|home\/\w+)\/|\/tmp\/lead/ },
  { what: "a number in somebody's tracker", pattern: /\bissues? #?\d+/i },
  {
    what: "a document that is not here",
    pattern: /\b(?:DESIGN|HOUSE|ENVIRONMENT|BRIEF)(?:\.md)?,? (?:sections? )?\d|\b(?:DESIGN|HOUSE)\.md\b/,
  },
  { what: "the host of a package registry", pattern: /\bregistry\.[\w-]+\.(?:org|com|dev|net)\b/ },
  { what: "an author's mark", pattern: /^(?:Co-authored-by|Generated (?:by|with) (?:an? )?(?:AI|LLM))/im },
  { what: "a note to self", pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/ },
];

/** These texts are not ours, or hold what is banned as the thing that they are about. */
const exempt =
  /^(?:package-lock\.json|LICENSE|test\/architecture\/words\.test\.ts|test\/fixtures\/.*|.*\.(?:png|ico|db|gz|woff2))$/;

const texts = trackedFiles()
  .filter((file) => !exempt.test(file))
  .map((file) => ({ file, text: readFileSync(file, "utf8") }));

test.each(bans.map((ban) => [ban.what, ban.pattern] as const))("no file holds %s", (_, pattern) => {
  expect(texts.flatMap(({ file, text }) => placesOf(file, text, pattern))).toEqual([]);
});

test.each([
  ["a path of one machine", "see /work/shared/x", true],
  ["a path of one machine", "https://example.com/work/in/progress", false],
  ["a path of one machine", "frame/work/bench", false],
  ["a number in somebody's tracker", "fixes issue #12", true],
  ["a document that is not here", "as HOUSE 4 asks", true],
  ["a document that is not here", "a house of 4 rooms", false],
  ["the host of a package registry", "https://registry.example.org/x", true],
  ["a note to self", "// TODO: later", true],
])("%s in %j: %s", (what, text, expected) => {
  expect(bans.find((ban) => ban.what === what)?.pattern.test(text)).toBe(expected);
});

test("no test is skipped, focused or left for later", () => {
  const left = /\b(?:test|it|describe|suite)\.(?:skip|only|todo|fails|skipIf|runIf)\b/;
  const tests = texts.filter(({ file }) => file.endsWith(".test.ts"));
  expect(tests.flatMap(({ file, text }) => placesOf(file, text, left))).toEqual([]);
});

test("the statistics that the code cites by section can be read here", () => {
  const citing = texts.filter(({ file, text }) => file.startsWith("src/") && /\bSTATISTICS sections? \d/.test(text));
  expect(citing.length === 0 || existsSync("docs/statistics.md")).toBe(true);
});

function placesOf(file: string, text: string, pattern: RegExp): readonly string[] {
  return text
    .split("\n")
    .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}  ${line.trim()}`] : []));
}
