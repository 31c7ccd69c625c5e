/** A law without a test is a wish: ARCHITECTURE.md names for each law the tests that keep it, and they exist. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { trackedFiles } from "../support/tracked-files.js";

const numberOfLaws = 14;

interface Keeper {
  readonly file: string;
  /** The title as it stands in the test file, with its placeholders. */
  readonly title: string;
}

/** Rows look like `| 3 | **Fences rise.** … | [title](test/engine/x.test.ts), [title](…) |`. */
const laws = new Map(
  [...readFileSync("ARCHITECTURE.md", "utf8").matchAll(/^\| (\d+) \| .* \|([^|]*)\|$/gm)].map(
    ([, number, keepers]) => [Number(number), readKeepers(keepers ?? "")] as const,
  ),
);
const numbers = Array.from({ length: numberOfLaws }, (_, index) => index + 1);

test("every law stands in ARCHITECTURE.md", () => {
  expect([...laws.keys()]).toEqual(numbers);
});

test.each(numbers)("law %i is kept by tests that exist", (number) => {
  const keepers = laws.get(number) ?? [];
  expect(keepers.length, `law ${number} names no test`).toBeGreaterThan(0);
  expect(keepers.filter((keeper) => !exists(keeper))).toEqual([]);
});

/** Rows look like `| G3 | … | … | [title](../test/engine/x.test.ts), [title](…) |`. */
const guarantees = [...readFileSync("docs/guarantees.md", "utf8").matchAll(/^\| ([GSH]\d+) \| .* \|([^|]*)\|$/gm)].map(
  ([, name = "", keepers = ""]) => ({ name, keepers: readKeepers(keepers.replaceAll("](../", "](")) }),
);

test("every guarantee and every safety property stands in docs/guarantees.md", () => {
  const numbered = (letter: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
  expect(guarantees.map(({ name }) => name)).toEqual([...numbered("G", 12), ...numbered("S", 9), ...numbered("H", 6)]);
});

test.each(guarantees)("$name is kept by tests that exist", ({ keepers }) => {
  expect(keepers.length).toBeGreaterThan(0);
  expect(keepers.filter((keeper) => !exists(keeper))).toEqual([]);
});

function readKeepers(cell: string): readonly Keeper[] {
  return [...cell.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, title = "", file = ""]) => ({ file, title }));
}

function exists({ file, title }: Keeper): boolean {
  return isTest(file) && existsSync(file) && readFileSync(file, "utf8").includes(title);
}

/** Laws of doors, sabotages and the simulation's checkers are data that tests run by their names. */
function isTest(file: string): boolean {
  return (
    file.endsWith(".test.ts") ||
    /^src\/testing\/(?:laws\/.*|simulation\/(?:sabotage|\w+-sabotages|\w+-checkers))\.ts$/.test(file)
  );
}

test("secrets are resolved by providers alone", () => {
  const asking = trackedFiles().filter(
    (file) => /^src\/.*\.ts$/.test(file) && /\.secret\(/.test(readFileSync(file, "utf8")),
  );
  expect(asking.filter((file) => !file.startsWith("src/providers/"))).toEqual([]);
});
