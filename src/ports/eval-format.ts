// The door to the result files of eval tools.

import type { Checked } from "../core/diagnostic/diagnostic.js";
import type { EvalResult } from "../core/model/gate.js";

export interface EvalFile {
  /** Relative to where the user stands, for messages. */
  readonly name: string;
  readonly text: string;
}

/** What the user wants out of a file. */
export interface EvalQuestion {
  /** `pass_rate`, `mean_score` or the name of a metric; null: what the format gives when nobody asks. */
  readonly score: string | null;
  /** Whose results, in a file that holds those of several providers; null: the file holds one. */
  readonly provider: string | null;
}

/** What a file says, bound to nothing yet: a result without the revision, the suite, the time and the digest. */
export type EvalReport = Omit<EvalResult, "suite" | "revision" | "recordedAt" | "digest">;

/**
 * One format of result files. Pure: the same text and question give the same report. Problems carry line and column, those of
 * torn files too. Unknown fields are tolerated. An error is not a failure; what was not measured is absent.
 */
export interface EvalFormat {
  /** The name that `--format` takes. */
  readonly kind: string;
  readonly summary: string;
  /** Whether the file looks like this format, even when it is torn. */
  recognizes(file: EvalFile): boolean;
  read(file: EvalFile, question: EvalQuestion): Checked<EvalReport>;
}

export function defineEvalFormat(format: EvalFormat): EvalFormat {
  return format;
}

/** The name of a score as people read it: `pass_rate`, `pass-rate` and `pass rate` are one; a metric keeps its own name. */
export function scoreNameOf(asked: string): string {
  const plain = asked.trim().toLowerCase().replaceAll(/[_-]/g, " ");
  if (plain === "pass rate") return "pass rate";
  if (plain === "mean score" || plain === "score") return "mean score";
  return asked.trim();
}
