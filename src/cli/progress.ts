// What is happening, line by line, on stderr.

import type { Terminal } from "./terminal.js";

export interface Progress {
  readonly say: (line: string) => void;
  /** Takes a line away that was only to be seen meanwhile. */
  readonly end: () => void;
}

/** `transient`: each line takes the place of the one before, and off a terminal none is written. */
export function progressFor({ stderr }: Terminal, { transient }: { readonly transient: boolean }): Progress {
  if (!transient) return { say: (line) => stderr.write(`${line}\n`), end: () => undefined };
  if (stderr.isTTY !== true) return { say: () => undefined, end: () => undefined };
  let shown = false;
  return {
    say: (line) => {
      const room = Math.max(20, (stderr.columns || 80) - 1);
      stderr.write(`\r\u001b[2K${[...line].slice(0, room).join("")}`);
      shown = true;
    },
    end: () => {
      if (shown) stderr.write("\r\u001b[2K");
      shown = false;
    },
  };
}
