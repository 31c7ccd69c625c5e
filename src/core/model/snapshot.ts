// The routing file's content: all that a router needs to serve an agent when everything else is down.

import type { ServedRevision } from "./revision.js";
import type { Fence, Route, RoutingUnit } from "./route.js";
import type { AgentId, Instant } from "./units.js";

export interface Snapshot {
  readonly agent: AgentId;
  readonly lineage: string;
  readonly fence: Fence;
  readonly route: Route;
  /** What the rule draws by: a session's id, or that of its user. Absent, as in older files: the session. */
  readonly unit?: RoutingUnit;
  /** By revision id; holds every revision that the route names. */
  readonly revisions: Readonly<Record<string, ServedRevision>>;
  readonly writtenAt: Instant;
}

/** A routing file may not be larger: it is read on every change by every process of the agent. */
export const maxSnapshotBytes = 8 * 1_048_576;
