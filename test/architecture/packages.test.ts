/** What we install is chosen, pinned, explained, and installs anywhere. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Locked {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as { readonly packages: Record<string, Locked> };
const locked = Object.entries(lock.packages);

test("versions are exact", () => {
  const ranges = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
    ([, version]) => !/^(?:npm:[\w@/-]+@)?\d+\.\d+\.\d+$/.test(version),
  );
  expect(ranges).toEqual([]);
});

test("the lock file names no host", () => {
  expect(locked.filter(([, { resolved }]) => resolved !== undefined).map(([place]) => place)).toEqual([]);
});

test("the lock file holds the binaries of every platform, or `npm ci` refuses it", () => {
  const missing = locked.flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !isLocked(place, name)),
  );
  expect(missing).toEqual([]);
});

test("every runtime dependency has a decision", () => {
  const pages = readdirSync("docs/decisions").map((name) => readFileSync(`docs/decisions/${name}`, "utf8"));
  const unexplained = Object.keys(manifest.dependencies).filter(
    (name) => !pages.some((page) => page.includes(`\`${name}\``)),
  );
  expect(unexplained).toEqual([]);
});

test("continuous integration runs the README's test command", () => {
  const command = "npm ci && npm run check";
  expect(readFileSync(".ci/run", "utf8").trimEnd().split("\n").at(-1)).toBe(command);
  expect(readFileSync("README.md", "utf8")).toContain(command);
});

/** A package is found beside its user or in a folder above it. */
function isLocked(place: string, name: string): boolean {
  const above = place.split("/node_modules/");
  return (
    above.some((_, depth) => {
      const base = above.slice(0, above.length - depth).join("/node_modules/");
      return Object.hasOwn(lock.packages, `${base}/node_modules/${name}`);
    }) || Object.hasOwn(lock.packages, `node_modules/${name}`)
  );
}
