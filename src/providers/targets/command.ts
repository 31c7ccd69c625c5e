// A program of the user's that puts a split in force and reads it back: one question as JSON in, one answer as JSON out. Beside it
// stands the routing file, from which the agent's processes serve the revision that the splitter names.

import { compareFences, type Fence, type LiveState, type Route } from "../../core/model/route.js";
import type { AgentId, RevisionId, RolloutId, Weight } from "../../core/model/units.js";
import { liveBeside } from "../../core/routing/live-beside.js";
import { readSplitLine, type Split, splitLine } from "../../core/routing/split-line.js";
import { object, oneOf, orNull, text, truth, whole } from "../../core/shape/shape.js";
import { checkShift } from "../../ports/check-shift.js";
import { Fault } from "../../ports/fault.js";
import { defineTrafficTarget } from "../../ports/provider-kind.js";
import type { ShiftAction, TrafficTarget } from "../../ports/traffic-target.js";

export interface CommandTargetConfig {
  /** The routing file, which serves the contents; it holds the same agent. */
  readonly contents: TrafficTarget;
  /** The program and its arguments, for people. */
  readonly run: readonly string[];
  /** Runs the program once: what it printed for an input. Throws a `Fault`. */
  readonly ask: (input: string, signal: AbortSignal) => Promise<string>;
}

export default defineTrafficTarget<CommandTargetConfig>({
  kind: "command",
  summary: "A program of yours that puts a split in force and tells which one is.",
  open: (config) => new CommandTarget(config),
});

/** A split as the program is given it and gives it back. */
interface WrittenSplit {
  readonly rollout: string | null;
  readonly algo: Route["algo"];
  readonly salt: string;
  readonly stable: string;
  readonly canary: string | null;
  /** 0 to 10000: basis points of the sessions. */
  readonly weight: number;
  readonly previous: string | null;
  readonly fallback: boolean;
  readonly lineage: string;
  readonly epoch: number;
  readonly serial: number;
}

const answerShape = object({
  format: (value, place) => (value === 1 ? null : `${place} is not 1`),
  in_force: orNull(
    object({
      rollout: orNull(text),
      algo: oneOf("murmur3-32", "md5-100"),
      salt: text,
      stable: text,
      canary: orNull(text),
      weight: whole(0, 10_000),
      previous: orNull(text),
      fallback: truth,
      lineage: text,
      epoch: whole(0),
      serial: whole(0),
    }),
  ),
});

class CommandTarget implements TrafficTarget {
  readonly #config: CommandTargetConfig;

  constructor(config: CommandTargetConfig) {
    this.#config = config;
  }

  describe(): string {
    return `command ${shown(this.#config.run)}`;
  }

  async observe(agent: AgentId, signal: AbortSignal): Promise<LiveState> {
    const written = await this.#config.contents.observe(agent, signal);
    try {
      const split = await this.#ask({ query: "observe", agent }, signal);
      return split === null ? { kind: "empty", observedAt: written.observedAt } : liveBeside(split, written);
    } catch (error) {
      const { kind, message } = faultOf(error);
      return {
        kind: kind === "rejected" ? "foreign" : "unreachable",
        because: message,
        observedAt: written.observedAt,
      };
    }
  }

  /** Contents first, so that no session is sent to a revision that nobody can serve. Throws a `Fault` and nothing else. */
  async act(action: ShiftAction, fence: Fence, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new Fault("timeout", "the shift was abandoned before it was written");
    const { agent, route, lineage, sessionHeader, user } = action;
    const split: Split = { route, lineage, fence };
    try {
      checkShift(action, fence, await this.#ask({ query: "observe", agent }, signal));
      await this.#config.contents.act(action, fence, signal);
      const header = user?.header ?? sessionHeader;
      const set = { query: "act", agent, header, split: writtenSplit(split) };
      const found = await this.#ask(set, signal);
      if (found !== null && splitLine(found) === splitLine(split)) return;
      const overtaken = found !== null && compareFences(found.fence, fence) > 0;
      throw new Fault(
        "conflict",
        overtaken ? "a newer write overtook this one" : `${this.#name()} does not have in force what it was given`,
      );
    } catch (error) {
      throw faultOf(error);
    }
  }

  /** What the program says is in force. */
  async #ask(question: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Split | null> {
    const printed = await this.#config.ask(JSON.stringify({ format: 1, ...question }), signal);
    let answer: unknown;
    try {
      answer = JSON.parse(printed);
    } catch (error) {
      const because = printed.trim() === "" ? "nothing was printed" : `it is not JSON (${(error as Error).message})`;
      throw this.#wrong(because);
    }
    const complaint = answerShape(answer, "");
    if (complaint !== null) throw this.#wrong(complaint);
    const { in_force: written } = answer as { readonly in_force: WrittenSplit | null };
    if (written === null) return null;
    // A weight that its rule cannot route would be refused by every router.
    const split = readSplitLine(splitLine(splitOf(written)));
    if (split === null) throw this.#wrong("in_force is a split that no router can route");
    return split;
  }

  #wrong(because: string): Fault {
    const form = "what it has to print stands in docs/guide/command-target.md";
    return new Fault("rejected", `${this.#name()} answered wrongly: ${because}; ${form}`);
  }

  #name(): string {
    return `the target "${shown(this.#config.run)}"`;
  }
}

function writtenSplit({ route, lineage, fence }: Split): WrittenSplit {
  const { rollout, algo, salt, stable, canary, weight, previous, fallback } = route;
  return { rollout, algo, salt, stable, canary, weight, previous, fallback, lineage, ...fence };
}

function splitOf({ lineage, epoch, serial, ...route }: WrittenSplit): Split {
  return {
    route: {
      ...route,
      rollout: route.rollout as RolloutId | null,
      stable: route.stable as RevisionId,
      canary: route.canary as RevisionId | null,
      weight: route.weight as Weight,
      previous: route.previous as RevisionId | null,
    },
    lineage,
    fence: { epoch, serial },
  };
}

function shown(run: readonly string[]): string {
  const line = run.join(" ");
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault("unreachable", `the target cannot be asked: ${(error as Error).message}`, { cause: error });
}
