/** `npm run sim -- --for 10m [--seed N]`: storms and twins with fresh seeds, every fault of every scene, and a hunt for each sabotage. */
import { type Case, describeFailure, scenarioOf } from "../src/testing/simulation/case.js";
import { soundGates } from "../src/testing/simulation/gates.js";
import { hunt, huntingGround } from "../src/testing/simulation/hunt.js";
import { sabotages } from "../src/testing/simulation/sabotage.js";
import { sceneNames } from "../src/testing/simulation/scenes.js";
import { simulate } from "../src/testing/simulation/simulate.js";
import { isEffect, troublesAt } from "../src/testing/simulation/weather.js";
import { runOptions } from "./run-options.js";

const options = runOptions(process.argv.slice(2), "1m");
if (options === null) {
  console.error("usage: npm run sim -- [--for 10m] [--seed 4711]");
  process.exit(1);
}
const { lastsMs, first } = options;
const tally = { runs: 0, touches: 0, entries: 0, failures: 0 };
const end = performance.now() + lastsMs;

console.log(`from seed ${first}, for ${lastsMs / 60_000} minutes`);
await huntAll();
await runAll(await faultCases(), end);
let seed = first;
while (performance.now() < end) {
  await run({ kind: "storm", seed });
  await run({ kind: "twins", seed });
  await run({ kind: "storm", seed, switches: true });
  await run({ kind: "twins", seed, switches: true });
  if (seed % 10 === 0) await run({ kind: "storm", seed }, soundGates);
  seed += 1;
}
console.log(
  `${tally.runs} runs (seeds ${first} to ${seed - 1}), ${tally.touches} touches, ${tally.entries} entries: ${tally.failures} failures`,
);
process.exitCode = tally.failures === 0 ? 0 : 1;

async function runAll(cases: readonly Case[], until: number): Promise<void> {
  let done = 0;
  for (const of of cases) {
    if (performance.now() > until) break;
    await run(of);
    done += 1;
  }
  console.log(`${done} of ${cases.length} single faults and pairs`);
}

async function run(of: Case, gates?: typeof soundGates): Promise<void> {
  const report = await simulate(scenarioOf(of), undefined, gates);
  tally.runs += 1;
  tally.touches += report.touched.length;
  tally.entries += report.entries.length;
  const failure = describeFailure(of, report);
  if (failure === null) return;
  tally.failures += 1;
  console.log(`\n${failure}${gates === undefined ? "" : "\n(under the gates of production)"}`);
}

/** Every touch and trouble of every scene, then every pair of lost replies and crashes at effects. */
async function faultCases(): Promise<readonly Case[]> {
  const singles: Case[] = [];
  const pairs: Case[] = [];
  for (const scene of sceneNames) {
    const { touched, stormTouches } = await simulate(scenarioOf({ kind: "calm", scene }));
    const doors = touched.slice(0, stormTouches);
    doors.forEach((door, index) => {
      for (const trouble of troublesAt(door)) singles.push({ kind: "single", scene, touch: index + 1, trouble });
    });
    const effects = doors.filter(isEffect).length;
    for (let one = 1; one <= effects; one++) {
      for (let two = one + 1; two <= effects + 4; two++) {
        const at = [one, two].map((effect) => ({ effect, trouble: "crash-after" as const }));
        pairs.push({ kind: "effects", scene, at });
      }
    }
  }
  return [...singles, ...pairs];
}

async function huntAll(): Promise<void> {
  const ground = await huntingGround(100);
  let missed = 0;
  for (const sabotage of sabotages) {
    const caught = await hunt(sabotage, ground);
    if (caught === null) missed += 1;
    const how = caught === null ? "MISSED" : `${caught.report.breach?.checker} (run ${caught.runs})`;
    console.log(`${sabotage.name.padEnd(52)} ${how}`);
  }
  tally.failures += missed;
}
