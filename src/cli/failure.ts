// What ended a run before it could answer: the user's mistake with its remedy, or a bug of ours with how to report it.

import type { Diagnostic } from "../core/diagnostic/diagnostic.js";
import { renderText } from "../views/render-text.js";
import type { View } from "../views/view.js";
import { cliProblem, UsageProblem } from "./diagnostics.js";
import { styleFor, type Terminal } from "./terminal.js";

interface Ended {
  readonly terminal: Terminal;
  readonly argv: readonly string[];
}

/** Returns the exit code. A stack is shown for bugs alone, and only with ROLLOUT_DEBUG=1. */
export async function explainFailure(error: unknown, at: Ended): Promise<number> {
  const { terminal, argv } = at;
  const known = knownProblem(error);
  if (known === null) {
    terminal.stderr.write(bugReport(error, at));
    return 1;
  }
  const view: View = { kind: "problems", problems: [known], otherwise: "" };
  const color = !argv.includes("--no-color");
  terminal.stderr.write(renderText(view, styleFor(terminal, terminal.stderr, { color, now: 0 as never })));
  if (wantsJson(argv)) {
    const { renderJson } = await import("../views/render-json.js");
    terminal.stdout.write(`${JSON.stringify(renderJson(view), null, 2)}\n`);
  }
  return 1;
}

function knownProblem(error: unknown): Diagnostic | null {
  if (error instanceof UsageProblem) return error.diagnostic;
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return null;
  return /^E[A-Z]+$/.test(String(error.code)) ? cliProblem("cli/file", `${error.message}.`) : null;
}

function bugReport(error: unknown, { terminal, argv }: Ended): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = terminal.env.ROLLOUT_DEBUG === "1" && error instanceof Error ? [error.stack ?? ""] : [];
  const lines = [
    "This is a bug in rollout, not a mistake of yours.",
    `  ${message}`,
    "  What was recorded before it stays recorded; the next rollout apply goes on from there.",
    "  Please report it with the output of:",
    `      ROLLOUT_DEBUG=1 rollout ${argv.join(" ")}`,
    ...stack,
  ];
  return `${lines.join("\n")}\n`;
}

/** The command line may be what could not be parsed. */
function wantsJson(argv: readonly string[]): boolean {
  return (
    argv.includes("--format=json") || argv.some((word, index) => word === "--format" && argv[index + 1] === "json")
  );
}
