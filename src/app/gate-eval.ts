// `rollout gate eval`: two files and two numbers, no spec; or, without files, the eval gate of the spec's agents.

import { resolve } from "node:path";
import { parseDecimal } from "../core/gate/decimal.js";
import { evalOpinion } from "../core/plan/start.js";
import { look } from "../engine/look.js";
import type { EvalFile } from "../ports/eval-format.js";
import { gateEvalFiles } from "../repo/gate-eval-files.js";
import type { Answer, VerdictView } from "../views/view.js";
import { Refusal, refuse } from "./refusal.js";
import { chargesOf, runOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface GateEvalArguments {
  /** The file form; null: the spec form. */
  readonly files: GateEvalFileArguments | null;
  readonly agents: readonly string[];
  /** Only agents whose desired revision is not their stable one. */
  readonly changed: boolean;
}
export interface GateEvalFileArguments {
  readonly results: string;
  readonly baseline: string | null;
  /** Decimal strings between 0 and 1. */
  readonly minScore: string;
  readonly maxRegression: string;
  readonly maxErrors: string;
  readonly score: string | null;
  readonly provider: string | null;
  readonly format: string | null;
  readonly suite: string | null;
  readonly decision: "point" | "paired";
}

/** Exit 0 when the gate passes, 12 when it fails, 13 when it waits. */
export async function gateEval(world: World, args: GateEvalArguments): Promise<Answer> {
  return args.files === null ? gateEvalSpec(world, args) : gateEvalOfFiles(world, args.files);
}

async function gateEvalOfFiles(world: World, args: GateEvalFileArguments): Promise<Answer> {
  const results = await readFile(world, args.results);
  const baseline = args.baseline === null ? null : await readFile(world, args.baseline);
  for (const [name, value] of Object.entries({
    minScore: args.minScore,
    maxRegression: args.maxRegression,
    maxErrors: args.maxErrors,
  })) {
    checkShare(name, value);
  }
  const { format, suite, minScore, maxRegression, maxErrors, decision, score, provider } = args;
  const formats = await world.open.evalFormats();
  const question = { score, provider };
  const judged = gateEvalFiles({
    results,
    baseline,
    formats,
    format,
    question,
    suite,
    minScore,
    maxRegression,
    maxErrors,
    decision,
  });
  if (!judged.ok) throw new Refusal(judged.problems);
  const { verdict } = judged.value;
  return answer([{ subject: args.results, verdict, result: null }]);
}

/** Scores and shares are fractions: 85 % is 0.85. */
function checkShare(name: string, text: string): void {
  const value = parseDecimal(text);
  const number = value === null ? Number.NaN : Number(text);
  if (number >= 0 && number <= 1) return;
  const option = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  refuse("eval/bad-number", {
    detail: `${option} is a number from 0 to 1, and "${text}" is not.`,
    hint: `${option} 0.85`,
  });
}

async function readFile(world: World, name: string): Promise<EvalFile> {
  const text = await world.files.read(resolve(world.cwd, name));
  if (text === null) refuse("file/missing", { detail: `There is no file "${name}".`, about: name });
  return { name, text };
}

async function gateEvalSpec(world: World, args: GateEvalArguments): Promise<Answer> {
  return withSession(world, { readOnly: true }, async (session) => {
    const run = await runOf(session, { person: true, plan: null, reads: true });
    const rows: VerdictView["rows"][number][] = [];
    for (const charge of await chargesOf(session, args.agents)) {
      if (charge.spec === null) {
        const { agent } = charge;
        if (args.agents.length > 0) refuse("agent/unknown", { detail: `"${agent}" is not in the spec.`, about: agent });
        continue;
      }
      const { situation } = await look(run, charge, { remember: false });
      const { revision } = charge.spec;
      // What serves already was let in before: there is nothing to judge.
      if (revision.id === situation.state.stable) continue;
      const opinion = evalOpinion(situation, charge.spec);
      if (opinion !== null) rows.push({ subject: charge.agent, verdict: opinion.verdict, result: null });
    }
    return answer(rows);
  });
}

function answer(rows: VerdictView["rows"]): Answer {
  const results = rows.map(({ verdict }) => verdict.result);
  const exit = results.includes("fail") ? 12 : results.includes("wait") ? 13 : 0;
  return { view: { kind: "verdict", gate: "eval", rows }, exit };
}
