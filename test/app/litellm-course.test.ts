/** A whole course through a gateway: an agent asks the router for the revision, and the gateway for that revision's model, over HTTP. */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openRouter } from "../../src/sdk/open-router.js";
import type { Router } from "../../src/sdk/router.js";
import { type Gateway, startGateway } from "../support/gateway.js";
import { action, prepared } from "../support/team.js";
import { type Met, wholeCourse } from "../support/whole-course.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

const guide = readFileSync(new URL("../../docs/guide/litellm.md", import.meta.url), "utf8");
const config = /```yaml config\n(.*?)```/s.exec(guide)?.[1] ?? "";
/** The target as the guide has it, but for what is of the machine: how LiteLLM is reloaded, where it answers, and a key that it does not ask for. */
const target = ({ url, reload }: Gateway): string =>
  (/agents:\n {2}support:\n( {4}target:\n.*?)```/s.exec(guide)?.[1] ?? "")
    .replace(/reload: .*/, `reload: ${JSON.stringify(reload)}`)
    .replace(/url: .*/, `url: ${url}`)
    .replace(/ +key_env: .*\n/, "");

let at: Workspace;
let gateway: Gateway;
let router: Router;
let agent: Server;
beforeAll(async () => {
  at = await prepared(oneAgent);
  at.write("live/config.yaml", config);
  at.write("live/support.models.yaml", "model_list: []\n");
  gateway = await startGateway(join(at.root, "live"));
  at.edit("rollout.config.yaml", "    target: live/support.json\n", target(gateway));
  at.commit("Send models through the gateway");
  router = await openRouter(join(at.root, "live/support.json"), { log: () => undefined });
  agent = createServer(async (request, response) => {
    const route = router.route(String(request.headers["x-session-id"] ?? ""));
    const model = route.revision === null ? "support/planning" : `support/planning/${route.revision}`;
    const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] });
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", body });
    response.writeHead(answer.status).end(JSON.stringify({ ...((await answer.json()) as object), route }));
  });
  await new Promise<void>((resolve) => agent.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await router?.close();
  await gateway?.stop();
  await new Promise((resolve) => agent.close(resolve));
  at.remove();
});

const sessions = Array.from({ length: 200 }, (_, index) => `session-${index}`);

async function met(): Promise<Met> {
  await router.refresh();
  const { port } = agent.address() as AddressInfo;
  const found = new Map<string, { readonly revision: string; readonly model: string }>();
  for (const session of sessions) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { "x-session-id": session } });
    expect(answer.status).toBe(200);
    const { model, route } = (await answer.json()) as {
      readonly model: string;
      readonly route: { readonly revision: string };
    };
    found.set(session, { revision: route.revision, model: model.replace(/^openai\/(.*)-(.*)$/, "$1@$2") });
  }
  return found;
}

test("started, advanced to promotion, started again and rolled back: each request meets what the course says", async () => {
  await wholeCourse(at, met);
  // Adoption, a start, a promotion with its name without a revision, a start; and neither a rise nor a rollback.
  expect(gateway.reloads()).toBe(4);
  expect((await action(at)).warnings).not.toContainEqual(expect.stringContaining("sticky"));
}, 60_000);
