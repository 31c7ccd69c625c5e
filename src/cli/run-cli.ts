// The skin: what was typed goes in, an answer comes out on the right stream, and the exit code says what happened.

import { resolve } from "node:path";
import type { World } from "../app/world.js";
import type { Diagnostic } from "../core/diagnostic/diagnostic.js";
import { renderText } from "../views/render-text.js";
import type { Style } from "../views/style.js";
import type { Answer, PlanView, View } from "../views/view.js";
import type { Binding, Input } from "./binding.js";
import { bindings } from "./commands.js";
import { cliProblem, UsageProblem } from "./diagnostics.js";
import { interrupted } from "./exit-codes.js";
import { parse, type Settings, type TypedInput } from "./program.js";
import { ask, isInteractive, type OutputStream, styleFor, type Terminal } from "./terminal.js";

export interface WorldOptions {
  /** Absolute. */
  readonly cwd: string;
  readonly config: string | null;
  readonly interactive: boolean;
  readonly say: (line: string) => void;
  readonly stop: AbortSignal;
}

export interface Parts {
  readonly makeWorld: (options: WorldOptions) => World;
  readonly process: Terminal;
  /** Of the package. */
  readonly version: string;
  /** The commands; others than the product's own are for tests. */
  readonly bindings?: readonly Binding[];
}

/** Returns the exit code. Throws nothing: what nobody foresaw is reported as a bug of ours. */
export async function runCli(argv: readonly string[], parts: Parts): Promise<number> {
  const { process: terminal } = parts;
  try {
    const columns = styleFor(terminal, terminal.stdout, { color: false, now: 0 as never }).width;
    const parsed = parse(argv, { bindings: parts.bindings ?? bindings, version: parts.version, columns });
    if (parsed.kind === "run") return await runBinding(parts, parsed);
    const stream = parsed.exit === 0 ? terminal.stdout : terminal.stderr;
    stream.write(parsed.text);
    return parsed.exit;
  } catch (error) {
    return explainFailure(error, { terminal, argv });
  }
}

interface Asked {
  readonly binding: Binding;
  readonly input: TypedInput;
  readonly settings: Settings;
}

async function runBinding(parts: Parts, { binding, input, settings }: Asked): Promise<number> {
  const { process: terminal, makeWorld } = parts;
  const stop = new AbortController();
  const heard = hearSignals(terminal, stop);
  const world = makeWorld({
    cwd: resolve(terminal.cwd(), settings.directory ?? "."),
    config: settings.config,
    interactive: isInteractive(terminal),
    say: (line) => terminal.stderr.write(`${line}\n`),
    stop: stop.signal,
  });
  const style = (stream: OutputStream): Style =>
    styleFor(terminal, stream, { color: settings.color, now: world.now() });
  const printer: Printer = { terminal, settings, style, problemsAreTheResult: binding.answersProblems === true };
  const reports = settings.format === "text" ? terminal.stdout : terminal.stderr;
  const whole: Input = {
    ...input,
    confirm: (view) => confirm(printer, view),
    print: (line) => reports.write(`${line}\n`),
  };
  try {
    let answer = await answered(binding, world, whole);
    await print(printer, answer);
    const seconds = binding.repeat?.(whole) ?? null;
    while (seconds !== null && (await pause(seconds * 1000, stop.signal))) {
      answer = await answered(binding, world, whole);
      if (terminal.stdout.isTTY) terminal.stdout.write("\u001b[H\u001b[2J");
      await print(printer, answer);
    }
    const signal = heard.signal();
    return signal === null ? answer.exit : interrupted[signal];
  } finally {
    heard.end();
  }
}

async function answered(binding: Binding, world: World, input: Input): Promise<Answer> {
  const { answering } = await import("../app/refusal.js");
  return answering(() => binding.run(world, input));
}

/** The first signal asks the run to stop after the effect in flight; the second ends it on the spot. */
function hearSignals(
  terminal: Terminal,
  stop: AbortController,
): { readonly signal: () => keyof typeof interrupted | null; readonly end: () => void } {
  let first: keyof typeof interrupted | null = null;
  const listener = (signal: keyof typeof interrupted) => (): void => {
    if (first !== null) terminal.exit(interrupted[signal]);
    first = signal;
    terminal.stderr.write(
      "Stopping: what is under way is finished and recorded first. Interrupt again to stop at once.\n",
    );
    stop.abort();
  };
  const listeners = { SIGINT: listener("SIGINT"), SIGTERM: listener("SIGTERM") };
  terminal.on("SIGINT", listeners.SIGINT);
  terminal.on("SIGTERM", listeners.SIGTERM);
  return {
    signal: () => first,
    end: () => {
      terminal.off("SIGINT", listeners.SIGINT);
      terminal.off("SIGTERM", listeners.SIGTERM);
    },
  };
}

/** False when the run was asked to stop meanwhile. */
function pause(milliseconds: number, stop: AbortSignal): Promise<boolean> {
  if (stop.aborted) return Promise.resolve(false);
  return new Promise((resolvePause) => {
    const timer = setTimeout(() => {
      stop.removeEventListener("abort", wake);
      resolvePause(true);
    }, milliseconds);
    const wake = (): void => {
      clearTimeout(timer);
      resolvePause(false);
    };
    stop.addEventListener("abort", wake, { once: true });
  });
}

interface Printer {
  readonly terminal: Terminal;
  readonly settings: Settings;
  readonly style: (stream: OutputStream) => Style;
  readonly problemsAreTheResult: boolean;
}

/** The result goes to stdout; problems that stand in its place go to stderr. Of JSON there is exactly one document, whatever happens. */
async function print(
  { terminal, settings, style, problemsAreTheResult }: Printer,
  { view, exit }: Answer,
): Promise<void> {
  if (settings.format === "json") {
    const { renderJson } = await import("../views/render-json.js");
    terminal.stdout.write(`${JSON.stringify(renderJson(view), null, 2)}\n`);
    const beside: readonly Diagnostic[] = "warnings" in view ? view.warnings : [];
    if (beside.length > 0) terminal.stderr.write(problemsText(beside, style(terminal.stderr)));
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

/** Shows the plan where no document is expected, and takes nothing but `yes` for a yes. */
async function confirm({ terminal, settings, style }: Printer, view: PlanView): Promise<boolean> {
  const stream = settings.format === "text" ? terminal.stdout : terminal.stderr;
  stream.write(renderText(view, style(stream)));
  const answer = await ask(terminal, '\nApply this plan? Only "yes" is accepted: ');
  return answer?.trim() === "yes";
}

const systemErrors = /^E[A-Z]+$/;

/** A mistake of the user's is a problem with its remedy; anything unforeseen is ours, and says how to report it. */
async function explainFailure(
  error: unknown,
  at: { readonly terminal: Terminal; readonly argv: readonly string[] },
): Promise<number> {
  const { terminal } = at;
  const known = knownProblem(error);
  if (known !== null) {
    const style = styleFor(terminal, terminal.stderr, { color: true, now: 0 as never });
    terminal.stderr.write(problemsText([known], style));
    const view: View = { kind: "problems", problems: [known], otherwise: "" };
    if (wantsJson(at.argv)) {
      const { renderJson } = await import("../views/render-json.js");
      terminal.stdout.write(`${JSON.stringify(renderJson(view), null, 2)}\n`);
    }
    return 1;
  }
  terminal.stderr.write(bugReport(error, at));
  return 1;
}

function knownProblem(error: unknown): Diagnostic | null {
  if (error instanceof UsageProblem) return error.diagnostic;
  if (!(error instanceof Error) || !("code" in error)) return null;
  const isSystem = typeof error.code === "string" && systemErrors.test(error.code) && "syscall" in error;
  return isSystem ? cliProblem("cli/file", `${error.message}.`) : null;
}

function problemsText(problems: readonly Diagnostic[], style: Style): string {
  return renderText({ kind: "problems", problems, otherwise: "" }, style);
}

function bugReport(error: unknown, at: { readonly terminal: Terminal; readonly argv: readonly string[] }): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = at.terminal.env.ROLLOUT_DEBUG === "1" && error instanceof Error ? [error.stack ?? ""] : [];
  const lines = [
    "This is a bug in rollout, not a mistake of yours.",
    `  ${message}`,
    "  What was recorded before it stays recorded; the next rollout apply goes on from there.",
    "  Please report it with the output of:",
    `      ROLLOUT_DEBUG=1 rollout ${at.argv.join(" ")}`,
    ...stack,
  ];
  return `${lines.join("\n")}\n`;
}

/** Known before the command line could be parsed. */
function wantsJson(argv: readonly string[]): boolean {
  return (
    argv.includes("--format=json") || argv.some((word, index) => word === "--format" && argv[index + 1] === "json")
  );
}
