/** A whole course through a real HAProxy: people's requests carry a session, and the agent's process behind it serves what it decided. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AgentProcess, startAgent } from "../support/agent-process.js";
import { type Haproxy, startHaproxy } from "../support/haproxy.js";
import { forwarding } from "../support/haproxy-frontend.js";
import { action, bumped, prepared } from "../support/team.js";
import { wholeCourse } from "../support/whole-course.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

const target = `    target:
      kind: haproxy
      path: live/support.json
      map: live/support.map
      socket: live/admin.sock
`;

let at: Workspace;
let agent: AgentProcess;
let proxy: Haproxy;
beforeAll(async () => {
  at = await prepared(oneAgent);
  at.edit("rollout.config.yaml", "    target: live/support.json\n", target);
  agent = await startAgent(at.root);
  proxy = await startHaproxy({ root: at.root, frontend: (map) => forwarding(map, agent.port) });
}, 120_000);
afterAll(async () => {
  await proxy?.stop();
  await agent?.close();
  at?.remove();
});

test("started, advanced to promotion, started again and rolled back: each request meets what the course says", async () => {
  await wholeCourse(at, () => agent.met(proxy.url));
  const before = await agent.met(proxy.url);
  await proxy.restart();
  expect(await agent.met(proxy.url)).toEqual(before);
  await bumped(at, "opus@4");
  expect((await action(at)).warnings).toContainEqual(expect.stringContaining("not sticky"));
}, 120_000);
