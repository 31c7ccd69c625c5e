// A terminal in memory: what was written to which stream, what is typed, which signals arrive.

import { Readable } from "node:stream";
import type { Terminal } from "../../src/cli/terminal.js";

export interface MemoryTerminal extends Terminal {
  readonly out: () => string;
  readonly err: () => string;
  readonly send: (signal: "SIGINT" | "SIGTERM") => void;
}

/** The program was ended on the spot. */
export class Exited extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

export interface MemoryTerminalOptions {
  readonly tty?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** What is typed, line by line; then the input ends. */
  readonly typed?: readonly string[];
}

export function memoryTerminal({
  tty = false,
  columns = 80,
  env = {},
  typed = [],
}: MemoryTerminalOptions = {}): MemoryTerminal {
  const written = { out: "", err: "" };
  const listeners = new Map<string, Set<() => void>>();
  const stream = (name: "out" | "err"): Terminal["stdout"] => ({
    isTTY: tty,
    columns,
    write: (text) => {
      written[name] += text;
    },
  });
  return {
    stdout: stream("out"),
    stderr: stream("err"),
    stdin: Object.assign(Readable.from(typed.map((line) => `${line}\n`)), { isTTY: tty }),
    env,
    cwd: () => "/repository",
    on: (signal, listener) => listeners.set(signal, new Set([...(listeners.get(signal) ?? []), listener])),
    off: (signal, listener) => listeners.get(signal)?.delete(listener),
    exit: (code) => {
      throw new Exited(code);
    },
    out: () => written.out,
    err: () => written.err,
    send: (signal) => {
      for (const listener of listeners.get(signal) ?? []) listener();
    },
  };
}
