/** Which kills are made of a scene, and the trials of many, two at a time. */
import type { Calm, Kill, Verdict } from "./trial.js";
import { trial } from "./trial.js";
import type { Trouble } from "./weather.js";

export interface Job {
  readonly calm: Calm;
  readonly kills: readonly Kill[];
}

const effect =
  /^(?:store\.(?:append|raiseEpoch|putRevision|lease|close)|lease\.|target\.act|disk\.|metrics\.record|git (?:commit-tree|update-ref|checkout|update-index|push|branch))/;

/** Whether a touch may change something outside. */
function isEffect(door: string): boolean {
  return effect.test(door);
}

/** One kill at every touch: before and after each that may change something, and while git is at work; before each that only looks. */
export function everyKill(calm: Calm): { readonly effects: readonly Job[]; readonly looks: readonly Job[] } {
  const at = (trouble: Trouble, index: number): Job => ({ calm, kills: [{ at: index + 1, trouble }] });
  const effects = calm.touches.flatMap((door, index) => {
    if (!isEffect(door)) return [];
    const during = door.startsWith("git ") ? [at("kill-during", index)] : [];
    return [at("kill-before", index), at("kill-after", index), ...during];
  });
  const looks = calm.touches.flatMap((door, index) => (isEffect(door) ? [] : [at("kill-before", index)]));
  return { effects, looks };
}

/** Kills at instants, the program as it is shipped, and several in a row; or two to eight schedulers at once, of which some are killed. */
export function randomJob(calms: readonly Calm[], random: () => number): Job {
  const calm = calms[Math.floor(random() * calms.length)];
  if (calm === undefined) throw new Error("there is no scene");
  const instant = (longer = 1): number => 15 + random() * calm.lasts * longer;
  const kill = (): Kill => {
    if (random() < 0.5) return { afterMs: instant() };
    return {
      at: 1 + Math.floor(random() * calm.touches.length),
      trouble: random() < 0.5 ? "kill-before" : "kill-after",
    };
  };
  // What a person says at once and eight times is said eight times.
  if (calm.scene.word === null && random() < 1 / 3) {
    const count = 2 + Math.floor(random() * 7);
    // They take turns on the processors.
    return {
      calm,
      kills: [{ crowd: Array.from({ length: count }, () => (random() < 0.3 ? instant(count / 2) : null)) }],
    };
  }
  return { calm, kills: Array.from({ length: 1 + Math.floor(random() * 3) }, kill) };
}

/** Takes jobs until there are none. */
export async function campaign(
  next: () => Job | null,
  told: (job: Job, verdict: Verdict) => void,
  workers = 2,
): Promise<void> {
  const work = async (): Promise<void> => {
    for (let job = next(); job !== null; job = next()) told(job, await trial(job.calm, job.kills));
  };
  await Promise.all(Array.from({ length: workers }, work));
}

/** Mulberry32: https://github.com/bryc/code/blob/master/jshash/PRNGs.md. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

export function isClean({ lost, doubled, wrong }: Verdict): boolean {
  return lost.length + doubled.length + wrong.length === 0;
}

/** What went wrong, with all that it takes to play it again. */
export function report({ calm, kills }: Job, verdict: Verdict): string {
  const parts = Object.entries({ lost: verdict.lost, doubled: verdict.doubled, wrong: verdict.wrong });
  return [
    `${calm.scene.name}: killed ${verdict.where.join(", then ")}`,
    `  kills: ${JSON.stringify(kills)}`,
    ...parts.flatMap(([name, lines]) => lines.map((line) => `  ${name}: ${line}`)),
    ...verdict.tail.map((line) => `    ${line}`),
  ].join("\n");
}
