/** A whole course through a real nginx: people's requests carry a session, and the agent's process behind it serves what it decided. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AgentProcess, startAgent } from "../support/agent-process.js";
import { type Nginx, startNginx } from "../support/nginx.js";
import { action, bumped, prepared } from "../support/team.js";
import { type Met, wholeCourse } from "../support/whole-course.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

const target = ({ status, reload }: Nginx): string => `    target:
      kind: nginx
      path: live/support.json
      include: live/support.conf
      status: ${status}
      reload: ${JSON.stringify(reload)}
`;

let at: Workspace;
let agent: AgentProcess;
let proxy: Nginx;
beforeAll(async () => {
  at = await prepared(oneAgent);
  proxy = await startNginx({ root: at.root });
  at.edit("rollout.config.yaml", "    target: live/support.json\n", target(proxy));
  agent = await startAgent(at.root);
}, 120_000);
afterAll(async () => {
  await proxy?.stop();
  await agent?.close();
  at?.remove();
});

let serving = false;

/** The include's variables are there from the adoption on: only then can the site of the agent use them. */
async function met(): Promise<Met> {
  if (!serving) {
    const header = "proxy_set_header x-rollout-revision $rollout_revision_support;";
    proxy.serve(`${header} proxy_pass http://127.0.0.1:${agent.port};`);
    await proxy.restart();
    serving = true;
  }
  return agent.met(proxy.url);
}

test("started, advanced to promotion, started again and rolled back: each request meets what the course says", async () => {
  await wholeCourse(at, met);
  const before = await met();
  await proxy.restart();
  expect(await met()).toEqual(before);
  await bumped(at, "opus@4");
  expect((await action(at)).warnings).toContainEqual(expect.stringContaining("not sticky"));
}, 120_000);
