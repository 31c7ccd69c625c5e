/** A whole course by flagd's own evaluator: a server asks the flags for each request, as an agent in any language would. */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { FlagdCore } from "@openfeature/flagd-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drift } from "../../src/app/drift.js";
import { answering } from "../../src/app/refusal.js";
import { openRouter } from "../../src/sdk/open-router.js";
import { action, prepared, scheduled } from "../support/team.js";
import { type Met, wholeCourse } from "../support/whole-course.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

const guide = readFileSync(new URL("../../docs/guide/flagd.md", import.meta.url), "utf8");
/** The target as the guide has it. */
const target = /agents:\n {2}support:\n( {4}target:\n.*?)```/s.exec(guide)?.[1] ?? "";
const spec = (oneAgent["rollout.config.yaml"] ?? "").replace("    target: live/support.json\n", target);
const sessions = Array.from({ length: 200 }, (_, index) => `session-${index}`);

let at: Workspace;
let server: Server;
beforeAll(async () => {
  at = await prepared({ ...oneAgent, "rollout.config.yaml": spec });
  at.write("live/support.flags.json", '{"flags":{}}\n');
  server = createServer((request, response) => {
    const core = new FlagdCore();
    core.setConfigurations(at.read("live/support.flags.json"));
    const context = { targetingKey: String(request.headers["x-session-id"] ?? "") };
    const revision = core.resolveStringEvaluation("support", "nobody", context).value;
    const planning = core.resolveObjectEvaluation("support/planning", {}, context).value;
    response.end(JSON.stringify({ revision, planning }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  at.remove();
});

/** What each session's request meets; and the router, asked beside, says the same. */
async function met(): Promise<Met> {
  const { port } = server.address() as AddressInfo;
  const router = await openRouter(join(at.root, "live/support.json"), { log: () => undefined });
  const found = new Map<string, { readonly revision: string; readonly model: string }>();
  for (const session of sessions) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { "x-session-id": session } });
    const { revision, planning } = (await answer.json()) as {
      readonly revision: string;
      readonly planning: { readonly model: string; readonly version: string };
    };
    expect(router.route(session).revision ?? "").toBe(revision);
    found.set(session, { revision, model: `${planning.model}@${planning.version}` });
  }
  await router.close();
  return found;
}

test("started, advanced to promotion, started again and rolled back: each request meets what the course says", async () => {
  expect(target).toContain("kind: flagd");
  await wholeCourse(at, met);
  expect((await action(at)).warnings).toContainEqual(expect.stringContaining("not sticky"));
}, 60_000);

test("flags changed by hand are drift, which a scheduled apply corrects", async () => {
  const before = await met();
  at.write("live/support.flags.json", at.read("live/support.flags.json").replaceAll("opus", "wrong"));
  const { view } = await answering(() => drift(at.world(), { agents: [], correct: false }));
  expect(JSON.stringify(view)).toContain("its checksum does not match its content");
  await scheduled(at);
  expect(await met()).toEqual(before);
});
