// What holds for every session: growing never reshuffles, shares are as promised, canaries are independent, nothing throws.

import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Route, RoutingRule } from "../../../src/core/model/route.js";
import type { Duration, Instant, RevisionId, Weight } from "../../../src/core/model/units.js";
import { choose, murmur3Threshold, weightAt } from "../../../src/core/routing/choose.js";
import { keepHistory } from "../../../src/core/routing/keep-history.js";
import { md5 } from "../../../src/core/routing/md5.js";
import { murmur3, murmur3State } from "../../../src/core/routing/murmur3.js";
import { sessionStart } from "../../../src/core/routing/session-start.js";
import { referenceHash } from "../../../tooling/routing-reference.js";

const now = 1_790_000_000_000 as Instant;

function route(weight: number, more: Partial<Route> = {}): Route {
  return {
    rollout: null,
    algo: "murmur3-32",
    salt: "support/ro-1",
    stable: "r-stable" as RevisionId,
    canary: "r-canary" as RevisionId,
    weight: weight as Weight,
    history: [],
    previous: null,
    fallback: false,
    ...more,
  };
}

const isCanary = (at: Route, session: string) => choose(at, session, null, now).variant === "canary";
/** Any UTF-16 text, lone surrogates too. */
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
);
const rules = fc.constantFrom<RoutingRule>("murmur3-32", "md5-100");

test("murmur3 and md5 are those of everybody else, for any text and any cut between salt and session", () => {
  fc.assert(
    fc.property(anyText, anyText, (salt, session) => {
      const whole = Buffer.from(salt).toString() + Buffer.from(session).toString();
      expect(murmur3(session, murmur3State(salt))).toBe(referenceHash("", whole));
      expect(Buffer.from(md5(session))).toEqual(createHash("md5").update(session).digest());
    }),
    { numRuns: 2_000 },
  );
});

test("md5 is right at every length around a block's end", () => {
  for (let length = 0; length < 200; length++) {
    const text = "x".repeat(length);
    expect(Buffer.from(md5(text))).toEqual(createHash("md5").update(text).digest());
  }
});

test("the threshold is exact for every weight", () => {
  for (let weight = 0; weight <= 10_000; weight++) {
    const exact = (BigInt(weight) * 2n ** 32n + 9_999n) / 10_000n;
    expect(murmur3Threshold(weight as Weight)).toBe(Number(exact));
  }
});

test("growing never reshuffles: a higher weight keeps everybody who is in the canary in it", () => {
  const percent = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(anyText, rules, percent, percent, (session, algo, a, b) => {
      const [less, more] = [Math.min(a, b) * 100, Math.max(a, b) * 100];
      if (isCanary(route(less, { algo }), session)) expect(isCanary(route(more, { algo }), session)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test("nobody at 0, everybody with an id at 10 000", () => {
  fc.assert(
    fc.property(anyText, rules, (session, algo) => {
      expect(isCanary(route(0, { algo }), session)).toBe(false);
      expect(isCanary(route(10_000, { algo }), session)).toBe(session !== "");
    }),
  );
});

test.each<[RoutingRule, number]>([
  ["murmur3-32", 1],
  ["murmur3-32", 25],
  ["murmur3-32", 500],
  ["murmur3-32", 5_000],
  ["md5-100", 500],
  ["md5-100", 700],
])("%s gives a share of %i basis points within 5 standard errors", (algo, weight) => {
  const sessions = 100_000;
  const share = weight / 10_000;
  let hits = 0;
  for (let i = 0; i < sessions; i++) if (isCanary(route(weight, { algo }), `session-${i}`)) hits++;
  const standardError = Math.sqrt(sessions * share * (1 - share));
  expect(Math.abs(hits - sessions * share)).toBeLessThan(5 * standardError);
});

test("different salts choose independently", () => {
  const sessions = 50_000;
  const [one, two] = [route(2_000), route(2_000, { salt: "support/ro-2" })];
  let both = 0;
  for (let i = 0; i < sessions; i++) if (isCanary(one, `session-${i}`) && isCanary(two, `session-${i}`)) both++;
  const expected = sessions * 0.04;
  expect(Math.abs(both - expected)).toBeLessThan(5 * Math.sqrt(expected * 0.96));
});

test("the md5 rule takes the same sessions into every canary, whatever the salt", () => {
  for (let i = 0; i < 1_000; i++) {
    const [one, two] = [route(2_000, { algo: "md5-100" }), route(2_000, { algo: "md5-100", salt: "x" })];
    expect(isCanary(one, `session-${i}`)).toBe(isCanary(two, `session-${i}`));
  }
});

test("the revision is the variant's", () => {
  const sessions = Array.from({ length: 100 }, (_, i) => `session-${i}`);
  for (const session of sessions) {
    const { variant, revision } = choose(route(5_000), session, null, now);
    expect(revision).toBe(variant === "canary" ? "r-canary" : "r-stable");
    expect(choose(route(5_000, { fallback: true }), session, null, now)).toEqual({
      variant: "fallback",
      revision: null,
    });
  }
});

test("a session never moves while the weight rises, when its start is known", () => {
  const weights = fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(anyText, weights, fc.nat(10), (session, unsorted, startedAt) => {
      const climb = unsorted.sort((a, b) => a - b).map((weight, i) => ({ at: i as Instant, weight: weight as Weight }));
      const seen = climb.flatMap((last, i) => {
        if (last.at < startedAt) return [];
        const at = route(last.weight, { history: climb.slice(0, i + 1) });
        return [choose(at, session, startedAt as Instant, last.at).variant];
      });
      expect(new Set(seen).size).toBeLessThan(2);
    }),
  );
});

test("forgetting old weights changes nothing for a session that is younger than the timeout", () => {
  const change = fc.record({ after: fc.nat(100), weight: fc.integer({ min: 0, max: 10_000 }) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), fc.nat(100), fc.nat(100), (changes, timeout, age) => {
      let at = 0;
      const history = changes.map(({ after, weight }) => {
        at += after;
        return { at: at as Instant, weight: weight as Weight };
      });
      const later = (at + 50) as Instant;
      const started = (later - Math.min(age, timeout)) as Instant;
      const kept = keepHistory(history, later, timeout as Duration);
      expect(kept.length > 0).toBe(history.length > 0);
      const before = weightAt(route(10_000, { history }), started, later);
      expect(weightAt(route(10_000, { history: kept }), started, later)).toBe(before);
    }),
    { numRuns: 1_000 },
  );
});

test("a session's start is never read from an id that has none", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uuid({ version: [1, 3, 4, 5] }), anyText), (id) => {
      expect(sessionStart(id, now)).toBe(null);
    }),
  );
});

test("a UUIDv7 tells its time", () => {
  fc.assert(
    fc.property(fc.uuid({ version: 7 }), fc.integer({ min: 1_420_070_400_000, max: now }), (id, time) => {
      const hex = time.toString(16).padStart(12, "0");
      expect(sessionStart(`${hex.slice(0, 8)}-${hex.slice(8)}${id.slice(13)}`, now)).toBe(time);
    }),
  );
});

test("a ULID tells its time", () => {
  fc.assert(
    fc.property(fc.ulid(), (id) => {
      const time = [...id.slice(0, 10)].reduce((sum, c) => sum * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".indexOf(c), 0);
      const isPlausible = time >= 1_420_070_400_000 && time <= now;
      expect(sessionStart(id, now)).toBe(isPlausible ? time : null);
    }),
  );
});
