// Users whose requests never stop: each of several kept connections asks for its own sessions, round after round, while weights change.

import type { Agent } from "node:http";
import { expect } from "vitest";
import { keptWire, revisionMet } from "./proxied.js";

export interface Hit {
  readonly session: string;
  /** Null for a request that failed. */
  readonly revision: string | null;
  /** Why it failed: `ECONNRESET`. */
  readonly code: string | null;
  /** It was sent on a connection that had answered before. */
  readonly reused: boolean;
  /** Numbers in the order of all that began and ended: of other requests, and of changes. */
  readonly begun: number;
  readonly ended: number;
}

/** Something that was done while requests went on. */
export type Change = Pick<Hit, "begun" | "ended">;

export interface Load {
  readonly hits: readonly Hit[];
  /** Does it while requests go on, and comes back when every session has been asked once more behind it. */
  across(change: () => Promise<void>): Promise<Change>;
  stop(): Promise<void>;
}

interface Connection {
  readonly wire: Agent;
  readonly sessions: readonly string[];
}

export function startLoad(place: { readonly url: string; readonly connections: number; readonly each: number }): Load {
  const { url } = place;
  const connections: readonly Connection[] = Array.from({ length: place.connections }, (_, one) => ({
    wire: keptWire(1),
    sessions: Array.from({ length: place.each }, (_, index) => `session-${one}-${index}`),
  }));
  const hits: Hit[] = [];
  const asked = new Map<string, number>();
  let order = 0;
  let stopped = false;
  const ask = async (wire: Agent, session: string): Promise<void> => {
    const begun = order++;
    let reused = false;
    const found = await revisionMet({ url, wire, session, onSent: (kept) => (reused = kept) }).then(
      (revision) => ({ revision, code: null }),
      (error: NodeJS.ErrnoException) => ({ revision: null, code: error.code ?? error.message }),
    );
    hits.push({ session, ...found, reused, begun, ended: order++ });
    asked.set(session, begun);
  };
  const running = connections.map(async ({ wire, sessions }) => {
    while (!stopped) for (const session of sessions) await ask(wire, session);
    wire.destroy();
  });
  const sessions = connections.flatMap((one) => one.sessions);
  return {
    hits,
    across: async (change) => {
      const begun = order++;
      await change();
      const ended = order++;
      while (sessions.some((session) => (asked.get(session) ?? 0) < ended))
        await new Promise((resolve) => setImmediate(resolve));
      return { begun, ended };
    },
    stop: async () => {
      stopped = true;
      await Promise.all(running);
    },
  };
}

/** What the sessions met between two changes, without the requests that were under way during either. */
export function between(load: Load, after: Change, before: Change | null): readonly Hit[] {
  const { hits } = load;
  return hits.filter(({ begun, ended }) => begun > after.ended && ended < (before?.begun ?? Number.POSITIVE_INFINITY));
}

/** No session that has met the canary meets anything else: `hits` are of rises alone. A failed request is no answer. */
export function expectNoReturn(hits: readonly Hit[], canary: string): void {
  const moved = new Set<string>();
  const returned: Hit[] = [];
  for (const hit of [...hits].sort((a, b) => a.begun - b.begun)) {
    if (hit.revision === canary) moved.add(hit.session);
    else if (hit.revision !== null && moved.has(hit.session)) returned.push(hit);
  }
  expect(returned).toEqual([]);
}

/** So many sessions meet the canary as its weight in basis points says. */
export function expectShare(hits: readonly Hit[], canary: string, weight: number): void {
  const sessions = new Set(hits.map(({ session }) => session)).size;
  const moved = new Set(hits.filter(({ revision }) => revision === canary).map(({ session }) => session)).size;
  const share = weight / 10_000;
  // Five standard deviations of a fair draw.
  expect(Math.abs(moved - sessions * share)).toBeLessThanOrEqual(5 * Math.sqrt(sessions * share * (1 - share)));
}
