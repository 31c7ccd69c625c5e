// The branded ids and units. A weight cannot be passed for a duration, nor a step's name for an agent's.

declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Milliseconds since the epoch, UTC. */
export type Instant = Brand<number, "Instant">;
/** Milliseconds. */
export type Duration = Brand<number, "Duration">;
/** Basis points: whole numbers from 0 to 10 000, and 10 000 is everything. */
export type Weight = Brand<number, "Weight">;
export type AgentId = Brand<string, "AgentId">;
/** `r-` and 64 hexadecimal digits; people see the first seven. */
export type RevisionId = Brand<string, "RevisionId">;
export type RolloutId = Brand<string, "RolloutId">;
/** `sha256:` and 64 hexadecimal digits. */
export type Digest = Brand<string, "Digest">;

export const noWeight = 0 as Weight;
export const fullWeight = 10_000 as Weight;

export const second = 1000 as Duration;
export const minute = 60_000 as Duration;
export const hour = 3_600_000 as Duration;
export const day = 86_400_000 as Duration;

/** The instant that lies `duration` after `instant`. */
export function later(instant: Instant, duration: number): Instant {
  return (instant + duration) as Instant;
}

/** The short form that people see: `r-3f2a91c`. */
export function shortRevision(revision: RevisionId): string {
  return revision.slice(0, 9);
}

/** Plain data: whatever survives a trip through JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
