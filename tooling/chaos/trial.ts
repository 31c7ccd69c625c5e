/** One trial: a scene is run and killed, once or several times, restarted until it rests, and judged from outside. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { breaches, compareTallies, sameTraffic, type Tally, tallyOf, textOf, unsettled } from "./judge.js";
import { leftDrafts, lookAt, type Seen, type SeenLive } from "./outside.js";
import type { Place } from "./place.js";
import type { Scene } from "./scenes.js";
import type { Spell } from "./weather.js";

/** How one run of a trial ends: at a touch, or at an instant after its start. */
export type Kill = Spell | { readonly afterMs: number } | Crowd;

/** Several schedulers at once: each with the instant at which it is killed, or null. */
export interface Crowd {
  readonly crowd: readonly (number | null)[];
}

/** What a calm run of the scene leaves behind. */
export interface Calm {
  readonly scene: Scene;
  readonly touches: readonly string[];
  readonly tally: Tally;
  readonly live: SeenLive | null;
  readonly dirty: readonly string[];
  readonly lasts: number;
  /** Entries of the scene's word before it begins. */
  readonly wordsBefore: number;
}

export interface Verdict {
  readonly scene: string;
  readonly kills: number;
  /** What the killed runs had touched last. */
  readonly where: readonly string[];
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly wrong: readonly string[];
  /** The last entries of the journal, for a report. */
  readonly tail: readonly string[];
}

/** A dead run's lease is over then. */
const leaseMs = 31_000;
const applyArgv = ["apply", "--auto-approve"] as const;

export async function calmOf(scene: Scene): Promise<Calm> {
  const place = await scene.place.copy();
  try {
    const log = join(place.root, "touches.log");
    const wordsBefore = countWords(await lookAt(place), scene);
    const from = performance.now();
    await place.run(scene.argv, { log });
    const lasts = performance.now() - from;
    const touches = readFileSync(log, "utf8").trim().split("\n");
    const seen = await rest(place);
    const wrong = [...breaches(seen), ...unsettled(seen)];
    if (wrong.length > 0) throw new Error(`${scene.name} is wrong in the calm: ${wrong.join("; ")}`);
    return { scene, touches, tally: tallyOf(seen), live: seen.live, dirty: seen.dirty, lasts, wordsBefore };
  } finally {
    await place.remove();
  }
}

export async function trial(calm: Calm, kills: readonly Kill[]): Promise<Verdict> {
  const { scene } = calm;
  const place = await scene.place.copy();
  const where: string[] = [];
  const wrong: string[] = [];
  let died = 0;
  try {
    for (const kill of kills) {
      const argv = await nextArgv(calm, place);
      const end = await runAndKill(place, argv, kill);
      if (end === null) break;
      where.push(end.where);
      died += end.kills;
      wrong.push(...breaches(await lookAt(place)));
      await place.wait(leaseMs);
    }
    if (!isSaid(calm, await lookAt(place))) await place.run(scene.argv);
    const seen = await rest(place);
    wrong.push(...breaches(seen), ...unsettled(seen), ...leftDrafts(place).map((name) => `${name} was left behind`));
    if (!endsAlike(seen.live, calm.live))
      wrong.push(`the target shows ${textOf(seen.live)}, and after a calm run ${textOf(calm.live)}`);
    if (seen.dirty.join() !== calm.dirty.join())
      wrong.push(`the checkout differs in ${seen.dirty.join(", ")}, and after a calm run in ${calm.dirty.join(", ")}`);
    const { lost, doubled } = compareTallies(calm.tally, tallyOf(seen));
    const tail = seen.entries.slice(-12).map(({ serial, event }) => `${serial} ${JSON.stringify(event).slice(0, 160)}`);
    return { scene: scene.name, kills: died, where, lost, doubled, wrong: [...new Set(wrong)], tail };
  } finally {
    await place.remove();
  }
}

interface Death {
  readonly where: string;
  readonly kills: number;
}

/** Where the run was when it died; null: it ended by itself. */
async function runAndKill(place: Place, argv: readonly string[], kill: Kill): Promise<Death | null> {
  if ("crowd" in kill) {
    const deaths = await Promise.all(kill.crowd.map((after) => runUntil(place, argv, after)));
    await place.quiet();
    const kills = deaths.filter((isDead) => isDead).length;
    return { where: `a crowd of ${kill.crowd.length}, of which ${kills} died`, kills };
  }
  if ("afterMs" in kill) {
    const isDead = await runUntil(place, argv, kill.afterMs);
    await place.quiet();
    return isDead ? { where: `after ${Math.round(kill.afterMs)} ms`, kills: 1 } : null;
  }
  const log = join(place.root, "touches.log");
  rmSync(log, { force: true });
  const { signal } = await place.run(argv, { spells: [kill], log });
  await place.quiet();
  const touched = readFileSync(log, "utf8").trim().split("\n");
  rmSync(log);
  return signal === "SIGKILL" ? { where: `${kill.trouble} ${touched.length} ${touched.at(-1)}`, kills: 1 } : null;
}

/** Runs it, killed after so many milliseconds; null: not at all. Whether it was killed before its end. */
async function runUntil(place: Place, argv: readonly string[], afterMs: number | null): Promise<boolean> {
  const { child, ended } = place.start(argv);
  const timer = afterMs === null ? undefined : setTimeout(() => child.kill("SIGKILL"), afterMs);
  const { signal } = await ended;
  clearTimeout(timer);
  return signal === "SIGKILL";
}

/** A person says it again where the word was not recorded; what was recorded any apply goes on with. */
async function nextArgv(calm: Calm, place: Place): Promise<readonly string[]> {
  return isSaid(calm, await lookAt(place)) ? applyArgv : calm.scene.argv;
}

function isSaid({ scene, wordsBefore }: Calm, seen: Seen): boolean {
  return scene.word === null || countWords(seen, scene) > wordsBefore;
}

function countWords({ entries }: Seen, { word }: Scene): number {
  return entries.filter(({ event }) => event.kind === word).length;
}

/** Applies until one changes nothing. */
async function rest(place: Place): Promise<Seen> {
  let before = await lookAt(place);
  for (let count = 0; count < 5; count++) {
    await place.wait(leaseMs);
    await place.run(applyArgv);
    const after = await lookAt(place);
    if (after.entries.length === before.entries.length) return after;
    before = after;
  }
  return before;
}

function endsAlike(a: SeenLive | null, b: SeenLive | null): boolean {
  return a === b || (a !== null && b !== null && sameTraffic(a, b));
}
