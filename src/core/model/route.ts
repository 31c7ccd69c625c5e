// Where traffic goes: the whole answer that a target is given, and what a target says back.

import { canonicalJson, type ServedRevision } from "./revision.js";
import type { Instant, RevisionId, RolloutId, Weight } from "./units.js";

export type RoutingRule = "murmur3-32" | "md5-100";

/** What is drawn for an arm as one, and counted as one by the gates. */
export type RoutingUnit = "session" | "user";

/** The weight that took force at an instant; sessions that started before the next one are routed by it. */
export interface WeightChange {
  readonly at: Instant;
  readonly weight: Weight;
}

/** Who gets how much. `stable` gets what `canary` does not; without a canary the weight is 0. */
export interface Route {
  readonly rollout: RolloutId | null;
  readonly algo: RoutingRule;
  /** Agent and rollout id, never the version, so that different canaries are independent. */
  readonly salt: string;
  readonly stable: RevisionId;
  readonly canary: RevisionId | null;
  readonly weight: Weight;
  /** Ascending; the last entry is the weight in force. Empty without a canary. */
  readonly history: readonly WeightChange[];
  /** Stays servable for the session timeout after a promotion. */
  readonly previous: RevisionId | null;
  readonly fallback: boolean;
}

/** Of two writes the one with the higher epoch, then the higher serial, is newer. Import, recover and break-glass raise the epoch. */
export interface Fence {
  readonly epoch: number;
  readonly serial: number;
}

/** Negative when `a` is older than `b`. */
export function compareFences(a: Fence, b: Fence): number {
  return a.epoch - b.epoch || a.serial - b.serial;
}

/** What the target says now: read, never remembered. */
export type LiveState =
  | {
      readonly kind: "serving";
      readonly route: Route;
      readonly lineage: string;
      readonly fence: Fence;
      /** What it hands out, by revision: enough to put its stable revision in force again with nothing else at hand. */
      readonly served: Readonly<Record<string, ServedRevision>>;
      readonly observedAt: Instant;
    }
  | { readonly kind: "empty"; readonly observedAt: Instant }
  | {
      readonly kind: "foreign";
      readonly because: string;
      /** Of what is ours in it all the same: whatever is written next has to be newer. Absent: nothing is. */
      readonly fence?: Fence;
      readonly observedAt: Instant;
    }
  | { readonly kind: "unreachable"; readonly because: string; readonly observedAt: Instant };

/** Whether two routes send every new session to the same revision. History and servable leftovers do not count. */
export function sameRoute(a: Route, b: Route): boolean {
  return routeKey(a) === routeKey(b);
}

/** What makes a route the route it is, as text: the live fingerprint of a plan is made of it. */
export function routeKey(route: Route): string {
  const { algo, salt, stable, canary, weight, fallback } = route;
  return canonicalJson({ algo: canary ? algo : null, salt: canary ? salt : null, stable, canary, weight, fallback });
}

/** Whether nobody comes to an arm by it that was not in it already: what waits for nothing that is away. */
export function isLowering(before: Omit<Route, "history">, after: Omit<Route, "history">): boolean {
  if (before.stable !== after.stable) return false;
  if (after.fallback || after.canary === null || after.weight === 0) return true;
  return !before.fallback && after.canary === before.canary && after.weight < before.weight;
}
