/** One breach of the house's import rules, with what to do about it. */
export interface Violation {
  readonly rule: RuleName;
  readonly file: string;
  readonly line: number;
  /** What was found, in one sentence. */
  readonly found: string;
  /** What the offender does instead. */
  readonly remedy: string;
}

export type RuleName =
  | "rooms"
  | "core-is-pure"
  | "generated-is-types"
  | "providers-are-strangers"
  | "dependency-free"
  | "effects-at-the-rim"
  | "no-cycles"
  | "no-orphans"
  | "no-barrels"
  | "src-never-imports-test";

export function describeViolation({ rule, file, line, found, remedy }: Violation): string {
  return `${file}:${line}  ${rule}\n    ${found}\n    ${remedy}`;
}
