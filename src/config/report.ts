// Collects the problems of one reading.

import type { Diagnostic, Span } from "../core/diagnostic/diagnostic.js";
import { type ConfigCode, summaryOf } from "./diagnostics.js";
import { type ConfigDocument, spanOf } from "./document.js";
import { type DocumentPath, pathKey, pathText } from "./document-path.js";

/** What is wrong, and where. */
export interface Complaint {
  readonly code: ConfigCode;
  readonly detail: string;
  readonly hint?: string | null;
  /** Where it is milder than the code's own. */
  readonly severity?: "warning";
  readonly document: ConfigDocument;
  readonly path: DocumentPath;
  /** Whether the caret stands under the key or under the value; the value where nothing is said. */
  readonly part?: "key" | "value";
}

export interface Report {
  add(complaint: Complaint): void;
  /** For what stands at no path of a document. */
  addAt(problem: {
    readonly code: ConfigCode;
    readonly detail: string;
    readonly hint?: string | null;
    readonly span: Span | null;
  }): void;
  /** Whether there are so many errors that no other is taken. */
  isFull(): boolean;
  /** Whether nothing was said about this path, or anything below it; warnings do not count. */
  isClean(document: ConfigDocument, path: DocumentPath): boolean;
  problems(): readonly Diagnostic[];
  warnings(): readonly Diagnostic[];
}

/** More problems than these have one cause; and longer sentences repeat a text that somebody else wrote. */
const most = { problems: 1_000, characters: 2_000 };

function clipped(detail: string): string {
  return detail.length <= most.characters ? detail : `${detail.slice(0, most.characters)}…`;
}

export function openReport(): Report {
  const errors: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  /** The paths of errors and everything above them, by file: a hostile spec has a hundred thousand. */
  const marred = new Set<string>();
  const file = (diagnostic: Diagnostic): void => {
    (diagnostic.severity === "warning" ? warnings : errors).push(diagnostic);
  };
  return {
    add({ code, detail, hint = null, severity = summaryOf(code).severity, document, path, part = "value" }) {
      if (severity === "error")
        for (let length = path.length; length >= 0; length--) marred.add(keyOf(document, path.slice(0, length)));
      if ((severity === "warning" ? warnings : errors).length >= most.problems) return;
      const { summary } = summaryOf(code);
      const about = path.length === 0 ? null : clipped(pathText(path));
      const span = spanOf(document, path, part);
      file({ code, severity, summary, detail: clipped(detail), hint, about, span });
    },
    addAt({ code, detail, hint = null, span }) {
      const { severity, summary } = summaryOf(code);
      if (errors.length < most.problems)
        file({ code, severity, summary, detail: clipped(detail), hint, about: null, span });
    },
    isFull: () => errors.length >= most.problems,
    isClean: (document, path) => marred.size === 0 || !marred.has(keyOf(document, path)),
    problems: () => inOrder(errors),
    warnings: () => inOrder(warnings),
  };
}

function keyOf({ file }: ConfigDocument, path: DocumentPath): string {
  return `${file}\n${pathKey(path)}`;
}

/** By file, then by place: the order in which people read. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const rank = ({ span }: Diagnostic): readonly [string, number, number] => [
    span?.file ?? "",
    span?.line ?? 0,
    span?.column ?? 0,
  ];
  return [...diagnostics].sort((a, b) => {
    const [fileA, lineA, columnA] = rank(a);
    const [fileB, lineB, columnB] = rank(b);
    if (fileA !== fileB) return fileA < fileB ? -1 : 1;
    return lineA - lineB || columnA - columnB;
  });
}
