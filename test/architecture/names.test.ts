/** Files are found by what they are about. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { trackedFiles } from "../support/tracked-files.js";

/** Words that say nothing about a file, alone or as a part of its name. */
const empty = ["util", "utils", "helper", "helpers", "common", "manager", "misc", "stuff"];
/** Words that say nothing when they are the whole name. */
const emptyAlone = ["types", "data", "info", "constants"];

const runsTests = /import \{[^}]*\b(?:test|it)\b[^}]*\} from "vitest"/;

const code = trackedFiles().filter(
  (file) => /^(src|tooling|test)\/.*\.m?ts$/.test(file) && !file.includes("/fixtures/"),
);

test("no file or folder has an empty name", () => {
  expect(code.filter((file) => file.split("/").some(isEmpty))).toEqual([]);
});

test.each([
  ["utils.ts", true],
  ["state-manager.ts", true],
  ["types.ts", true],
  ["types.test.ts", true],
  ["type-of-gate.ts", false],
  ["task-data.ts", false],
  ["commonality.ts", false],
])("%s is empty: %s", (name, expected) => {
  expect(isEmpty(name)).toBe(expected);
});

test("tests are named *.test.ts, so that the runner finds them", () => {
  const besideTheRunner = /^test\/support\/|\.test\.ts$/;
  const unseen = code.filter((file) => !besideTheRunner.test(file) && runsTests.test(readFileSync(file, "utf8")));
  expect(unseen).toEqual([]);
});

function isEmpty(part: string): boolean {
  const name = part.split(".")[0] ?? part;
  return emptyAlone.includes(name) || name.split("-").some((word) => empty.includes(word));
}
