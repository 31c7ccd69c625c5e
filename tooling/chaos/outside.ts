/** What a stranger can see from outside: the journal's table, the routing file, the repository. Nothing here asks the engine. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import type { Place } from "./place.js";
import type { SeenTable } from "./schemas.js";

/** As it was written: nothing is assumed of it but its kind. */
export interface SeenEvent {
  readonly kind: string;
  readonly at: number;
  readonly by: string;
  readonly [field: string]: unknown;
}

export interface SeenEntry {
  readonly serial: number;
  readonly event: SeenEvent;
}

export interface SeenRoute {
  readonly stable: string;
  readonly canary: string | null;
  readonly weight: number;
  readonly fallback: boolean;
}

/** The target's file. */
export interface SeenLive extends SeenRoute {
  readonly lineage: string;
  readonly fence: { readonly epoch: number; readonly serial: number };
}

export interface Seen {
  readonly lineage: string | null;
  readonly entries: readonly SeenEntry[];
  /** What is wrong with the chain of hashes or the serials. */
  readonly torn: readonly string[];
  readonly live: SeenLive | null;
  /** How many commits carry each operation's id. */
  readonly commits: Readonly<Record<string, number>>;
  /** Files of the checkout that differ from what is committed. */
  readonly dirty: readonly string[];
}

export async function lookAt(place: Place, agent = "support"): Promise<Seen> {
  const journal = await readJournal(place, agent);
  return { ...journal, live: readLive(place, agent), commits: readCommits(place), dirty: readDirty(place) };
}

type SeenJournal = Pick<Seen, "lineage" | "entries" | "torn">;

async function readJournal(place: Place, agent: string): Promise<SeenJournal> {
  if (place.database !== null) {
    const { schemas, schema } = place.database;
    return journalOf(agent, await schemas.journal(schema, agent));
  }
  const state = /^state: (\S+)$/m.exec(place.read("rollout.config.yaml") ?? "")?.[1] ?? "sqlite:.rollout/state.db";
  if (!state.startsWith("sqlite:")) return readThroughDoor(place, agent);
  const path = join(place.root, state.slice("sqlite:".length));
  if (!existsSync(path)) return journalOf(agent, null);
  const database = new Database(path, { timeout: 2000 });
  try {
    if (database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'entries'").all([]).length === 0)
      return journalOf(agent, null);
    const { value } = database.prepare("SELECT value FROM meta WHERE key = 'lineage'").get([]) as { value: string };
    const rows = database
      .prepare("SELECT serial, event, hash FROM entries WHERE agent = ? ORDER BY serial")
      .all([agent]) as unknown as readonly Row[];
    return journalOf(agent, { lineage: value, rows });
  } finally {
    database.close();
  }
}

type Row = SeenTable["rows"][number];

function journalOf(agent: string, table: SeenTable | null): SeenJournal {
  if (table === null) return { lineage: null, entries: [], torn: [] };
  const { lineage, rows } = table;
  const entries = rows.map(({ serial, event }) => ({ serial, event: JSON.parse(event) as SeenEvent }));
  return { lineage, entries, torn: brokenLinks(lineage, agent, rows) };
}

/** The published rule of the chain, written a second time. */
function brokenLinks(lineage: string, agent: string, rows: readonly Row[]): readonly string[] {
  let link = sha256(`rollout journal\n${lineage}\n${agent}`);
  return rows.flatMap(({ serial, event, hash }, index) => {
    link = sha256(`${link}\n{"event":${event},"serial":${serial}}`);
    return serial === index + 1 && link === hash ? [] : [`entry ${serial} does not follow from the one before it`];
  });
}

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Other stores have no file to open: theirs is told by the store's own door, which refuses a broken chain. */
async function readThroughDoor(place: Place, agent: string): Promise<SeenJournal> {
  const journals = join(place.root, "journals.json");
  rmSync(journals, { force: true });
  const { output } = await place.run(["status"], { journals });
  if (!existsSync(journals)) return { lineage: null, entries: [], torn: [`the store cannot be read: ${output}`] };
  const told = JSON.parse(readFileSync(journals, "utf8")) as {
    readonly lineage: string;
    readonly journals: Readonly<Record<string, readonly SeenEntry[]>>;
  };
  const entries = told.journals[agent] ?? [];
  const torn = entries.flatMap(({ serial }, index) =>
    serial === index + 1 ? [] : [`entry ${serial} is out of place`],
  );
  return { lineage: told.lineage, entries, torn };
}

function readLive(place: Place, agent: string): SeenLive | null {
  const text = place.read(`live/${agent}.json`);
  if (text === null) return null;
  const { lineage, fence, route } = JSON.parse(text) as Omit<SeenLive, keyof SeenRoute> & {
    readonly route: Omit<SeenRoute, "weight"> & { readonly weight_basis_points: number };
  };
  const { stable, canary, weight_basis_points: weight, fallback } = route;
  return { lineage, fence, stable, canary, weight, fallback };
}

function readCommits(place: Place): Readonly<Record<string, number>> {
  const log = place.git("log", "--all", "--format=%(trailers:key=Rollout-Operation,valueonly)");
  const counts: Record<string, number> = {};
  for (const id of log.split("\n").filter((line) => line !== "")) counts[id] = (counts[id] ?? 0) + 1;
  return counts;
}

function readDirty(place: Place): readonly string[] {
  return place
    .git("status", "--porcelain")
    .split("\n")
    .filter((line) => line !== "");
}

/** Half-written files that nobody took away. */
export function leftDrafts(place: Place): readonly string[] {
  const folder = join(place.root, "live");
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".draft")) : [];
}
