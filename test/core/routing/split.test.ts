// The proof of the split: even on every kind of id, independent between agents, exact by the md5 rule, and flagd's own answer.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Route, RoutingRule } from "../../../src/core/model/route.js";
import type { Instant, RevisionId, Weight } from "../../../src/core/model/units.js";
import { choose } from "../../../src/core/routing/choose.js";
import { murmur3, murmur3State } from "../../../src/core/routing/murmur3.js";
import { answersIn, isOurCanary, sessionId, sessions } from "../../../tooling/bench-router/agreement.js";
import { referenceBucket } from "../../../tooling/routing-reference.js";

const count = 40_000;

function isCanary(algo: RoutingRule, salt: string, percent: number, session: string): boolean {
  const route: Route = {
    rollout: null,
    algo,
    salt,
    stable: "r-stable" as RevisionId,
    canary: "r-canary" as RevisionId,
    weight: (percent * 100) as Weight,
    history: [],
    previous: null,
    fallback: false,
  };
  return choose(route, session, null, 0 as Instant).variant === "canary";
}

const digest = (i: number) => createHash("md5").update(String(i)).digest("hex");
/** Born one after the other, so that most of their characters are the same: what real ones look like. */
const ulid = (i: number) =>
  (1_790_000_000_000 + i).toString(32).toUpperCase().padStart(10, "0") +
  BigInt(`0x${digest(i).slice(0, 20)}`)
    .toString(32)
    .toUpperCase()
    .padStart(16, "0");

const kinds = (
  [
    ["UUIDs", (i: number) => digest(i).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")],
    ["counters", (i: number) => String(i)],
    ["e-mail addresses", (i: number) => `user.${i}@example.org`],
    ["ULIDs", ulid],
  ] as const
).map(([name, id]) => ({ name, ids: Array.from({ length: count }, (_, i) => id(i)) }));

/** Pearson's statistic of counts that ought to be equal. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, found) => sum + found, 0) / counts.length;
  return counts.reduce((sum, found) => sum + (found - expected) ** 2 / expected, 0);
}

/** Of 99 degrees of freedom: exceeded by chance once in 1 000 times, and fallen below once in 1 000 times. */
const most = 148.23;
const least = 61.14;

test.each(kinds)("$name are spread evenly over the hundredths, in every rollout", ({ ids }) => {
  for (const salt of ["support/ro-1", "support/ro-12", "billing/ro-3"]) {
    const state = murmur3State(salt);
    const counts = new Array<number>(100).fill(0);
    for (const id of ids) {
      const hundredth = Math.floor((murmur3(id, state) / 2 ** 32) * 100);
      counts[hundredth] = (counts[hundredth] ?? 0) + 1;
    }
    expect(chiSquare(counts)).toBeLessThan(most);
    expect(chiSquare(counts)).toBeGreaterThan(least);
  }
});

test("counters would be called uneven if the rule took their last digits", () => {
  const counts = new Array<number>(100).fill(0);
  for (let i = 0; i < count; i++) counts[i % 97] = (counts[i % 97] ?? 0) + 1;
  expect(chiSquare(counts)).toBeGreaterThan(most);
});

test.each(kinds)("which of the $name are in one agent's canary says nothing about another agent's", ({ ids }) => {
  const shares = [7, 50];
  for (const percent of shares) {
    const table = [0, 0, 0, 0];
    for (const id of ids) {
      const one = isCanary("murmur3-32", "support/ro-1", percent, id);
      const other = isCanary("murmur3-32", "billing/ro-1", percent, id);
      const cell = Number(one) * 2 + Number(other);
      table[cell] = (table[cell] ?? 0) + 1;
    }
    const [neither = 0, otherAlone = 0, oneAlone = 0, both = 0] = table;
    const margins = (both + oneAlone) * (both + otherAlone) * (neither + oneAlone) * (neither + otherAlone);
    const dependence = (count * (both * neither - oneAlone * otherAlone) ** 2) / margins;
    // One degree of freedom: exceeded by chance once in 1 000 times.
    expect(dependence).toBeLessThan(10.83);
  }
});

test.each([7, 14, 28, 55, 56])("the md5 rule is exact at %i percent", (percent) => {
  for (let i = 0; i < 5_000; i++) {
    const session = sessionId(i);
    expect(isCanary("md5-100", "any", percent, session)).toBe(referenceBucket(session) < percent);
  }
});

test("flagd's evaluator sends each of 50 000 sessions where we send it", () => {
  const theirs = answersIn(readFileSync("test/vectors/routing/flagd.json", "utf8"));
  expect(theirs).toHaveLength(sessions);
  expect(theirs.filter((isTheirs, i) => isTheirs !== isOurCanary(i))).toEqual([]);
  expect(theirs.filter(Boolean).length).toBeGreaterThan(sessions / 5);
});
