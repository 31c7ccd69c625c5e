/** A whole course with the router alone: an agent's process watches the routing file, and its users' requests carry a session. */
import { afterAll, beforeAll, test } from "vitest";
import { type AgentProcess, startAgent } from "../support/agent-process.js";
import { prepared } from "../support/team.js";
import { wholeCourse } from "../support/whole-course.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;
let agent: AgentProcess;
beforeAll(async () => {
  at = await prepared(oneAgent);
  agent = await startAgent(at.root);
});
afterAll(async () => {
  await agent?.close();
  at?.remove();
});

test("started, advanced to promotion, started again and rolled back: each request meets what the course says", async () => {
  await wholeCourse(at, () => agent.met());
}, 120_000);
