// The skin: what was typed goes in, an answer comes out on the right stream, and the exit code says what happened.

import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { World } from "../app/world.js";
import type { Style } from "../views/style.js";
import type { Answer } from "../views/view.js";
import { answerPrinter } from "./answer-printer.js";
import type { Binding, Input } from "./binding.js";
import { bindings } from "./commands.js";
import { cliProblem, UsageProblem } from "./diagnostics.js";
import { interrupted } from "./exit-codes.js";
import { explainFailure } from "./failure.js";
import { globalOptions, parse, type Settings, type TypedInput } from "./program.js";
import { progressFor } from "./progress.js";
import { hearSignals } from "./signals.js";
import { isInteractive, type OutputStream, styleFor, type Terminal } from "./terminal.js";

export interface WorldOptions {
  /** Absolute. */
  readonly cwd: string;
  readonly config: string | null;
  readonly interactive: boolean;
  readonly say: (line: string) => void;
  readonly stop: AbortSignal;
  readonly lastWords: World["lastWords"];
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
  // A reader that has seen enough (`| head`) must not end what is under way.
  for (const stream of [terminal.stdout, terminal.stderr]) stream.on?.("error", () => undefined);
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
  const cwd = folderOf(terminal, settings.directory);
  const stop = new AbortController();
  const hearing = hearSignals(terminal, stop);
  const document = settings.format !== "text";
  const progress = progressFor(terminal, { transient: binding.repeatsProgress === true && !document });
  const world = makeWorld({
    cwd,
    config: settings.config,
    interactive: isInteractive(terminal),
    say: progress.say,
    stop: stop.signal,
    lastWords: hearing.lastWords,
  });
  const style = (stream: OutputStream): Style =>
    styleFor(terminal, stream, { color: settings.color, now: world.now() });
  const problemsAreTheResult = binding.answersProblems === true;
  const printer = answerPrinter({ terminal, settings, style, progress, problemsAreTheResult });
  const reports = document ? terminal.stderr : terminal.stdout;
  const known = { commands: parts.bindings ?? bindings, options: globalOptions };
  const whole: Input = {
    ...input,
    known,
    confirm: printer.confirm,
    ask: printer.ask,
    print: (line) => reports.write(`${line}\n`),
  };
  try {
    let answer = await answered(binding, world, whole);
    await printer.print(answer);
    const seconds = binding.repeat?.(whole) ?? null;
    if (seconds !== null) {
      const { lookAgain } = await import("./look-again.js");
      const watch = async (changed: () => void) => (await import("../app/watch.js")).watchState(world, changed);
      await lookAgain({ everyMs: seconds * 1000, stop: stop.signal, watch }, async () => {
        answer = await answered(binding, world, whole);
        if (terminal.stdout.isTTY) terminal.stdout.write("\u001b[H\u001b[2J");
        await printer.print(answer);
      });
    }
    const signal = hearing.signal();
    return signal === null ? answer.exit : interrupted[signal];
  } finally {
    hearing.end();
  }
}

function folderOf(terminal: Terminal, directory: string | null): string {
  if (directory === null) return terminal.cwd();
  const folder = resolve(terminal.cwd(), directory);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw new UsageProblem(cliProblem("cli/bad-arguments", `There is no folder "${directory}".`));
}

async function answered(binding: Binding, world: World, input: Input): Promise<Answer> {
  const { answering } = await import("../app/refusal.js");
  return answering(() => binding.run(world, input));
}
