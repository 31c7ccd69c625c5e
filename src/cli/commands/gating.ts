// Evals: the gate by itself.

import type { GateEvalArguments } from "../../app/gate-eval.js";
import type { Binding, Input } from "../binding.js";
import { cliProblem, UsageProblem } from "../diagnostics.js";

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
    { flags: "--score <name>", text: "judge this score instead of the pass rate: mean_score, or a named metric" },
    { flags: "--provider <id>", text: "the candidate, in a file that compares several" },
    { flags: "--results-format <kind>", text: "jsonl, plain or promptfoo (default: recognized)" },
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
