/** A whole course through a real HAProxy: people's requests carry a session, and which revision each of them meets is asked over HTTP. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RevisionId } from "../../src/core/model/units.js";
import { type Haproxy, startHaproxy } from "../support/haproxy.js";
import { echoing } from "../support/haproxy-frontend.js";
import { action, adopted, bumped, prepared, scheduled, stateIn, users } from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

const files = {
  ...oneAgent,
  "rollout.config.yaml": (oneAgent["rollout.config.yaml"] ?? "").replace(
    "    target: live/support.json\n",
    `    target:
      kind: haproxy
      path: live/support.json
      map: live/support.map
      socket: live/admin.sock
`,
  ),
};

let at: Workspace;
let proxy: Haproxy;
beforeAll(async () => {
  at = await prepared(files);
  proxy = await startHaproxy({ root: at.root, frontend: echoing });
}, 120_000);
afterAll(async () => {
  await proxy?.stop();
  at?.remove();
});

test("started, advanced to promotion, started again and rolled back: each request meets what the course says", async () => {
  await adopted(at);
  await scheduled(at);
  const first = (await stateIn(at)).stable ?? ("" as RevisionId);
  expect(await met()).toEqual(new Map([[first, sessions.length]]));
  await bumped(at);
  expect((await action(at)).warnings).toContainEqual(expect.stringContaining("not sticky"));
  await scheduled(at);
  const half = await met();
  const second = [...half.keys()].find((revision) => revision !== first);
  expect(half.size).toBe(2);
  expect(half.get(first) ?? 0).toBeGreaterThan(60);
  await users(at, { hours: 3 });
  await scheduled(at);
  await scheduled(at);
  expect(await met()).toEqual(new Map([[second, sessions.length]]));
  expect((await stateIn(at)).stable).toBe(second);

  await bumped(at, "opus@3");
  await scheduled(at);
  expect((await met()).size).toBe(2);
  await users(at, { hours: 0.6, perHour: 800, success: { "opus@3": 0.2 } });
  await scheduled(at);
  expect(await met()).toEqual(new Map([[second, sessions.length]]));
  await proxy.restart();
  expect(await met()).toEqual(new Map([[second, sessions.length]]));
}, 60_000);

const sessions = Array.from({ length: 200 }, (_, index) => `session-${index}`);

/** How many sessions meet each revision. */
async function met(): Promise<Map<RevisionId, number>> {
  const found = new Map<RevisionId, number>();
  for (const session of sessions) {
    const answer = await fetch(proxy.url, { headers: { "x-session-id": session } });
    const revision = (await answer.text()) as RevisionId;
    found.set(revision, (found.get(revision) ?? 0) + 1);
  }
  return found;
}
