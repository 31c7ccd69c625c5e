// How a command ends when it cannot do what was asked: problems as data, and an exit code.

import type { Diagnostic } from "../core/diagnostic/diagnostic.js";
import { Fault } from "../ports/fault.js";
import type { Answer } from "../views/view.js";
import { appProblem } from "./diagnostics.js";
import type { World } from "./world.js";

/** Carries the user's problems from wherever a command finds them to the one place that answers with them. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly problems: readonly Diagnostic[];
  readonly exit: number;
  constructor(problems: readonly Diagnostic[], exit = 1) {
    super(problems.map((problem) => problem.detail).join("\n"));
    this.problems = problems;
    this.exit = exit;
  }
}

/** Throws the one problem. */
export function refuse(
  code: string,
  words: { readonly detail: string; readonly hint?: string | null; readonly about?: string | null },
  exit = 1,
): never {
  throw new Refusal([appProblem(code, words)], exit);
}

/** Exit code 11 for a lock that another run holds; 15 where a shift was begun and its end is not known. */
export function faultProblem(fault: Fault, agent: string): { readonly problem: Diagnostic; readonly exit: number } {
  if (fault.kind === "conflict") {
    return { problem: appProblem("state/lock-held", { detail: fault.message, about: agent }), exit: 11 };
  }
  return { problem: appProblem("door/fault", { detail: fault.message, about: agent, hint: "rollout apply" }), exit: 1 };
}

/** Whatever was thrown, as what stops one agent alone. Of a bug of ours the stack is said where ROLLOUT_DEBUG asks for it. */
export function asFault(error: unknown, { env, say }: Pick<World, "env" | "say">): Fault {
  if (error instanceof Fault) return error;
  if (env.ROLLOUT_DEBUG === "1" && error instanceof Error) say(error.stack ?? "");
  const message = error instanceof Error ? error.message : String(error);
  return new Fault("rejected", `a bug in rollout: ${message}`, { cause: error });
}

/** Runs a command and turns refusals and faults into answers. A bug goes on to the top. */
export async function answering(command: () => Promise<Answer>): Promise<Answer> {
  try {
    return await command();
  } catch (error) {
    if (error instanceof Refusal)
      return { view: { kind: "problems", problems: error.problems, otherwise: "" }, exit: error.exit };
    if (!(error instanceof Fault)) throw error;
    const { problem, exit } = faultProblem(error, "");
    return { view: { kind: "problems", problems: [{ ...problem, about: null, hint: null }], otherwise: "" }, exit };
  }
}
