// Git, through simple-git: plumbing commands in one repository, their limits, and their failures as faults.

import { type SimpleGitOptions, simpleGit } from "simple-git";
import { Fault } from "../ports/fault.js";

export interface GitExtras {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface Git {
  /** What the command prints, without the line break at its end. Throws a `Fault`. */
  readonly run: (args: readonly string[], extras?: GitExtras) => Promise<string>;
  /** The same, byte for byte. */
  readonly text: (args: readonly string[]) => Promise<string>;
  /** Null where the command fails: for questions whose answer may be no. */
  readonly ask: (args: readonly string[]) => Promise<string | null>;
}

/** A command that says nothing for so long is given up. */
const silenceMs = 60_000;

/** They say which repository is meant, and would outrank the folder; or they open programs for people. */
const dropped =
  /^(?:GIT_(?:DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX|EXEC_PATH|TEMPLATE_DIR|EXTERNAL_DIFF|EDITOR|SEQUENCE_EDITOR|PAGER)|EDITOR|VISUAL|PAGER|PREFIX)$/i;

export function openGit(folder: string, env: Readonly<Record<string, string | undefined>>): Git {
  const inherited = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !dropped.test(entry[0]),
  );
  const base = { ...Object.fromEntries(inherited), GIT_TERMINAL_PROMPT: "0", LC_ALL: "C", GIT_LITERAL_PATHSPECS: "1" };
  const text = async (args: readonly string[], extras: GitExtras = {}): Promise<string> => {
    const all = { ...base, ...extras.env };
    try {
      return await simpleGit(optionsOf(folder, Object.keys(all), extras.input))
        .env(all)
        .raw([...args]);
    } catch (error) {
      throw gitFault(error, args);
    }
  };
  const run = async (args: readonly string[], extras: GitExtras = {}) => (await text(args, extras)).replace(/\n$/, "");
  return { text, run, ask: (args) => run(args).catch(() => null) };
}

/** The environment is the user's own, and git obeys it here as it does in their shell. */
function optionsOf(
  folder: string,
  allowEnvironment: readonly string[],
  input: string | undefined,
): Partial<SimpleGitOptions> {
  return {
    baseDir: folder,
    allowEnvironment,
    timeout: { block: silenceMs },
    // Some commands say no by their exit code alone.
    errors: (error, { exitCode, stdOut, stdErr }) => {
      if (error !== undefined || exitCode === 0) return error;
      const said = Buffer.concat([...stdErr, ...stdOut]);
      return said.length > 0 ? said : Buffer.from(`exit code ${exitCode}`);
    },
    unsafe: {
      allowUnsafeSshCommand: true,
      allowUnsafeAskPass: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeConfigEnvCount: true,
      allowUnsafeGitProxy: true,
    },
    ...(input === undefined ? {} : { input: () => input }),
  };
}

function gitFault(error: unknown, args: readonly string[]): Fault {
  const said = error instanceof Error ? error.message.trim() : String(error);
  const line = said
    .split("\n")
    .filter((part) => part.trim() !== "")
    .join("; ");
  const unreachable =
    /could not resolve|unable to access|could not read from remote|connection|does not appear to be a git repository|network/i;
  const kind = /block timeout/i.test(said) ? "timeout" : unreachable.test(said) ? "unreachable" : "rejected";
  return new Fault(kind, `git ${args[0]}: ${line}`, { cause: error });
}
