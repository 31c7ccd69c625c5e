// Tells nginx, or another program, to read its configuration again. No shell.

import { resolve } from "node:path";
import { Fault } from "../../../ports/fault.js";

export interface Reload {
  /** The repository's root, absolute: where the program is run. */
  readonly root: string;
  readonly run: readonly string[];
  readonly signal: AbortSignal;
  /** Milliseconds that it may take: 10 000, unless said otherwise. */
  readonly patience?: number;
}

/** What it said last has so long to arrive. */
const graceMs = 500;

/** Throws a `Fault` when it cannot be run or says no, as nginx does of a configuration with a mistake; the old one stays in force then. */
export async function reload({ root, run, signal, patience = 10_000 }: Reload): Promise<void> {
  const { execa } = await import("execa");
  const [name = "", ...args] = run;
  const running = execa(name.includes("/") ? resolve(root, name) : name, args, {
    cwd: root,
    timeout: patience,
    cancelSignal: signal,
    maxBuffer: 65_536,
    stdin: "ignore",
    stdout: "ignore",
    reject: false,
  });
  // What it started may hold its output open for ever; the time is up for a program alone, and not for that.
  running.once("exit", () => setTimeout(() => running.stderr.destroy(), graceMs).unref());
  const result = await running;
  if (result.exitCode === 0) return;
  if (result.isCanceled || result.timedOut) throw new Fault("timeout", `${run.join(" ")} did not end in time`);
  const said =
    String(result.stderr ?? "")
      .trim()
      .split("\n")
      .at(-1) ?? "";
  const how = result.exitCode === undefined ? "cannot be run" : `ended with the code ${result.exitCode}`;
  throw new Fault("unreachable", `${run.join(" ")} ${how}${said === "" ? "" : `: ${said.slice(0, 300)}`}`);
}
