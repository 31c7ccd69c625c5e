/** What must not reach a server on loopback: pages in somebody's browser, and names that were pointed at it. */
import { request } from "node:http";
import { expect, test } from "vitest";
import { serve } from "../../src/server/serve.js";
import { adopted, copiesOf, prepared } from "../support/team.js";
import { oneAgent } from "../support/workspace.js";

const at = copiesOf(() => prepared(oneAgent, adopted));

async function statusOf(headers: Readonly<Record<string, string>>): Promise<number> {
  const stop = new AbortController();
  let asked: Promise<number> = Promise.resolve(0);
  await serve(at().world({ stop: stop.signal }), {
    host: "127.0.0.1",
    port: 0,
    schedule: "0 0 1 1 *",
    onListening: (url) => {
      asked = get(`${url}/healthz`, headers).finally(() => stop.abort());
    },
  });
  return asked;
}

function get(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asking.on("error", reject).end();
  });
}

test.each<readonly [string, Readonly<Record<string, string>>, number]>([
  ["a program on this machine is answered", {}, 200],
  ["a page of somebody else is not", { origin: "http://evil.example" }, 403],
  ["a page that calls itself local is not either", { origin: "http://localhost:3000" }, 403],
  ["a name that was pointed here is not ours", { host: "evil.example" }, 403],
  ["localhost is", { host: "localhost:8080" }, 200],
])("%s", async (_, headers, status) => {
  expect(await statusOf(headers)).toBe(status);
});
