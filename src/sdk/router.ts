// What a router is to the agent that uses it. Everything here is asked in the request path: it answers from memory and never throws.

import type { ModelEntry, ServedRevision } from "../core/model/revision.js";
import type { RoutingUnit } from "../core/model/route.js";
import type { Variant } from "../core/routing/choose.js";
import type { TaskRecord } from "./task-record.js";

/** Where a session goes. Plain data: it may travel with the task, to other processes too. */
export interface SessionRoute {
  /** Null for the fallback, and as long as there is no snapshot. */
  readonly revision: string | null;
  readonly variant: Variant;
  /** The canary's share that counted for this session, in percent, 0 to 100. */
  readonly weight: number;
}

/** What is known of a session besides its id. */
export interface SessionFacts {
  /** A date, or milliseconds since the epoch. */
  readonly startedAt?: Date | number | undefined;
  readonly user?: string | null | undefined;
  /** What the request header `x-rollout-revision` says, where a proxy that sets it decides. */
  readonly revision?: string | readonly string[] | null | undefined;
}

/** What answers from memory, wherever it runs. */
export interface SessionRouter<Steps extends string = string, Prompts extends string = string> {
  /**
   * Same session, same answer, in every process. `startedAt` (a date, or milliseconds since the epoch) keeps a session where it is
   * while the weight rises; without it the time in a UUIDv7 or ULID is taken. A session without an id goes to stable. Where the agent is
   * routed by user (`session.unit: user`), `user` is what is drawn: same user, same answer, and a session without one goes to stable.
   *
   * A `revision` that is in force (stable, canary, or the stable before it) is obeyed instead, and `fallback` is the fallback; any other is
   * counted in `status().unknownRevisions`, and the rule decides. Killed, in the fallback and without a current snapshot nobody else decides.
   */
  route(session: string | null | undefined, facts?: SessionFacts): SessionRoute;
  /**
   * The model of a step in the revision of the route; in stable where the route has no revision. Frozen: copy `params` to change them.
   * Null when this router has no such step or has never seen the revision; then route the session again.
   */
  getModel(step: Steps, route: SessionRoute): ModelEntry | null;
  /** The prompt's text in the revision of the route, under the same rules. */
  getPrompt(name: Prompts, route: SessionRoute): string | null;
  status(): RoutingStatus;
  /**
   * Told, outside of any request, when another snapshot takes force, one is refused or good again, and when the kill switch is turned. Changes
   * that come together are told once, and some change nothing that `status` tells. Answers how to end it.
   */
  subscribe(listener: (status: RoutingStatus) => void): () => void;
}

export interface Router<Steps extends string = string, Prompts extends string = string>
  extends SessionRouter<Steps, Prompts> {
  /** Takes the record of a finished task and delivers it in the background. */
  recordTask(record: TaskRecord): void;
  status(): RouterStatus;
  /** Looks at the routing file now, instead of when it changes; not once it is closed. */
  refresh(): Promise<void>;
  /** Stops watching and delivers the records that wait, for at most a few seconds. Routes are still answered afterwards. */
  close(): Promise<void>;
}

/** Where the answers come from: the routing file, the copy of its predecessor, the option, or nowhere (all-stable, without content). */
export type Origin = "current" | "previous" | "bootstrap" | "none";

export interface RoutingStatus {
  readonly agent: string | null;
  readonly origin: Origin;
  /** The stable revision in force; null without a snapshot. */
  readonly revision: string | null;
  readonly canary: string | null;
  /** The canary's share in force, in percent. */
  readonly weight: number;
  readonly rollout: string | null;
  /** Every session goes to the fallback. */
  readonly fallback: boolean;
  /** What is drawn by: sessions, or their users. */
  readonly unit: RoutingUnit;
  /** The steps that stable or canary have models for. */
  readonly steps: readonly string[];
  /** Of the snapshot in force, epoch and serial of its write: `1.42`. Null without a snapshot. */
  readonly version: string | null;
  /** Milliseconds since the snapshot in force was written; null without a snapshot. */
  readonly ageMs: number | null;
  /** The kill switch (a file, where there are files) is on: everybody goes to stable. */
  readonly killed: boolean;
  /** Why the newest snapshot, as it was found, is not in force; null when it is. */
  readonly refused: string | null;
  /** How often `route` was given a revision that was not in force, so that the rule decided. */
  readonly unknownRevisions: number;
  /** For `onRoute`: those that it is not told of yet, and those that were lost since it did not follow. */
  readonly events: { readonly waiting: number; readonly dropped: number };
}

export interface RouterStatus extends RoutingStatus {
  readonly tasks: { readonly waiting: number; readonly dropped: number };
}

/**
 * Why a session went where it went, in the words that OpenFeature and OpenTelemetry have for it. `split`: drawn between stable and canary.
 * `default`: there was nothing to draw by (no id), or nothing is in force. `static`: there is one answer for everybody. `targeting_match`: a
 * proxy decided. `stale`: the copy of the predecessor or the bootstrap serves. `disabled`: the kill switch is on.
 */
export type RouteReason = "split" | "default" | "static" | "targeting_match" | "stale" | "disabled";

/** One answer of `route`, as the hook is told, and what was in force then. Ids that nobody gave are empty. */
export interface RouteEvent extends SessionRoute, Pick<RoutingStatus, "agent" | "rollout" | "version"> {
  readonly session: string;
  readonly user: string;
  readonly reason: RouteReason;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What serves as long as there is no snapshot: usually the registry's entries, built in at deploy time. */
export interface Bootstrap<Steps extends string = string, Prompts extends string = string> {
  readonly revision?: string;
  readonly steps: Readonly<Record<Steps, Omit<ModelEntry, "params"> & Partial<Pick<ModelEntry, "params">>>>;
  readonly prompts?: Readonly<Record<Prompts, string>>;
}

/** What holds wherever a router runs. */
export interface RoutingOptions<Steps extends string = string, Prompts extends string = string> {
  /** Refuses the snapshot of any other agent. Without it the first snapshot decides. */
  readonly agent?: string;
  readonly bootstrap?: Bootstrap<Steps, Prompts>;
  /** Told of every route, later and outside the request. */
  readonly onRoute?: (event: RouteEvent) => void;
  /** Takes each line of the log; standard error (at the edge the console), unless said otherwise. */
  readonly log?: (line: string) => void;
  /** Milliseconds since the epoch. The system's clock, unless said otherwise. */
  readonly now?: () => number;
}

export interface RouterOptions<Steps extends string = string, Prompts extends string = string>
  extends RoutingOptions<Steps, Prompts> {
  /** While this file is there, everybody goes to stable. The routing file's name with `.kill` behind it, unless said otherwise. */
  readonly killFile?: string;
  /** Where finished tasks go: a file that JSON Lines are appended to, or the address of `rollout serve`. Without it they are dropped. */
  readonly tasks?: { readonly file: string } | { readonly url: string };
  /** How often the file is looked at besides being watched. In milliseconds, at least 1; 2000 unless said otherwise. */
  readonly pollMs?: number;
}

/** The option in the form in which snapshots hold revisions. */
export function bootstrapRevision({ steps, prompts }: Bootstrap): ServedRevision {
  const entries = Object.entries(steps).map(([step, entry]) => [step, { params: {}, ...entry }] as const);
  return { steps: Object.fromEntries(entries), prompts: prompts ?? {} };
}
