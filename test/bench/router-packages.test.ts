/** What the router is compared with stays in the benchmark's own folder, with exact versions and a lock file that names no host. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
const read = <T>(file: string) => JSON.parse(readFileSync(file, "utf8")) as T;

test("the benchmark's packages are its own", () => {
  const { dependencies, devDependencies = {} } = read<Manifest>("tooling/bench-router/package.json");
  const root = read<Manifest>("package.json");
  expect(dependencies).toBeUndefined();
  expect(Object.values(devDependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  const ours = Object.keys({ ...root.dependencies, ...root.devDependencies });
  expect(Object.keys(devDependencies).filter((name) => ours.includes(name))).toEqual([]);
  const { packages } = read<{ readonly packages: Record<string, { readonly resolved?: string }> }>(
    "tooling/bench-router/package-lock.json",
  );
  expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});
