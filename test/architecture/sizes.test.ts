/** A file fits in a reading, a function on a screen. What does not is named here with its reason, and the list only shrinks. */
import { expect, test } from "vitest";
import { readSources } from "../../tooling/walls/check-walls.js";

interface Exemption {
  /** `src/room/file.ts`, or `src/room/file.ts#function`. */
  readonly place: string;
  readonly because: string;
}

const linesOfAFile = 400;
const linesOfAFunction = 60;
const exemptions: readonly Exemption[] = [];

const written = (file: string): boolean => !file.includes("/generated/") && file !== "src/providers/catalog.ts";
const product = [...readSources(".", "src"), ...readSources(".", "tooling")].filter(({ file }) => written(file));
const tests = readSources(".", "test");

const longFiles = [...product, ...tests].filter(({ lines }) => lines > linesOfAFile).map(({ file }) => file);
const longFunctions = product.flatMap(({ file, functions }) =>
  functions.filter(({ codeLines }) => codeLines > linesOfAFunction).map(({ name }) => `${file}#${name}`),
);
const exempt = exemptions.map(({ place }) => place);

test(`no file has more than ${linesOfAFile} lines`, () => {
  expect(longFiles.filter((file) => !exempt.includes(file))).toEqual([]);
});

test(`no function has more than ${linesOfAFunction} lines of code`, () => {
  expect(longFunctions.filter((place) => !exempt.includes(place))).toEqual([]);
});

test("every exemption is still needed", () => {
  const needed = [...longFiles, ...longFunctions];
  expect(exempt.filter((place) => !needed.includes(place))).toEqual([]);
});

test("the sizes are really read", () => {
  const here = tests.find(({ file }) => file === "test/architecture/sizes.test.ts");
  expect(here?.lines).toBeGreaterThan(40);
  const reader = product.find(({ file }) => file === "tooling/walls/read-source.ts");
  expect(reader?.functions.find(({ name }) => name === "readSource")?.codeLines).toBeGreaterThan(20);
});
