/** Files that never end are given up. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Fault } from "../../src/ports/fault.js";
import { readBounded } from "../../src/repo/read-bounded.js";

const folder = mkdtempSync(join(tmpdir(), "rollout-bounded-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "results.json");

test("a file is read whole, letters of several bytes too", async () => {
  const text = "ä€😀".repeat(100_000);
  writeFileSync(file, text);
  expect(await readBounded(file)).toBe(text);
});

test("what is larger than the limit is refused by name and limit", async () => {
  writeFileSync(file, "x".repeat(1_001));
  await expect(readBounded(file, 1_000)).rejects.toThrow(/results\.json is larger than 1000 bytes/);
});

test("a device without an end is given up", async () => {
  await expect(readBounded("/dev/zero", 5_000_000)).rejects.toThrow(Fault);
});

test("what the disk says is passed on", async () => {
  await expect(readBounded(join(folder, "absent.json"))).rejects.toMatchObject({ code: "ENOENT" });
});
