/**
 * `npm run chaos -- [--for 150s] [--seed N] [--store ADDRESS] [--scene NAME]…`: the real program, killed at every touch of the outside and at
 * random instants, restarted, and judged from outside. Exit code 1 when an effect was lost or doubled, or anything else went wrong.
 */

import { startPostgresServer } from "../test/support/postgres-server.js";
import { makeBuild } from "./chaos/build.js";
import { campaign, everyKill, isClean, type Job, randomJob, report, seeded, shuffled } from "./chaos/campaign.js";
import { type Keeping, prepareScenes, type Scene, type SceneName, sceneNames } from "./chaos/scenes.js";
import { Schemas, stateVariable } from "./chaos/schemas.js";
import { type Calm, calmOf, type Verdict } from "./chaos/trial.js";
import { runOptions } from "./run-options.js";

/** Every fourth trial is a random course, from the start: a short campaign reaches them too. */
const courseEvery = 4;

interface Row {
  kills: number;
  recovered: number;
  lost: number;
  doubled: number;
  wrong: number;
}

const { lasts, seed, store, scenes: wanted } = readArguments(process.argv.slice(2));
const random = seeded(seed);
const build = await makeBuild();
const kept = await keep(store);
let scenes: readonly Scene[] = [];
// Ctrl-C reaches the runs too: what becomes of them is no verdict, and what was made is cleared away.
let isStopped = false;
process.once("SIGINT", () => {
  isStopped = true;
});
const rows = new Map<string, Row>(
  wanted.map((name) => [name, { kills: 0, recovered: 0, lost: 0, doubled: 0, wrong: 0 }]),
);
try {
  scenes = await prepareScenes(build, kept.keeping, wanted);
  const end = performance.now() + lasts;
  const calms: Calm[] = [];
  for (const scene of scenes) calms.push(await calmOf(scene));
  const jobs = calms.map(everyKill);
  const queue = [
    ...shuffled(
      jobs.flatMap(({ effects }) => effects),
      random,
    ),
    ...shuffled(
      jobs.flatMap(({ looks }) => looks),
      random,
    ),
  ];
  let done = 0;
  let atRandom = 0;
  await campaign(() => {
    if (isStopped || performance.now() >= end) return null;
    const job = (done + atRandom) % courseEvery === courseEvery - 1 ? undefined : queue[done];
    if (job === undefined) atRandom += 1;
    else done += 1;
    return job ?? randomJob(calms, random);
  }, told);
  const failures = print();
  // An address may hold a password.
  const [name = ""] = (store ?? "sqlite").split(":");
  console.log(`${name}, seed ${seed}: ${done} of ${queue.length} single kills, ${atRandom} random courses`);
  process.exitCode = failures === 0 ? 0 : 1;
  if (isStopped) process.exitCode = 130;
} finally {
  for (const { place } of scenes) await place.remove();
  await kept.close();
  build.remove();
}

/** `postgres` alone starts a server of its own. */
async function keep(store: string | null): Promise<{ readonly keeping: Keeping; close(): Promise<void> }> {
  if (!store?.startsWith("postgres")) return { keeping: { state: store, schemas: null }, close: async () => undefined };
  const server = store === "postgres" ? await startPostgresServer() : null;
  const schemas = new Schemas(server?.url ?? store);
  return {
    keeping: { state: `postgres:$${stateVariable}`, schemas },
    close: async () => {
      try {
        await schemas.close();
      } finally {
        await server?.stop();
      }
    },
  };
}

function told(job: Job, verdict: Verdict): void {
  const row = rows.get(verdict.scene);
  if (row === undefined || isStopped) return;
  row.kills += verdict.kills;
  row.lost += verdict.lost.length;
  row.doubled += verdict.doubled.length;
  row.wrong += verdict.wrong.length;
  if (isClean(verdict)) row.recovered += verdict.kills;
  else console.log(`\nseed ${seed}, ${report(job, verdict)}`);
}

function print(): number {
  const heads = ["kills", "recovered", "lost", "doubled", "wrong"] as const;
  console.log(`\n${"scene".padEnd(10)}${heads.map((head) => head.padStart(11)).join("")}`);
  const total: Row = { kills: 0, recovered: 0, lost: 0, doubled: 0, wrong: 0 };
  for (const [name, row] of rows) {
    console.log(`${name.padEnd(10)}${heads.map((head) => String(row[head]).padStart(11)).join("")}`);
    for (const head of heads) total[head] += row[head];
  }
  console.log(`${"all".padEnd(10)}${heads.map((head) => String(total[head]).padStart(11)).join("")}`);
  return total.lost + total.doubled + total.wrong;
}

function readArguments(words: readonly string[]): {
  readonly lasts: number;
  readonly seed: number;
  readonly store: string | null;
  readonly scenes: readonly SceneName[];
} {
  const options = runOptions(words, "150s");
  const named = options?.all("--scene") ?? [];
  const known = sceneNames.filter((name) => named.length === 0 || named.includes(name));
  const store = options?.all("--store")[0] ?? null;
  const isKnown = store === null || /^(?:sqlite:|git:|postgres$|postgres(?:ql)?:\/\/)/.test(store);
  if (options === null || !isKnown || known.length < named.length || known.length === 0) {
    console.error(
      `usage: npm run chaos -- [--for 150s] [--seed 4711] [--store sqlite:PATH|postgres|postgres://…|git:BRANCH?workspace=kept] [--scene ${sceneNames.join("|")}]`,
    );
    process.exit(1);
  }
  return {
    lasts: options.lastsMs,
    seed: options.first,
    store,
    scenes: known,
  };
}
