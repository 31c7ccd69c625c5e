// Runs the program of a source: no shell, a limit for time and output, and next to nothing of this process's environment.

import type { ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { execa } from "execa";
import type { SourceSpec } from "../../../core/model/spec.js";
import { Fault } from "../../../ports/fault.js";
import { programText } from "./wrong-answer.js";

export interface ProgramPlace extends Omit<Extract<SourceSpec, { readonly kind: "command" }>, "kind"> {
  /** The repository's root, absolute: where the program is run. */
  readonly root: string;
  /** What it is for, in complaints; a source where it is absent. */
  readonly role?: "source" | "target";
  /** This process's environment, of which the program sees PATH, HOME and what `env` names. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const largestAnswer = 32_000_000;
const largestComplaint = 1_000_000;
/** A program that was told to end may take so long; what it started may hold its output open for ever. */
const graceMs = 2_000;

/** What it printed. Throws a `Fault` when it cannot be run, does not end in time, prints too much, or ends with another code than 0. */
export async function runProgram(place: ProgramPlace, input: string, signal: AbortSignal): Promise<string> {
  if (signal.aborted) throw late(place, signal.reason);
  const { run, root, timeout } = place;
  const [name = "", ...args] = run;
  const running = execa(name.includes("/") ? resolve(root, name) : name, args, {
    cwd: root,
    env: environmentOf(place),
    extendEnv: false,
    input,
    timeout,
    cancelSignal: signal,
    forceKillAfterDelay: graceMs / 2,
    maxBuffer: { stdout: largestAnswer, stderr: largestComplaint },
    reject: false,
  });
  const result = await settled(running, place, signal);
  if (result.isCanceled) throw late(place, signal.reason);
  if (result.timedOut) throw slow(place);
  if (result.isMaxBuffer)
    throw fault(place, "rejected", `printed more than ${largestAnswer / 1e6} MB; answer fewer or merged blocks`);
  if (result.exitCode === 0) return String(result.stdout ?? "");
  const said = complaintOf(place, String(result.stderr ?? ""));
  if (result.exitCode === undefined && result.signal === undefined)
    throw fault(place, "unreachable", `cannot be started: ${result.originalMessage ?? "no reason is given"}`);
  const how = result.signal === undefined ? `ended with the code ${result.exitCode}` : `was ended by ${result.signal}`;
  throw fault(place, "unreachable", `${how}${said}`);
}

/** Its result, or a fault when it has not let go of its output long after its time was over. */
async function settled<Result>(
  running: Promise<Result> & Pick<ChildProcess, "stdin" | "stdout" | "stderr">,
  place: ProgramPlace,
  signal: AbortSignal,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(slow(place)), place.timeout + graceMs);
    onAbort = () => {
      clearTimeout(timer);
      timer = setTimeout(() => reject(late(place, signal.reason)), graceMs);
    };
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([running, over]);
  } catch (error) {
    // What it left running holds them, and would keep this process from ending.
    for (const stream of [running.stdin, running.stdout, running.stderr]) stream?.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
}

function environmentOf(place: ProgramPlace): Record<string, string> {
  const { env, environment } = place;
  const seen: Record<string, string> = {};
  for (const name of ["PATH", "HOME"]) if (environment[name] !== undefined) seen[name] = environment[name];
  for (const name of env) {
    const value = environment[name];
    if (value === undefined)
      throw fault(
        place,
        "rejected",
        `asks for ${name} in \`${place.role ?? "source"}.env\`, which is not set: set it where rollout runs`,
      );
    seen[name] = value;
  }
  return seen;
}

/** A program that breaks says where below (Node) or above (Python) of what it died of. */
const cause = /^\S*(?:Error|Exception)\b/;

/** The last error that it names, or else its last line, without the values of the variables that it was given. */
function complaintOf({ env, environment }: ProgramPlace, text: string): string {
  const lines = text.trim().split("\n");
  const line = (lines.findLast((one) => cause.test(one)) ?? lines.at(-1) ?? "").trim();
  if (line === "") return ", and said nothing";
  const hidden = env
    .map((name) => environment[name] ?? "")
    .filter((value) => value !== "")
    .sort((a, b) => b.length - a.length)
    .reduce((so, value) => so.replaceAll(value, "***"), line);
  return `: ${hidden.length > 200 ? `${hidden.slice(0, 199)}…` : hidden}`;
}

function slow(place: ProgramPlace): Fault {
  const seconds = place.timeout / 1000;
  return fault(
    place,
    "timeout",
    `did not answer within ${seconds} s; \`${place.role ?? "source"}.timeout\` says how long it may take`,
  );
}

function late(place: ProgramPlace, reason: unknown): Fault {
  const isOver = reason instanceof Error && reason.name === "TimeoutError";
  if (isOver) return fault(place, "timeout", `did not answer within the 30 s that any ${place.role ?? "source"} has`);
  return fault(place, "timeout", `was not waited for: ${reason instanceof Error ? reason.message : String(reason)}`);
}

function fault({ run, role }: ProgramPlace, kind: Fault["kind"], because: string): Fault {
  return new Fault(kind, `${programText(run, role)} ${because}`);
}
