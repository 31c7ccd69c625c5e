// The routing file's content: all that a router needs to serve an agent when everything else is down.

import type { ModelEntry, RevisionContent } from "./revision.js";
import type { Fence, Route } from "./route.js";
import type { AgentId, Instant } from "./units.js";

/** What a router hands out of a revision. Release and tools are served by their own deployments. */
export interface ServedRevision {
  readonly steps: Readonly<Record<string, ModelEntry>>;
  /** Name -> text. */
  readonly prompts: Readonly<Record<string, string>>;
}

export interface Snapshot {
  readonly agent: AgentId;
  readonly lineage: string;
  readonly fence: Fence;
  readonly route: Route;
  /** By revision id; holds every revision that the route names. */
  readonly revisions: Readonly<Record<string, ServedRevision>>;
  readonly writtenAt: Instant;
}

/** A routing file may not be larger: it is read on every change by every process of the agent. */
export const maxSnapshotBytes = 8 * 1_048_576;

/** The part of a revision that a router serves. */
export function servedRevision(content: RevisionContent): ServedRevision {
  return {
    steps: content.steps,
    prompts: Object.fromEntries(content.prompts.map((prompt) => [prompt.name, prompt.text])),
  };
}
