// Evals: the gate by itself, and the results and baselines that it judges.

import type { EvalReading } from "../../app/eval.js";
import type { GateEvalArguments } from "../../app/gate-eval.js";
import type { Binding, Input } from "../binding.js";
import { cliProblem, UsageProblem } from "../diagnostics.js";

const oneAgent = { name: "<agent>", text: "the agent" };
const score = {
  flags: "--score <name>",
  text: "read this score instead of the pass rate: mean_score, or a named metric",
};
const provider = { flags: "--provider <id>", text: "the candidate, in a file that compares several" };
const resultsFormat = { flags: "--results-format <kind>", text: "jsonl, plain or promptfoo (default: recognized)" };
const suite = { flags: "--suite <name>", text: "the suite (default: the first of the agent's eval gate)" };

export const gateEval: Binding = {
  words: ["gate", "eval"],
  summary: "judge eval results: of two files with no spec, or of the spec's agents",
  arguments: [{ name: "[agents...]", text: "without --results: only these agents (default: all)" }],
  options: [
    { flags: "--results <file>", text: "judge this file; no spec is needed" },
    { flags: "--baseline <file>", text: "compare with this file" },
    { flags: "--min-score <score>", text: "least score, from 0 to 1", default: "0" },
    { flags: "--max-regression <score>", text: "most that may be lost against the baseline", default: "0.05" },
    {
      flags: "--max-errors <share>",
      text: "share of errored items above which results are no evidence",
      default: "0.05",
    },
    score,
    provider,
    resultsFormat,
    { flags: "--suite <name>", text: "name of the suite, for the output" },
    {
      flags: "--decision <rule>",
      text: "point: compare the scores; paired: ask for proof, item by item",
      default: "point",
    },
    { flags: "--changed", text: "without --results: only agents whose revision changed" },
  ],
  example: "rollout gate eval --results r.json --min-score 0.85 --baseline b.json",
  run: async (world, input) => (await import("../../app/gate-eval.js")).gateEval(world, gateEvalArguments(input)),
};

function gateEvalArguments(input: Input): GateEvalArguments {
  const results = input.text("results");
  const agents = input.list(0);
  if (results !== null && agents.length > 0) {
    throw new UsageProblem(
      cliProblem(
        "cli/bad-arguments",
        `--results judges a file by itself; "${agents[0]}" is an agent.`,
        "rollout gate eval --help",
      ),
    );
  }
  return { files: results === null ? null : fileArguments(input, results), agents, changed: input.flag("changed") };
}

function fileArguments(input: Input, results: string): NonNullable<GateEvalArguments["files"]> {
  const decision = input.text("decision");
  if (decision !== "point" && decision !== "paired") {
    throw new UsageProblem(cliProblem("cli/bad-arguments", `--decision is point or paired, not "${decision}".`));
  }
  return {
    results,
    baseline: input.text("baseline"),
    minScore: input.text("minScore") ?? "0",
    maxRegression: input.text("maxRegression") ?? "0.05",
    maxErrors: input.text("maxErrors") ?? "0.05",
    score: input.text("score"),
    provider: input.text("provider"),
    format: input.text("resultsFormat"),
    suite: input.text("suite"),
    decision,
  };
}

export const evalRun: Binding = {
  words: ["eval", "run"],
  summary: "run your eval command with the candidate's models and prompts, and stamp what it writes with the revision",
  arguments: [oneAgent, { name: "<command...>", text: "behind --, run without a shell" }],
  options: [
    { flags: "--results <file>", text: "where the command writes (default: evals.results of the spec)" },
    suite,
    score,
    provider,
    resultsFormat,
  ],
  example: "rollout eval run support -- npx promptfoo eval -o evals/results/support.json",
  run: async (world, input) =>
    (await import("../../app/eval.js")).evalRun(world, {
      ...reading(input),
      command: input.list(1),
      results: input.text("results"),
    }),
};

export const evalRecord: Binding = {
  words: ["eval", "record"],
  summary: "stamp eval results that were made elsewhere with the revision that they are of",
  arguments: [oneAgent, { name: "<file>", text: "the results" }],
  options: [
    { flags: "--revision <revision>", text: "its beginning (default: the one that the spec asks for)" },
    suite,
    score,
    provider,
    resultsFormat,
  ],
  example: "rollout eval record support results.json",
  run: async (world, input) =>
    (await import("../../app/eval.js")).evalRecord(world, {
      ...reading(input),
      file: input.argument(1) ?? "",
      revision: input.text("revision"),
    }),
};

export const evalBaseline: Binding = {
  words: ["eval", "baseline"],
  summary: "write the baseline of what is stable now",
  arguments: [oneAgent, { name: "[file]", text: "results of the stable revision (default: those recorded for it)" }],
  options: [suite, score, provider, resultsFormat],
  example: "rollout eval baseline support results.json",
  run: async (world, input) =>
    (await import("../../app/eval.js")).evalBaseline(world, { ...reading(input), file: input.argument(1) }),
};

function reading(input: Input): EvalReading {
  return {
    agent: input.argument(0) ?? "",
    suite: input.text("suite"),
    score: input.text("score"),
    provider: input.text("provider"),
    format: input.text("resultsFormat"),
  };
}
