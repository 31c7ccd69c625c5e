// The published routing vectors as snapshots and sessions, and what each session must be told: for routers that are asked from outside.

import { readFileSync } from "node:fs";
import type { Route } from "../../src/core/model/route.js";
import type { Snapshot } from "../../src/core/model/snapshot.js";
import type { Instant, Weight } from "../../src/core/model/units.js";
import { readSnapshot, snapshotText } from "../../src/core/routing/snapshot-file.js";
import { textDigest } from "../../src/sdk/disk.js";
import { answersIn, sessionId } from "../../tooling/bench-router/agreement.js";

export interface RoutingCase {
  /** The routing file. */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Sessions, each with its start in milliseconds since the epoch where that is known. */
  readonly asks: readonly (readonly [string, number | null])[];
  /** `canary 25`: variant and weight in percent, for each of the sessions. */
  readonly said: readonly string[];
}

const folder = "test/vectors/routing";
const published = snapshotIn("support.json");

/** Every case of every file of vectors. */
export function routingCases(): readonly RoutingCase[] {
  return [...murmurCases(), ...md5Cases(), ...stickyCases(), ...startCases(), ...flagdCases()];
}

function snapshotIn(name: string): Snapshot {
  const reading = readSnapshot(readFileSync(`${folder}/${name}`, "utf8"), textDigest);
  if (reading.kind === "refused") throw new Error(`${name} is refused, since ${reading.because}`);
  return reading.snapshot;
}

export function textAt(route: Partial<Route>): string {
  const [, content] = Object.entries(published.revisions)[0] ?? [];
  if (content === undefined) throw new Error("the published snapshot serves nothing");
  const { stable, canary } = published.route;
  const revisions = Object.fromEntries([stable, canary].map((id) => [id, { ...content, prompts: {} }]));
  return snapshotText({ ...published, revisions, route: { ...published.route, previous: null, ...route } }, textDigest);
}

function vectors<Vectors>(name: string): Vectors {
  return JSON.parse(readFileSync(`${folder}/${name}`, "utf8")) as Vectors;
}

interface Drawn {
  readonly session: string;
  readonly salt?: string;
  readonly canary_from_basis_points?: number | null;
  readonly canary_from_percent?: number | null;
}

/** Each at the smallest weight that takes it to the canary, and just below; one that no weight takes, at all there is. */
function drawn({ session, salt = "ignored", ...first }: Drawn, algo: Route["algo"]): readonly RoutingCase[] {
  const unit = algo === "md5-100" ? 100 : 1;
  const from = first.canary_from_basis_points ?? first.canary_from_percent ?? null;
  const at = (steps: number, variant: string): RoutingCase => {
    const weight = (steps * unit) as Weight;
    const said = [`${variant} ${weight / 100}`];
    return { text: textAt({ algo, salt, weight, history: [] }), now: 0, asks: [[session, null]], said };
  };
  return from === null ? [at(10_000 / unit, "stable")] : [at(from - 1, "stable"), at(from, "canary")];
}

function murmurCases(): readonly RoutingCase[] {
  const { cases } = vectors<{ readonly cases: readonly Drawn[] }>("murmur3-32.json");
  return cases.flatMap((drawnCase) => drawn(drawnCase, "murmur3-32"));
}

function md5Cases(): readonly RoutingCase[] {
  const { cases } = vectors<{ readonly cases: readonly Drawn[] }>("md5-100.json");
  return cases.flatMap((drawnCase) => drawn(drawnCase, "md5-100"));
}

interface Sticky {
  readonly cases: readonly (Partial<StickyDefaults> & {
    readonly started_at: string | null;
    readonly counts: number;
  })[];
  readonly unless_said_otherwise: StickyDefaults;
}
interface StickyDefaults {
  readonly now: string;
  readonly weight: number;
  readonly history: readonly { readonly at: string; readonly weight: number }[];
}

/** What counts is read from the weight that the router names. */
function stickyCases(): readonly RoutingCase[] {
  const { cases, unless_said_otherwise: usual } = vectors<Sticky>("sticky-start.json");
  return cases.map((given) => {
    const { now, weight, history, started_at, counts } = { ...usual, ...given };
    const changes = history.map((change) => ({ at: time(change.at), weight: change.weight as Weight }));
    const text = textAt({ weight: weight as Weight, history: changes });
    return {
      text,
      now: time(now),
      asks: [[late, started_at === null ? null : time(started_at)]],
      said: [stableAt(counts)],
    };
  });
}

const late = lateSession();

/** A session that stays on stable at every weight of these vectors. */
function lateSession(): string {
  const { cases } = vectors<{ readonly cases: readonly Drawn[] }>("murmur3-32.json");
  const { salt } = published.route;
  const found = cases.find((drawnCase) => drawnCase.salt === salt && (drawnCase.canary_from_basis_points ?? 0) > 5_000);
  if (found === undefined) throw new Error(`murmur3-32.json has no late session of ${salt}`);
  return found.session;
}

function stableAt(weight: number): string {
  return `stable ${weight / 100}`;
}

interface Starts {
  readonly now: string;
  readonly cases: readonly { readonly session: string; readonly starts: string | null }[];
}

/** A weight of 0.01 % that came with the session's start counts for it, and one that came a millisecond later does not. */
function startCases(): readonly RoutingCase[] {
  const { now, cases } = vectors<Starts>("session-start.json");
  return cases.flatMap(({ session, starts }) => {
    const start = starts === null ? 0 : time(starts);
    const at = (first: number, counts: number): RoutingCase => {
      const history = [
        { at: first as Instant, weight: 1 as Weight },
        { at: time(now), weight: 2 as Weight },
      ];
      const text = textAt({ weight: 2 as Weight, history });
      return { text, now: time(now), asks: [[session, null]], said: [stableAt(counts)] };
    };
    return starts === null ? [at(0, 2)] : [at(start, 1), at(start + 1, 0)];
  });
}

/** All sessions of a salt and a weight together. */
function flagdCases(): readonly RoutingCase[] {
  const { salts, weights } = vectors<{ readonly salts: readonly string[]; readonly weights: readonly number[] }>(
    "flagd.json",
  );
  const canaries = answersIn(readFileSync(`${folder}/flagd.json`, "utf8"));
  return salts.flatMap((salt, s) =>
    weights.map((weight, w) => {
      const drawn = [...canaries.keys()].filter(
        (i) => i % salts.length === s && Math.floor(i / salts.length) % weights.length === w,
      );
      return {
        text: textAt({ salt, weight: weight as Weight, history: [] }),
        now: 0,
        asks: drawn.map((i) => [sessionId(i), null] as const),
        said: drawn.map((i) => `${canaries[i] ? "canary" : "stable"} ${weight / 100}`),
      };
    }),
  );
}

function time(text: string): Instant {
  return Date.parse(text) as Instant;
}
