// `rollout runbook check`: what would let somebody down at two in the morning.

import type { Diagnostic } from "../core/diagnostic/diagnostic.js";
import { nearest } from "../core/diagnostic/nearest.js";
import { metricNames } from "../core/metric/session-values.js";
import type { Instant } from "../core/model/units.js";
import { runbookProblem } from "./diagnostics.js";
import { type Mention, mentionsOf } from "./mentions.js";
import { type Runbook, type RunbookFile, readRunbook } from "./runbook.js";

/** A command as the command line knows it: `{ words: ["metrics", "show"], options: [{ flags: "--window <duration>" }] }`. */
export interface KnownCommand {
  readonly words: readonly string[];
  readonly options: readonly { readonly flags: string }[];
  /** Answers that it does not exist yet, which helps nobody. */
  readonly notYet?: boolean;
}

export interface CheckRequest {
  readonly files: readonly RunbookFile[];
  readonly commands: readonly KnownCommand[];
  /** Options that every command takes, such as `--format`. */
  readonly options: readonly string[];
  /** Names of the spec's agents; null where the spec cannot be read. */
  readonly agents: readonly string[] | null;
  /** Whether a path, relative to the repository's root, is there. */
  readonly exists: (path: string) => Promise<boolean>;
  readonly now: Instant;
}

/** Every problem of every runbook, in the order of the files. */
export async function checkRunbooks(request: CheckRequest): Promise<readonly Diagnostic[]> {
  const problems: Diagnostic[] = [];
  for (const file of request.files) {
    const read = readRunbook(file);
    problems.push(...(read.ok ? await checkRunbook(request, file, read.value) : read.problems));
  }
  return problems;
}

async function checkRunbook(
  request: CheckRequest,
  file: RunbookFile,
  runbook: Runbook,
): Promise<readonly Diagnostic[]> {
  const problems: Diagnostic[] = [...unknownAgents(request, file, runbook), ...overdue(request, file, runbook)];
  for (const mention of mentionsOf(runbook)) {
    const problem = await checkMention(request, file, mention);
    if (problem !== null) problems.push(problem);
  }
  return problems;
}

async function checkMention(request: CheckRequest, file: RunbookFile, mention: Mention): Promise<Diagnostic | null> {
  const { kind, text, offset } = mention;
  const place = { offset, length: text.length };
  if (kind === "command") return checkCommand(request, file, mention);
  if (kind === "metric") {
    if ((metricNames as readonly string[]).includes(text)) return null;
    const detail = `"${text}" is not a metric that rollout measures.`;
    return runbookProblem(file, {
      code: "runbook/unknown-metric",
      detail,
      hint: didYouMean(text, metricNames),
      ...place,
    });
  }
  if (await request.exists(text)) return null;
  return runbookProblem(file, { code: "runbook/no-such-path", detail: `${text} is not there.`, ...place });
}

function checkCommand(
  { commands, options }: CheckRequest,
  file: RunbookFile,
  { text, offset }: Mention,
): Diagnostic | null {
  const typed = text.split(/\s+/).slice(1);
  const place = { offset, length: text.length };
  const built = commands.filter(({ notYet }) => notYet !== true);
  const matching = built.filter(({ words }) => words.every((word, index) => typed[index] === word));
  const command = matching.sort((a, b) => b.words.length - a.words.length)[0];
  if (command === undefined) {
    const names = built.map(({ words }) => words.join(" "));
    const plain = typed.filter((word) => /^[a-z-]+$/.test(word) && !word.startsWith("-")).slice(0, 2);
    const hint = didYouMean(plain.join(" "), names) ?? didYouMean(plain[0] ?? "", names);
    return runbookProblem(file, {
      code: "runbook/unknown-command",
      detail: `There is no command "${text}".`,
      hint,
      ...place,
    });
  }
  const known = [...options, ...command.options.flatMap(({ flags }) => flags.match(/--?[\w-]+/g) ?? [])];
  const wrong = optionsOf(typed).find((option) => !known.includes(option));
  if (wrong === undefined) return null;
  const detail = `rollout ${command.words.join(" ")} has no option ${wrong}.`;
  return runbookProblem(file, { code: "runbook/unknown-command", detail, hint: didYouMean(wrong, known), ...place });
}

/** Behind `--` stands somebody else's command. */
function optionsOf(typed: readonly string[]): readonly string[] {
  const end = typed.indexOf("--");
  const own = end < 0 ? typed : typed.slice(0, end);
  return own.filter((word) => word.startsWith("-")).map((word) => word.split("=")[0] ?? word);
}

function unknownAgents({ agents }: CheckRequest, file: RunbookFile, runbook: Runbook): readonly Diagnostic[] {
  const unknown = agents === null ? [] : (runbook.agents ?? []).filter((name) => !agents.includes(name));
  return unknown.map((name) => {
    const detail = `${runbook.path} is for the agent "${name}", which the spec does not have.`;
    const offset = Math.max(0, file.text.indexOf(name));
    return runbookProblem(file, {
      code: "runbook/unknown-agent",
      detail,
      hint: didYouMean(name, agents ?? []),
      about: "agents",
      offset,
      length: name.length,
    });
  });
}

function overdue(
  { now }: CheckRequest,
  file: RunbookFile,
  { reviewed, reviewEvery, owner, path }: Runbook,
): readonly Diagnostic[] {
  const due = Date.parse(`${reviewed}T00:00:00Z`) + reviewEvery;
  if (now <= due) return [];
  const since = new Date(due).toISOString().slice(0, 10);
  const detail = `${path} was reviewed on ${reviewed} and the next review was due on ${since}: it is for ${owner} to do.`;
  const offset = Math.max(0, file.text.indexOf(reviewed));
  return [
    runbookProblem(file, {
      code: "runbook/review-overdue",
      detail,
      about: "reviewed",
      offset,
      length: reviewed.length,
    }),
  ];
}

function didYouMean(word: string, known: readonly string[]): string | null {
  const guess = nearest(word, known);
  return guess === null ? null : `Did you mean "${guess}"?`;
}
