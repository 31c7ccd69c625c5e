// What floors remember of the blocks that they have seen, and which breaches are proven (STATISTICS section 6).

import type { Floor, FloorBreach, FloorCount } from "../model/floor.js";
import type { Block, BlockArm, MetricName } from "../model/metric.js";
import { day, type Instant, type RevisionId } from "../model/units.js";
import { breachTold, countArm, floorLevel, openCount, provesBreach } from "./floor-count.js";
import { floorLimit } from "./floor-text.js";
import { soundBlock } from "./health-block.js";

/**
 * The accumulators of one agent: plain data, one for each revision that serves and each floor. Each block is counted once
 * (`watermark`), and it is a cache: the same blocks give the same memory, from the beginning of a UTC day on.
 */
export interface FloorMemory {
  /** The floors that the accumulators were opened for; others void them. */
  readonly configuration: string;
  /** End of the last block counted; null before the first. */
  readonly watermark: Instant | null;
  readonly watches: Readonly<Record<string, Readonly<Partial<Record<MetricName, FloorWatch>>>>>;
}

interface FloorWatch {
  readonly count: FloorCount;
  /** The beginning of the UTC day that is counted; every day it is started anew, in both arms at once. */
  readonly since: Instant;
  /** The newest day on which a breach was proven, as it was when it was proven first; null: never. */
  readonly proven: { readonly since: Instant; readonly count: FloorCount } | null;
}

/** What serves. `canary`: null where there is none to watch. `canarySince`: when it got its first weight. */
export interface FloorArms {
  readonly stable: RevisionId;
  readonly canary: RevisionId | null;
  readonly canarySince: Instant | null;
}

/** Memories of another format are void, as those of other floors are. */
const format = 2;

export function openFloors(floors: readonly Floor[]): FloorMemory {
  return { configuration: configurationOf(floors), watermark: null, watches: {} };
}

function configurationOf(floors: readonly Floor[]): string {
  const limits = floors.map((floor) => [floor.metric, floorLimit(floor)]);
  return JSON.stringify({ format, level: floorLevel, floors: limits });
}

/** Whether the memory was opened for these floors. */
export function fitsFloors(memory: FloorMemory, floors: readonly Floor[]): boolean {
  return memory.configuration === configurationOf(floors);
}

/** Without what is counted of revisions that no longer serve, so that a second attempt starts anew; the same memory where there is none. */
export function forgetOthers(memory: FloorMemory, { stable, canary }: FloorArms): FloorMemory {
  const kept = Object.entries(memory.watches).filter(([revision]) => revision === stable || revision === canary);
  if (kept.length === Object.keys(memory.watches).length) return memory;
  return { ...memory, watches: Object.fromEntries(kept) };
}

/** The memory after a block; the same memory where the block was counted before. */
export function absorbFloors(
  memory: FloorMemory,
  raw: Block,
  on: { readonly floors: readonly Floor[]; readonly arms: FloorArms },
): FloorMemory {
  if (memory.watermark !== null && raw.end <= memory.watermark) return memory;
  const { stable, canary, canarySince } = on.arms;
  const block = soundBlock(raw);
  const watches = { ...memory.watches };
  const count = (revision: RevisionId, arm: BlockArm): void => {
    const kept = { ...watches[revision] };
    for (const floor of on.floors) {
      const watch = watchAfter(kept[floor.metric] ?? null, floor, { at: block.start, arm });
      if (watch !== null) kept[floor.metric] = watch;
    }
    watches[revision] = kept;
  };
  count(stable, block.stable);
  if (canary !== null && canarySince !== null && block.start >= canarySince) count(canary, block.canary);
  return { ...memory, watermark: block.end, watches };
}

/** Null where neither this block nor an earlier one said anything. */
function watchAfter(
  kept: FloorWatch | null,
  floor: Floor,
  seen: { readonly at: Instant; readonly arm: BlockArm },
): FloorWatch | null {
  const since = (Math.floor(seen.at / day) * day) as Instant;
  const goesOn = kept !== null && kept.since === since;
  const count = countArm(goesOn ? kept.count : openCount(floor), floor, seen);
  if (count === null) return kept;
  const before = kept?.proven ?? null;
  const proven = before?.since !== since && provesBreach(count) ? { since, count } : before;
  return { count, since, proven };
}

/** Every breach that is proven, the canary's first: each arm's newest day alone. */
export function provenBreaches(
  memory: FloorMemory,
  on: { readonly floors: readonly Floor[]; readonly arms: FloorArms; readonly runbook: string | null },
): readonly FloorBreach[] {
  const { stable, canary } = on.arms;
  const provenOf = (revision: RevisionId | null, { metric }: Floor): FloorWatch["proven"] =>
    revision === null ? null : (memory.watches[revision]?.[metric]?.proven ?? null);
  return on.floors.flatMap((floor) => {
    const proven = { stable: provenOf(stable, floor), canary: provenOf(canary, floor) };
    const both = proven.stable !== null && proven.stable.since === proven.canary?.since;
    return (["canary", "stable"] as const).flatMap((arm): readonly FloorBreach[] => {
      const found = proven[arm];
      const revision = arm === "stable" ? stable : canary;
      if (found === null || revision === null) return [];
      const { metric } = floor;
      const { count, since } = found;
      const other = both ? (proven[arm === "stable" ? "canary" : "stable"]?.count ?? null) : null;
      const told = breachTold({ arm, since, evidence: { floor, count, other } });
      return [{ arm, revision, metric, since, both, ...told, runbook: on.runbook }];
    });
  });
}

/** Which of two memories a store keeps: newer is further on in blocks, and one for other floors replaces what was kept. */
export function keepsNewFloors(kept: FloorMemory | null, next: FloorMemory): boolean {
  if (kept === null || kept.configuration !== next.configuration) return true;
  return (next.watermark ?? -Infinity) >= (kept.watermark ?? -Infinity);
}
