// What tests of proxies share: shifts of one agent, and the revision that a session's request meets over a kept connection.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Agent, type ClientRequest, request } from "node:http";
import type { RevisionContent } from "../../src/core/model/revision.js";
import type { Route } from "../../src/core/model/route.js";
import type { AgentId, Duration, Instant, RevisionId, RolloutId, Weight } from "../../src/core/model/units.js";
import { readSnapshot } from "../../src/core/routing/snapshot-file.js";
import type { Outside } from "../../src/ports/outside.js";
import type { ShiftAction } from "../../src/ports/traffic-target.js";
import type { TrafficTargetBench } from "../../src/testing/laws/traffic-target.js";

export const now = () => 1_790_000_000_000 as Instant;
export const outside: Outside = {
  environment: process.env,
  now,
  fetch: () => Promise.reject(new Error("the target fetches nothing")),
  secret: () => {
    throw new Error("the target has no secrets");
  },
};
export const agent = "support" as AgentId;
export const stable = `r-${"a".repeat(64)}` as RevisionId;
export const canary = `r-${"b".repeat(64)}` as RevisionId;

export function shift(weight: number, change: Partial<Route> = {}): ShiftAction {
  const route: Route = {
    rollout: "ro-1" as RolloutId,
    algo: "murmur3-32",
    salt: "support/ro-1",
    stable,
    canary,
    weight: weight as Weight,
    history: [{ at: (now() - 60_000) as Instant, weight: weight as Weight }],
    previous: null,
    fallback: false,
    ...change,
  };
  const line = { lineage: "line-a", sessionTimeout: 1_800_000 as Duration, sessionHeader: "x-session-id" };
  return { kind: "shift", agent, route, contents: [content(stable), content(canary)], ...line };
}

function content(id: RevisionId): RevisionContent {
  return { id, agent, steps: {}, prompts: [], tools: [], release: null, origin: { commit: null, dirty: false } };
}

/** What the laws ask of a target that keeps the contents of revisions in a routing file. */
export function servedIn(path: () => string): TrafficTargetBench["served"] {
  const digest = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;
  return async (_, revision) => {
    const reading = readSnapshot(readFileSync(path(), "utf8"), digest);
    return reading.kind === "snapshot" ? (reading.snapshot.revisions[revision] ?? null) : null;
  };
}

export function keptWire(connections = 8): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections });
}

export interface Asked {
  readonly url: string;
  readonly wire: Agent;
  readonly session: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Told when it goes out: whether the connection has answered before. */
  readonly onSent?: (reused: boolean) => void;
}

/** What the answer's body says. Rejects where the connection is closed under the request, and with any status but 200. */
export function revisionMet({ url, wire, session, headers = {}, onSent }: Asked): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = { ...(session === "" ? {} : { "x-session-id": session }), ...headers };
    const asked: ClientRequest = request(url, { agent: wire, headers: sent }, (response) => {
      let body = "";
      response.on("data", (piece) => {
        body += piece;
      });
      response.on("end", () =>
        response.statusCode === 200 ? resolve(body) : reject(new Error(`${response.statusCode}`)),
      );
    });
    asked.on("socket", () => onSent?.(asked.reusedSocket));
    asked.on("error", reject);
    asked.end();
  });
}
