/** `npm run fuzz -- --for 10m [--seed N] [--only NAME]`: every reader of what others wrote, before hostile texts with fresh seeds. */
import { attack } from "./fuzz/attack.js";
import { readers } from "./fuzz/readers.js";

const { lasts, first, only } = readArguments(process.argv.slice(2));
const chosen = readers.filter(({ name }) => only === null || name.includes(only));
const end = performance.now() + lasts;
let rounds = 0;
let failures = 0;
console.log(`from seed ${first}, for ${lasts / 60_000} minutes: ${chosen.map(({ name }) => name).join(", ")}`);
while (performance.now() < end && failures < 10) {
  for (const reader of chosen) {
    if (performance.now() > end) break;
    const failure = attack(reader, { seed: first + rounds, runs: 300, lasts: 60_000 });
    if (failure === null) continue;
    failures += 1;
    console.log(`\n${failure}`);
  }
  rounds += 1;
}
console.log(`${rounds} rounds of 300 texts for each of ${chosen.length} readers: ${failures} failures`);
process.exitCode = failures === 0 && chosen.length > 0 ? 0 : 1;

function readArguments(words: readonly string[]): {
  readonly lasts: number;
  readonly first: number;
  readonly only: string | null;
} {
  const after = (flag: string): string | undefined =>
    words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined;
  const [, amount = "1", unit = "m"] = /^(\d+)(s|m|h)$/.exec(after("--for") ?? "1m") ?? [];
  const lengths: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
  const first = Number(after("--seed") ?? Date.now() % 1_000_000_000);
  if (!Number.isInteger(first) || !/^(\d+)(s|m|h)$/.test(after("--for") ?? "1m")) {
    console.error("usage: npm run fuzz -- [--for 10m] [--seed 4711] [--only plan]");
    process.exit(1);
  }
  return { lasts: Number(amount) * (lengths[unit] ?? 60_000), first, only: after("--only") ?? null };
}
