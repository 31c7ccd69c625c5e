// Blocks as a program prints them, held to what the gates count on: closed, in order, disjoint, and of one weight each.

import type { SourceArm, SourceBlock, SourceBlocks } from "../../../core/generated/source-blocks.js";
import { gridStep } from "../../../core/metric/block-grid.js";
import { instantText } from "../../../core/model/instant-text.js";
import type { Block, BlockArm } from "../../../core/model/metric.js";
import { hour, type Instant } from "../../../core/model/units.js";
import type { Fault } from "../../../ports/fault.js";
import type { BlockAnswer, BlockQuery } from "../../../ports/metric-source.js";
import { readSamples } from "./read-samples.js";

type Wrong = (at: string, because: string) => Fault;

/** Throws what `wrong` makes of the first block that the question did not ask for. */
export function readBlocks(answer: SourceBlocks, query: BlockQuery, wrong: Wrong): BlockAnswer {
  const blocks: Block[] = [];
  for (const [index, said] of answer.blocks.entries()) {
    const at = `/blocks/${index}`;
    const from = blocks.at(-1)?.end ?? query.after ?? null;
    blocks.push(blockOf(said, { query, from, wrong: (below, because) => wrong(`${at}${below}`, because) }));
  }
  const newest = answer.newest === undefined ? null : timeOf(answer.newest, "/newest", wrong);
  return {
    blocks,
    unrouted: answer.unrouted ?? [],
    mismatched: answer.mismatched ?? 0,
    // A clock that is ahead must not hide that nothing arrives.
    newest: newest === null ? null : (Math.min(newest, query.now) as Instant),
    completedOnly: answer.completed_only ?? true,
  };
}

interface Place {
  readonly query: BlockQuery;
  /** Where the block before it ended, or what is known already. */
  readonly from: Instant | null;
  readonly wrong: Wrong;
}

/** Longer blocks would hide what moves within them. */
const longest = hour;

const offGrid =
  "it is off the grid of 5 minutes; blocks begin and end at whole multiples of it in UTC, or where the weight changed";

function blockOf(said: SourceBlock, { query, from, wrong }: Place): Block {
  const start = timeOf(said.start, "/start", wrong);
  const end = timeOf(said.end, "/end", wrong);
  const { cuts, now, sessionTimeout } = query;
  if (!(start < end) || end - start > longest)
    throw wrong("", "it ends more than an hour after its start, or not after it");
  if (from !== null && start < from)
    throw wrong("/start", `it starts before ${instantText(from)}, where the block before it ended`);
  const cut = cuts.findLast(({ at }) => at <= start);
  if (cut === undefined) throw wrong("/start", "it starts before the first weight took force");
  const inside = cuts.find(({ at }) => at > start && at < end);
  if (inside !== undefined) throw wrong("", `the weight changed at ${instantText(inside.at)}, within it: cut it there`);
  if (end + sessionTimeout > now)
    throw wrong("/end", "its sessions are not over yet: wait until `end` plus the session timeout is not after `now`");
  for (const [place, edge] of [
    ["/start", start],
    ["/end", end],
  ] as const)
    if (edge % gridStep !== 0 && !cuts.some(({ at }) => at === edge)) throw wrong(place, offGrid);
  const arm = (name: "stable" | "canary"): BlockArm =>
    armOf(said[name], (below, because) => wrong(`/${name}${below}`, because));
  const block = { start, end, weight: cut.weight, stable: arm("stable"), canary: arm("canary") };
  return said.userless ? { ...block, userless: said.userless } : block;
}

function armOf({ sessions, silent = 0, metrics }: SourceArm, wrong: Wrong): BlockArm {
  if (silent > sessions) throw wrong("/silent", `${silent} of ${sessions} sessions are silent`);
  const samples = readSamples(metrics, sessions, (name, because) => wrong(`/metrics/${name}`, because));
  return { sessions, silent, samples };
}

const isoWithOffset = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** ISO 8601 with its offset, or milliseconds since 1970: those of 1973 are seconds that were mistaken for them. */
function timeOf(said: string | number, at: string, wrong: Wrong): Instant {
  const time = typeof said === "number" ? said : isoWithOffset.test(said) ? Date.parse(said) : Number.NaN;
  if (!(time >= 1e11) || !Number.isInteger(time))
    throw wrong(at, "it is no time: write 2026-03-01T09:30:00Z, or whole milliseconds since 1970");
  return time as Instant;
}
