// Task records reach a file or a server, in the background, and never throw into the request.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRouter, type Router, type RouterOptions, type TaskRecord } from "../../src/sdk/index.js";
import { Folder, published, stable, textOf } from "./support.js";

let folder = new Folder();
let lines: string[] = [];
beforeEach(() => {
  folder = new Folder();
  folder.put(textOf(published));
  lines = [];
});
afterEach(() => folder.remove());

const open = (tasks: NonNullable<RouterOptions["tasks"]>): Promise<Router> =>
  openRouter(folder.file, { tasks, log: (line) => lines.push(line), pollMs: 1_000_000 });

const task: TaskRecord = {
  id: "t-1",
  started_at: new Date("2026-11-23T09:00:00Z"),
  ended_at: Date.UTC(2026, 10, 23, 9, 0, 30),
  revision: stable,
  session: "session-1",
  success: true,
  llm_calls: 0,
  cost_usd: Number.NaN,
  latency_sec: undefined,
};
const written = {
  id: "t-1",
  started_at: "2026-11-23T09:00:00.000Z",
  ended_at: "2026-11-23T09:00:30.000Z",
  agent: "support",
  revision: stable,
  session: "session-1",
  success: true,
  llm_calls: 0,
};
const read = (file: string) =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("into a file", () => {
  test("each is a line; what was not measured is left out, and a measured 0 is not", async () => {
    const file = join(folder.path, "tasks", "support.jsonl");
    const router = await open({ file });
    router.recordTask(task);
    router.recordTask({ ...task, id: undefined, agent: "other", tags: { kind: "refund" } });
    expect(router.status().tasks).toEqual({ waiting: 2, dropped: 0 });
    await router.close();
    const [first, second] = read(file);
    expect(first).toEqual(written);
    expect(second).toEqual({
      ...written,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      agent: "other",
      tags: { kind: "refund" },
    });
    expect(lines).toEqual([]);
  });

  test("a line that a crash left unfinished spoils no other", async () => {
    const file = join(folder.path, "tasks.jsonl");
    writeFileSync(file, '{"id":"t-0"}\n{"id":"half');
    const router = await open({ file });
    router.recordTask(task);
    await router.close();
    expect(readFileSync(file, "utf8").split("\n")).toEqual([
      '{"id":"t-0"}',
      '{"id":"half',
      JSON.stringify(written),
      "",
    ]);
  });

  test("more than a batch arrives whole and in order", async () => {
    const file = join(folder.path, "tasks.jsonl");
    const router = await open({ file });
    for (let i = 0; i < 1_234; i++) router.recordTask({ ...task, id: `t-${i}` });
    await router.close();
    expect(read(file).map(({ id }) => id)).toEqual(Array.from({ length: 1_234 }, (_, i) => `t-${i}`));
  });

  test("later changes of the record's object change nothing", async () => {
    const file = join(folder.path, "tasks.jsonl");
    const router = await open({ file });
    const record = { ...task };
    router.recordTask(record);
    Object.assign(record, { session: "another" });
    await router.close();
    expect(read(file)[0].session).toBe("session-1");
  });

  test("a file that cannot be written is survived, and said", async () => {
    mkdirSync(join(folder.path, "tasks.jsonl"));
    const router = await open({ file: join(folder.path, "tasks.jsonl") });
    router.recordTask(task);
    await router.close();
    expect(router.status().tasks).toEqual({ waiting: 0, dropped: 1 });
    expect(lines.map((line) => line.slice(0, 30))).toEqual([
      "rollout: task records wait: Er",
      "rollout: 1 task records were n",
    ]);
  });

  test("a record that is none is dropped and counted, and the first is said", async () => {
    const file = join(folder.path, "tasks.jsonl");
    const router = await open({ file });
    const cycle: Record<string, unknown> = {};
    cycle.tags = cycle;
    const strange = [
      undefined,
      null,
      {},
      { ...task, started_at: "yesterday" },
      { ...task, ...cycle },
      { ...task, cost_usd: 1n },
    ];
    for (const record of strange) router.recordTask(record as TaskRecord);
    await router.close();
    router.recordTask(task);
    expect(router.status().tasks).toEqual({ waiting: 0, dropped: strange.length + 1 });
    expect(lines).toHaveLength(1);
    expect(existsSync(file)).toBe(false);
  });

  test("more than there is room for drops the oldest", async () => {
    const file = join(folder.path, "tasks.jsonl");
    const router = await open({ file });
    for (let i = 0; i < 10_003; i++) router.recordTask({ ...task, id: `t-${i}` });
    expect(router.status().tasks).toEqual({ waiting: 10_000, dropped: 3 });
    await router.close();
    expect(read(file)[0].id).toBe("t-3");
  });
});

describe("to a server", () => {
  let server: Server;
  let answers: number[] = [];
  let posts: { readonly url: string; readonly body: unknown }[] = [];
  let address = "";
  beforeEach(async () => {
    answers = [];
    posts = [];
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      posts.push({ url: `${request.method} ${request.url}`, body: JSON.parse(Buffer.concat(chunks).toString()) });
      response.writeHead(answers.shift() ?? 202).end("so it is");
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  test.each(["", "/", "/rollout", "/rollout/"])("a batch is posted below %j", async (below) => {
    const router = await open({ url: `${address}${below}` });
    router.recordTask(task);
    await router.close();
    expect(posts).toEqual([{ url: `POST ${below.replace(/\/$/, "")}/v1/tasks`, body: [written] }]);
  });

  test("a value that no server takes costs its own record alone", async () => {
    const router = await open({ url: address });
    const odd = [{ cost_usd: "abc" }, { success: 1 }, { llm_calls: -1 }, { checkpoint: "no" }];
    for (const fields of odd) router.recordTask({ ...task, ...fields } as TaskRecord);
    router.recordTask(task);
    expect(router.status().tasks).toEqual({ waiting: 1, dropped: odd.length });
    expect(lines).toEqual([
      'rollout: a task record is dropped: TypeError: cost_usd is "abc", and a number from 0 is wanted',
    ]);
    await router.close();
  });

  test("records from before the first routing file wait until it names the agent", async () => {
    const empty = new Folder();
    const file = join(empty.path, "tasks.jsonl");
    const router = await openRouter(empty.file, { tasks: { file }, log: (line) => lines.push(line) });
    router.recordTask(task);
    router.recordTask({ ...task, id: "t-2", agent: "other" });
    await expect.poll(() => lines.some((line) => line.includes("no routing file has named the agent"))).toBe(true);
    empty.put(textOf(published));
    await router.refresh();
    await router.close();
    expect(read(file).map(({ id, agent }) => `${id} ${agent}`)).toEqual(["t-1 support", "t-2 other"]);
    empty.remove();
  });

  test("an address that is none is refused in words", async () => {
    await expect(open({ url: "not a url" })).rejects.toThrow('openRouter\'s tasks.url is "not a url"');
  });

  test("a batch that is refused for good is dropped, with the answer", async () => {
    answers = [400];
    const router = await open({ url: address });
    router.recordTask(task);
    await router.close();
    expect(router.status().tasks.dropped).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/dropped: 127\.0\.0\.1:\d+ answered 400 so it is$/)]);
  });

  test("a server that is busy is asked again", async () => {
    answers = [503];
    const router = await open({ url: address });
    const arrived = new Promise<void>((resolve) => {
      server.on("request", () => {
        if (answers.length === 0) resolve();
      });
    });
    router.recordTask(task);
    await arrived;
    await router.close();
    expect(posts.map(({ body }) => body)).toEqual([[written], [written]]);
    expect(router.status().tasks).toEqual({ waiting: 0, dropped: 0 });
    expect(lines).toEqual([expect.stringContaining("task records wait: Error: 127.0.0.1")]);
  });

  test("a server that is not there is survived", async () => {
    await new Promise((closed) => server.close(closed));
    const router = await open({ url: address });
    router.recordTask(task);
    await router.close();
    expect(router.status().tasks).toEqual({ waiting: 0, dropped: 1 });
  });
});

test("records that have nowhere to go are counted, and the first is said", async () => {
  const router = await openRouter(folder.file, { log: (line) => lines.push(line), pollMs: 1_000_000 });
  router.recordTask(task);
  router.recordTask(task);
  expect(router.status().tasks).toEqual({ waiting: 0, dropped: 2 });
  expect(lines).toEqual([expect.stringContaining("no `tasks` option")]);
  await router.close();
});
