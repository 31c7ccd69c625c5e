// What the command line itself refuses, by code.

import type { Diagnostic, DiagnosticKind } from "../core/diagnostic/diagnostic.js";
import { invariant } from "../core/diagnostic/invariant.js";

export const diagnostics: readonly DiagnosticKind[] = [
  {
    code: "cli/unknown-command",
    severity: "error",
    summary: "Unknown command",
    explanation: "`rollout --help` lists the commands. Nothing was done.",
  },
  {
    code: "cli/unknown-option",
    severity: "error",
    summary: "Unknown option",
    explanation:
      "`rollout COMMAND --help` lists the options of a command. An option that is not known is refused rather than ignored, because a misspelt `--auto-approve` or `--because` would change what happens. Nothing was done.",
  },
  {
    code: "cli/bad-arguments",
    severity: "error",
    summary: "The arguments do not fit the command",
    explanation:
      "An argument is missing, is too many, or has a value that the option does not take. `rollout COMMAND --help` shows what it takes. Nothing was done.",
  },
  {
    code: "cli/file",
    severity: "error",
    summary: "The operating system refused",
    explanation:
      "A file, folder or port could not be used: it does not exist, may not be read or written, is of the wrong kind, or is taken. The message of the operating system names it.",
  },
];

/** A mistake in what was typed. */
export class UsageProblem extends Error {
  override readonly name = "UsageProblem";
  readonly diagnostic: Diagnostic;
  constructor(diagnostic: Diagnostic) {
    super(diagnostic.detail);
    this.diagnostic = diagnostic;
  }
}

/** A problem of one of these codes. */
export function cliProblem(code: string, detail: string, hint: string | null = null): Diagnostic {
  const kind = diagnostics.find((candidate) => candidate.code === code);
  invariant(kind !== undefined, `the diagnostic ${code} is not registered`);
  return { code, severity: kind.severity, summary: kind.summary, detail, hint, about: null, span: null };
}
