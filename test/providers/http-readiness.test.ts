import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { ReadyGate } from "../../src/core/model/gate.js";
import type { AgentId, RevisionId } from "../../src/core/model/units.js";
import { httpReadiness } from "../../src/providers/readiness/http.js";

const revision = `r-${"3f2a91c".padEnd(64, "0")}` as RevisionId;
const other = `r-${"91bc0aa".padEnd(64, "0")}`;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function asked(
  answer: { status: number; body?: string; header?: string } | null,
): Promise<{ serving: boolean; because: string }> {
  const server = createServer((_, response) => {
    if (answer === null) return response.destroy();
    response.writeHead(answer.status, answer.header === undefined ? {} : { "x-rollout-revision": answer.header });
    return response.end(answer.body ?? "");
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const gate: ReadyGate = { kind: "ready", name: "ready", skip: null, http: `http://127.0.0.1:${port}/healthz` };
  return httpReadiness({ fetch }).ask({ agent: "support" as AgentId, gate, revision }, new AbortController().signal);
}

test("an answer without an end is read no further than it is looked at", async () => {
  const server = createServer((_, response) => {
    response.writeHead(200);
    response.write("x".repeat(200_000));
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const gate: ReadyGate = { kind: "ready", name: "ready", skip: null, http: `http://127.0.0.1:${port}/healthz` };
  const query = { agent: "support" as AgentId, gate, revision };
  const said = await httpReadiness({ fetch }).ask(query, new AbortController().signal);
  expect(said).toMatchObject({ serving: true });
  server.closeAllConnections();
});

test.each([
  ["a plain 200", { status: 200 }, true, "answered 200"],
  ["a 200 that names the canary", { status: 200, body: JSON.stringify({ revision }) }, true, "for r-3f2a91c"],
  ["a short name in the header", { status: 204, header: "r-3f2a91c" }, true, "for r-3f2a91c"],
  ["another revision", { status: 200, body: JSON.stringify({ revision: other }) }, false, `serves ${other}`],
  ["a name too short to mean one revision", { status: 200, header: "r-3" }, false, "serves r-3"],
  ["a name without an end", { status: 200, body: JSON.stringify({ revision: "x".repeat(60_000) }) }, false, "x…, not"],
  ["a 503", { status: 503 }, false, "answered 503"],
  ["a connection that breaks", null, false, "cannot be asked"],
])("%s", async (_, answer, serving, because) => {
  const said = await asked(answer);
  expect(said.serving).toBe(serving);
  expect(said.because).toContain(because);
});
