import { describe, expect, test } from "vitest";
import { diagnostics } from "../../src/telemetry/diagnostics.js";
import { readRecordsBody, readTaskLines } from "../../src/telemetry/read-task-lines.js";

const least = { id: "t-1", agent: "support", started_at: "2026-03-01T09:30:00Z", ended_at: "2026-03-01T09:31:12.500Z" };
const read = (...lines: readonly (string | object)[]) =>
  readTaskLines({
    name: "tasks.jsonl",
    text: lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"),
  });

describe("good lines", () => {
  test("what was not measured is unknown, and the wall clock is measured", () => {
    const answer = read(least);
    expect(answer).toEqual({
      ok: true,
      warnings: [],
      value: {
        sessions: [],
        tasks: [
          {
            id: "t-1",
            agent: "support",
            revision: null,
            session: null,
            user: null,
            startedAt: Date.UTC(2026, 2, 1, 9, 30),
            endedAt: Date.UTC(2026, 2, 1, 9, 31, 12, 500),
            success: null,
            llmCalls: null,
            costUsd: null,
            latencySec: 72.5,
            checkpoint: null,
            destructiveActions: null,
            rolledBackActions: null,
            error: null,
            tags: {},
          },
        ],
      },
    });
  });

  test("every field is read; null is absent, and 0 is a measurement", () => {
    const full = {
      ...least,
      started_at: Date.UTC(2026, 2, 1, 9, 30),
      ended_at: "2026-03-01T10:31:00+01:00",
      revision: "r-1",
      session: "s",
      user: null,
      success: false,
      llm_calls: 0,
      cost_usd: 0.25,
      latency_sec: 3,
      checkpoint: true,
      destructive_actions: 2,
      rolled_back_actions: 1,
      error: "timeout",
      tags: { tool: "refund" },
    };
    const answer = read(full);
    expect(answer.ok && answer.value.tasks[0]).toMatchObject({
      startedAt: Date.UTC(2026, 2, 1, 9, 30),
      endedAt: Date.UTC(2026, 2, 1, 9, 31),
      user: null,
      success: false,
      llmCalls: 0,
      latencySec: 3,
      checkpoint: true,
      rolledBackActions: 1,
      error: "timeout",
      tags: { tool: "refund" },
    });
  });

  test("an object with a session and no id is a session; the fallback's is in no arm", () => {
    const session = { session: "s", agent: "support", started_at: "2026-03-01T09:30:00Z", revision: "r-1" };
    const answer = read("", session, { ...session, session: "f", variant: "fallback" }, "  ");
    expect(answer.ok && answer.value.sessions.map(({ session, revision }) => [session, revision])).toEqual([
      ["s", "r-1"],
      ["f", null],
    ]);
  });

  test("what proxies call the fallback is no revision: its task is in no arm, not even in that of the session it belongs to", () => {
    const session = { session: "s", agent: "support", started_at: "2026-03-01T09:30:00Z", revision: "fallback" };
    const answer = read({ ...least, session: "s", user: "u", revision: "fallback" }, session);
    if (!answer.ok) throw new Error(JSON.stringify(answer.problems));
    expect(answer.value.tasks[0]).toMatchObject({ revision: null, session: null, user: "u" });
    expect(answer.value.sessions[0]).toMatchObject({ session: "s", revision: null });
  });

  test("a byte order mark and Windows line ends are no mistakes", () => {
    expect(read(`\uFEFF${JSON.stringify(least)}\r`, `${JSON.stringify({ ...least, id: "t-2" })}\r`).ok).toBe(true);
  });
});

describe("bad lines", () => {
  test.each<[name: string, line: string | object, code: string, place: string, detail: RegExp]>([
    ["half a line", '{"id": "t-1", "agent":', "telemetry/not-json", "1:23", /the text ends here/],
    ["a list", "[1]", "telemetry/not-a-record", "1:1", /JSON object/],
    ["no agent", { ...least, agent: undefined }, "telemetry/missing-field", "1:1", /no agent/],
    ["an empty id", { ...least, id: " " }, "telemetry/bad-field", "1:7", /id is not a text/],
    ["a number as id", { ...least, id: 7 }, "telemetry/bad-field", "1:7", /id is not a text.*: 7/],
    [
      "a time without an offset",
      { id: "t", agent: "a", ended_at: 1e12, started_at: "2026-03-01T09:30:00" },
      "telemetry/bad-field",
      "1:61",
      /not a time/,
    ],
    [
      "seconds for milliseconds",
      { id: "t", agent: "a", ended_at: 1e12, started_at: 1772357400 },
      "telemetry/bad-field",
      "1:61",
      /before 1973/,
    ],
    [
      "a task that ends before it starts",
      { id: "t", agent: "a", started_at: 2e12, ended_at: 1e12 },
      "telemetry/bad-field",
      "1:61",
      /before it started/,
    ],
    [
      "a negative cost",
      { cost_usd: -1, ...least },
      "telemetry/bad-field",
      "1:13",
      /cost_usd is not a number of 0 or more: -1/,
    ],
    ["a text as cost", { cost_usd: "0.5", ...least }, "telemetry/bad-field", "1:13", /cost_usd is not a number/],
    ["half an action", { destructive_actions: 1.5, ...least }, "telemetry/bad-field", "1:24", /whole number/],
    ["success as a number", { success: 1, ...least }, "telemetry/bad-field", "1:12", /neither true nor false/],
    [
      "more undone than done",
      { rolled_back_actions: 2, destructive_actions: 1, ...least },
      "telemetry/bad-field",
      "1:24",
      /2 of 1/,
    ],
    ["undone without done", { rolled_back_actions: 1, ...least }, "telemetry/bad-field", "1:24", /unknown number/],
    ["tags that are no texts", { tags: { tool: 3 }, ...least }, "telemetry/bad-field", "1:9", /tags is not/],
    ["a field that was spelled differently", { costusd: 1, ...least }, "telemetry/unknown-field", "1:12", /"costusd"/],
    [
      "an unknown variant",
      { session: "s", agent: "a", started_at: 1e12, variant: "blue" },
      "telemetry/bad-field",
      "1:65",
      /none of stable, canary, fallback/,
    ],
  ])("%s", (...[, line, code, place, detail]) => {
    const answer = read(line);
    const problems = answer.ok ? [] : answer.problems;
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    const [problem] = problems;
    expect(problem?.detail).toMatch(detail);
    expect(problem?.span?.file).toBe("tasks.jsonl");
    expect(`${problem?.span?.line}:${problem?.span?.column}`).toBe(place);
    expect(diagnostics.map((kind) => kind.code)).toContain(code);
  });

  test("everything is told at once, each with its own line", () => {
    const answer = read(least, { ...least, cost_usd: -1, succes: true }, "{", least, { ...least, id: null });
    expect(answer.ok ? [] : answer.problems.map(({ code, span }) => [code, span?.line])).toEqual([
      ["telemetry/unknown-field", 2],
      ["telemetry/bad-field", 2],
      ["telemetry/not-json", 3],
      ["telemetry/missing-field", 5],
    ]);
    expect(answer.ok ? null : answer.problems[0]?.hint).toBe('Did you mean "success"?');
  });

  test("one bad line refuses the file, unless the good ones are asked for", () => {
    const file = { name: "tasks.jsonl", text: `${JSON.stringify(least)}\n{` };
    expect(readTaskLines(file).ok).toBe(false);
    const answer = readTaskLines(file, { keepGood: true });
    expect(answer.ok && answer.value.tasks.map(({ id }) => id)).toEqual(["t-1"]);
    expect(answer.ok && answer.warnings.map(({ code, severity }) => [code, severity])).toEqual([
      ["telemetry/not-json", "warning"],
    ]);
  });

  test("a file that is wrong throughout is not told line by line", () => {
    const answer = read(...Array.from({ length: 1000 }, () => "{"));
    const problems = answer.ok ? [] : answer.problems;
    expect(problems.length).toBe(51);
    expect(problems.at(-1)).toMatchObject({
      code: "telemetry/more-problems",
      detail: "950 more problems are not listed.",
    });
  });

  test("`__proto__` is a field like any other, and unknown", () => {
    const answer = read('{"__proto__": {"id": "x"}, "agent": "a"}');
    expect(answer.ok ? [] : answer.problems.map(({ code }) => code)).toEqual([
      "telemetry/unknown-field",
      "telemetry/missing-field",
      "telemetry/missing-field",
      "telemetry/missing-field",
    ]);
  });
});

describe("bodies of requests", () => {
  const session = { session: "s", agent: "support", started_at: "2026-03-01T09:30:00Z" };
  test.each([
    ["one", least],
    ["a list", [least]],
    ["a named list", { tasks: [least] }],
  ])("%s", (_name, body) => {
    const answer = readRecordsBody(JSON.stringify(body), "task");
    expect(answer.ok && answer.value.tasks.map(({ id }) => id)).toEqual(["t-1"]);
  });

  test("sessions", () => {
    const answer = readRecordsBody(JSON.stringify({ sessions: [session] }), "session");
    expect(answer.ok && answer.value.sessions).toMatchObject([{ session: "s", revision: null, endedAt: null }]);
  });

  test("problems name the record and the field", () => {
    const answer = readRecordsBody(JSON.stringify([least, { ...least, cost_usd: "1", id: "" }]), "task");
    expect(answer.ok ? [] : answer.problems.map(({ about }) => about)).toEqual(["tasks[1].id", "tasks[1].cost_usd"]);
  });

  test("what is not JSON is told with its place", () => {
    const answer = readRecordsBody('[{"id": }]', "task");
    expect(answer.ok ? [] : answer.problems.map(({ detail }) => detail)).toEqual([
      "The body is not JSON at character 9: a value was expected.",
    ]);
  });
});
