// Commands that are planned and do not exist yet: they say so, and are never ignored.

import type { Diagnostic } from "../../core/diagnostic/diagnostic.js";
import type { Binding } from "../binding.js";

const planned: readonly (readonly [words: string, summary: string])[] = [
  ["models", "list the models in use and those that retire soon"],
  ["notify", "send a notification"],
  ["gate health", "judge health gates by themselves"],
  ["runbook run", "walk through a runbook"],
  ["runbook drill", "rehearse the rollback in staging"],
  ["incident revert", "write the revert of an incident's change as a branch"],
];

export const notYet: readonly Binding[] = planned.map(([words, summary]) => ({
  words: words.split(" "),
  summary: `${summary} (not built yet)`,
  arguments: [{ name: "[anything...]", text: "not read" }],
  options: [],
  example: `rollout ${words}`,
  notYet: true,
  run: async () => ({ view: { kind: "problems", problems: [problem(words)], otherwise: "" }, exit: 1 }),
}));

function problem(words: string): Diagnostic {
  return {
    code: "config/not-yet",
    severity: "error",
    summary: "Not built yet",
    detail: `The command "rollout ${words}" is planned and not built yet. Nothing was done.`,
    hint: "rollout --help",
    about: null,
    span: null,
  };
}
