// What an answer of the router costs, against reading the characters of the id, in one run. The budgets are generous: they catch a
// change of kind (an encoder, a file, a copy for each session), not a busy machine.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Instant } from "../../src/core/model/units.js";
import { md5Modulo } from "../../src/core/routing/md5.js";
import { readSnapshot } from "../../src/core/routing/snapshot-file.js";
import { textDigest } from "../../src/sdk/disk.js";
import { InForce } from "../../src/sdk/in-force.js";

const now = Date.UTC(2026, 10, 23, 14) as Instant;
const ids = Array.from({ length: 1024 }, () => crypto.randomUUID());
const calls = 100_000;
const reading = readSnapshot(readFileSync("test/vectors/routing/support.json", "utf8"), textDigest);
const inForce = new InForce(null, () => now);
if (reading.kind === "snapshot") inForce.take(reading.snapshot, "current");

/** Kept, so that no call is left out as useless. */
let sum = 0;
const contenders = {
  read: (id: string) => {
    for (let i = 0; i < id.length; i++) sum = (sum + id.charCodeAt(i)) | 0;
  },
  route: (id: string) => {
    sum ^= inForce.choose(id, Number.NaN).weight;
  },
  md5: (id: string) => {
    sum ^= md5Modulo(id, 100);
  },
};

/** Nanoseconds for each call: the best of some rounds, in turn with the others. */
function measured(): Record<keyof typeof contenders, number> {
  const best = { read: Number.POSITIVE_INFINITY, route: Number.POSITIVE_INFINITY, md5: Number.POSITIVE_INFINITY };
  const names = ["read", "route", "md5"] as const;
  for (let round = 0; round < 8; round++) {
    for (const name of names)
      best[name] = Math.min(best[name], timed(contenders[name], name === "md5" ? 4_000 : calls));
  }
  return best;
}

function timed(call: (id: string) => void, count: number): number {
  const begin = process.hrtime.bigint();
  for (let i = 0; i < count; i++) call(ids[i & 1023] ?? "");
  return Number(process.hrtime.bigint() - begin) / count;
}

test("an answer costs a few times reading the id, and far less than the md5 rule", () => {
  expect(inForce.origin).toBe("current");
  const { read, route, md5 } = measured();
  expect(route / read).toBeLessThan(6);
  expect(md5 / route).toBeGreaterThan(5);
});

test("an answer takes no memory", () => {
  for (let i = 0; i < calls; i++) contenders.route(ids[i & 1023] ?? "");
  // The median of short rounds: a collection in one of them, or a compilation, is not the router's.
  const bytes = Array.from({ length: 15 }, () => bytesOf(contenders.route, 10_000)).sort((a, b) => a - b);
  // One small object for each answer would be 24 bytes.
  expect(bytes[7]).toBeLessThan(8);
});

/** Bytes for each call. */
function bytesOf(call: (id: string) => void, count: number): number {
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < count; i++) call(ids[i & 1023] ?? "");
  return (process.memoryUsage().heapUsed - before) / count;
}
