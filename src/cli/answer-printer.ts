// An answer on the right stream, in the form that was asked for.

import type { Diagnostic } from "../core/diagnostic/diagnostic.js";
import { renderText } from "../views/render-text.js";
import type { Style } from "../views/style.js";
import type { Answer, PlanView } from "../views/view.js";
import type { Settings } from "./program.js";
import type { Progress } from "./progress.js";
import { ask, type OutputStream, type Terminal } from "./terminal.js";

export interface AnswerPrinter {
  /** The result goes to stdout; problems that stand in its place go to stderr. Of JSON there is exactly one document, whatever happens. */
  readonly print: (answer: Answer) => Promise<void>;
  /** Shows the plan where no document is expected, and takes nothing but `yes` for a yes. */
  readonly confirm: (view: PlanView) => Promise<boolean>;
  /** The same for anything else that is to be confirmed. */
  readonly ask: (question: string) => Promise<boolean>;
}

export interface PrinterParts {
  readonly terminal: Terminal;
  readonly settings: Settings;
  readonly style: (stream: OutputStream) => Style;
  readonly progress: Progress;
  readonly problemsAreTheResult: boolean;
}

export function answerPrinter(parts: PrinterParts): AnswerPrinter {
  const { terminal, settings, style, progress } = parts;
  return {
    print: async (answer) => {
      progress.end();
      await print(parts, answer);
    },
    ask: async (question) => {
      progress.end();
      return (await ask(terminal, question))?.trim() === "yes";
    },
    confirm: async (view) => {
      progress.end();
      const stream = settings.format === "text" ? terminal.stdout : terminal.stderr;
      stream.write(renderText(view, style(stream)));
      const answer = await ask(terminal, '\nApply this plan? Only "yes" is accepted: ');
      return answer?.trim() === "yes";
    },
  };
}

async function print(
  { terminal, settings, style, problemsAreTheResult }: PrinterParts,
  { view, exit }: Answer,
): Promise<void> {
  if (settings.format === "json") {
    const { renderJson } = await import("../views/render-json.js");
    terminal.stdout.write(`${JSON.stringify(renderJson(view), null, 2)}\n`);
    const beside: readonly Diagnostic[] = "warnings" in view ? view.warnings : [];
    if (beside.length > 0)
      terminal.stderr.write(renderText({ kind: "problems", problems: beside, otherwise: "" }, style(terminal.stderr)));
    return;
  }
  if (view.kind === "problems" && exit !== 0 && !problemsAreTheResult) {
    terminal.stderr.write(renderText(view, style(terminal.stderr)));
    return;
  }
  if (settings.format === "text") {
    terminal.stdout.write(renderText(view, style(terminal.stdout)));
    return;
  }
  const { renderMarkdown } = await import("../views/render-markdown.js");
  terminal.stdout.write(renderMarkdown(view, style(terminal.stdout)));
}
