// The bindings as a program: parsing, help, and what was mistyped as a problem with its remedy.

import { Command, CommanderError, Option } from "commander";
import type { Binding, Input } from "./binding.js";
import { cliProblem, UsageProblem } from "./diagnostics.js";
import { exitCodesHelp } from "./exit-codes.js";

/** The parsed command line: a binding to run, or text that was asked for (help, the version). */
export type Parsed =
  | {
      readonly kind: "run";
      readonly binding: Binding;
      readonly input: TypedInput;
      readonly settings: Settings;
    }
  | { readonly kind: "said"; readonly text: string; readonly exit: number };

/** What was typed, without what only the terminal can give. */
export type TypedInput = Omit<Input, "ask" | "confirm" | "print" | "known">;

export interface Settings {
  readonly format: "text" | "json" | "markdown";
  readonly color: boolean;
  readonly config: string | null;
  readonly directory: string | null;
}

/** What every command takes. */
export const globalOptions: readonly string[] = [
  "--config",
  "-C",
  "--directory",
  "--format",
  "--no-color",
  "-h",
  "--help",
];

const groups: Readonly<Record<string, string>> = {
  gate: "ask a gate for its verdict",
  eval: "run, record and keep eval results",
  metrics: "bring task records in and look at them",
  runbook: "list, show and check the runbooks",
  incident: "list and show incidents",
  audit: "prove what is recorded",
  fallback: "send everybody to the fallback, and back",
  state: "look at and repair what is recorded",
};

export function parse(
  argv: readonly string[],
  from: { readonly bindings: readonly Binding[]; readonly version: string; readonly columns: number },
): Parsed {
  let parsed: Parsed | null = null;
  const said: string[] = [];
  const program = rootProgram(from.version);
  for (const binding of namedIn(argv, from.bindings)) {
    const command = commandOf(parentOf(program, binding), binding);
    command.action(() => {
      parsed = { kind: "run", binding, input: inputOf(command), settings: settingsOf(program) };
    });
  }
  quieten(program, { said, columns: from.columns });
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "said", text: said.join(""), exit: 0 };
    if (error.code === "commander.help") return { kind: "said", text: said.join(""), exit: 1 };
    throw new UsageProblem(usageProblem(error));
  }
  return parsed ?? { kind: "said", text: program.helpInformation(), exit: 1 };
}

/** Start-up pays for the commands whose first word was typed; all of them are there when none was, to be listed or suggested. */
function namedIn(argv: readonly string[], bindings: readonly Binding[]): readonly Binding[] {
  const named = bindings.filter(({ words: [first] }) => first !== undefined && argv.includes(first));
  return named.length === 0 ? bindings : named;
}

function rootProgram(version: string): Command {
  return new Command("rollout")
    .description(
      "Plan and apply for AI agents: eval-gated, canaried, reversible rollouts of models, prompts and releases.",
    )
    .usage("COMMAND [options]")
    .addOption(new Option("--config <path>", "the spec (default: rollout.config.yaml, here or in a folder above)"))
    .option("-C, --directory <path>", "work as if started there")
    .addOption(
      new Option("--format <format>", "form of the answer on stdout")
        .choices(["text", "json", "markdown"])
        .default("text"),
    )
    .option("--no-color", "no colour; NO_COLOR and FORCE_COLOR are heard too")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help of a command")
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .addHelpText("after", `\n${exitCodesHelp}\n\nExample:\n  rollout plan`);
}

function parentOf(program: Command, { words, notYet = false }: Binding): Command {
  const [group] = words;
  if (words.length === 1 || group === undefined) return program;
  const known = program.commands.find((command) => command.name() === group);
  return known ?? program.command(group, { hidden: notYet }).description(groups[group] ?? group);
}

function commandOf(parent: Command, binding: Binding): Command {
  const name = binding.words.at(-1) ?? "";
  const command = parent
    .command(name, { hidden: binding.notYet ?? false })
    .summary(binding.summary)
    .description(sentence(binding.summary));
  for (const { name: term, text } of binding.arguments) command.argument(term, text);
  for (const option of binding.options) command.option(option.flags, option.text, option.default);
  return command.addHelpText("after", `\nExample:\n  ${binding.example}`);
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

/** Nothing is written and nothing exits in here: what commander would say is kept, and its errors are thrown. */
function quieten(command: Command, at: { readonly said: string[]; readonly columns: number }): void {
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => at.said.push(text),
    writeErr: (text) => at.said.push(text),
    getOutHelpWidth: () => at.columns,
    getErrHelpWidth: () => at.columns,
  });
  for (const child of command.commands) quieten(child, at);
}

function settingsOf(program: Command): Settings {
  const { format, color, config, directory } = program.opts<{
    format: Settings["format"];
    color: boolean;
    config?: string;
    directory?: string;
  }>();
  return { format, color, config: config ?? null, directory: directory ?? null };
}

function inputOf(command: Command): TypedInput {
  const options: Readonly<Record<string, unknown>> = command.opts();
  const text = (name: string): string | null => {
    const value = options[name];
    return typeof value === "string" ? value : null;
  };
  const positional: readonly unknown[] = command.processedArgs;
  return {
    text,
    texts: (name) => {
      const value = options[name];
      return Array.isArray(value) ? value.map(String) : [];
    },
    flag: (name) => options[name] === true,
    count: (name) => {
      const value = text(name);
      if (value === null || /^[1-9]\d{0,8}$/.test(value)) return value === null ? null : Number(value);
      throw badValue(name, value, "a whole number from 1 on");
    },
    duration: (name) => {
      const value = text(name);
      if (value === null) return null;
      const [, count, unit = ""] = /^([1-9]\d{0,5})([smhd])$/.exec(value) ?? [];
      if (count === undefined) throw badValue(name, value, "a duration such as 30m, 6h or 7d");
      return Number(count) * (unitMilliseconds[unit] ?? 0);
    },
    argument: (index) => {
      const value = positional[index];
      return typeof value === "string" ? value : null;
    },
    list: (index) => {
      const value = positional[index];
      return Array.isArray(value) ? value.map(String) : [];
    },
  };
}

const unitMilliseconds: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function badValue(name: string, value: string, wanted: string): UsageProblem {
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return new UsageProblem(cliProblem("cli/bad-arguments", `--${flag} takes ${wanted}, and "${value}" is none.`));
}

const codes: Readonly<Record<string, string>> = {
  "commander.unknownCommand": "cli/unknown-command",
  "commander.unknownOption": "cli/unknown-option",
};

/** Commander says `error: unknown command 'plam'` and, on a line of its own, `(Did you mean plan?)`. */
function usageProblem(error: CommanderError): UsageProblem["diagnostic"] {
  const [first = "", second = ""] = error.message.split("\n");
  const said = first.replace(/^error: /, "").replaceAll("'", '"');
  const detail = sentence(said.replace(/\.$/, ""));
  const meant = /Did you mean (?:one of )?(.+)\?/.exec(second)?.[1];
  const hint =
    meant === undefined
      ? null
      : `Did you mean ${meant
          .split(", ")
          .map((word) => `"${word}"`)
          .join(" or ")}?`;
  return cliProblem(codes[error.code] ?? "cli/bad-arguments", detail, hint);
}
