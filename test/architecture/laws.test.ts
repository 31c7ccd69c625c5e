/** A law without a test is a wish: ARCHITECTURE.md names for each law the tests that keep it, and they exist. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

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

function readKeepers(cell: string): readonly Keeper[] {
  return [...cell.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, title = "", file = ""]) => ({ file, title }));
}

function exists({ file, title }: Keeper): boolean {
  return file.endsWith(".test.ts") && existsSync(file) && readFileSync(file, "utf8").includes(title);
}
