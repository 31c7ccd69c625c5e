/** What an answer of the router costs, against reading the id's characters, in one run: `npx tsx tooling/route-bench.ts`. */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { md5Modulo } from "../src/core/routing/md5.js";
import { openRouter } from "../src/sdk/index.js";

const ids = Array.from({ length: 1024 }, () => crypto.randomUUID());
const calls = 1_000_000;
const rounds = 9;

const folder = mkdtempSync(join(tmpdir(), "rollout-bench-"));
const file = join(folder, "support.json");
copyFileSync("test/vectors/routing/support.json", file);
const router = await openRouter(file, { now: () => 1_795_000_000_000 });

let sink = 0;
const contenders: Record<string, (id: string) => number> = {
  "reading the id": (id) => {
    let sum = 0;
    for (let i = 0; i < id.length; i++) sum = (sum + id.charCodeAt(i)) | 0;
    return sum;
  },
  "route()": (id) => router.route(id).weight,
  "route(), start known": (id) => router.route(id, started).weight,
  "md5 rule": (id) => md5Modulo(id, 100),
};
const started = { startedAt: 1_790_000_000_000 };

const best = new Map<string, number>();
for (let round = 0; round < rounds; round++) {
  for (const [name, call] of Object.entries(contenders)) {
    const count = name === "md5 rule" ? calls / 20 : calls;
    const begin = process.hrtime.bigint();
    for (let i = 0; i < count; i++) sink ^= call(ids[i & 1023] ?? "");
    const each = Number(process.hrtime.bigint() - begin) / count;
    best.set(name, Math.min(each, best.get(name) ?? Number.POSITIVE_INFINITY));
  }
}
const reading = best.get("reading the id") ?? Number.NaN;
for (const [name, each] of best) {
  console.log(`${name.padEnd(22)} ${each.toFixed(1).padStart(8)} ns  ${(each / reading).toFixed(2).padStart(7)} x`);
}

const before = process.memoryUsage().heapUsed;
for (let i = 0; i < calls; i++) sink ^= router.route(ids[i & 1023] ?? "", started).weight;
console.log(
  `bytes for each call    ${((process.memoryUsage().heapUsed - before) / calls).toFixed(3).padStart(8)}   (${sink & 1})`,
);
await router.close();
rmSync(folder, { recursive: true });
