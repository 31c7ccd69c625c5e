/** The checks, from outside: what may never be seen, at a crash or after it, and what a crash may not have changed in the end. */
import type { Seen, SeenEntry, SeenRoute } from "./outside.js";
import { ramp } from "./scenes.js";

/** Effects and words: each is in the end there as often as in a calm run, whatever crashed. Shifts are sets, and their entries may repeat. */
const repeatable = ["shift-begun", "shift-done", "operation-begun", "operation-failed", "interrupted"];

export interface Tally {
  readonly [what: string]: number;
}

export function tallyOf({ entries, commits }: Seen): Tally {
  const counts: Record<string, number> = {};
  for (const { event } of entries) {
    if (!repeatable.includes(event.kind)) counts[event.kind] = (counts[event.kind] ?? 0) + 1;
  }
  for (const [id, count] of Object.entries(commits)) counts[`commit of ${id.replace(/^.*\//, "")}`] = count;
  return counts;
}

export interface Difference {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
}

export function compareTallies(calm: Tally, now: Tally): Difference {
  const kinds = [...new Set([...Object.keys(calm), ...Object.keys(now)])].sort();
  const say = (kind: string): string => `${kind}: ${now[kind] ?? 0} in place of ${calm[kind] ?? 0}`;
  return {
    lost: kinds.filter((kind) => (now[kind] ?? 0) < (calm[kind] ?? 0)).map(say),
    doubled: kinds.filter((kind) => (now[kind] ?? 0) > (calm[kind] ?? 0)).map(say),
  };
}

/** What holds at every moment, also right after a crash. */
export function breaches(seen: Seen): readonly string[] {
  return [...seen.torn, ...unintended(seen), ...offTheRamp(seen.entries), ...doubledCommits(seen)];
}

/** What holds besides once the program has come to rest. */
export function unsettled({ entries, live }: Seen): readonly string[] {
  const wrong: string[] = [];
  const begun = entries.findLast(({ event }) => event.kind === "shift-begun");
  const after = begun === undefined ? [] : entries.filter(({ serial }) => serial > begun.serial);
  if (begun !== undefined && !after.some(({ event }) => event.kind === "shift-done"))
    wrong.push(`the shift of entry ${begun.serial} has no end`);
  const route = begun?.event.route as SeenRoute | undefined;
  if (route !== undefined && (live === null || !sameTraffic(live, route)))
    wrong.push(`the target shows ${textOf(live)}, and the last intent was ${textOf(route)}`);
  const open = new Map<string, number>();
  for (const { event } of entries) {
    if (event.kind === "operation-begun") open.set((event.operation as { readonly id: string }).id, event.at);
    if (event.kind === "operation-done" || event.kind === "operation-failed") open.delete(event.id as string);
  }
  for (const id of open.keys()) wrong.push(`the operation ${id} has no end`);
  return wrong;
}

/** Whatever the target shows was intended, by an entry that was there before it. A person who breaks the glass is not in these scenes. */
function unintended({ lineage, entries, live }: Seen): readonly string[] {
  if (live === null || live.lineage !== lineage) return [];
  const intent = entries.find(({ serial }) => serial === live.fence.serial);
  if (intent?.event.kind !== "shift-begun")
    return [`the target shows ${textOf(live)} under fence ${live.fence.serial}, which no intent in the journal has`];
  const route = intent.event.route as SeenRoute;
  if (sameTraffic(live, route)) return [];
  return [`the target shows ${textOf(live)}, and entry ${intent.serial} intended ${textOf(route)}`];
}

/** Weights come from the ramp, rise by one stage at the most, and fall to nothing but 0. */
function offTheRamp(entries: readonly SeenEntry[]): readonly string[] {
  const wrong: string[] = [];
  let reached = 0;
  let canary: string | null = null;
  let pending: SeenRoute | null = null;
  let last = 0;
  for (const { serial, event } of entries) {
    if (event.at < last) wrong.push(`entry ${serial} is older than the one before it`);
    last = Math.max(last, event.at);
    if (event.kind === "rollout-started") {
      reached = 0;
      canary = event.canary as string;
      // The way back that a person asked for has one stage.
      if (event.origin !== "spec") reached = ramp.at(-2) ?? 0;
    }
    if (event.kind === "shift-begun") {
      const { weight, ...route } = event.route as SeenRoute;
      const next = ramp.find((share) => share > reached) ?? 10_000;
      if (weight !== 0 && (route.canary !== canary || (weight !== reached && weight !== next)))
        wrong.push(`entry ${serial} gives ${textOf({ ...route, weight })} after ${reached / 100} % were reached`);
      pending = { ...route, weight };
    }
    if (event.kind === "shift-done" && pending !== null && pending.weight > 0) reached = pending.weight;
  }
  return wrong;
}

function doubledCommits({ commits }: Seen): readonly string[] {
  return Object.entries(commits).flatMap(([id, count]) => (count > 1 ? [`${count} commits carry ${id}`] : []));
}

export function sameTraffic(a: SeenRoute, b: SeenRoute): boolean {
  return a.stable === b.stable && a.canary === b.canary && a.weight === b.weight && a.fallback === b.fallback;
}

export function textOf(route: SeenRoute | null): string {
  if (route === null) return "nothing";
  if (route.fallback) return `the fallback, and behind it ${textOf({ ...route, fallback: false })}`;
  return `${route.weight / 100} % on ${route.canary?.slice(0, 9) ?? "no canary"}, the rest on ${route.stable.slice(0, 9)}`;
}
