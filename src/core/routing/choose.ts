// Which revision serves this session. Deterministic, stable under growth, fixed for ever by test/vectors/routing.

import type { Route } from "../model/route.js";
import { type Instant, noWeight, type RevisionId, type Weight } from "../model/units.js";
import { md5Modulo } from "./md5.js";
import { type MurmurState, murmur3State, signedMurmur3 } from "./murmur3.js";

export type Variant = "stable" | "canary" | "fallback";

/** What a session gets. The fallback is no revision: a rule-based system, a queue for people. */
export type Choice =
  | { readonly variant: "stable" | "canary"; readonly revision: RevisionId }
  | { readonly variant: "fallback"; readonly revision: null };

/** A route with its salt hashed already: what a router keeps, since a route lives far longer than a session. */
export interface PreparedRoute {
  readonly route: Route;
  readonly salt: MurmurState;
  /** The last hash that goes to the canary at the weight in force, as `lastCanaryHash` tells it. */
  readonly last: number;
  /** Some sessions go to the canary now, and the default rule says which: `armNow` answers for those without a start. */
  readonly draws: boolean;
}

export function prepareRoute(route: Route): PreparedRoute {
  const { algo, canary, fallback, weight } = route;
  const draws = algo === "murmur3-32" && canary !== null && weight > 0 && !fallback;
  return { route, salt: murmur3State(route.salt), last: lastCanaryHash(weight), draws };
}

/**
 * `chooseVariant` at the weight in force, for a route that draws: 1 for the canary, 0 for stable. The shortest way there is, since nearly
 * every request takes it; a number, since a branch on a hash is guessed wrongly as often as the shares let it.
 */
export function armNow({ salt, last }: PreparedRoute, key: string): number {
  return key.length === 0 ? 0 : Number((signedMurmur3(key, salt) ^ -0x80000000) <= last);
}

/** Where the session `key` goes. `startedAt` is null when nobody knows it: then the weight in force now counts. */
export function choose(route: Route, key: string, startedAt: Instant | null, now: Instant): Choice {
  const weight = weightAt(route, startedAt, now);
  const variant = chooseVariant(prepareRoute(route), key, weight);
  if (variant === "fallback") return { variant, revision: null };
  if (variant === "canary" && route.canary !== null) return { variant, revision: route.canary };
  return { variant: "stable", revision: route.stable };
}

/**
 * The weight that counts for a session: the one in force when it started, and 0 when it started before the rollout.
 * A start in the future is now. A weight that was lowered is lowered for everybody, so a rollback leaves nothing behind.
 */
export function weightAt(route: Route, startedAt: Instant | null, now: Instant): Weight {
  const { history, weight } = route;
  // Written so that a start which is not a number is no start. A route without a history says nothing about earlier.
  if (startedAt === null || !(startedAt <= now) || history.length === 0) return weight;
  for (let i = history.length - 1; i >= 0; i--) {
    const change = history[i];
    if (change !== undefined && change.at <= startedAt) return change.weight < weight ? change.weight : weight;
  }
  return noWeight;
}

/** Where `key` goes at `weight`. A session without an id has no place to stay in, so it never takes part in a canary. */
export function chooseVariant({ route, salt }: PreparedRoute, key: string, weight: Weight): Variant {
  if (route.fallback) return "fallback";
  if (route.canary === null || weight <= 0 || key === "") return "stable";
  if (route.algo === "md5-100") return md5Modulo(key, 100) * 100 < weight ? "canary" : "stable";
  return (signedMurmur3(key, salt) ^ -0x80000000) <= lastCanaryHash(weight) ? "canary" : "stable";
}

/**
 * The last hash below the threshold of a weight above 0. It is moved down by 2^31, which keeps the order and makes hash and limit 32-bit
 * integers at every weight: the comparison costs no memory.
 */
function lastCanaryHash(weight: Weight): number {
  return Math.max(murmur3Threshold(weight), 1) - 1 - 2 ** 31;
}

/** ceil(weight * 2^32 / 10 000). The quotient is a multiple of 1/625 below 2^33, so a double never rounds it to a whole number. */
export function murmur3Threshold(weight: Weight): number {
  return Math.ceil((weight * 2 ** 32) / 10_000);
}
