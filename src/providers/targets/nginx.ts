// nginx: an include with split_clients, put in force by a graceful reload and read back at a location of the same include. Beside
// it stands the routing file, from which the agent's processes serve the revision that the proxy names in `x-rollout-revision`.

import { setTimeout as pause } from "node:timers/promises";
import { compareFences, type Fence, isLowering, type LiveState } from "../../core/model/route.js";
import type { AgentId } from "../../core/model/units.js";
import { liveBeside } from "../../core/routing/live-beside.js";
import { readSplitLine, type Split, splitLine } from "../../core/routing/split-line.js";
import { checkShift } from "../../ports/check-shift.js";
import { Fault } from "../../ports/fault.js";
import type { Outside } from "../../ports/outside.js";
import type { OwnedFile } from "../../ports/owned-file.js";
import { defineTrafficTarget } from "../../ports/provider-kind.js";
import type { ShiftAction, TrafficTarget } from "../../ports/traffic-target.js";
import { drawsAsTold, includeText, readInclude, statusPath } from "./nginx/include-text.js";
import { reload } from "./nginx/reload.js";
import { statusAnswer } from "./nginx/status-answer.js";

export interface NginxTargetConfig {
  /** The repository's root, absolute. */
  readonly root: string;
  /** The routing file, which serves the contents; it holds the same agent. */
  readonly contents: TrafficTarget;
  /** The file that nginx includes at the level of http; it holds one agent. */
  readonly include: OwnedFile;
  /** Loopback address and port of the status location: `127.0.0.1:8099`; each agent has its own. */
  readonly status: string;
  /** Program and arguments that reload nginx gracefully. */
  readonly reload: readonly string[];
}

export default defineTrafficTarget<NginxTargetConfig>({
  kind: "nginx",
  summary: "An include of nginx with split_clients, put in force by a graceful reload.",
  open: (config, outside) => new NginxTarget(config, outside),
});

/** So often in a row has a new connection to meet the new split: for a moment, old workers accept connections too. */
const looksInARow = 5;
const lookEvery = 30;
const mostLooks = 300;

class NginxTarget implements TrafficTarget {
  readonly #contents: TrafficTarget;
  readonly #config: NginxTargetConfig;
  readonly #now: Outside["now"];

  constructor(config: NginxTargetConfig, outside: Outside) {
    this.#contents = config.contents;
    this.#config = config;
    this.#now = outside.now;
  }

  describe(): string {
    return `nginx ${this.#config.include.path}`;
  }

  /** What nginx's workers have in force. An include that tells something newer is written, and not in force. */
  async observe(agent: AgentId, signal: AbortSignal): Promise<LiveState> {
    const observedAt = this.#now();
    try {
      const found = await this.#inForce(agent, signal);
      if (found === null) return { kind: "empty", observedAt };
      if (found === "foreign") return { kind: "foreign", because: this.#strange(agent), observedAt };
      if (this.#isChanged(agent, found))
        return { kind: "foreign", because: this.#changed(), fence: found.fence, observedAt };
      return liveBeside(found, await this.#contents.observe(agent, signal));
    } catch (error) {
      return { kind: "unreachable", because: faultOf(error).message, observedAt };
    }
  }

  /**
   * Contents first, so that no request is sent to a revision that nobody can serve; then the include, which a restart would find;
   * then the reload, read back until no worker answers with anything else. What lowers the canary's share is written also while nginx
   * is away, so that it does not come back with more. Throws a `Fault` and nothing else.
   */
  async act(action: ShiftAction, fence: Fence, signal: AbortSignal): Promise<void> {
    try {
      if (signal.aborted) throw new Fault("timeout", "the shift was abandoned before it was written");
      const found = await this.#inForce(action.agent, signal).catch((error: unknown) =>
        this.#unlessLowered(error, action),
      );
      if (found === "foreign") throw new Fault("rejected", this.#strange(action.agent));
      const header = action.user?.header ?? action.sessionHeader;
      // It becomes part of a variable's name in nginx's configuration.
      if (!/^[A-Za-z0-9-]+$/.test(header)) throw new Fault("rejected", `nginx cannot draw by the header "${header}"`);
      const split = { route: action.route, lineage: action.lineage, fence };
      checkShift(action, fence, found);
      this.#mayReplace(action, fence);
      await this.#contents.act(action, fence, signal);
      await this.#write(action, split, signal);
      await reload({ root: this.#config.root, run: this.#config.reload, signal });
      await this.#readBack(action.agent, split, signal);
    } catch (error) {
      throw faultOf(error);
    }
  }

  async #write(action: ShiftAction, split: Split, signal: AbortSignal): Promise<void> {
    const header = action.user?.header ?? action.sessionHeader;
    const text = includeText({ agent: action.agent, split, header, status: this.#config.status });
    const look = (): null => {
      this.#mayReplace(action, split.fence);
      return null;
    };
    await this.#config.include.replace(text, split.fence, signal, look);
  }

  /** Throws a `Fault` when the include is newer, or somebody else's. */
  #mayReplace(action: ShiftAction, fence: Fence): void {
    const { include } = this.#config;
    const text = include.read() ?? "";
    if (text.trim() === "") return;
    const written = readInclude(text);
    if (written === null || written.agent !== action.agent) {
      const whose = written === null ? "rollout did not write it" : `it holds the agent ${written.agent}`;
      throw new Fault("rejected", `${include.path} is not replaced: ${whose}`);
    }
    checkShift(action, fence, written.split);
  }

  /** Nothing is in force of an nginx that is away, where the include can be lowered without it. Throws why it cannot be asked otherwise. */
  #unlessLowered(error: unknown, { agent, route }: ShiftAction): null {
    const written = readInclude(this.#config.include.read() ?? "");
    if (error instanceof Fault && written?.agent === agent && written.split !== null)
      if (isLowering(written.split.route, route)) return null;
    throw error;
  }

  async #inForce(agent: AgentId, signal: AbortSignal): Promise<Split | "foreign" | null> {
    const answer = await statusAnswer(this.#config.status, statusPath(agent), signal);
    if (answer !== "refused") return (answer === null ? null : readSplitLine(answer)) ?? "foreign";
    // Before the first shift nothing listens there; afterwards nginx itself is away, or does not include the file.
    const { status, include } = this.#config;
    if ((include.read() ?? "").trim() === "") return null;
    throw new Fault("unreachable", `nothing answers at ${status}: nginx is down, or does not include ${include.path}`);
  }

  async #readBack(agent: AgentId, split: Split, signal: AbortSignal): Promise<void> {
    const wanted = splitLine(split);
    for (let look = 0, row = 0; look < mostLooks; look++) {
      const answer = await statusAnswer(this.#config.status, statusPath(agent), signal);
      const found = answer === null || answer === "refused" ? null : readSplitLine(answer);
      if (found !== null && compareFences(found.fence, split.fence) > 0) {
        throw new Fault("conflict", "a newer write overtook this one");
      }
      row = answer === wanted ? row + 1 : 0;
      if (row === looksInARow) return;
      await pause(lookEvery, undefined, { signal });
    }
    throw new Fault(
      "unreachable",
      `${this.#config.include.path} is written, and nginx did not take it up: see its error log, and that it includes the file`,
    );
  }

  /** The status location would go on telling what was written: only the include shows what a hand made of it. */
  #isChanged(agent: AgentId, { fence }: Split): boolean {
    const text = this.#config.include.read() ?? "";
    const split = readInclude(text)?.split ?? null;
    if (split === null) return true;
    const order = compareFences(split.fence, fence);
    // What is newer than what is in force was written, and is not yet taken up.
    return order < 0 || (order === 0 && !drawsAsTold(text, agent, split));
  }

  #changed(): string {
    return `${this.#config.include.path} is not what was written there: it was changed by hand, or is gone`;
  }

  #strange(agent: AgentId): string {
    return `what answers at ${this.#config.status}${statusPath(agent)} is not this agent's split`;
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { name, message } = error as Error;
  if (name === "AbortError") return new Fault("timeout", "the shift was written, and not waited for", { cause: error });
  return new Fault("unreachable", `nginx's include cannot be written or read: ${message}`, { cause: error });
}
