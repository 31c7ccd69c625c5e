// What can be wrong with a runbook.

import type { Diagnostic, DiagnosticKind } from "../core/diagnostic/diagnostic.js";
import { spanAt } from "../core/diagnostic/span-at.js";

const kinds = {
  "runbook/no-front-matter": [
    "Runbook without front matter",
    "A runbook begins with YAML between two lines of three dashes: its title, what leads to it (on), its owner, and when somebody last walked through it (reviewed).",
  ],
  "runbook/bad-front-matter": [
    "Bad front matter of a runbook",
    "The front matter says what a runbook is for and who keeps it. Its keys are title, on, agents, owner, reviewed and review_every.",
  ],
  "runbook/unknown-command": [
    "Runbook with an unknown command",
    "A command in a shell block of the runbook does not exist. At two in the morning nobody should find that out: correct it.",
  ],
  "runbook/no-such-path": [
    "Runbook with a missing path",
    "The runbook names a file of the repository that is not there. Correct the path, or take it out.",
  ],
  "runbook/unknown-metric": [
    "Runbook with an unknown metric",
    "The runbook names a metric that rollout does not measure. Correct the name; rollout metrics show lists those that there are.",
  ],
  "runbook/unknown-agent": [
    "Runbook for an unknown agent",
    "The front matter names an agent that the spec does not have. Correct the name, or take it out.",
  ],
  "runbook/review-overdue": [
    "Runbook not reviewed in time",
    "The last review is longer ago than review_every allows. Walk through the runbook, correct what has changed, and set reviewed to today.",
  ],
} as const;

export type RunbookProblemCode = keyof typeof kinds;

export const diagnostics: readonly DiagnosticKind[] = Object.entries(kinds).map(([code, [summary, explanation]]) => ({
  code,
  severity: "error",
  summary,
  explanation,
}));

export interface RunbookComplaint {
  readonly code: RunbookProblemCode;
  readonly detail: string;
  readonly hint?: string | null;
  readonly about?: string;
  readonly offset: number;
  readonly length?: number;
}

export function runbookProblem(
  file: { readonly name: string; readonly text: string },
  complaint: RunbookComplaint,
): Diagnostic {
  return {
    code: complaint.code,
    severity: "error",
    summary: kinds[complaint.code][0],
    detail: complaint.detail,
    hint: complaint.hint ?? null,
    about: complaint.about ?? null,
    span: spanAt(file, complaint.offset, complaint.length ?? 1),
  };
}
