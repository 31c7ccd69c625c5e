/**
 * Draws streams of task records from recorded outcomes of real agents, for the tests of `rollout backtest`:
 *
 *     npm run backtest:fixtures -- FOLDER_OF_OUTCOMES
 *
 * The outcomes carry no times of a stream, so arrivals are drawn (seeded): which run of the model a session ends like, when it
 * starts, and to which of the two revisions it goes. What was not recorded is left out.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawPoisson, type Random, seededRandom } from "../src/core/stats/draws.js";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("Give the folder that holds openhands-index and autogpt-benchmarks.");
const fixtures = "test/fixtures/backtest";
/** 2 March 2026, 08:00 UTC: on the 5-minute grid. */
const start = Date.UTC(2026, 2, 2, 8);
const minute = 60_000;

interface Outcome {
  readonly benchmark?: string;
  readonly success?: number;
  readonly attempted?: boolean;
  readonly cost_usd?: number;
  readonly latency_s?: number;
}

function outcomesOf(file: string, isWanted: (outcome: Outcome) => boolean): readonly Outcome[] {
  const lines = readFileSync(join(folder ?? "", file), "utf8").split("\n");
  const outcomes = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Outcome);
  return outcomes.filter((outcome) => outcome.success !== undefined && isWanted(outcome));
}

interface Stream {
  readonly name: string;
  readonly agent: string;
  readonly seed: number;
  readonly hours: number;
  readonly perHour: number;
  readonly arms: Readonly<Record<string, readonly Outcome[]>>;
}

const onBenchmark =
  (benchmark: string) =>
  (outcome: Outcome): boolean =>
    outcome.benchmark === benchmark;
const sonnet45 = "openhands-index/claude-sonnet-4-5.jsonl";
const sonnet46 = "openhands-index/claude-sonnet-4-6.jsonl";
const started = (outcome: Outcome): boolean => outcome.attempted === true;

const streams: readonly Stream[] = [
  {
    name: "collapse",
    agent: "researcher",
    seed: 1,
    hours: 8,
    perHour: 60,
    arms: {
      "r-sonnet-4-5": outcomesOf(sonnet45, onBenchmark("gaia")),
      "r-sonnet-4-6": outcomesOf(sonnet46, onBenchmark("gaia")),
    },
  },
  {
    name: "neutral",
    agent: "coder",
    seed: 2,
    hours: 12,
    perHour: 80,
    arms: {
      "r-sonnet-4-5": outcomesOf(sonnet45, onBenchmark("swe-bench")),
      "r-sonnet-4-6": outcomesOf(sonnet46, onBenchmark("swe-bench")),
    },
  },
  {
    name: "unchanged",
    agent: "beebot",
    seed: 3,
    hours: 12,
    perHour: 80,
    arms: {
      "r-first": outcomesOf("autogpt-benchmarks/beebot.jsonl", started),
      "r-again": outcomesOf("autogpt-benchmarks/beebot.jsonl", started),
    },
  },
];

for (const stream of streams) writeFileSync(join(fixtures, `${stream.name}.jsonl`), linesOf(stream));

function linesOf({ name, agent, seed, hours, perHour, arms }: Stream): string {
  const random = seededRandom(seed);
  const lines: string[] = [];
  const revisions = Object.keys(arms);
  for (let cell = 0; cell < hours * 12; cell += 1) {
    const starts = Array.from({ length: drawPoisson(random, perHour / 12) }, () => cell * 5 + random() * 5).sort(
      (a, b) => a - b,
    );
    for (const at of starts) {
      const revision = picked(random, revisions);
      const outcome = picked(random, arms[revision] ?? []);
      const startedAt = Math.floor(start + at * minute);
      const seconds = outcome.latency_s;
      const record = {
        id: `${name}-${lines.length + 1}`,
        agent,
        revision,
        started_at: startedAt,
        ended_at: Math.floor(startedAt + (seconds === undefined ? (1 + 6 * random()) * minute : 1000 * seconds)),
        success: outcome.success === 1,
        ...(outcome.cost_usd === undefined ? {} : { cost_usd: Number(outcome.cost_usd.toPrecision(4)) }),
      };
      lines.push(JSON.stringify(record));
    }
  }
  return `${lines.join("\n")}\n`;
}

function picked<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}
