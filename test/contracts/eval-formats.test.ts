import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { EvalFormat, EvalQuestion, EvalReport } from "../../src/ports/eval-format.js";
import jsonl from "../../src/providers/evals/jsonl.js";
import plain from "../../src/providers/evals/plain.js";
import promptfoo from "../../src/providers/evals/promptfoo.js";
import { type EvalFormatBench, evalFormatLaws } from "../../src/testing/laws/eval-format.js";

const fixtures = new URL("../fixtures/evals/", import.meta.url);
const anything: EvalQuestion = { score: null, provider: null };
const formats: readonly EvalFormat[] = [promptfoo, jsonl, plain];

interface Golden {
  readonly items: number;
  readonly providers: readonly string[];
  readonly passed: number;
  readonly failed: number;
  readonly errors: number;
  readonly pass_rate_scored: number;
  readonly mean_score_all: number;
  readonly rows: number;
  readonly by_provider: Readonly<Record<string, { readonly passed: number; readonly rows: number }>>;
}
const golden: Readonly<Record<string, Golden>> = JSON.parse(readFileSync(new URL("expected.json", fixtures), "utf8"));

function promptfooFile(name: string) {
  return { name, text: readFileSync(new URL(`promptfoo/${name}`, fixtures), "utf8") };
}

function report(format: EvalFormat, text: string, question: Partial<EvalQuestion> = {}): EvalReport {
  const read = format.read({ name: "r.json", text }, { ...anything, ...question });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

/** Code, line and column of each problem. */
function problems(format: EvalFormat, text: string, question: Partial<EvalQuestion> = {}) {
  const read = format.read({ name: "r.json", text }, { ...anything, ...question });
  return read.ok ? [] : read.problems.map(({ code, span }) => `${code} ${span?.line}:${span?.column}`);
}

describe("promptfoo", () => {
  const names = readdirSync(new URL("promptfoo/", fixtures));
  it("has a golden number for every file", () => {
    expect(names.sort()).toEqual(Object.keys(golden).sort());
  });

  it.each(names.filter((name) => !name.includes("two-providers")))("reads %s as its golden numbers", (name) => {
    const file = promptfooFile(name);
    const expected = golden[name];
    if (expected === undefined) throw new Error(`no golden numbers of ${name}`);
    const rate = report(promptfoo, file.text);
    expect(rate).toMatchObject({
      scoreName: "pass rate",
      passed: expected.passed,
      failed: expected.failed,
      errored: expected.errors,
    });
    expect(Number(rate.score)).toBeCloseTo(expected.pass_rate_scored, 6);
    expect(Object.keys(rate.byItem ?? {}).length + rate.unscored.length).toBe(expected.items);
    const mean = report(promptfoo, file.text, { score: "score" });
    const scored = expected.passed + expected.failed;
    expect(mean.scoreName).toBe("mean score");
    expect(Number(mean.score)).toBeCloseTo((expected.mean_score_all * expected.rows) / scored, 5);
  });

  it("takes the mean score only when it is asked for", () => {
    const { text } = promptfooFile("gaia.claude-sonnet-4-6.json");
    expect(report(promptfoo, text).score).toBe("0.133333333333");
    expect(report(promptfoo, text, { score: "mean_score" }).score).toBe("0.566666666667");
    expect(report(promptfoo, text, { score: "task_success" })).toMatchObject({
      scoreName: "task_success",
      score: "0.133333333333",
    });
    const unknown = promptfoo.read({ name: "g.json", text }, { score: "task_sucess", provider: null });
    expect(unknown).toMatchObject({
      ok: false,
      problems: [{ code: "eval/no-score", hint: 'Did you mean "task_success"?' }],
    });
  });

  it("averages repeats, each with a testIdx of its own, by item", () => {
    const tau = report(promptfoo, promptfooFile("tau-airline.gpt-4o.repeat4.json").text);
    expect(tau).toMatchObject({ passed: 84, failed: 111, errored: 5, unscored: [] });
    expect(Object.keys(tau.byItem ?? {})).toHaveLength(50);
    expect(new Set(Object.values(tau.byItem ?? {}))).toContain(0.75);
  });

  it("asks whose results are meant in a file of several providers", () => {
    const { text } = promptfooFile("chart.two-providers.json");
    const read = promptfoo.read({ name: "two.json", text }, anything);
    expect(read).toMatchObject({
      ok: false,
      problems: [
        { code: "eval/several-providers", detail: "two.json holds the results of gemini-3.5-flash-lite, haiku-4-5." },
      ],
    });
    for (const [provider, { passed }] of Object.entries(golden["chart.two-providers.json"]?.by_provider ?? {})) {
      expect(report(promptfoo, text, { provider })).toMatchObject({ passed, failed: 25 - passed });
      expect(report(promptfoo, text, { provider: `replay:${provider}` }).passed).toBe(passed);
    }
    expect(problems(promptfoo, text, { provider: "gpt-4o" })).toEqual(["eval/unknown-provider 6:14"]);
  });

  const row = (fields: object) => ({
    success: true,
    score: 1,
    failureReason: 0,
    vars: { q: "a" },
    promptIdx: 0,
    ...fields,
  });
  const file = (rows: readonly object[], version = 3) =>
    JSON.stringify({ results: { version, prompts: [], results: rows } }, null, 1);
  it.each([
    ["a row without its outcome", file([row({}), row({ success: undefined })]), ["eval/bad-row 15:4"]],
    ["a score that is no share", file([row({ score: 7 })]), ["eval/bad-score 8:14"], "mean_score"],
    ["two prompts", file([row({}), row({ promptIdx: 1 })]), ["eval/several-prompts 4:14"]],
    ["another version", file([row({})], 4), ["eval/unknown-version 3:14"]],
    ["no rows", file([]), ["eval/no-items 5:14"]],
    ["a test that cannot be told from others", file([row({ vars: {} })]), ["eval/bad-row 6:4"]],
  ] as const)("refuses %s", (_, text, expected, score: string | null = null) => {
    expect(problems(promptfoo, text, { score })).toEqual(expected);
  });

  it("tells items by vars where descriptions repeat or are absent", () => {
    const rows = [
      row({ description: "d" }),
      row({ description: "d", vars: { q: "b" } }),
      row({ description: "e" }),
      row({}),
    ];
    expect(Object.keys(report(promptfoo, file(rows)).byItem ?? {}).sort()).toEqual(
      ['d {"q":"a"}', 'd {"q":"b"}', "e", '{"q":"a"}'].sort(),
    );
  });
});

describe("clusters", () => {
  const lines = (...clusters: readonly unknown[]): string =>
    clusters.map((cluster, id) => JSON.stringify({ id, pass: true, cluster })).join("\n");

  it("stand on each line of jsonl, as a text or a number; a line without one stands alone", () => {
    expect(report(jsonl, lines("a", "a", 7, null, undefined)).clusters).toEqual({ 0: "a", 1: "a", 2: "7" });
    expect(report(jsonl, lines(null, undefined))).not.toHaveProperty("clusters");
    const trials =
      '{"id":"x","pass":true,"cluster":"a"}\n{"id":"x","pass":false}\n{"id":"y","error":"e","cluster":"a"}';
    expect(report(jsonl, trials).clusters).toEqual({ x: "a" });
  });

  it.each([
    ["a text that names nothing", lines("a", ""), ["eval/bad-row 2:31"]],
    ["a list", lines(["a"]), ["eval/bad-row 1:31"]],
    [
      "an item in two of them",
      '{"id":"x","pass":true,"cluster":"a"}\n{"id":"x","pass":true,"cluster":"b"}',
      ["eval/two-clusters 2:33"],
    ],
  ] as const)("jsonl refuses %s", (_, text, expected) => {
    expect(problems(jsonl, text)).toEqual(expected);
  });

  const results = (...rows: readonly object[]): string =>
    JSON.stringify(
      { results: { version: 3, prompts: [], results: rows.map((row) => ({ success: true, ...row })) } },
      null,
      1,
    );

  it("stand in the metadata of promptfoo's tests, and never in their vars", () => {
    const text = results(
      { testCase: { description: "a", metadata: { cluster: "doc" } } },
      { description: "b", metadata: { cluster: 4 } },
      { vars: { cluster: "eu-west-1" } },
    );
    expect(report(promptfoo, text).clusters).toEqual({ a: "doc", b: "4" });
    expect(problems(promptfoo, results({ description: "a", metadata: { cluster: {} } }))).toEqual(["eval/bad-row 6:4"]);
    const two = results(
      { description: "a", metadata: { cluster: "x" } },
      { description: "a", metadata: { cluster: "y" } },
    );
    expect(problems(promptfoo, two)).toEqual(["eval/two-clusters 13:4"]);
  });
});

describe("jsonl", () => {
  it("averages trials by item and keeps errors apart", () => {
    const text = [
      '{"id":"a","pass":true,"trial":1}',
      '{"id":"a","pass":false,"trial":2}',
      '{"id":"b","pass":true}',
      '{"id":"c","error":"timed out"}',
      '{"id":"d","pass":true,"trial":1,"model":"unknown fields are fine"}',
      '{"id":"d","error":true,"trial":2}',
      "",
    ].join("\n");
    expect(report(jsonl, text)).toEqual({
      scoreName: "pass rate",
      score: "0.833333333333",
      passed: 3,
      failed: 1,
      errored: 2,
      byItem: { a: 0.5, b: 1, d: 1 },
      unscored: ["c"],
    });
  });

  it("names the score after what the rows have", () => {
    const scores = '{"id":1,"score":0.1}\n{"id":2,"score":0.2}\n{"id":3,"score":1}';
    expect(report(jsonl, scores)).toMatchObject({
      scoreName: "mean score",
      score: "0.433333333333",
      passed: 1,
      failed: 2,
    });
    const both = '{"id":1,"score":0.1,"pass":true}\n{"id":2,"score":0.2,"pass":false}';
    expect(report(jsonl, both)).toMatchObject({ scoreName: "pass rate", score: "0.5" });
    expect(report(jsonl, both, { score: "mean_score" })).toMatchObject({ scoreName: "mean score", score: "0.15" });
    expect(report(jsonl, '{"id":1,"error":"x"}')).toMatchObject({ score: null, errored: 1, byItem: {} });
  });

  it.each([
    ["a torn line", '{"id":"a","pass":true}\n{"id":"b","pa', ["eval/not-json 2:11"]],
    [
      "every bad line at once",
      '{"id":"a"}\n{"pass":true}\n{"id":"b","pass":"yes"}\n{"id":"c","score":85}\n[]',
      ["eval/bad-row 1:1", "eval/bad-row 2:1", "eval/bad-row 3:18", "eval/bad-score 4:19", "eval/bad-row 5:1"],
    ],
    [
      "the same trial twice",
      '{"id":"a","pass":true,"trial":1}\n{"id":"a","pass":true,"trial":1}',
      ["eval/repeated-trial 2:31"],
    ],
    ["nothing", "\n", ["eval/no-items 1:1"]],
    ["pass and score mixed", '{"id":"a","pass":true}\n{"id":"b","score":1}', ["eval/bad-row 2:1"]],
    ["a score that is not there", '{"id":"a","pass":true}', ["eval/no-score 1:1"], "mean_score"],
  ] as const)("refuses %s", (_, text, expected, score: string | null = null) => {
    expect(problems(jsonl, text, { score })).toEqual(expected);
  });
});

describe("plain", () => {
  it.each([
    ['{"mean_score": 0.85}', {}, { scoreName: "mean score", score: "0.85", passed: 0, errored: 0 }],
    ['{"mean_score": 0.8499999999999999}', {}, { score: "0.85" }],
    [
      '{"score": 1, "passed": 3, "failed": 0, "errors": 2}',
      {},
      { scoreName: "mean score", score: "1", passed: 3, errored: 2 },
    ],
    ['{"pass_rate": 0.5, "mean_score": 0.7}', {}, { scoreName: "pass rate", score: "0.5" }],
    ['{"pass_rate": 0.5, "mean_score": 0.7}', { score: "mean_score" }, { scoreName: "mean score", score: "0.7" }],
    ['{"mean_score": 0.7, "f1": 0.6}', { score: "f1" }, { scoreName: "f1", score: "0.6" }],
    ['{"mean_score": null}', {}, { score: null }],
  ] as const)("reads %s", (text, question, expected) => {
    expect(report(plain, text, question)).toMatchObject(expected);
  });

  it.each([
    ["a percentage", '{\n  "mean_score": 85\n}', ["eval/bad-score 2:17"]],
    ["a text", '{"mean_score": "0.85"}', ["eval/bad-score 1:16"]],
    ["a count that is none", '{"mean_score": 0.8, "passed": -1}', ["eval/bad-score 1:31"]],
    ["a torn file", '{"mean_score": 0.', ["eval/not-json 1:16"]],
    ["no score", '{"cost": 3}', ["eval/no-score 1:1"]],
    ["a list", "[1]", ["eval/no-score 1:1"]],
    ["a pass rate that is not there", '{"mean_score": 0.8}', ["eval/no-score 1:1"], "pass_rate"],
  ] as const)("refuses %s", (_, text, expected, score: string | null = null) => {
    expect(problems(plain, text, { score })).toEqual(expected);
  });
});

const chart = promptfooFile("chart.sonnet-5.json");
const lines = '{"id":"a","pass":true}\n{"id":"b","pass":false}\n{"id":"c","error":"x"}\n';
const whole = '{"mean_score": 0.85, "passed": 17, "failed": 3}';
const benches: readonly EvalFormatBench[] = [
  {
    format: promptfoo,
    golden: [{ file: chart, report: { scoreName: "pass rate", score: "0.52", passed: 13, failed: 12, errored: 0 } }],
    stranger: { name: chart.name, text: chart.text.replaceAll('"testIdx"', '"novel":{"a":[1]},"testIdx"') },
    wholeAt: () => false,
  },
  {
    format: jsonl,
    golden: [{ file: { name: "r.txt", text: lines }, report: { score: "0.5", errored: 1, unscored: ["c"] } }],
    stranger: { name: "r.txt", text: lines.replaceAll('"id"', '"novel":[{}],"id"') },
    // What is missing between two lines shows against the baseline.
    wholeAt: (text, length) => length > 0 && /[}\n]/.test(text[length - 1] ?? ""),
  },
  {
    format: plain,
    golden: [{ file: { name: "r.json", text: whole }, report: { scoreName: "mean score", score: "0.85", passed: 17 } }],
    stranger: { name: "r.json", text: whole.replace("{", '{"novel": {"a": 1}, ') },
    wholeAt: () => false,
  },
];

describe.each(benches.map((bench) => [bench.format.kind, bench] as const))("the laws of formats: %s", (_, bench) => {
  it.each(evalFormatLaws.map((law) => [law.name, law] as const))("%s", (_name, law) => law.check(bench));

  it("is recognized by itself alone", () => {
    for (const { file } of bench.golden) expect(formats.filter((one) => one.recognizes(file))).toEqual([bench.format]);
  });
});
