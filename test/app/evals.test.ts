/** Eval results and what they are bound to: run, record, baseline, and the gate in both of its forms. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { evalBaseline, evalRecord, evalRun } from "../../src/app/eval.js";
import { type GateEvalFileArguments, gateEval } from "../../src/app/gate-eval.js";
import { answering } from "../../src/app/refusal.js";
import { openRouter } from "../../src/sdk/open-router.js";
import type { Answer } from "../../src/views/view.js";
import {
  action,
  adopted,
  beginning,
  bumped,
  codes,
  evaluated,
  lineOf,
  prepared,
  scheduled,
  support,
} from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;
const beginWith = beginning((copy) => {
  at = copy;
});

const reading = { agent: support as string, suite: null, score: null, provider: null, format: null };
const items = (passed: number, failed: number): string =>
  [...Array(passed + failed).keys()].map((id) => JSON.stringify({ id: `item-${id}`, pass: id < passed })).join("\n");
const overridden = (w: Workspace) =>
  w.edit("rollout.config.yaml", "\nstrategies:", "\ncanary:\n  overrides: { planning: opus@2 }\n\nstrategies:");

describe("eval run", () => {
  const spec = (oneAgent["rollout.config.yaml"] ?? "").replace(
    "evals: {",
    "evals: { results: 'out/{agent}-{suite}.jsonl',",
  );
  beginWith(() => prepared({ ...oneAgent, "rollout.config.yaml": spec }, overridden));

  /** A team's eval program: Node, as text. */
  const running = (program: string, results: string | null = null): Promise<Answer> =>
    answering(() => evalRun(at.world(), { ...reading, results, command: [process.execPath, "-e", program] }));
  const writes = (file: string, text: string): string =>
    `require("node:fs").mkdirSync("out",{recursive:true});require("node:fs").writeFileSync(${JSON.stringify(file)},${JSON.stringify(text)});`;

  test("the command finds the candidate in its environment, and what it writes is stamped with the candidate's revision", async () => {
    const environment = `const e=process.env;require("node:fs").writeFileSync("env.json",JSON.stringify(Object.fromEntries(Object.entries(e).filter(([k])=>k.startsWith("ROLLOUT_")))));`;
    const answer = await running(environment + writes("out/support-default.jsonl", items(9, 1)));
    expect([answer.exit, lineOf(answer)]).toEqual([
      0,
      expect.stringMatching(/recorded for r-[0-9a-f]{7}: pass rate 0\.9 \(9 passed, 1 failed, 0 errored\)/),
    ]);
    const env = JSON.parse(at.read("env.json")) as Record<string, string>;
    expect(env).toMatchObject({
      ROLLOUT_AGENT: "support",
      ROLLOUT_MODEL_PLANNING: "opus@2",
      ROLLOUT_MODEL_PARSING: "haiku@1",
    });
    expect(at.read(`evals/results/support/${env.ROLLOUT_REVISION}.json`)).toContain(env.ROLLOUT_REVISION);
    const router = await openRouter(env.ROLLOUT_SNAPSHOT ?? "");
    const route = router.route("anybody");
    expect([route.revision, router.getModel("planning", route)?.version, router.getPrompt("system", route)]).toEqual([
      env.ROLLOUT_REVISION,
      "2",
      "You help customers.\n",
    ]);
    await router.close();
  });

  test("a command that fails and leaves new results: they count, and its exit code is said", async () => {
    const answer = await running(`${writes("out/support-default.jsonl", items(5, 5))}process.exit(3)`);
    expect([answer.exit, lineOf(answer)]).toEqual([0, expect.stringMatching(/^the command ended with 3\nrecorded/)]);
  });

  test.each([
    ["fails", "process.exit(3)", /ended with 3 and wrote no new results to out\/support-default\.jsonl/],
    ["succeeds", "", /ended with 0 and wrote no new results to out\/support-default\.jsonl/],
  ])("results of an earlier run are never stamped: the command %s and writes nothing", async (_, program, because) => {
    at.write("out/support-default.jsonl", items(10, 0));
    const answer = await running(program);
    expect([codes(answer), lineOf(answer)]).toEqual([["eval/command-failed"], expect.stringMatching(because)]);
  });

  test("the same results again are new results", async () => {
    at.write("out/support-default.jsonl", items(10, 0));
    expect((await running(writes("out/support-default.jsonl", items(10, 0)))).exit).toBe(0);
  });

  test("there is no such program", async () => {
    const answer = await answering(() =>
      evalRun(at.world(), { ...reading, results: null, command: ["./no-such-program"] }),
    );
    expect(codes(answer)).toEqual(["eval/command-failed"]);
  });

  test("where the results are is said by the option, or has to be", async () => {
    expect((await running(writes("out/mine.jsonl", items(1, 0)), "out/mine.jsonl")).exit).toBe(0);
    at.write("rollout.config.yaml", oneAgent["rollout.config.yaml"] ?? "");
    expect(codes(await running(""))).toEqual(["eval/no-results"]);
  });

  test("results that cannot be read are told with their place", async () => {
    const answer = await running(
      writes("out/support-default.jsonl", '{"id":"a","pass":true}\n{"id":"b","pass":"maybe"}'),
    );
    expect(answer.exit).toBe(1);
    expect(answer.view.kind === "problems" && answer.view.problems[0]?.span).toMatchObject({
      file: "out/support-default.jsonl",
      line: 2,
    });
  });
});

describe("eval record and eval baseline", () => {
  beginWith(() => prepared(oneAgent, adopted, overridden, (w) => w.write("r.jsonl", items(18, 2))));
  const recording = (revision: string | null, file = "r.jsonl"): Promise<Answer> =>
    answering(() => evalRecord(at.world(), { ...reading, file, revision }));
  const baseline = (file: string | null): Promise<Answer> =>
    answering(() => evalBaseline(at.world(), { ...reading, file }));

  test("results belong to one revision, and to no other", async () => {
    expect((await action(at)).code).toBe("gate/eval-waits");
    expect((await recording(null)).exit).toBe(0);
    expect((await action(at)).code).toBe("gate/eval-fails");
    at.edit("rollout.config.yaml", "opus@2", "opus@3");
    expect((await action(at)).code).toBe("gate/eval-waits");
  });

  test("a revision by its beginning; one that nobody knows", async () => {
    const to = (await action(at)).to ?? "";
    expect(lineOf(await recording(to.slice(0, 9)))).toContain(`recorded for ${to.slice(0, 9)}`);
    expect(codes(await recording("r-0000000"))).toEqual(["revision/unknown"]);
  });

  test("a file that is not there", async () => {
    expect(codes(await recording(null, "none.jsonl"))).toEqual(["file/missing"]);
  });

  test("a second suite stands beside the first", async () => {
    await recording(null);
    await evalRecord(at.world(), { ...reading, suite: "gaia", file: "r.jsonl", revision: null });
    const { to } = await action(at);
    const { suites } = JSON.parse(at.read(`evals/results/support/${to}.json`)) as { suites: object };
    expect(Object.keys(suites)).toEqual(["default", "gaia"]);
  });

  test("the baseline is what is stable, not what is tried, and is written once", async () => {
    expect(lineOf(await baseline("r.jsonl"))).toMatch(/wrote evals\/baselines\/support\.json/);
    expect(lineOf(await baseline(null))).toMatch(/says so already/);
    await evaluated(at);
    expect((await scheduled(at)).exit).toBe(0);
    expect(JSON.parse(at.read("evals/baselines/support.json"))).toMatchObject({
      suites: { default: { score: 0.9 } },
    });
  });

  test("nothing to make a baseline of", async () => {
    at.remove("evals");
    expect(codes(await baseline(null))).toEqual(["eval/no-results"]);
  });
});

describe("gate eval with two files and no spec", () => {
  beginWith(() => prepared({}));
  const asked = (args: Partial<GateEvalFileArguments>): Promise<Answer> => {
    const files = {
      results: "r.jsonl",
      baseline: null,
      minScore: "0.85",
      maxRegression: "0.05",
      maxErrors: "0",
      score: null,
      provider: null,
      format: null,
      suite: null,
      decision: "point",
      ...args,
    } as const;
    return answering(() => gateEval(at.world(), { files, agents: [], changed: false }));
  };

  test.each([
    ["passes", items(17, 3), items(18, 2), 0],
    ["is below the minimum", items(16, 4), items(16, 4), 12],
    ["is worse than the baseline", items(17, 3), items(20, 0), 12],
    ["has items that errored", `${items(19, 0)}\n{"id":"e","error":"timeout"}`, items(19, 0), 13],
  ])("it %s", async (_, results, before, exit) => {
    at.write("r.jsonl", results);
    at.write("b.jsonl", before);
    const answer = await asked({ baseline: "b.jsonl" });
    expect([answer.view.kind, answer.exit]).toEqual(["verdict", exit]);
  });

  test("the plain file that every team has", async () => {
    at.write("r.json", '{"mean_score": 0.85}');
    at.write("b.json", '{"mean_score": 0.90}');
    expect((await asked({ results: "r.json", baseline: "b.json" })).exit).toBe(0);
    at.write("b.json", '{"mean_score": 0.9000001}');
    expect((await asked({ results: "r.json", baseline: "b.json" })).exit).toBe(12);
  });

  test("a file that is not there, and a number that is none", async () => {
    expect(codes(await asked({}))).toEqual(["file/missing"]);
    at.write("r.jsonl", items(1, 0));
    const answer = await asked({ minScore: "85%" });
    expect([answer.exit, answer.view.kind]).toEqual([1, "problems"]);
  });
});

describe("gate eval of the spec's agents", () => {
  beginWith(() => prepared(oneAgent, adopted));
  const asked = (changed: boolean, agents: readonly string[] = []): Promise<Answer> =>
    answering(() => gateEval(at.world(), { files: null, agents, changed }));
  const rows = ({ view }: Answer) =>
    view.kind === "verdict" ? view.rows.map(({ subject, verdict }) => [subject, verdict.result]) : [];

  test("what serves already was let in before: nothing is asked", async () => {
    for (const changed of [true, false]) {
      const answer = await asked(changed);
      expect([rows(answer), answer.exit]).toEqual([[], 0]);
    }
  });

  test("changed: without results it waits, with them it passes or fails", async () => {
    overridden(at);
    for (const changed of [true, false]) {
      const answer = await asked(changed);
      expect([rows(answer), answer.exit]).toEqual([[["support", "wait"]], 13]);
    }
    await evaluated(at);
    expect((await asked(true)).exit).toBe(0);
    at.write("bad.jsonl", items(1, 19));
    await evalRecord(at.world(), { ...reading, file: "bad.jsonl", revision: null });
    expect((await asked(true)).exit).toBe(12);
  });

  test("an agent that nobody adopted is asked about all the same", async () => {
    at.remove(".rollout");
    at.remove("live");
    await bumped(at);
    expect([rows(await asked(true)), rows(await asked(false))]).toEqual([[["support", "pass"]], [["support", "pass"]]]);
  });

  test("an agent that is named and not in the spec is no pass", async () => {
    at.edit("rollout.config.yaml", "  support:", "  sales:");
    expect(codes(await asked(false, ["support"]))).toEqual(["agent/unknown"]);
  });

  test("a name that is none", async () => {
    expect(codes(await asked(false, ["suport"]))).toEqual(["agent/unknown"]);
  });
});

test("a snapshot for evals is nobody's live route", async () => {
  at = await prepared(oneAgent);
  await evalRun(at.world(), {
    ...reading,
    results: "r.jsonl",
    command: [process.execPath, "-e", `require("node:fs").writeFileSync("r.jsonl",'{"id":"a","pass":true}')`],
  });
  expect(at.git("status", "--short")).not.toContain("live");
  expect(at.read(join(".rollout", "eval", "support.json"))).toContain('"lineage": "eval"');
  at.remove();
});
