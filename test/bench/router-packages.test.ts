/** What the router is compared with and tried in stays in folders of their own, with exact versions and lock files that name no host. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
interface Locked {
  readonly packages: Readonly<Record<string, { readonly resolved?: string }>>;
}
const read = <T>(file: string) => JSON.parse(readFileSync(file, "utf8")) as T;

test.each(["tooling/bench-router", "test/runtimes"])("the packages of %s are its own", (folder) => {
  const { dependencies, devDependencies, optionalDependencies } = read<Manifest>(`${folder}/package.json`);
  const root = read<Manifest>("package.json");
  expect(dependencies).toBeUndefined();
  const theirs = { ...devDependencies, ...optionalDependencies };
  expect(Object.values(theirs).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  const ours = Object.keys({ ...root.dependencies, ...root.devDependencies });
  expect(Object.keys(theirs).filter((name) => ours.includes(name))).toEqual([]);
  const { packages } = read<Locked>(`${folder}/package-lock.json`);
  expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  // Without the binaries of every platform `npm ci` refuses the file.
  expect(Object.keys(theirs).filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([]);
});
