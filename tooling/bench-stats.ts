/**
 * The benchmark of the gates (STATISTICS section 10): how often they are wrong, how soon they decide, against other tools'
 * rules and against an oracle, and each goal as reached or not.
 *
 *     npm run bench:stats -- [--quick] [--write] [--strict] [--seed N]
 *
 * `--write` puts the tables between the markers of docs/statistics.md; `--strict` exits 1 where a goal is missed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { detection, passing } from "./bench-stats/detection.js";
import { falseDecisions } from "./bench-stats/false-decisions.js";
import { forecasts } from "./bench-stats/forecasts.js";
import { goalsTable, markdownOf, type Part, sizes, textOf } from "./bench-stats/report.js";
import { rollouts } from "./bench-stats/rollouts.js";

const page = "docs/statistics.md";
const markers = { begin: "<!-- bench:stats begin -->", end: "<!-- bench:stats end -->" };

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    strict: { type: "boolean", default: false },
    seed: { type: "string", default: "20260301" },
  },
});
const size = values.quick ? sizes.quick : sizes.full;
const seed = Number(values.seed);
if (!Number.isInteger(seed)) throw new Error(`--seed takes a whole number, and "${values.seed}" is none.`);

const started = performance.now();
const parts: Part[] = [];
for (const play of [falseDecisions, detection, passing, forecasts, rollouts]) {
  const part = play(size, seed, (line) => process.stderr.write(`${elapsed()}  ${line}\n`));
  parts.push(part);
  process.stdout.write(textOf(part));
}
const goals = parts.flatMap((part) => part.goals);
const summary: Part = { tables: [goalsTable(goals)], goals };
process.stdout.write(textOf(summary));
process.stdout.write(`\n${size.name} size, seed ${seed}, ${elapsed()}\n`);
if (values.write) write([summary, ...parts]);
if (values.strict && goals.some(({ state }) => state === "missed")) process.exitCode = 1;

function elapsed(): string {
  return `${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s`;
}

function write(written: readonly Part[]): void {
  const text = readFileSync(page, "utf8");
  const begin = text.indexOf(markers.begin);
  const end = text.indexOf(markers.end);
  if (begin < 0 || end < begin) throw new Error(`${page} lacks the markers ${markers.begin} and ${markers.end}.`);
  const tables = written.map(markdownOf).join("\n");
  const made = `Made by \`npm run bench:stats -- --write${values.quick ? " --quick" : ""}\`, seed ${seed}.\n\n${tables}`;
  writeFileSync(page, `${text.slice(0, begin + markers.begin.length)}\n${made}\n${text.slice(end)}`);
  process.stderr.write(`wrote the tables into ${page}\n`);
}
