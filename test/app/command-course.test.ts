/**
 * A whole course through a splitter of a team's own: the guide's program keeps what it is told, and a front draws by it, with a rule that is
 * nobody else's, and tells the agent's process behind it.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { routeSessions } from "../../src/app/route.js";
import { type AgentProcess, startAgent } from "../support/agent-process.js";
import { action, bumped, lineOf, prepared, scheduled } from "../support/team.js";
import { wholeCourse } from "../support/whole-course.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

const guide = readFileSync(new URL("../../docs/guide/command-target.md", import.meta.url), "utf8");
const program = /```js file=scripts\/split\.mjs\n(.*?)```/s.exec(guide)?.[1] ?? "";
const target = `    target: { kind: command, path: live/support.json, run: [${JSON.stringify(process.execPath)}, scripts/split.mjs] }\n`;

interface Split {
  readonly salt: string;
  readonly stable: string;
  readonly canary: string | null;
  readonly weight: number;
  readonly fallback: boolean;
}

let at: Workspace;
let agent: AgentProcess;
let front: Server;
beforeAll(async () => {
  at = await prepared({ ...oneAgent, "scripts/split.mjs": program });
  at.edit("rollout.config.yaml", "    target: live/support.json\n", target);
  agent = await startAgent(at.root);
  front = createServer(async (request, response) => {
    const session = String(request.headers["x-session-id"]);
    const revision = draw(JSON.parse(at.read("live/support.split.json")) as Split, session);
    const headers = { "x-session-id": session, "x-rollout-revision": revision };
    response.end(await (await fetch(agent.url, { headers })).text());
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await new Promise((resolve) => front.close(resolve));
  await agent?.close();
  at?.remove();
});

function draw({ salt, stable, canary, weight, fallback }: Split, session: string): string {
  if (fallback) return "fallback";
  const drawn = createHash("sha256").update(`${salt}/${session}`).digest().readUInt32BE() % 10_000;
  return canary !== null && drawn < weight ? canary : stable;
}

test("started, advanced to promotion, started again and rolled back: each request meets what the course says", async () => {
  const { port } = front.address() as AddressInfo;
  await wholeCourse(at, () => agent.met(`http://127.0.0.1:${port}/`));
  await bumped(at, "opus@4");
  expect((await action(at)).warnings).toContainEqual(
    expect.stringContaining("a newer split wins over an older one, is the target program's to keep"),
  );
  await scheduled(at);
  const asked = { agent: "support", session: "session-1", from: null, startedAt: null, user: null };
  expect(lineOf(await routeSessions(at.world(), asked))).toContain("drawn by the target program, by a rule of its own");
}, 120_000);
