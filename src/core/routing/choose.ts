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
}

export function prepareRoute(route: Route): PreparedRoute {
  return { route, salt: murmur3State(route.salt) };
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
  // Both moved down by 2^31, which keeps their order and makes them small integers.
  return (signedMurmur3(key, salt) ^ -0x80000000) < murmur3Threshold(weight) - 2 ** 31 ? "canary" : "stable";
}

/** ceil(weight * 2^32 / 10 000). The quotient is a multiple of 1/625 below 2^33, so a double never rounds it to a whole number. */
export function murmur3Threshold(weight: Weight): number {
  return Math.ceil((weight * 2 ** 32) / 10_000);
}
