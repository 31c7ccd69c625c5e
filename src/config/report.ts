// Collects the problems of one reading.

import type { Diagnostic, Span } from "../core/diagnostic/diagnostic.js";
import { type ConfigCode, summaryOf } from "./diagnostics.js";
import { type ConfigDocument, spanOf } from "./document.js";
import { type DocumentPath, isWithin, pathText } from "./document-path.js";

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
  const errors: { readonly diagnostic: Diagnostic; readonly file: string; readonly path: DocumentPath | null }[] = [];
  const warnings: Diagnostic[] = [];
  const file = (diagnostic: Diagnostic, name: string, path: DocumentPath | null): void => {
    if (diagnostic.severity === "warning") warnings.push(diagnostic);
    else errors.push({ diagnostic, file: name, path });
  };
  return {
    add({ code, detail, hint = null, severity = summaryOf(code).severity, document, path, part = "value" }) {
      const { summary } = summaryOf(code);
      const about = path.length === 0 ? null : pathText(path);
      const span = spanOf(document, path, part);
      file({ code, severity, summary, detail: clipped(detail), hint, about, span }, document.file, path);
    },
    addAt({ code, detail, hint = null, span }) {
      const { severity, summary } = summaryOf(code);
      file({ code, severity, summary, detail: clipped(detail), hint, about: null, span }, span?.file ?? "", null);
    },
    isClean: (document, path) =>
      !errors.some((error) => error.file === document.file && error.path !== null && isWithin(error.path, path)),
    problems: () => inOrder(errors.map(({ diagnostic }) => diagnostic)).slice(0, most.problems),
    warnings: () => inOrder(warnings),
  };
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
