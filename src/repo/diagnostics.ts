// The problems that the repository room raises, for `rollout explain` and for printing.

import type { Diagnostic, DiagnosticKind } from "../core/diagnostic/diagnostic.js";
import { spanAt } from "../core/diagnostic/span-at.js";
import { evalFormatDiagnostics } from "../ports/eval-problem.js";

const kinds = {
  "repo/bad-eval-file": [
    "Broken eval file",
    "A file under evals/ that rollout wrote does not have the shape that it writes. Take it from git again, or write it anew with rollout eval record or rollout eval baseline.",
  ],
  "repo/newer-eval-file": [
    "Eval file of a newer format",
    "The file was written by a newer rollout. Use that version, or write the file anew with this one.",
  ],
  "repo/no-file": [
    "File cannot be read",
    "The file is not there or may not be read. Check the path: it is relative to the repository's root.",
  ],
  "repo/bad-yaml": [
    "YAML cannot be edited",
    "The file is not YAML that can be edited without losing something. Repair it; rollout validate shows every problem.",
  ],
  "repo/no-such-step": [
    "Unknown step",
    "The file has no entry for the step. Steps are named in the registry, or inline under agents.<name>.steps.",
  ],
  "repo/no-such-agent": ["Unknown agent", "The file has no agent of this name."],
  "repo/masked-by-override": [
    "An override masks the edit",
    "An override of the same step wins over the registry, so that an edit of the registry would have no effect. Take the override out first, or write the candidate as an override.",
  ],
  "repo/fold-changes-revision": [
    "Folding would change a revision",
    "Folding moves a promoted model from the overrides into the registry and must change nothing else. Here an agent would get another model, most likely because the registry or an override was edited since the promotion. Edit the files by hand.",
  ],
  "repo/bad-model": ["Bad model", "A model is written model@version: what stands behind the last @ is the version."],
  "repo/shared-through-alias": [
    "Value is shared through an alias",
    "The value stands behind a YAML alias or anchor, so that an edit here would change other places too. Write the value out where it is used.",
  ],
} as const;

export type RepoProblemCode = keyof typeof kinds;

/** Of this room, and of the eval formats whose files it reads. */
export const diagnostics: readonly DiagnosticKind[] = [
  ...Object.entries(kinds).map(([code, [summary, explanation]]) => ({
    code,
    severity: "error" as const,
    summary,
    explanation,
  })),
  ...evalFormatDiagnostics,
];

export interface RepoComplaint {
  readonly code: RepoProblemCode;
  readonly detail: string;
  readonly hint?: string | null;
  readonly about?: string;
  /** Null: nowhere in a text. */
  readonly at: {
    readonly file: { readonly name: string; readonly text: string };
    readonly offset: number;
    readonly length?: number;
  } | null;
}

export function repoProblem({ code, detail, hint, about, at }: RepoComplaint): Diagnostic {
  return {
    code,
    severity: "error",
    summary: kinds[code][0],
    detail,
    hint: hint ?? null,
    about: about ?? null,
    span: at === null ? null : spanAt(at.file, at.offset, at.length ?? 1),
  };
}
