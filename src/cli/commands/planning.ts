// Looking ahead and acting: validate, plan, show, apply.

import type { Binding } from "../binding.js";
import { cliProblem, UsageProblem } from "../diagnostics.js";

export const validate: Binding = {
  words: ["validate"],
  summary: "read everything that the spec names, and say every problem at once",
  arguments: [],
  options: [],
  example: "rollout validate",
  answersProblems: true,
  run: async (world) => (await import("../../app/validate.js")).validate(world),
};

export const plan: Binding = {
  words: ["plan"],
  summary: "show what would happen, why, and when the rest could; writes nothing but what --out and --svg ask for",
  arguments: [{ name: "[agents...]", text: "only these agents (default: all)" }],
  options: [
    { flags: "--out <file>", text: "save the plan: single-use, bound to this spec and state, for rollout apply FILE" },
    { flags: "--svg <dir>", text: "write what the gates have seen as pictures, one for each agent and metric" },
    { flags: "--detailed-exitcode", text: "exit 2 when there is something to do (default: 0)" },
  ],
  example: "rollout plan support --out rollout.plan.json",
  run: async (world, input) =>
    (await import("../../app/plan.js")).plan(world, {
      agents: input.list(0),
      out: input.text("out"),
      svg: input.text("svg"),
      detailedExitcode: input.flag("detailedExitcode"),
    }),
};

export const show: Binding = {
  words: ["show"],
  summary: "show a saved plan, or what a revision is made of",
  arguments: [{ name: "<what>", text: "a plan file, or the beginning of a revision (r-3f2a91c)" }],
  options: [],
  example: "rollout show rollout.plan.json",
  run: async (world, input) => (await import("../../app/show.js")).show(world, { what: input.argument(0) ?? "" }),
};

export const apply: Binding = {
  words: ["apply"],
  summary: "do what the plan says: a saved one, or a fresh one that is shown and asked about",
  arguments: [{ name: "[targets...]", text: "a plan file (its name ends in .json), or agents (default: all)" }],
  options: [{ flags: "--auto-approve", text: "ask nobody: for schedules (never adopts or retires an agent)" }],
  example: "rollout apply rollout.plan.json",
  repeatsProgress: true,
  run: async (world, input) => {
    const targets = input.list(0);
    const [file = null] = targets.filter(isPlanFile);
    if (file !== null && targets.length > 1)
      throw new UsageProblem(
        cliProblem("cli/bad-arguments", "A saved plan is applied alone and whole: name one plan file, or agents."),
      );
    return (await import("../../app/apply.js")).apply(world, {
      agents: targets.filter((target) => !isPlanFile(target)),
      file,
      autoApprove: input.flag("autoApprove"),
      confirm: input.confirm,
    });
  },
};

/** Agents' names hold neither dots nor slashes. */
function isPlanFile(target: string): boolean {
  return /[./]/.test(target);
}
