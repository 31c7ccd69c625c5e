// The published vectors are what the router does, and what an implementation that shares no code with it says.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseInstant } from "../../../src/core/model/instant-text.js";
import type { Route } from "../../../src/core/model/route.js";
import type { Instant, RevisionId, Weight } from "../../../src/core/model/units.js";
import { choose, weightAt } from "../../../src/core/routing/choose.js";
import { md5Modulo } from "../../../src/core/routing/md5.js";
import { murmur3, murmur3State } from "../../../src/core/routing/murmur3.js";
import { sessionStart } from "../../../src/core/routing/session-start.js";
import {
  referenceBucket,
  referenceFirstWeight,
  referenceHash,
  referenceMurmur3,
} from "../../../tooling/routing-reference.js";
import { routingVectors } from "../../../tooling/routing-vectors.js";

const folder = "test/vectors/routing";

function read<Case>(name: string): { readonly cases: readonly Case[] } & Record<string, unknown> {
  return JSON.parse(readFileSync(`${folder}/${name}`, "utf8"));
}

function instant(text: string): Instant {
  return parseInstant(text) ?? expect.fail(text);
}

const base: Route = {
  rollout: null,
  algo: "murmur3-32",
  salt: "",
  stable: "r-stable" as RevisionId,
  canary: "r-canary" as RevisionId,
  weight: 0 as Weight,
  history: [],
  previous: null,
  fallback: false,
};
const now = instant("2026-11-23T14:00:00.000Z");
const variant = (route: Route, session: string) => choose(route, session, null, now).variant;

interface MurmurCase {
  readonly salt: string;
  readonly session: string;
  readonly hash: number;
  readonly canary_from_basis_points: number | null;
}

const { cases: murmurCases } = read<MurmurCase>("murmur3-32.json");

test("the reference implementation gives SMHasher's verification value", () => {
  const hashes = Array.from({ length: 256 }, (_, i) => {
    const key = Uint8Array.from({ length: i }, (_, j) => j);
    return referenceMurmur3(key, 256 - i);
  });
  const bytes = new Uint8Array(Uint32Array.from(hashes).buffer);
  expect(referenceMurmur3(bytes, 0)).toBe(0xb0f57ee3);
});

test("the published files are those that the reference implementation makes", () => {
  expect(readdirSync(folder)).toHaveLength(7);
  expect(murmurCases.length).toBeGreaterThan(300);
  for (const [name, text] of routingVectors) expect(readFileSync(`${folder}/${name}`, "utf8")).toBe(text);
});

test.each(murmurCases)("murmur3-32 $salt $session", ({ salt, session, hash, canary_from_basis_points: first }) => {
  expect(referenceHash(salt, session)).toBe(hash);
  expect(referenceFirstWeight(salt, session)).toBe(first);
  expect(murmur3(session, murmur3State(salt))).toBe(hash);
  expect(murmur3(salt + session)).toBe(hash);
  const at = (weight: number) => variant({ ...base, salt, weight: weight as Weight }, session);
  expect([0, (first ?? 10_001) - 1].map(at)).toEqual(["stable", "stable"]);
  expect(at(10_000)).toBe(first === null ? "stable" : "canary");
  if (first !== null) expect(at(first)).toBe("canary");
});

interface Md5Case {
  readonly session: string;
  readonly bucket: number | null;
  readonly canary_from_percent: number | null;
}

test.each(read<Md5Case>("md5-100.json").cases)(
  "md5-100 $session",
  ({ session, bucket, canary_from_percent: first }) => {
    if (session !== "") expect([md5Modulo(session, 100), referenceBucket(session)]).toEqual([bucket, bucket]);
    const at = (percent: number) =>
      variant({ ...base, algo: "md5-100", salt: "ignored", weight: (percent * 100) as Weight }, session);
    expect([0, (first ?? 101) - 1].map(at)).toEqual(["stable", "stable"]);
    expect(at(100)).toBe(first === null ? "stable" : "canary");
    if (first !== null) expect(at(first)).toBe("canary");
  },
);

interface StickyCase {
  readonly name: string;
  readonly started_at: string | null;
  readonly now: string;
  readonly weight: number;
  readonly history: readonly { readonly at: string; readonly weight: number }[];
  readonly counts: number;
}

const sticky = read<Partial<StickyCase>>("sticky-start.json");

test.each(sticky.cases.map((entry) => ({ ...(sticky.unless_said_otherwise as StickyCase), ...entry })))(
  "$name",
  (entry) => {
    const history = entry.history.map(({ at, weight }) => ({ at: instant(at), weight: weight as Weight }));
    const start = entry.started_at === null ? null : instant(entry.started_at);
    expect(weightAt({ ...base, weight: entry.weight as Weight, history }, start, instant(entry.now))).toBe(
      entry.counts,
    );
  },
);

interface SessionCase {
  readonly session: string;
  readonly starts: string | null;
}

test.each(read<SessionCase>("session-start.json").cases)("the start of $session", ({ session, starts }) => {
  expect(sessionStart(session, now)).toBe(starts === null ? null : instant(starts));
});
