// Transcripts: Markdown sessions that are run and compared, line by line. The tutorials are transcripts.
//
// ```console          Lines that open with `$ ` are commands, `> ` continues one; what follows is their exact output, stdout and stderr
//                     as they come. A session is one shell, so `cd`, variables and `$?` carry on from block to block.
// ```yaml file=PATH   Any fence with `file=` writes that file.
// <!-- workspace: DIR -->          Starts from a copy of this folder of the repository, committed.
// <!-- now: 2026-11-23T11:20:00Z -->     Stops the clock there, by the ROLLOUT_NOW that the program's entry reads.
// <!-- normalize: /PATTERN/ -> TEXT -->  Replaces what cannot be the same twice, from here on. Nothing else is ever replaced.
//
// All other text is only text.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { trackedFiles } from "./tracked-files.js";

type Part =
  | { readonly kind: "text"; readonly lines: readonly string[] }
  | { readonly kind: "workspace"; readonly line: string; readonly folder: string }
  | { readonly kind: "now"; readonly line: string; readonly instant: string }
  | { readonly kind: "normalize"; readonly line: string; readonly pattern: RegExp; readonly text: string }
  | { readonly kind: "file"; readonly lines: readonly string[]; readonly path: string; readonly content: string }
  | { readonly kind: "console"; readonly open: string; readonly close: string; readonly steps: readonly Step[] };
/** `typed`: the lines as they stand, with their prompts. */
interface Step {
  readonly typed: readonly string[];
  readonly command: string;
}

export interface TranscriptOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  /** Absolute path of the built program, run by this Node as `rollout`. */
  readonly program: string;
}

/** Markdown of the repository that holds a session. */
export function transcriptFiles(): readonly string[] {
  return trackedFiles().filter(
    (file) =>
      /^(?:README\.md|(?:docs\/guide|test\/cli)\/.*\.md)$/.test(file) &&
      readFileSync(file, "utf8").includes("\n```console\n"),
  );
}

/** The same Markdown with the output that the commands really gave. Equal to `markdown` when the transcript is true. */
export async function playTranscript(markdown: string, options: TranscriptOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rollout-transcript-"));
  const session = await openSession(folder, options);
  try {
    const lines: string[] = [];
    for (const part of parseTranscript(markdown)) lines.push(...(await play(part, session)));
    return lines.join("\n");
  } finally {
    session.shell.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

export function parseTranscript(markdown: string): readonly Part[] {
  const parts: Part[] = [];
  const lines = markdown.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const fence = /^(`{3,})\s*(\S*)(.*)$/.exec(line);
    if (fence === null) {
      parts.push(directive(line) ?? { kind: "text", lines: [line] });
      continue;
    }
    const [, marks = "", language, rest = ""] = fence;
    const end = lines.indexOf(marks, at + 1);
    if (end < 0) throw new Error(`line ${at + 1}: the fence that opens here is never closed`);
    const inside = lines.slice(at + 1, end);
    const path = /\bfile=(\S+)/.exec(rest)?.[1];
    if (language === "console")
      parts.push({ kind: "console", open: line, close: marks, steps: stepsOf(inside, at + 2) });
    else if (path !== undefined)
      parts.push({ kind: "file", lines: lines.slice(at, end + 1), path, content: `${inside.join("\n")}\n` });
    else parts.push({ kind: "text", lines: lines.slice(at, end + 1) });
    at = end;
  }
  return parts;
}

function directive(line: string): Part | null {
  const match = /^<!-- (workspace|now|normalize): (.+) -->$/.exec(line);
  if (match === null) return null;
  const [, kind, value = ""] = match;
  if (kind === "workspace") return { kind, line, folder: value };
  if (kind === "now") return { kind, line, instant: value };
  const rule = /^\/(.+)\/ -> (.*)$/.exec(value);
  if (rule === null) throw new Error(`not a rule of the form /PATTERN/ -> TEXT: ${line}`);
  return { kind: "normalize", line, pattern: new RegExp(rule[1] ?? "", "g"), text: rule[2] ?? "" };
}

function stepsOf(inside: readonly string[], firstLine: number): readonly Step[] {
  const steps: { typed: string[]; command: string }[] = [];
  let continuing = false;
  for (const line of inside) {
    const last = steps.at(-1);
    if (line.startsWith("$ ")) {
      steps.push({ typed: [line], command: line.slice(2) });
      continuing = true;
    } else if (last !== undefined && continuing && /^>( |$)/.test(line)) {
      last.typed.push(line);
      last.command += `\n${line.slice(2)}`;
    } else if (last === undefined) throw new Error(`line ${firstLine}: a console block opens with "$ " and a command`);
    else continuing = false;
  }
  return steps;
}

interface Session {
  readonly folder: string;
  readonly options: TranscriptOptions;
  readonly shell: ChildProcessWithoutNullStreams;
  readonly rules: { readonly pattern: RegExp; readonly text: string }[];
}

/** Nothing of the machine's own settings is seen: no home, no git configuration, no colours, one time zone. */
async function openSession(folder: string, options: TranscriptOptions): Promise<Session> {
  const [work, home, bin] = [join(folder, "work"), join(folder, "home"), join(folder, "bin")];
  for (const path of [work, home, bin]) await mkdir(path);
  await writeFile(join(bin, "rollout"), `#!/bin/sh\nexec "${process.execPath}" "${options.program}" "$@"\n`);
  await chmod(join(bin, "rollout"), 0o755);
  const date = "2026-11-23T09:00:00Z";
  const env = {
    PATH: `${bin}:${dirname(process.execPath)}:${process.env.PATH ?? ""}`,
    HOME: home,
    LANG: "C.UTF-8",
    TZ: "UTC",
    NO_COLOR: "1",
    COLUMNS: "100",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_COUNT: "4",
    GIT_CONFIG_KEY_0: "user.name",
    GIT_CONFIG_VALUE_0: "Ada",
    GIT_CONFIG_KEY_1: "user.email",
    GIT_CONFIG_VALUE_1: "ada@example.com",
    GIT_CONFIG_KEY_2: "init.defaultBranch",
    GIT_CONFIG_VALUE_2: "main",
    GIT_CONFIG_KEY_3: "commit.gpgsign",
    GIT_CONFIG_VALUE_3: "false",
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
  };
  const shell = spawn("bash", ["--noprofile", "--norc"], { cwd: work, env });
  const session: Session = { folder: work, options, shell, rules: [] };
  await execute(session, "exec 2>&1; git init -q");
  return session;
}

async function play(part: Part, session: Session): Promise<readonly string[]> {
  switch (part.kind) {
    case "text":
      return part.lines;
    case "workspace":
      await cp(resolve(session.options.root, part.folder), session.folder, { recursive: true });
      await execute(session, 'git add -A && git commit -q -m "Start"');
      return [part.line];
    case "now":
      await execute(session, `export ROLLOUT_NOW=${part.instant}`);
      return [part.line];
    case "normalize":
      session.rules.push(part);
      return [part.line];
    case "file":
      await mkdir(dirname(join(session.folder, part.path)), { recursive: true });
      await writeFile(join(session.folder, part.path), part.content);
      return part.lines;
    case "console": {
      const lines = [part.open];
      for (const { typed, command } of part.steps)
        lines.push(...typed, ...outputLines(await execute(session, command), session));
      return [...lines, part.close];
    }
  }
}

function outputLines(output: string, { rules }: Session): readonly string[] {
  const text = rules.reduce((shown, { pattern, text: replacement }) => shown.replace(pattern, replacement), output);
  return text === "" ? [] : text.split("\n");
}

const patienceMs = 60_000;

/** Runs one command in the session's shell and returns what it printed, without the last line feed. `$?` stays the command's. */
function execute({ shell }: Session, command: string): Promise<string> {
  const mark = `end-${randomBytes(8).toString("hex")}`;
  return new Promise((resolveOutput, reject) => {
    let output = "";
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      shell.stdout.off("data", read);
      shell.off("exit", ended);
      settle();
    };
    const read = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
      const end = output.indexOf(mark);
      if (end >= 0) finish(() => resolveOutput(output.slice(0, end).replace(/\n$/, "")));
    };
    const ended = (): void => finish(() => reject(new Error(`the shell ended in: ${command}\n${output}`)));
    const timer = setTimeout(
      () => finish(() => reject(new Error(`no end after ${patienceMs / 1000} s of: ${command}\n${output}`))),
      patienceMs,
    );
    shell.stdout.on("data", read);
    shell.on("exit", ended);
    // Without this the command would read the commands that are still to come.
    shell.stdin.write(`{ ${command}\n} </dev/null\n__exit=$?; echo ${mark}; (exit $__exit)\n`);
  });
}
