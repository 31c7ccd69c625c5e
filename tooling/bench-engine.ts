// `npm run bench:engine`: what the guarantees cost. Real SQLite with fsync, real snapshot files, real journals, in one run:
// plans and applies of 10 to 10 000 agents, a durable entry, the replay of a long journal, and memory.
// `-- --quick` stops at 1 000 agents and 20 000 entries.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Event } from "../src/core/model/journal.js";
import type { AgentId, Instant } from "../src/core/model/units.js";
import { replay } from "../src/core/rollout/replay.js";
import { openLibsql } from "../src/providers/databases/libsql.js";
import { openSqliteStore } from "../src/providers/stores/sqlite.js";
import { type FleetCost, fleet } from "./bench-engine/fleet.js";
import { tell } from "./bench-engine/long-journal.js";
import { best, type Goal, heading, median, ms, row, show, type Took, timed } from "./bench-engine/report.js";

const quick = process.argv.includes("--quick");
// A disk, and no disk in memory: a durable write has to last.
const scratch = mkdtempSync(join(tmpdir(), "rollout-bench-"));
process.env.TMPDIR = scratch;
const goals: Goal[] = [];

console.log(`node ${process.version}${quick ? ", quick" : ""}\n`);
await agents(quick ? [10, 100, 1000] : [10, 1000, 10_000]);
await durableEntry();
await longJournal(quick ? [1000, 20_000] : [1000, 10_000, 100_000]);
show(goals);
rmSync(scratch, { recursive: true, force: true });
process.exitCode = process.argv.includes("--strict") && goals.some(({ reached }) => !reached) ? 1 : 0;

/** Adopt is one journaled shift of traffic for each agent: the effect whose cost must not depend on how many others there are. */
async function agents(sizes: readonly number[]): Promise<void> {
  heading("agents", ["adopt all", "each", "processor", "plan", "each", "processor", "memory of a plan"]);
  const costs: FleetCost[] = [];
  for (const size of sizes) {
    const cost = await fleet(size);
    costs.push(cost);
    const { adopt, plan, heapBytes } = cost;
    const memory = `${(heapBytes / 2 ** 20).toFixed(0)} MiB`;
    row(
      size,
      [adopt.wall, adopt.wall / size, adopt.cpu / size, plan.wall, plan.wall / size, plan.cpu / size]
        .map(ms)
        .concat(memory),
    );
  }
  const [most = 0, middle = 0] = [...sizes].reverse();
  const [large, small] = [...costs].reverse() as [FleetCost, FleetCost];
  limited(
    `plan of ${most} agents: processor for each, as of ${middle}`,
    large.plan.cpu / most / (small.plan.cpu / middle),
  );
  if (!quick) {
    const { wall } = large.plan;
    goals.push({ name: "plan of 10000 agents", wanted: "under 3 s", measured: ms(wall), reached: wall < 3000 });
  }
  limited(
    `an effect beside ${most} agents: processor, as of ${middle}`,
    large.adopt.cpu / most / (small.adopt.cpu / middle),
  );
}

function limited(name: string, growth: number): void {
  goals.push({ name, wanted: "at most 1.5 x", measured: `${growth.toFixed(2)} x`, reached: growth <= 1.5 });
}

async function durableEntry(): Promise<void> {
  heading("durable", ["median", "worst of 100"]);
  const now = (): Instant => Date.now() as Instant;
  const path = join(scratch, "state.db");
  const store = await openSqliteStore({ path, now, openDatabase: openLibsql });
  const event = tell(1)[0]?.event as Event;
  const times: number[] = [];
  for (let serial = 0; serial < 500; serial++) {
    const from = performance.now();
    await store.append("support" as AgentId, serial, event);
    times.push(performance.now() - from);
  }
  await store.close();
  const worst = [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
  row("entry", [ms(median(times)), ms(worst)]);
  goals.push({
    name: "an entry in SQLite, with fsync",
    wanted: "median under 3 ms",
    measured: ms(median(times)),
    reached: median(times) < 3,
  });
}

async function longJournal(sizes: readonly number[]): Promise<void> {
  heading("entries", ["replay", "each", "processor"]);
  const each: number[] = [];
  for (const size of sizes) {
    const entries = tell(size);
    const runs: Took[] = [];
    for (let round = 0; round < 5; round++) runs.push(await timed(() => replay("support" as AgentId, entries)));
    const { wall, cpu } = best(runs);
    each.push(cpu / size);
    row(size, [ms(wall), micros(wall / size), micros(cpu / size)]);
  }
  limited(
    `replay of ${sizes.at(-1)} entries: processor for each, as of ${sizes.at(-2)}`,
    (each.at(-1) ?? 0) / (each.at(-2) ?? 1),
  );
}

function micros(value: number): string {
  return `${(value * 1000).toFixed(2)} µs`;
}
