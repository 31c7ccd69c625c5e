// The door to where traffic is split and read back.

import type { RevisionContent } from "../core/model/revision.js";
import type { Fence, LiveState, Route } from "../core/model/route.js";
import type { AgentId, Duration } from "../core/model/units.js";

/** Puts a whole route in force. A set, so twice is the same as once. */
export interface ShiftAction {
  readonly kind: "shift";
  readonly agent: AgentId;
  readonly route: Route;
  /** Contents of every revision that the route names (stable, canary, previous). */
  readonly contents: readonly RevisionContent[];
  readonly lineage: string;
  readonly sessionTimeout: Duration;
  readonly sessionHeader: string;
  /** Users are drawn for the arms, and not sessions: the request header that carries the user's id. */
  readonly user?: { readonly header: string };
}

export interface TrafficTarget {
  /** What the target does now: read, never remembered. Never throws for an absent or strange target: it answers `empty`, `foreign` or `unreachable`. */
  observe(agent: AgentId, signal: AbortSignal): Promise<LiveState>;
  /** Puts the route in force and returns when it is written. Throws a `Fault` ("conflict") for a fence lower than one already seen. */
  act(action: ShiftAction, fence: Fence, signal: AbortSignal): Promise<void>;
  /** One line for people: `snapshot live/support.json`. */
  describe(): string;
}
