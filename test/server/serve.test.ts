/** `rollout serve`: telemetry comes in, the heartbeat applies, and it ends without leaving anything half done. */
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { answering } from "../../src/app/refusal.js";
import { withSession } from "../../src/app/session.js";
import { openRouter } from "../../src/sdk/open-router.js";
import { serve } from "../../src/server/serve.js";
import type { Answer } from "../../src/views/view.js";
import {
  adopted,
  badly,
  beginning,
  bumped,
  codes,
  lineOf,
  prepared,
  ramping,
  stateIn,
  support,
  weight,
} from "../support/team.js";
import { type As, oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;
const beginWith = beginning((copy) => {
  at = copy;
});
/** Never, while a test runs: the first beat comes at once. */
const yearly = "0 0 1 1 *";

interface Server {
  readonly url: string;
  readonly stop: () => void;
  /** The answer, once it has ended. */
  readonly ended: Promise<Answer>;
}

async function start(as: As = {}, args: { readonly port?: number; readonly schedule?: string } = {}): Promise<Server> {
  const stop = new AbortController();
  return new Promise((resolve, reject) => {
    const onListening = (url: string): void => resolve({ url, stop: () => stop.abort(), ended });
    const { port = 0, schedule = yearly } = args;
    const ended = answering(() =>
      serve(at.world({ ...as, stop: stop.signal }), { host: "127.0.0.1", port, schedule, onListening }),
    );
    ended.then((answer) => reject(Object.assign(new Error(lineOf(answer)), { answer })), reject);
  });
}

async function serving(work: (url: string) => Promise<void>, as: As = {}): Promise<Answer> {
  const server = await start(as);
  try {
    await work(server.url);
  } finally {
    server.stop();
  }
  return server.ended;
}

async function post(url: string, body: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  return { status: response.status, body: await response.json() };
}

const taskOf = (id: string, fields: object = {}): object => {
  const time = new Date(at.clock.at).toISOString();
  return { id, agent: "support", session: `s-${id}`, started_at: time, ended_at: time, ...fields };
};

/** The tasks that the store keeps as failed. */
function failures(): Promise<readonly string[]> {
  return withSession(at.world(), { readOnly: true }, async (session) =>
    (await (await session.metrics()).failedTasks(support, 100)).map(({ id }) => id).sort(),
  );
}

/** Something that one part waits for and another gives. */
function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

describe("telemetry", () => {
  beginWith(() => prepared(oneAgent, adopted));

  test.each<readonly [string, string, () => unknown]>([
    ["one task", "tasks", () => taskOf("a")],
    ["a list", "tasks", () => [taskOf("a"), taskOf("b")]],
    ["a named list", "tasks", () => ({ tasks: [taskOf("a")] })],
    [
      "sessions",
      "sessions",
      () => ({ sessions: [{ agent: "support", session: "s", started_at: new Date(at.clock.at).toISOString() }] }),
    ],
  ])("%s: 202 with the counts, and again nothing is counted twice", async (_, kind, body) => {
    await serving(async (url) => {
      const [first, again] = [
        await post(`${url}/v1/${kind}`, JSON.stringify(body())),
        await post(`${url}/v1/${kind}`, JSON.stringify(body())),
      ];
      const count = kind === "tasks" && Array.isArray(body()) ? 2 : 1;
      expect([first, again]).toEqual([
        { status: 202, body: { added: count, duplicates: 0, expired: 0 } },
        { status: 202, body: { added: 0, duplicates: count, expired: 0 } },
      ]);
    });
  });

  test.each([
    ["no JSON", "{", ["telemetry/not-json"]],
    ["no record", "[7]", ["telemetry/not-a-record"]],
    ["every problem of every record, and nothing is taken", JSON.stringify([{ agent: "support" }, { id: "x" }]), null],
  ])("400: %s", async (_, body, expected) => {
    await serving(async (url) => {
      const answer = await post(`${url}/v1/tasks`, body);
      const { problems } = answer.body as { problems: readonly { code: string; detail: string }[] };
      expect(answer.status).toBe(400);
      if (expected !== null) expect(problems.map(({ code }) => code)).toEqual(expected);
      else expect(problems.length).toBeGreaterThan(3);
    });
  });

  test("all are taken or none", async () => {
    await serving(async (url) => {
      expect(
        (await post(`${url}/v1/tasks`, JSON.stringify([taskOf("good", { error: "x" }), { id: "bad" }]))).status,
      ).toBe(400);
    });
    expect(await failures()).toEqual([]);
  });

  test("413: a body larger than 8 MiB", async () => {
    await serving(async (url) => {
      expect((await post(`${url}/v1/tasks`, `[${" ".repeat(8 * 1024 * 1024)}]`)).status).toBe(413);
      expect((await post(`${url}/v1/tasks`, JSON.stringify(taskOf("a")))).status).toBe(202);
    });
  });

  test("404: what is not there", async () => {
    await serving(async (url) => {
      expect(await post(`${url}/v1/taks`, "{}")).toEqual({ status: 404, body: { error: "there is no POST /v1/taks" } });
    });
  });

  test("the SDK's recordTask arrives", async () => {
    await serving(async (url) => {
      const router = await openRouter(join(at.root, "live/support.json"), { tasks: { url } });
      const route = router.route("s-1");
      router.recordTask({
        id: "t-1",
        started_at: at.clock.at,
        ended_at: at.clock.at + 1000,
        revision: route.revision,
        session: "s-1",
        error: "wrong",
      });
      await router.close();
      expect(router.status().tasks).toEqual({ waiting: 0, dropped: 0 });
    });
    expect(await failures()).toEqual(["t-1"]);
  });

  test("a budget and an agent that the spec has since a moment ago count", async () => {
    await serving(async (url) => {
      at.edit("rollout.config.yaml", "    strategy: quick\n", "    strategy: quick\n    budget: { cost_usd: 0.5 }\n");
      at.edit("rollout.config.yaml", "agents:\n", "agents:\n  sales: { steps: [planning], target: live/sales.json }\n");
      expect((await post(`${url}/v1/tasks`, JSON.stringify(taskOf("sold", { agent: "sales" })))).status).toBe(202);
      at.pass(1);
      await post(
        `${url}/v1/tasks`,
        JSON.stringify([taskOf("cheap", { cost_usd: 0.4 }), taskOf("dear", { cost_usd: 0.6 })]),
      );
      // Errors in the spec take no budget away.
      at.edit("rollout.config.yaml", "    strategy: quick\n", "    strategy: quik\n");
      at.pass(1);
      await post(`${url}/v1/tasks`, JSON.stringify(taskOf("dear too", { cost_usd: 0.6 })));
    });
    expect(await failures().catch(() => [])).toEqual([]);
    at.edit("rollout.config.yaml", "    strategy: quik\n", "    strategy: quick\n");
    expect(await failures()).toEqual(["dear", "dear too"]);
  });
});

describe("status and health", () => {
  beginWith(() => prepared(oneAgent, ramping));

  test("the same document as on the command line", async () => {
    await serving(async (url) => {
      expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true });
      const response = await fetch(`${url}/v1/status`);
      expect([response.status, await response.json()]).toEqual([
        200,
        expect.objectContaining({ agents: [expect.objectContaining({ agent: "support" })] }),
      ]);
    });
  });

  test("under a spec with errors it still tells what is known", async () => {
    at.edit("rollout.config.yaml", "strategy: quick", "strategy: quik");
    await serving(async (url) => {
      const response = await fetch(`${url}/v1/status`);
      const { warnings } = (await response.json()) as { warnings: readonly { code: string }[] };
      expect([response.status, warnings.map(({ code }) => code)]).toEqual([200, ["config/unknown-strategy"]]);
    });
  });
});

describe("the heartbeat", () => {
  test("it applies at once, unattended: what is proven worse goes back", async () => {
    at = await prepared(oneAgent, ramping, badly);
    const told = signal();
    const server = await start({
      interactive: true,
      onSay: (line) => (line.includes("1 agent rolled back") ? told.give() : undefined),
    });
    await told.given;
    expect(await weight(at)).toBe(0);
    server.stop();
    expect((await server.ended).exit).toBe(0);
    at.remove();
  });

  test("a spec with errors is said once, not at every beat", async () => {
    at = await prepared(oneAgent, adopted, (w) => w.edit("rollout.config.yaml", "strategy: quick", "strategy: quik"));
    const said: string[] = [];
    const thirdBeat = signal();
    let opened = 0;
    const { open } = at.world();
    const store: typeof open.store = (state, options) => {
      // The first one is the server's own.
      if (++opened === 4) thirdBeat.give();
      return open.store(state, options);
    };
    const server = await start({ onSay: (line) => said.push(line), open: { store } }, { schedule: "* * * * * *" });
    await thirdBeat.given;
    const troubles = said.filter((line) => line.includes("quik"));
    server.stop();
    await server.ended;
    expect(troubles).toHaveLength(1);
    at.remove();
  });
});

describe("the end", () => {
  beginWith(() => prepared(oneAgent, adopted, bumped));

  test("asked to stop while an apply shifts traffic: the shift is finished and recorded first", async () => {
    const [begun, release] = [signal(), signal()];
    const { open } = at.world();
    const target: typeof open.target = (spec, root) => {
      const real = open.target(spec, root);
      const act: typeof real.act = async (action, fence, signal) => {
        begun.give();
        await release.given;
        await real.act(action, fence, signal);
      };
      return { describe: () => real.describe(), observe: (agent, signal) => real.observe(agent, signal), act };
    };
    const server = await start({ open: { target } });
    await begun.given;
    server.stop();
    // It still answers while the shift is under way.
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect((await post(`${server.url}/v1/tasks`, JSON.stringify(taskOf("late")))).status).toBe(202);
    release.give();
    expect((await server.ended).exit).toBe(0);
    expect([await weight(at), (await stateIn(at)).inDoubt]).toEqual([50, false]);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  });

  test("asked to stop before it began", async () => {
    const stop = AbortSignal.abort();
    const answer = await answering(() => serve(at.world({ stop }), { host: "127.0.0.1", port: 0, schedule: yearly }));
    expect(answer.exit).toBe(0);
  });
});

describe("what it cannot begin with", () => {
  beginWith(() => prepared(oneAgent, adopted));

  test("a port that another program has", async () => {
    const other = createServer();
    await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
    const { port } = other.address() as { port: number };
    const answer = await answering(() => serve(at.world(), { host: "127.0.0.1", port, schedule: yearly }));
    expect([answer.exit, codes(answer), lineOf(answer)]).toEqual([
      1,
      ["serve/cannot-listen"],
      `Another program listens on 127.0.0.1:${port} already.`,
    ]);
    await new Promise((closed) => other.close(closed));
  });

  test.each(["", "every five minutes", "61 * * * *"])("a schedule that is none: %j", async (schedule) => {
    const answer = await answering(() => serve(at.world(), { host: "127.0.0.1", port: 0, schedule }));
    expect(codes(answer)).toEqual(["serve/bad-schedule"]);
  });

  test("no spec at all", async () => {
    at.remove("rollout.config.yaml");
    const answer = await answering(() => serve(at.world(), { host: "127.0.0.1", port: 0, schedule: yearly }));
    expect(codes(answer)).toEqual(["config/not-found"]);
  });
});
