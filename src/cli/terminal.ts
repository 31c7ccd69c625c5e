// What the skin needs of the process that it runs in; Node's own `process` has it.

import type { Readable } from "node:stream";
import type { Instant } from "../core/model/units.js";
import type { Style } from "../views/style.js";

export interface OutputStream {
  write(text: string): unknown;
  on?(event: "error", listener: (error: Error) => void): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface Terminal {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined };
  readonly env: Readonly<Record<string, string | undefined>>;
  cwd(): string;
  on(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  off(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  exit(code: number): never;
}

const columnsOffTerminal = 100;
const leastColumns = 40;

/** How text looks on one of the streams. `--no-color`, then FORCE_COLOR, then NO_COLOR, then whether anybody looks. */
export function styleFor(
  terminal: Terminal,
  stream: OutputStream,
  as: { readonly color: boolean; readonly now: Instant },
): Style {
  const { env } = terminal;
  const columns = stream.isTTY ? stream.columns : Number(env.COLUMNS);
  return {
    color: as.color && wantsColor(env, stream.isTTY === true),
    width: Math.max(leastColumns, columns || columnsOffTerminal),
    now: as.now,
    unicode: showsUnicode(env),
  };
}

function wantsColor(env: Terminal["env"], watched: boolean): boolean {
  const forced = env.FORCE_COLOR;
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false;
  return watched && env.TERM !== "dumb";
}

/** A locale that names another encoding shows ASCII alone; none named is what CI has, and shows everything. */
function showsUnicode(env: Terminal["env"]): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  return locale === "" || /utf-?8/i.test(locale);
}

/** Somebody sits there to be asked. Asks stderr first: Node opens stdin when it is first touched. */
export function isInteractive({ stdin, stderr }: Terminal): boolean {
  return stderr.isTTY === true && stdin.isTTY === true;
}

/** Asks on stderr and reads one line; null when the input ends without one. */
export async function ask(terminal: Terminal, question: string): Promise<string | null> {
  const { createInterface } = await import("node:readline");
  terminal.stderr.write(question);
  const lines = createInterface({ input: terminal.stdin });
  try {
    return await new Promise((resolve) => {
      lines.once("line", resolve);
      lines.once("close", () => resolve(null));
    });
  } finally {
    lines.close();
  }
}
