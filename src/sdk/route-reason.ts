// Why a session went where it went.

import type { Origin, RouteReason, SessionRoute } from "./router.js";

/** What was in force, as `status()` tells it, and what was asked. */
export interface RouteCase {
  readonly origin: Origin;
  readonly killed: boolean;
  readonly canary: string | null;
  /** Every session goes to the fallback, whatever a proxy names. */
  readonly fallback: boolean;
  /** What is drawn by: the id of the session or of its user; empty where there is none. */
  readonly key: string;
  /** The revision that a proxy named; null where none did. */
  readonly named: string | null;
}

export function routeReason({ revision, variant }: SessionRoute, asked: RouteCase): RouteReason {
  if (asked.killed) return "disabled";
  if (asked.origin === "none") return "default";
  if (asked.origin !== "current") return "stale";
  if (asked.fallback) return "static";
  // A revision that is named and served was obeyed: the rule has no say then.
  if (asked.named !== null && asked.named === (revision ?? variant)) return "targeting_match";
  if (asked.canary === null) return "static";
  return asked.key === "" ? "default" : "split";
}
