import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new folder on a disk in memory where there is one: for tests to which it matters what is written, and not how long it takes to last. */
export function quickFolder(prefix: string): string {
  const disk = process.env.TMPDIR === undefined && existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  return mkdtempSync(join(disk, prefix));
}
