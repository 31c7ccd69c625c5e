// An agent's process, as the guides show it: it opens the router on the routing file, and answers with what it would call.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import { openRouter } from "../../src/sdk/open-router.js";
import { keptWire, revisionMet } from "./proxied.js";
import type { Met } from "./whole-course.js";

export interface AgentProcess {
  readonly port: number;
  /** Where requests come in: its own address, unless something stands before it. */
  readonly url: string;
  /** What one request of each of 200 sessions meets that comes in there. The routing file is read before, as it stands. */
  met(url?: string): Promise<Met>;
  close(): Promise<void>;
}

interface Answer {
  /** What `x-rollout-revision` said; null without it. */
  readonly named: string | null;
  readonly revision: string | null;
  readonly model: string;
}

const sessions = Array.from({ length: 200 }, (_, index) => `session-${index}`);

/** `root`: where the routing file `live/support.json` is. */
export async function startAgent(root: string): Promise<AgentProcess> {
  const router = await openRouter(join(root, "live/support.json"), { log: () => undefined });
  const wire = keptWire();
  const server = createServer((request, response) => {
    const { "x-session-id": session, "x-rollout-revision": named = null } = request.headers;
    const route = router.route(String(session ?? ""), { revision: named });
    const { model = "", version = "" } = router.getModel("planning", route) ?? {};
    response.end(JSON.stringify({ named, revision: route.revision, model: `${model}@${version}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/`;
  return {
    port,
    url,
    met: async (place = url) => {
      await router.refresh();
      const ask = async (session: string): Promise<readonly [string, Answer]> => {
        const answer = JSON.parse(await revisionMet({ url: place, wire, session })) as Answer;
        expect(answer.named).toBe(place === url ? null : (answer.revision ?? "fallback"));
        return [session, answer];
      };
      return new Map(await Promise.all(sessions.map(ask)));
    },
    close: async () => {
      wire.destroy();
      await router.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
