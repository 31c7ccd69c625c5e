// `npm run bench:router`: what one decision costs, in one run, as ratios of minima: against reading the id's 36 characters, the md5 rule
// and other tools' SDKs, which are installed into tooling/bench-router on first use. And that flagd's evaluator answers as we do.
// `-- --write` writes their answers to test/vectors/routing/flagd.json, `-- --quick` takes fewer rounds, `-- --strict` exits 1 where a goal is missed.

import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Snapshot } from "../src/core/model/snapshot.js";
import { readSnapshot, snapshotText } from "../src/core/routing/snapshot-file.js";
import { textDigest } from "../src/sdk/disk.js";
import { openRouter, type Router } from "../src/sdk/index.js";
import { type Goal, show } from "./bench-engine/report.js";
import { answersIn, flagdVectors, isOurCanary, sessions } from "./bench-router/agreement.js";
import { type Contender, flagd, growthBook, md5Rule, ours, unleash } from "./bench-router/contenders.js";
import { type Measured, measured, type Work } from "./bench-router/measure.js";

const quick = process.argv.includes("--quick");
const scratch = mkdtempSync(join(tmpdir(), "rollout-bench-"));
const vectors = "test/vectors/routing/flagd.json";
const published = "test/vectors/routing/support.json";
install();

const snapshot = snapshotOf();
const routers = await openAll();
const contenders = await everybody();
const figures = measured(contenders.map(workOf), quick ? 60 : 200);
table();
const theirs = flagdVectors();
if (process.argv.includes("--write")) writeFileSync(vectors, theirs);
const apart = answersIn(theirs).filter((isCanary, i) => isCanary !== isOurCanary(i)).length;
const goals = judged();
show(goals);
for (const { close } of contenders) close();
for (const router of routers.values()) await router.close();
rmSync(scratch, { recursive: true, force: true });
process.exitCode = process.argv.includes("--strict") && goals.some(({ reached }) => !reached) ? 1 : 0;

/** Nobody who does not run this needs them. */
function install(): void {
  if (existsSync("tooling/bench-router/node_modules/.package-lock.json")) return;
  console.log("installing what is compared with (tooling/bench-router)");
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: "tooling/bench-router", stdio: "inherit" });
}

function snapshotOf(): Snapshot {
  const reading = readSnapshot(readFileSync(published, "utf8"), textDigest);
  if (reading.kind === "refused") throw new Error(`${published} is refused, since ${reading.because}`);
  return reading.snapshot;
}

/** The published example, with salts that end in each of the four places of a word, and by the md5 rule. */
async function openAll(): Promise<ReadonlyMap<string, Router>> {
  const opened = new Map<string, Router>();
  const kinds = [0, 1, 2, 3].map((more) => ({
    name: `salt ${more}`,
    salt: `${snapshot.route.salt}${"0".repeat(more)}`,
  }));
  for (const { name, salt } of kinds) opened.set(name, await open(name, { ...snapshot.route, salt }));
  opened.set("md5-100", await open("md5-100", { ...snapshot.route, algo: "md5-100" }));
  return opened;
}

async function open(name: string, route: Snapshot["route"]): Promise<Router> {
  const file = join(scratch, `${name}.json`);
  writeFileSync(file, snapshotText({ ...snapshot, route }, textDigest));
  return openRouter(file, { pollMs: 1_000_000 });
}

async function everybody(): Promise<readonly Contender[]> {
  const of = (name: string) => routers.get(name) as Router;
  const [rise] = snapshot.route.history;
  return [
    { name: "reading the id", version: "", ask: readCharacters, isCanary: () => false, close: () => {} },
    ours("rollout", of("salt 0")),
    ...[1, 2, 3].map((more) => ours(`rollout, salt ends at byte ${more}`, of(`salt ${more}`))),
    ours("rollout, UUIDv7", of("salt 0")),
    ours("rollout, startedAt", of("salt 0"), { startedAt: rise?.at ?? 0 }),
    ours("rollout, md5-100", of("md5-100")),
    md5Rule(snapshot),
    flagd(snapshot),
    growthBook(snapshot),
    await unleash(snapshot),
  ];
}

function readCharacters(id: string): number {
  let sum = 0;
  for (let i = 0; i < id.length; i++) sum = (sum + id.charCodeAt(i)) | 0;
  return sum;
}

function workOf({ name, ask }: Contender): Work {
  // By way of bytes, as ids come out of requests: a text that was put together is read more slowly, by everybody.
  const ids = Array.from({ length: 1024 }, () =>
    Buffer.from(name.endsWith("UUIDv7") ? uuid7() : randomUUID()).toString("latin1"),
  );
  const isFast = name === "reading the id" || (name.startsWith("rollout") && !name.endsWith("md5-100"));
  return { name, call: ask, ids, calls: isFast ? 50_000 : 4_000 };
}

/** Begun at the first rise of the example. */
function uuid7(): string {
  const hex = (snapshot.route.history[0]?.at ?? 0).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${randomUUID().slice(15)}`;
}

function figure(name: string): Measured {
  return figures.get(name) ?? { ns: Number.NaN, bytes: Number.NaN };
}

function table(): void {
  const own = figure("rollout").ns;
  const width = Math.max(...contenders.map(({ name, version }) => name.length + version.length + 1));
  console.log(
    `\nnode ${process.version}${quick ? ", quick" : ""}, 36 characters, the canary at ${snapshot.route.weight / 100} %\n`,
  );
  console.log(`${"".padEnd(width)}  ${"ns".padStart(9)}  ${"as rollout".padStart(10)}  ${"bytes".padStart(7)}`);
  for (const { name, version } of contenders) {
    const { ns, bytes } = figure(name);
    const cells = [ns.toFixed(1).padStart(9), `${(ns / own).toFixed(2)} x`.padStart(10), bytes.toFixed(0).padStart(7)];
    console.log(`${`${name} ${version}`.padEnd(width)}  ${cells.join("  ")}`);
  }
}

function judged(): readonly Goal[] {
  const own = figure("rollout");
  const md5 = Math.min(figure("md5 rule, node:crypto").ns, figure("rollout, md5-100").ns);
  const reading = own.ns / figure("reading the id").ns;
  const atLeast = (name: string, ns: number, least: number): Goal => {
    const times = ns / own.ns;
    return { name, wanted: `at least ${least} times`, measured: `${times.toFixed(1)} times`, reached: times >= least };
  };
  return [
    {
      name: "a decision, as reading the id's 36 characters",
      wanted: "at most 1.4 times",
      measured: `${reading.toFixed(2)} times`,
      reached: reading <= 1.4,
    },
    {
      name: "bytes allocated for a decision",
      wanted: "0",
      measured: own.bytes.toFixed(2),
      // Less than one small object in a hundred decisions: the engine's own, not the decision's.
      reached: own.bytes < 0.16,
    },
    atLeast("faster than flagd-core's fractional", figure("@openfeature/flagd-core").ns, 7.5),
    atLeast("faster than the md5 rule", md5, 12),
    {
      name: `sessions of ${sessions} that flagd-core sends elsewhere`,
      wanted: "0",
      measured: String(apart),
      reached: apart === 0,
    },
    {
      name: `${vectors} is what flagd-core says`,
      wanted: "the same",
      measured: readFileSync(vectors, "utf8") === theirs ? "the same" : "another",
      reached: readFileSync(vectors, "utf8") === theirs,
    },
  ];
}
