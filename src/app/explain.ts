// `rollout explain CODE`: what a diagnostic means and what to do.

import { diagnostics as configDiagnostics } from "../config/diagnostics.js";
import type { DiagnosticKind } from "../core/diagnostic/diagnostic.js";
import { nearest } from "../core/diagnostic/nearest.js";
import { diagnostics as planDiagnostics } from "../core/plan/diagnostics.js";
import { diagnostics as repoDiagnostics } from "../repo/diagnostics.js";
import { diagnostics as runbookDiagnostics } from "../runbook/diagnostics.js";
import { diagnostics as telemetryDiagnostics } from "../telemetry/diagnostics.js";
import type { Answer } from "../views/view.js";
import { diagnostics as appDiagnostics, appProblem } from "./diagnostics.js";

const ownDiagnostics: readonly DiagnosticKind[] = [
  ...configDiagnostics,
  ...repoDiagnostics,
  ...runbookDiagnostics,
  ...telemetryDiagnostics,
  ...planDiagnostics,
  ...appDiagnostics,
];

/** `also`: codes of rooms that this one may not know. */
export async function explain(args: {
  readonly code: string | null;
  /** Codes of the room that asks. */
  readonly also: readonly DiagnosticKind[];
}): Promise<Answer> {
  const known = [...ownDiagnostics, ...args.also].sort((a, b) => (a.code < b.code ? -1 : 1));
  if (args.code === null) {
    const markdown = known.map(({ code, summary }) => `- \`${code}\`: ${summary}`).join("\n");
    return { view: { kind: "document", title: "Diagnostics", markdown }, exit: 0 };
  }
  const kind = known.find(({ code }) => code === args.code);
  if (kind === undefined) {
    const near = nearest(
      args.code,
      known.map(({ code }) => code),
    );
    const problem = appProblem("explain/unknown-code", {
      detail: `"${args.code}" is not the code of a diagnostic.`,
      hint: near === null ? "rollout explain" : `Did you mean "${near}"?`,
    });
    return { view: { kind: "problems", problems: [problem], otherwise: "" }, exit: 1 };
  }
  const markdown = `# ${kind.code}\n\n**${kind.summary}** (${kind.severity})\n\n${kind.explanation}\n`;
  return { view: { kind: "document", title: kind.code, markdown }, exit: 0 };
}
