// The git program: argument lists, a bounded time, nobody asked at a terminal, and what it says when it says no.

import { execa } from "execa";
import { Fault } from "../../../ports/fault.js";

export interface GitCall {
  readonly args: readonly string[];
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface GitEnd {
  readonly ok: boolean;
  readonly out: Buffer;
  /** Everything that it said, in English, in one line. */
  readonly said: string;
  readonly timedOut: boolean;
}

/** Runs git once. Never throws for what git says; throws a `Fault` ("unsupported") where there is no git at all. */
export type Git = (call: GitCall) => Promise<GitEnd>;

/** They say which repository is meant, and would outrank the folder; or they open programs for people. */
const dropped =
  /^(?:GIT_(?:DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX|EXEC_PATH|TEMPLATE_DIR|SHALLOW_FILE|EDITOR|PAGER))$/i;

export function openGit(options: {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly patienceMs: number;
}): Git {
  const inherited = Object.entries(options.env).filter(([name]) => !dropped.test(name));
  const base = { ...Object.fromEntries(inherited), GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
  return async ({ args, input, env }) => {
    const end = await execa("git", args, {
      cwd: options.folder,
      env: { ...base, ...env },
      extendEnv: false,
      encoding: "buffer",
      reject: false,
      stripFinalNewline: false,
      timeout: options.patienceMs,
      forceKillAfterDelay: 1000,
      ...(input === undefined ? { stdin: "ignore" as const } : { input }),
    });
    if (end.code === "ENOENT") {
      throw new Fault("unsupported", "git cannot be run here: install it, or name the folder of a repository");
    }
    const said = Buffer.from(end.stderr).toString("utf8");
    const out = Buffer.from(end.stdout);
    const lines = `${said}\n${end.failed ? out.toString("utf8").slice(0, 4000) : ""}`.split("\n");
    const words = lines.map((line) => line.trim()).filter((line) => line !== "");
    return { ok: !end.failed, out, said: words.join("; "), timedOut: end.timedOut };
  };
}

/** What a failed call means to whoever asked. */
export function gitFault(action: string, { said, timedOut }: GitEnd): Fault {
  if (timedOut) return new Fault("timeout", `${action}: git did not answer in time`);
  const forbidden =
    /returned error: 40[13]|authentication failed|could not read username|permission denied|access denied|not authorized/i;
  if (forbidden.test(said)) {
    return new Fault(
      "rejected",
      `${action}: the remote does not let this user in (${said}). Give the job write access to the repository: in GitHub Actions "permissions: { contents: write }".`,
    );
  }
  const unreachable =
    /could not resolve|unable to access|could not read from remote|connection|does not appear to be a git repository|network|unable to connect|remote end hung up|early eof|rpc failed/i;
  if (unreachable.test(said)) {
    return new Fault(
      "unreachable",
      `${action}: the remote cannot be reached (${said}). Nothing moves until it can; to take a canary's traffic away without the state: rollout abort AGENT --break-glass.`,
    );
  }
  return new Fault("rejected", `${action}: ${said}`);
}
