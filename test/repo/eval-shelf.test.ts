import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AgentSpec } from "../../src/core/model/spec.js";
import type { AgentId, Instant, RevisionId } from "../../src/core/model/units.js";
import jsonl from "../../src/providers/evals/jsonl.js";
import plain from "../../src/providers/evals/plain.js";
import { baselineText, nextBaseline, readBaselineFile, readResultsFile } from "../../src/repo/eval-file.js";
import { openEvalShelf } from "../../src/repo/eval-shelf.js";
import { recordBaseline, recordEval, resultsPath } from "../../src/repo/record-eval.js";

const agent = "support" as AgentId;
const revision = `r-${"3".repeat(64)}` as RevisionId;
const template = "evals/results/{agent}/{digest}.json";
const evals = {
  results: "evals/results/support.json",
  resultsByDigest: template,
  baseline: "evals/baselines/{agent}.json",
  commit: "direct",
};
const spec = { agent, evals } as unknown as AgentSpec;
const now = Date.UTC(2026, 2, 1, 9, 30) as Instant;

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rollout-shelf-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

function shelf() {
  return openEvalShelf({ root, agentSpec: (name) => (name === agent ? spec : null) });
}

function recorded(text: string, changes: Partial<Parameters<typeof recordEval>[0]> = {}) {
  const request = {
    agent,
    revision,
    suite: "default",
    recordedAt: now,
    existing: null,
    formats: [jsonl, plain],
    format: null,
  };
  const result = recordEval({
    ...request,
    file: { name: "r.txt", text },
    question: { score: null, provider: null },
    ...changes,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

const rows = '{"id":"a","pass":true}\n{"id":"b","pass":false}\n{"id":"c","error":"x"}\n{"id":"d","pass":true}';

describe("clusters", () => {
  const grouped = '{"id":"b","pass":true,"cluster":"x"}\n{"id":"a","pass":true,"cluster":"x"}\n{"id":"c","pass":true}';

  it("are kept with results and go into the baseline with them", async () => {
    const { text, result } = recorded(grouped);
    expect(result.clusters).toEqual({ a: "x", b: "x" });
    put(resultsPath(template, agent, revision), text);
    expect(await shelf().result(agent, "default", revision)).toEqual(result);
    const next = nextBaseline({}, [result]);
    const written = baselineText(next);
    expect(readBaselineFile({ name: "b.json", text: written })).toMatchObject({ ok: true, value: next });
    expect(next.default?.clusters).toEqual({ a: "x", b: "x" });
    const plainAgain = nextBaseline(next, [recorded(rows).result]);
    expect(plainAgain.default).not.toHaveProperty("clusters");
  });

  it("are absent in files from before there were any, and refused where they name nothing", () => {
    const older = { default: { scoreName: "pass rate", score: 1, best: 1, byItem: { a: 1 } } };
    const file = (suites: unknown): string => JSON.stringify({ format: 1, suites });
    const read = readBaselineFile({ name: "b.json", text: file(older) });
    expect(read.ok && read.value.default).not.toHaveProperty("clusters");
    for (const clusters of [{ a: 1 }, { a: "" }, ["a"]]) {
      const bad = readBaselineFile({ name: "b.json", text: file({ default: { ...older.default, clusters } }) });
      expect(bad).toMatchObject({ ok: false, problems: [{ code: "repo/bad-eval-file" }] });
    }
  });
});

describe("the eval shelf", () => {
  it("gives back what was recorded, and nothing for other revisions and suites", async () => {
    const path = resultsPath(template, agent, revision);
    expect(path).toBe(`evals/results/support/${revision}.json`);
    const { text, result } = recorded(rows);
    put(path, text);
    const read = await shelf().result(agent, "default", revision);
    expect(read).toEqual(result);
    expect(read).toMatchObject({
      score: "0.666666666667",
      passed: 2,
      failed: 1,
      errored: 1,
      unscored: ["c"],
      recordedAt: now,
      byItem: { a: 1, b: 0, d: 1 },
    });
    expect(await shelf().result(agent, "gaia", revision)).toEqual({
      missing: expect.stringMatching(/no suite gaia \(they have default\).*--suite gaia/),
    });
    const other = `r-${"4".repeat(64)}` as RevisionId;
    expect(await shelf().result(agent, "default", other)).toEqual({
      missing: expect.stringMatching(/no eval results of r-4444444: .*rollout eval record support FILE/),
    });
    put(resultsPath(template, agent, other), text);
    expect(await shelf().result(agent, "default", other)).toEqual({
      missing: expect.stringMatching(/holds the results of r-3333333, not of r-4444444/),
    });
    expect(await shelf().result("sales" as AgentId, "default", revision)).toEqual({
      missing: expect.stringMatching(/no agent sales/),
    });
  });

  it("keeps other suites when one is recorded again", () => {
    const first = recorded(rows, { suite: "swe" }).text;
    const second = recorded('{"mean_score": 0.5}', { suite: "gaia", existing: { name: "x", text: first } }).text;
    const third = recorded('{"mean_score": 0.6}', { suite: "gaia", existing: { name: "x", text: second } }).text;
    const read = readResultsFile({ name: "x", text: third });
    expect(read.ok && Object.values(read.value.suites).map(({ suite, score }) => [suite, score])).toEqual([
      ["gaia", "0.6"],
      ["swe", "0.666666666667"],
    ]);
    expect(
      recordEval({
        ...({} as Parameters<typeof recordEval>[0]),
        existing: { name: "x", text: "{" },
        file: { name: "r", text: "[" },
        formats: [plain],
        format: "plain",
        question: { score: null, provider: null },
      }),
    ).toMatchObject({
      ok: false,
      problems: [{ code: "repo/bad-eval-file" }, { code: "eval/not-json" }],
    });
  });

  it("does not take a team's own file for results of a revision", async () => {
    put("evals/results/support.json", '{"mean_score": 0.99}');
    expect(await shelf().result(agent, "default", revision)).toEqual({
      missing:
        "evals/results/support.json is not bound to a revision: if it was made with r-3333333, say so with rollout eval record support evals/results/support.json",
    });
  });

  it("reads the baseline, and names the command that writes one", async () => {
    expect(await shelf().baseline(agent, "default")).toEqual({
      missing: expect.stringMatching(/rollout eval baseline support/),
    });
    const { result } = recorded(rows);
    const baseline = recordBaseline(null, [result]);
    if (!baseline.ok || baseline.value.text === null) throw new Error("no baseline");
    put("evals/baselines/support.json", baseline.value.text);
    expect(await shelf().baseline(agent, "default")).toEqual({
      suite: "default",
      revision,
      recordedAt: now,
      scoreName: "pass rate",
      score: "0.666666666667",
      best: "0.666666666667",
      byItem: { a: 1, b: 0, d: 1 },
    });
    expect(await shelf().baseline(agent, "gaia")).toEqual({
      missing: expect.stringMatching(/no eval baseline of the suite gaia/),
    });
    put(
      "evals/baselines/support.json",
      '{\n  "format": 1,\n  "suites": { "default": { "score": 7, "scoreName": "pass rate" } }\n}',
    );
    expect(await shelf().baseline(agent, "default")).toEqual({
      missing: expect.stringMatching(
        /^evals\/baselines\/support\.json:3:37: .*suites\.default\.score: a score between 0 and 1/,
      ),
    });
  });
});

describe("the baseline", () => {
  const baselineAfter = (existing: string | null, score: string, scoreName = "pass rate") => {
    const result = { ...recorded(rows).result, score, scoreName };
    const next = recordBaseline(existing === null ? null : { name: "b", text: existing }, [result]);
    if (!next.ok) throw new Error(JSON.stringify(next.problems));
    return next.value;
  };

  it("remembers the best score that there ever was", () => {
    const first = baselineAfter(null, "0.9").text;
    const second = baselineAfter(first, "0.85");
    expect(second.suites.default).toMatchObject({ score: "0.85", best: "0.9" });
    expect(baselineAfter(second.text, "0.95").suites.default).toMatchObject({ score: "0.95", best: "0.95" });
    expect(baselineAfter(second.text, "0.8", "mean score").suites.default).toMatchObject({ score: "0.8", best: "0.8" });
  });

  it("is left alone by results that change nothing, and by those without a score", () => {
    const first = baselineAfter(null, "0.9").text;
    expect(baselineAfter(first, "0.9").text).toBeNull();
    const nothing = recordBaseline(null, [{ ...recorded(rows).result, score: null }]);
    expect(nothing).toMatchObject({ ok: true, value: { text: null, suites: {} } });
  });

  it.each([
    ["{", "repo/bad-eval-file 1:2"],
    ["{}", "repo/bad-eval-file 1:1"],
    ['{"format": 2}', "repo/newer-eval-file 1:12"],
    ['{"format": 1, "suites": []}', "repo/bad-eval-file 1:25"],
    ['{"format": 1, "suites": {"a": {"score": "x", "scoreName": "s"}}}', "repo/bad-eval-file 1:41"],
    ['{"format": 1, "suites": {"a": {"score": 1, "scoreName": "s", "revision": "r-1"}}}', "repo/bad-eval-file 1:74"],
    [
      '{"format": 1, "suites": {"a": {"score": 1, "scoreName": "s", "recordedAt": "today"}}}',
      "repo/bad-eval-file 1:76",
    ],
    ['{"format": 1, "suites": {"a": {"score": 1, "scoreName": "s", "byItem": {"i": 2}}}}', "repo/bad-eval-file 1:78"],
  ])("refuses %s", (text, expected) => {
    const read = readBaselineFile({ name: "b.json", text });
    expect(read.ok ? [] : read.problems.map(({ code, span }) => `${code} ${span?.line}:${span?.column}`)).toEqual([
      expected,
    ]);
  });

  it("may be written by hand with a score alone", () => {
    expect(
      readBaselineFile({
        name: "b",
        text: '{"format": 1, "suites": {"a": {"score": "0.90", "scoreName": "pass rate", "note": "by hand"}}}',
      }),
    ).toMatchObject({
      ok: true,
      value: { a: { score: "0.9", best: "0.9", revision: null, recordedAt: null, byItem: null } },
    });
  });
});
