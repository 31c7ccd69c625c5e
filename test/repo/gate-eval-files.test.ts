import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import jsonl from "../../src/providers/evals/jsonl.js";
import plain from "../../src/providers/evals/plain.js";
import promptfoo from "../../src/providers/evals/promptfoo.js";
import { type GateEvalRequest, gateEvalFiles } from "../../src/repo/gate-eval-files.js";

const request = {
  baseline: null,
  formats: [promptfoo, jsonl, plain],
  format: null,
  question: { score: null, provider: null },
  suite: null,
  minScore: "0.85",
  maxRegression: "0.05",
  maxErrors: "0.05",
  decision: "point",
} as const;

function gate(results: string, baseline: string | null, changes: Partial<GateEvalRequest> = {}) {
  return gateEvalFiles({
    ...request,
    results: { name: "r.json", text: results },
    baseline: baseline === null ? null : { name: "b.json", text: baseline },
    ...changes,
  });
}

function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/evals/promptfoo/${name}`, import.meta.url), "utf8");
}

const committed = (scoreName: string, score: number) =>
  JSON.stringify({ format: 1, suites: { swe: { scoreName, score, best: 0.95, revision: null, recordedAt: null } } });

describe("the eval gate over two files", () => {
  it.each([
    ["exact at both edges", '{"mean_score": 0.85}', '{"mean_score": 0.90}', "pass", /0\.05 below the baseline 0\.9/],
    ["a hair too low", '{"mean_score": 0.8499}', '{"mean_score": 0.85}', "fail", /0\.8499 is below the minimum/],
    ["too much lost", '{"mean_score": 0.86}', '{"mean_score": 0.92}', "fail", /0\.06 below the baseline 0\.92/],
    ["no baseline", '{"mean_score": 0.86}', null, "wait", /Name the results of what serves today with --baseline/],
    ["a baseline without a score", '{"mean_score": 0.86}', '{"mean_score": null}', "wait", /b\.json has no score/],
    [
      "a committed baseline",
      '{"mean_score": 0.86}',
      committed("mean score", 0.9),
      "pass",
      /best baseline ever, 0\.95, is 0\.09/,
    ],
    [
      "a committed baseline of another score",
      '{"mean_score": 0.86}',
      committed("pass rate", 0.9),
      "wait",
      /do not compare/,
    ],
    [
      "two formats",
      '{"id":"a","pass":true}\n{"id":"b","error":"x"}',
      '{"pass_rate": 0.9}',
      "wait",
      /1 of 2 results are errors \(50 %/,
    ],
  ] as const)("%s", (...[, results, baseline, expected, because]) => {
    const answer = gate(results, baseline);
    if (!answer.ok) throw new Error(JSON.stringify(answer.problems));
    expect(answer.value.verdict.because).toMatch(because);
    expect(answer.value.verdict.result).toBe(expected);
  });

  it("catches the real collapse, with the published paired figures", () => {
    const files = [fixture("gaia.claude-sonnet-4-6.json"), fixture("gaia.claude-sonnet-4-5.json")] as const;
    const answer = gate(...files, { minScore: "0.5" });
    if (!answer.ok) throw new Error(JSON.stringify(answer.problems));
    expect(answer.value.verdict.result).toBe("fail");
    expect(answer.value.verdict.because).toMatch(
      /^Pass rate 0\.1333 is below the minimum 0\.5, 0\.5939 below the baseline 0\.7273/,
    );
    expect(answer.value.verdict.because).toMatch(/22 passed, 143 failed, 0 errored, 0 missing\./);
    const [figures] = answer.value.verdict.figures.suites as unknown as readonly Record<string, number>[];
    expect(figures).toMatchObject({ improved: 8, regressed: 106 });
    expect(figures?.pairedDifference).toBeCloseTo(-0.593939, 6);
    expect(figures?.pairedError).toBeCloseTo(0.0454077, 6);
    expect((figures?.mcnemar ?? 0) / 5.72297e-23).toBeCloseTo(1, 5);
    const mean = gate(...files, {
      minScore: "0.5",
      maxRegression: "0.3",
      question: { score: "score", provider: null },
    });
    expect(mean).toMatchObject({ ok: true, value: { verdict: { result: "pass" } } });
  });

  it("reports the problems of both files at once", () => {
    const answer = gate('{"mean_score": 85}', '{"format": 1, "suites": {"a": {"score": 2}}}');
    expect(answer.ok ? [] : answer.problems.map(({ code, about }) => `${code} ${about}`)).toEqual([
      "eval/bad-score mean_score",
      "repo/bad-eval-file suites.a.score",
      "repo/bad-eval-file suites.a.scoreName",
    ]);
    const unknown = gate("<xml/>", null, { format: "promptfo" });
    expect(unknown).toMatchObject({
      ok: false,
      problems: [{ code: "eval/unknown-format", hint: 'Did you mean "promptfoo"?' }],
    });
    expect(gate("<xml/>", null)).toMatchObject({
      ok: false,
      problems: [{ code: "eval/unknown-format", detail: expect.stringMatching(/promptfoo, jsonl, plain/) }],
    });
  });
});
