// Problems as data: the user's mistakes, collected many at once beside the result.

export interface Span {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  /** How many characters the caret underlines. */
  readonly length: number;
  /** The lines around it, ready to print without the file. */
  readonly snippet: readonly { readonly line: number; readonly text: string }[];
}

export interface Diagnostic {
  /** Permanent: `config/unknown-key`. */
  readonly code: string;
  readonly severity: "error" | "warning";
  /** A few words, the same for every case of this code. */
  readonly summary: string;
  /** What, why, what to do: full sentences, with the user's names. */
  readonly detail: string;
  /** A command to run or a likely correction. */
  readonly hint: string | null;
  /** `strategies.standard.ramp[1]`. */
  readonly about: string | null;
  readonly span: Span | null;
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly problems: readonly Diagnostic[] };

/** What `rollout explain CODE` and the reference page say of a code. */
export interface DiagnosticKind {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly summary: string;
  /** Plain paragraphs: what it means, why it is refused, what to do. */
  readonly explanation: string;
}
