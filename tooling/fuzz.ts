/** `npm run fuzz -- --for 10m [--seed N] [--only NAME]`: every reader of what others wrote, before hostile texts with fresh seeds. */
import { attack } from "./fuzz/attack.js";
import { readers } from "./fuzz/readers.js";
import { runOptions } from "./run-options.js";

const options = runOptions(process.argv.slice(2), "1m");
if (options === null) {
  console.error("usage: npm run fuzz -- [--for 10m] [--seed 4711] [--only plan]");
  process.exit(1);
}
const { lastsMs, first } = options;
const only = options.all("--only")[0] ?? null;
const chosen = readers.filter(({ name }) => only === null || name.includes(only));
const end = performance.now() + lastsMs;
let rounds = 0;
let failures = 0;
console.log(`from seed ${first}, for ${lastsMs / 60_000} minutes: ${chosen.map(({ name }) => name).join(", ")}`);
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
