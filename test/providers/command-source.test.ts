import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseInstant } from "../../src/core/model/instant-text.js";
import type { AgentId, Duration, Instant, RevisionId, Weight } from "../../src/core/model/units.js";
import type { Fault } from "../../src/ports/fault.js";
import type { BlockQuery, MetricSource } from "../../src/ports/metric-source.js";
import { openCommandSource } from "../../src/providers/sources/command.js";

const root = mkdtempSync(join(tmpdir(), "rollout-command-"));
afterAll(() => rmSync(root, { recursive: true }));

const at = (text: string): Instant => parseInstant(`2026-03-01T${text}:00Z`) as Instant;
const signal = new AbortController().signal;
const query: BlockQuery = {
  agent: "support" as AgentId,
  stable: "r-a" as RevisionId,
  canary: "r-b" as RevisionId,
  unit: "session",
  after: null,
  cuts: [
    { at: at("09:00"), weight: 500 as Weight },
    { at: at("10:02"), weight: 2500 as Weight },
  ],
  sessionTimeout: 1_800_000 as Duration,
  now: at("12:00"),
};

/** A source that runs this text in Node. */
function saying(code: string, parts: Partial<Parameters<typeof openCommandSource>[0]> = {}): MetricSource {
  return openCommandSource({
    root,
    run: [process.execPath, "-e", code],
    timeout: 20_000 as Duration,
    env: [],
    environment: process.env,
    ...parts,
  });
}
const printing = (answer: unknown): MetricSource =>
  saying(`process.stdout.write(${JSON.stringify(typeof answer === "string" ? answer : JSON.stringify(answer))})`);

async function faultOf(source: MetricSource, asked: Partial<BlockQuery> = {}): Promise<Fault> {
  const answered = source.blocks({ ...query, ...asked }, signal);
  return answered.then(
    () => expect.unreachable("it answered"),
    (error: Fault) => {
      expect(error.name).toBe("Fault");
      expect(error.message).toMatch(/^the metric source "/);
      return error;
    },
  );
}

const arm = (sessions: number, metrics: object = {}) => ({ sessions, metrics });
const block = (start: string, end: string, parts: object = {}) => ({
  start: `2026-03-01T${start}:00Z`,
  end: `2026-03-01T${end}:00Z`,
  stable: arm(2),
  canary: arm(1),
  ...parts,
});
const blocks = (...all: readonly object[]) => ({ format: 1, blocks: all });
const cost = (sample: object) => blocks(block("09:00", "09:05", { stable: arm(2, { mean_cost_usd: sample }) }));

describe("what is answered", () => {
  test("blocks of the weight in force, with what was left out as missing", async () => {
    const answer = await printing(
      blocks(
        block("09:00", "09:05", {
          canary: arm(0),
          stable: arm(3, {
            task_success_rate: { kind: "rate", sessions: 3, bad: 1 },
            mean_cost_usd: { kind: "histogram", values: [0.1, 0.5], counts: [2, 1] },
            mean_llm_calls: { kind: "totals", sessions: 3, sum: 9, sum_of_squares: 29 },
            p95_latency_sec: { kind: "missing", because: "the exporter is down" },
          }),
        }),
        block("10:02", "10:05", { start: Date.UTC(2026, 2, 1, 10, 2), end: "2026-03-01T11:05:00+01:00" }),
      ),
    ).blocks(query, signal);
    expect(answer).toMatchObject({ unrouted: [], mismatched: 0, newest: null, completedOnly: true });
    expect(answer.blocks.map(({ weight, start, end }) => [weight, start, end])).toEqual([
      [500, at("09:00"), at("09:05")],
      [2500, at("10:02"), at("10:05")],
    ]);
    expect(answer.blocks[0]?.stable.samples).toMatchObject({
      task_success_rate: { kind: "rate", sessions: 3, bad: 1 },
      mean_cost_usd: { kind: "histogram", values: [0.1, 0.5], counts: [2, 1] },
      mean_llm_calls: { kind: "totals", sessions: 3, sum: 9, squares: 29 },
      p95_latency_sec: { kind: "missing", because: "the exporter is down" },
      rollback_rate: { kind: "missing" },
    });
    // An arm without sessions takes nothing away from the other one.
    expect(answer.blocks[0]?.canary.samples.task_success_rate).toEqual({ kind: "rate", sessions: 0, bad: 0 });
  });

  test("blocks of several cells, from one change of the weight to the next", async () => {
    const answer = await printing(blocks(block("09:35", "10:02"), block("10:02", "10:20"))).blocks(query, signal);
    expect(answer.blocks.map(({ weight }) => weight)).toEqual([500, 2500]);
  });

  test.each<[string, object, RegExp | null]>([
    [
      "shares, and amounts of any size",
      { task_success_rate: 1, rollback_rate: 0, mean_llm_calls: 7.5, p95_latency_sec: 60 },
      null,
    ],
    ["what is not known", { task_success_rate: null }, null],
    [
      "a rate in percent",
      { task_success_rate: 93 },
      /figures wrongly at \/values\/task_success_rate: a rate lies between 0 and 1, and 93 does not: 93 % is 0.93;/,
    ],
    ["a rate a little above all", { checkpoint_trigger_rate: 1.01 }, / at \/values\/checkpoint_trigger_rate: /],
    ["a negative amount", { mean_cost_usd: -1 }, / at \/values\/mean_cost_usd: it must be >= 0/],
  ])("figures with %s", async (_, values, refused) => {
    const window = { agent: query.agent, revision: query.stable, from: at("09:00"), to: at("10:00") };
    const answered = printing({ format: 1, tasks: 9, sessions: 3, values }).figures(window, signal);
    if (refused === null) expect((await answered).values).toMatchObject(values);
    else await expect(answered).rejects.toThrow(refused);
  });

  test("a clock that is ahead does not hide that nothing arrives", async () => {
    const { newest } = await printing({ ...blocks(), newest: "2026-03-01T23:00:00Z" }).blocks(query, signal);
    expect(newest).toBe(query.now);
  });

  test("history of counts and buckets becomes as many values, at most 2000, with the same shares", async () => {
    const samples = {
      task_success_rate: { kind: "rate", sessions: 5000, bad: 500 },
      mean_cost_usd: { kind: "histogram", values: [0.1, 0.5], counts: [30, 10] },
      p95_latency_sec: { kind: "values", values: [3, 1, 2] },
    };
    const past = { agent: query.agent, stable: query.stable, unit: "session", before: query.now } as const;
    const history = await printing({ format: 1, sessions_last_day: 90, samples }).history(past, signal);
    expect(history).toMatchObject({ sessionsLastDay: 90, observed: 86_400_000 });
    const { task_success_rate: bad, mean_cost_usd: costs, p95_latency_sec: seconds } = history.samples;
    expect(bad).toHaveLength(2000);
    expect(bad.reduce((sum, one) => sum + one, 0) / 2000).toBeCloseTo(0.1, 2);
    expect(bad.slice(0, 100).reduce((sum, one) => sum + one, 0)).toBeCloseTo(10, -1);
    expect([costs.length, costs.filter((value) => value === 0.5).length]).toEqual([40, 10]);
    expect([seconds, history.samples.rollback_rate]).toEqual([[3, 1, 2], []]);
  });

  test.each<object>([
    { kind: "values", values: [0.2, 5] },
    { kind: "histogram", values: [0, 5], counts: [30, 10] },
  ])("history of a rate whose sessions are worse than bad is refused: %j", async (sample) => {
    const answer = { format: 1, sessions_last_day: 90, samples: { rollback_rate: sample } };
    const past = { agent: query.agent, stable: query.stable, unit: "session", before: query.now } as const;
    await expect(printing(answer).history(past, signal)).rejects.toThrow(/samples\/rollback_rate.*between 0 and 1/);
  });

  test("the question is one JSON object with times in UTC and weights in percent", async () => {
    const echo = `let t="";process.stdin.on("data",d=>t+=d).on("end",()=>{process.stderr.write(t);process.exitCode=3})`;
    const { message } = await faultOf(saying(echo), { cuts: query.cuts.slice(0, 1), after: at("09:05") });
    expect(message).toContain('{"format":1,"query":"blocks","agent":"support","stable":"r-a","canary":"r-b"');
    expect(message).toContain("ended with the code 3");
  });

  test("it sees PATH, HOME and what it was promised, and nothing else", async () => {
    const environment = { PATH: "/bin", HOME: "/home/ada", TOKEN: "sesame", OTHER: "no" };
    const code = `process.stderr.write(JSON.stringify(process.env));process.exitCode=1`;
    const { message } = await faultOf(saying(code, { environment, env: ["TOKEN"] }));
    expect(message).toContain('{"PATH":"/bin","HOME":"/home/ada","TOKEN":"***"}');
  });
});

describe("what goes wrong is a fault that says where, and what to do", () => {
  test.each<[string, MetricSource, string, RegExp]>([
    [
      "no such program",
      saying("", { run: ["./nowhere.sh"] }),
      "unreachable",
      /"\.\/nowhere\.sh" cannot be started: .*ENOENT/,
    ],
    [
      "an exit code",
      saying("console.error('no route to host'); process.exit(7)"),
      "unreachable",
      /code 7: no route to host/,
    ],
    [
      "an exception",
      saying("throw new RangeError('no such table')"),
      "unreachable",
      /code 1: RangeError: no such table$/,
    ],
    ["a signal", saying("process.kill(process.pid, 'SIGKILL')"), "unreachable", /was ended by SIGKILL/],
    [
      "a variable that is not set",
      saying("", { env: ["NOT_SET_HERE"] }),
      "rejected",
      /asks for NOT_SET_HERE in `source\.env`/,
    ],
    [
      "too slow",
      saying("setInterval(() => {}, 1000)", { timeout: 300 as Duration }),
      "timeout",
      /did not answer within 0\.3 s; `source\.timeout`/,
    ],
    ["too much", saying("process.stdout.write('x'.repeat(33e6))"), "rejected", /printed more than 32 MB/],
    ["nothing", printing(""), "rejected", /nothing was printed; print one JSON object/],
    ["no JSON", printing("ok"), "rejected", /it is not JSON/],
    ["NaN", printing('{"format":1,"blocks":[],"mismatched":NaN}'), "rejected", /it is not JSON .*without NaN/],
  ])("%s", async (_, source, kind, text) => {
    const fault = await faultOf(source);
    expect(fault.message).toMatch(text);
    expect(fault.kind).toBe(kind);
  });

  test.each<[string, unknown, RegExp]>([
    [
      "another format",
      { format: 2, blocks: [] },
      / at \/format: it must be 1; .*docs\/guide\/command-source\.md and schema\/source-answers\/blocks\.schema\.json/,
    ],
    ["no blocks", { format: 1 }, /: "blocks" is missing/],
    ["an unknown key", { ...blocks(), block: [] }, /"block" is not known/],
    [
      "an unknown metric",
      blocks(block("09:00", "09:05", { stable: arm(1, { cost: { kind: "missing", because: "x" } }) })),
      / at \/blocks\/0\/stable\/metrics: "cost" is not known/,
    ],
    [
      "an unknown shape",
      cost({ kind: "sum", sum: 3 }),
      / at \/blocks\/0\/stable\/metrics\/mean_cost_usd\/kind: it must be rate or values or histogram or totals or missing/,
    ],
    ["half a shape", cost({ kind: "totals", sessions: 2, sum: 1 }), /"sum_of_squares" is missing/],
    [
      "a negative number",
      cost({ kind: "values", values: [1, -1] }),
      / at \/blocks\/0\/stable\/metrics\/mean_cost_usd\/values\/1: it must be >= 0/,
    ],
    ["an endless number", '{"format":1,"blocks":[],"mismatched":1e999}', / at \/mismatched: it must be a whole number/],
    [
      "part of a session",
      cost({ kind: "histogram", values: [1], counts: [0.5] }),
      /counts\/0: it must be a whole number/,
    ],
    [
      "uneven buckets",
      cost({ kind: "histogram", values: [1, 2], counts: [1] }),
      /2 values and 1 counts make no buckets/,
    ],
    [
      "more values than sessions",
      cost({ kind: "values", values: [1, 2, 3] }),
      /3 sessions have a value, and only 2 started/,
    ],
    [
      "more bad than sessions",
      blocks(block("09:00", "09:05", { stable: arm(9, { rollback_rate: { kind: "rate", sessions: 1, bad: 2 } }) })),
      / at \/blocks\/0\/stable\/metrics\/rollback_rate: 2 of 1 sessions are bad/,
    ],
    [
      "more silent than sessions",
      blocks(block("09:00", "09:05", { canary: { ...arm(1), silent: 2 } })),
      / at \/blocks\/0\/canary\/silent/,
    ],
    ["no time", blocks(block("09:00", "09:05", { start: "yesterday" })), / at \/blocks\/0\/start: it is no time/],
    ["a time without its zone", blocks(block("09:00", "09:05", { start: "2026-03-01T09:00:00" })), /it is no time/],
    ["seconds for milliseconds", blocks(block("09:00", "09:05", { start: 1_772_355_600 })), /it is no time/],
    ["the end first", blocks(block("09:05", "09:00")), /not after it/],
    ["a day", blocks(block("09:00", "11:00")), /more than an hour/],
    [
      "not in order",
      blocks(block("09:05", "09:10"), block("09:00", "09:05")),
      / at \/blocks\/1\/start: it starts before 2026-03-01T09:10:00\.000Z/,
    ],
    ["one over the other", blocks(block("09:00", "09:10"), block("09:05", "09:10")), / at \/blocks\/1\/start/],
    ["before the first weight", blocks(block("08:55", "09:00")), /before the first weight took force/],
    [
      "over a change of the weight",
      blocks(block("10:00", "10:05")),
      /the weight changed at 2026-03-01T10:02:00\.000Z, within it: cut it there/,
    ],
    ["off the grid", blocks(block("09:01", "09:05")), / at \/blocks\/0\/start: it is off the grid of 5 minutes/],
    [
      "an end off the grid",
      blocks(block("09:00", "09:05"), block("09:05", "09:07")),
      / at \/blocks\/1\/end: it is off the grid of 5 minutes.*; blocks begin and end at whole multiples of it in UTC, or where the weight changed/,
    ],
    ["not over yet", blocks(block("11:28", "11:33")), / at \/blocks\/0\/end: its sessions are not over yet/],
  ])("%s", async (_, answer, text) => {
    const fault = await faultOf(printing(answer));
    expect(fault.message).toMatch(text);
    expect(fault.kind).toBe("rejected");
  });

  test("what is known already", async () => {
    const { message } = await faultOf(printing(blocks(block("09:00", "09:05"))), { after: at("09:05") });
    expect(message).toContain("it starts before 2026-03-01T09:05:00.000Z");
  });

  test("a program that leaves its output open to a child of its own is not waited for", async () => {
    const file = join(root, "child");
    const child = `require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit", detached: true })`;
    const code = `const child = ${child}; child.unref(); require("node:fs").writeFileSync(${JSON.stringify(file)}, String(child.pid)); setInterval(() => {}, 1000)`;
    const open = () => process.getActiveResourcesInfo().filter((kind) => kind === "PipeWrap").length;
    const before = open();
    const { kind } = await faultOf(saying(code, { timeout: 500 as Duration }));
    expect(kind).toBe("timeout");
    // A pipe that is still open would keep this process from ending.
    await expect.poll(open).toBe(before);
    // It lives until it is ended here: whoever waited for it would wait longer than a test may last.
    if (existsSync(file)) process.kill(Number(readFileSync(file, "utf8")), "SIGKILL");
  });

  test("whoever asked may lose patience", async () => {
    const asked = new AbortController();
    const answered = saying("setInterval(() => {}, 1000)").blocks(query, asked.signal);
    asked.abort(new Error("the pass is over"));
    await expect(answered).rejects.toMatchObject({
      kind: "timeout",
      message: expect.stringContaining("the pass is over"),
    });
  });

  test("a long command is shown on one line", async () => {
    const { message } = await faultOf(saying(`/*${"x".repeat(200)}*/`));
    expect(message.slice(0, 110)).toMatch(/^the metric source ".{79}…" answered/);
  });
});
