// Where a stored journal is not what was written: every broken link, what is missing at its end, and a cache that says something else.

import { exactJson } from "../../core/model/exact-json.js";
import type { Entry } from "../../core/model/journal.js";
import type { AgentId } from "../../core/model/units.js";
import { replay } from "../../core/rollout/replay.js";
import { firstLink, type Head, nextLink, type StoredEntry, type Trail } from "../../ports/entry-chain.js";
import { readEntry } from "../../ports/entry-format.js";
import { Fault } from "../../ports/fault.js";

export type TrailProblem =
  | "changed"
  | "missing"
  | "reordered"
  | "truncated"
  | "appended"
  | "unreadable"
  | "snapshot"
  | "expected";

export interface TrailFinding {
  readonly agent: AgentId;
  /** The entry at which it shows. */
  readonly entry: number;
  readonly problem: TrailProblem;
  /** A sentence. */
  readonly because: string;
  /** The last entry that still follows from all entries before it; 0: none does. */
  readonly lastGood: number;
}

export interface TrailReport {
  readonly agent: AgentId;
  readonly entries: number;
  /** The last entry that was found; null where there is none. */
  readonly last: Head | null;
  readonly findings: readonly TrailFinding[];
}

/** A head that was written down elsewhere, as in the log of a CI job. `hash` may be its beginning. */
export interface ExpectedHead {
  readonly agent: string;
  readonly serial: number;
  readonly hash: string;
}

/** Where a chain is broken in more places than these, the rest is not told. */
const mostFindings = 50;

export function examineTrail(
  at: { readonly lineage: string; readonly agent: AgentId },
  trail: Trail,
  expected: readonly ExpectedHead[],
): TrailReport {
  const { agent } = at;
  const { entries } = trail;
  const links = brokenLinks(firstLink(at.lineage, agent), entries);
  const content = unreadable(agent, entries);
  const firstBad = Math.min(...[...links, ...content].map(({ entry }) => entry), Number.POSITIVE_INFINITY);
  const good = entries.filter(({ serial }) => serial < firstBad);
  const lastGood = good.at(-1)?.serial ?? 0;
  const findings = [
    ...links,
    ...content,
    ...endOf(trail),
    ...snapshotOf(agent, trail, good),
    ...expected.flatMap((head) => compareHead(head, entries)),
  ];
  const last = entries.at(-1);
  return {
    agent,
    entries: entries.length,
    last: last === undefined ? null : { serial: last.serial, hash: last.hash },
    findings: findings.slice(0, mostFindings).map((finding) => ({ agent, lastGood, ...finding })),
  };
}

type Finding = Omit<TrailFinding, "agent" | "lastGood">;

function brokenLinks(first: string, entries: readonly StoredEntry[]): readonly Finding[] {
  const findings: Finding[] = [];
  let before = { serial: 0, hash: first };
  entries.forEach((entry, index) => {
    const wrong = findings.length < mostFindings ? linkProblem(before, entry, { entries, index }) : null;
    if (wrong !== null) findings.push(wrong);
    // Whatever is wrong here, the entries behind it are asked whether they follow from what is stored.
    before = entry;
  });
  return findings;
}

function linkProblem(
  before: Head,
  entry: StoredEntry,
  { entries, index }: { readonly entries: readonly StoredEntry[]; readonly index: number },
): Finding | null {
  const due = before.serial + 1;
  if (entry.serial > due) {
    const gone = entry.serial - 1 === due ? `entry ${due} is` : `entries ${due} to ${entry.serial - 1} are`;
    return { entry: due, problem: "missing", because: `${gone} missing between ${before.serial} and ${entry.serial}` };
  }
  if (entry.serial < due)
    return {
      entry: entry.serial,
      problem: "reordered",
      because: `entry ${entry.serial} stands behind entry ${before.serial}`,
    };
  const wanted = nextLink(before.hash, entry.serial, entry.event);
  if (entry.hash === wanted) return null;
  const belongs = entries.find((other) => {
    const link = nextLink(before.hash, entry.serial, other.event);
    return other !== entry && (link === entry.hash || link === other.hash);
  });
  if (belongs !== undefined) {
    const because = `what was written as entry ${entry.serial} stands at entry ${belongs.serial}`;
    return { entry: entry.serial, problem: "reordered", because };
  }
  const after = entries[index + 1];
  const onlyHash = after !== undefined && after.hash === nextLink(wanted, after.serial, after.event);
  const because = onlyHash
    ? `the hash of entry ${entry.serial} was changed; its content is what was written`
    : `entry ${entry.serial} is not what was written: it does not follow from ${before.serial === 0 ? "the beginning of this journal" : `entry ${before.serial}`}`;
  return { entry: entry.serial, problem: "changed", because };
}

function unreadable(agent: AgentId, entries: readonly StoredEntry[]): readonly Finding[] {
  return entries.flatMap((entry): readonly Finding[] => {
    const read = readable(agent, entry);
    return typeof read === "string" ? [{ entry: entry.serial, problem: "unreadable", because: read }] : [];
  });
}

function readable(agent: AgentId, entry: StoredEntry): Entry | string {
  try {
    return readEntry(agent, entry);
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}

function endOf({ entries, head }: Trail): readonly Finding[] {
  const last = entries.at(-1) ?? { serial: 0, hash: "" };
  if (head === null) return [];
  if (head.serial > last.serial) {
    const gone = `entry ${head.serial} was written, and the journal ends at entry ${last.serial}`;
    return [{ entry: last.serial + 1, problem: "truncated", because: gone }];
  }
  const there = entries.find(({ serial }) => serial === head.serial);
  if (there !== undefined && there.hash !== head.hash) {
    const because = `entry ${head.serial} has another hash than the head that was kept when it was written`;
    return [{ entry: head.serial, problem: "changed", because }];
  }
  if (head.serial === last.serial) return [];
  const because = `entries behind ${head.serial} were not written by rollout: the head was left behind`;
  return [{ entry: head.serial + 1, problem: "appended", because }];
}

/** `load` starts from the cached fold: it must say what the entries say. */
function snapshotOf(agent: AgentId, { snapshot }: Trail, good: readonly StoredEntry[]): readonly Finding[] {
  if (snapshot === null) return [];
  const { serial } = snapshot;
  if (serial > (good.at(-1)?.serial ?? 0)) {
    const because = `a snapshot was made at entry ${serial}, and the entries up to it are not there as they were`;
    return [{ entry: serial, problem: "snapshot", because }];
  }
  const entries = good.filter((entry) => entry.serial <= serial).map((entry) => readEntry(agent, entry));
  if (exactJson(replay(agent, entries)) === snapshot.state) return [];
  const because = `the snapshot made at entry ${serial} does not say what the entries up to it say`;
  return [{ entry: serial, problem: "snapshot", because }];
}

function compareHead(expected: ExpectedHead, entries: readonly StoredEntry[]): readonly Finding[] {
  const { serial } = expected;
  const there = entries.find((entry) => entry.serial === serial);
  if (there?.hash.startsWith(expected.hash)) return [];
  const because =
    there === undefined
      ? `entry ${serial} was expected with the hash ${expected.hash}, and is not there`
      : `entry ${serial} has the hash ${there.hash}, and ${expected.hash} was expected: the journal was written anew`;
  return [{ entry: serial, problem: "expected", because }];
}
