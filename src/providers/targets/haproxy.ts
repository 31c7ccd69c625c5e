// HAProxy: a map with one entry, set in memory through the runtime socket, so that no reload drops a connection. Beside it stands
// the routing file, from which the agent's processes serve the revision that the proxy names in `x-rollout-revision`.

import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
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
import { askRuntime } from "./haproxy/runtime-socket.js";

export interface HaproxyTargetConfig {
  /** The repository's root, absolute. */
  readonly root: string;
  /** The routing file, which serves the contents; it holds the same agent. */
  readonly contents: TrafficTarget;
  /** The map file that HAProxy's configuration names; it holds one agent. */
  readonly map: OwnedFile;
  /** HAProxy's runtime socket of the level admin, absolute or relative to the root. */
  readonly socket: string;
}

export default defineTrafficTarget<HaproxyTargetConfig>({
  kind: "haproxy",
  summary: "A map of HAProxy, set in memory through the runtime socket and kept in the map file.",
  open: (config, outside) => new HaproxyTarget(config, outside),
});

class HaproxyTarget implements TrafficTarget {
  readonly #contents: TrafficTarget;
  readonly #file: OwnedFile;
  readonly #map: string;
  readonly #socket: string;
  readonly #now: Outside["now"];

  constructor({ root, contents, map, socket }: HaproxyTargetConfig, outside: Outside) {
    this.#contents = contents;
    this.#file = map;
    this.#map = resolve(root, map.path);
    this.#socket = resolve(root, socket);
    this.#now = outside.now;
  }

  describe(): string {
    return `haproxy ${this.#file.path}`;
  }

  /** What is in force in HAProxy's memory. A map file or a routing file that tells something newer is written, and not in force. */
  async observe(agent: AgentId, signal: AbortSignal): Promise<LiveState> {
    const observedAt = this.#now();
    const found = await this.#inForce(agent, signal).catch((error: unknown) => faultOf(error));
    if (found instanceof Fault) {
      const kind = found.kind === "rejected" ? "foreign" : "unreachable";
      return { kind, because: found.message, observedAt };
    }
    if (found === null) return { kind: "empty", observedAt };
    const beside = await this.#contents.observe(agent, signal);
    if (this.#isKept(found, beside)) return liveBeside(found, beside);
    const because = `${this.#file.path} is not what was written there: it was changed by hand, or is gone, and a restart of HAProxy would not find what is in force`;
    return { kind: "foreign", because, fence: found.fence, observedAt };
  }

  /**
   * Contents first, so that no request is sent to a revision that nobody can serve; then the map file, so that a restart at any
   * time finds it; then the memory, read back. What lowers the canary's share is written also while HAProxy is away, so that it does not
   * come back with more. Throws a `Fault` and nothing else.
   */
  async act(action: ShiftAction, fence: Fence, signal: AbortSignal): Promise<void> {
    try {
      const split = { route: action.route, lineage: action.lineage, fence };
      if (signal.aborted) throw new Fault("timeout", "the shift was abandoned before it was written");
      const reference = await this.#reference(signal).catch((error: unknown) => this.#unlessLowered(error, split));
      if (typeof reference === "string")
        checkShift(action, fence, await this.#entry(reference, action.agent, signal).catch(replaceable));
      await this.#contents.act(action, fence, signal);
      await this.#keep(action, split, signal);
      if (typeof reference !== "string") throw reference;
      await this.#put({ reference, agent: action.agent, split }, signal);
    } catch (error) {
      throw faultOf(error);
    }
  }

  async #inForce(agent: AgentId, signal: AbortSignal): Promise<Split | null> {
    return this.#entry(await this.#reference(signal), agent, signal);
  }

  /** Why HAProxy cannot be asked, where the map file can be lowered without it. Throws that otherwise. */
  #unlessLowered(error: unknown, { route }: Split): Fault {
    const kept = this.#kept()?.split ?? null;
    if (!(error instanceof Fault) || kept === null || !isLowering(kept.route, route)) throw error;
    const message = `${error.message}; ${this.#file.path} has the new split for when it starts`;
    return new Fault(error.kind, message, { cause: error });
  }

  async #keep(action: ShiftAction, split: Split, signal: AbortSignal): Promise<void> {
    const text = `# Written by rollout for HAProxy; holds one agent. Changes by hand are replaced.\n${action.agent} ${splitLine(split)}\n`;
    const look = (): null => {
      const kept = this.#kept();
      if (kept !== null && kept.agent !== action.agent) {
        throw new Fault("rejected", `${this.#file.path} is not replaced: it holds the agent ${kept.agent}`);
      }
      checkShift(action, split.fence, kept?.split ?? null);
      return null;
    };
    await this.#file.replace(text, split.fence, signal, look);
  }

  /** What a restart of HAProxy would read; null for a file without an entry that we wrote. */
  #kept(): { readonly agent: string; readonly split: Split | null } | null {
    const line = (this.#file.read() ?? "").split("\n").find((each) => each.trim() !== "" && !each.startsWith("#"));
    if (line === undefined) return null;
    const [agent = "", value = ""] = line.trim().split(/\s+/);
    return { agent, split: readSplitLine(value) };
  }

  /** A newer writer may have come between the map file and the memory: then what it kept is what has to be in force. */
  async #put({ reference, agent, split }: Entry, signal: AbortSignal): Promise<void> {
    const value = splitLine(split);
    await this.#set(reference, `${agent} ${value}`, signal);
    const kept = this.#kept()?.split ?? null;
    if (kept !== null && compareFences(kept.fence, split.fence) > 0) {
      await this.#set(reference, `${agent} ${splitLine(kept)}`, signal);
      throw new Fault("conflict", "a newer write overtook this one");
    }
    const found = await this.#entry(reference, agent, signal);
    if (found !== null && splitLine(found) === value) return;
    throw new Fault("conflict", `HAProxy does not have what was set in ${this.#file.path}: somebody else changed it`);
  }

  /** Whether a restart would find what is in force, or what is to be. Where file and memory differ, the routing file tells which was changed. */
  #isKept(found: Split, beside: LiveState): boolean {
    const kept = this.#kept()?.split ?? null;
    if (kept === null) return false;
    const order = compareFences(kept.fence, found.fence);
    if (order !== 0) return order > 0;
    return splitLine(kept) === splitLine(found) || beside.kind !== "serving" || splitLine(beside) !== splitLine(found);
  }

  async #set(reference: string, entry: string, signal: AbortSignal): Promise<void> {
    let said = (await askRuntime(this.#socket, `set map ${reference} ${entry}`, signal)).trim();
    if (said.startsWith("entry not found")) {
      said = (await askRuntime(this.#socket, `add map ${reference} ${entry}`, signal)).trim();
    }
    if (said !== "")
      throw new Fault("rejected", `HAProxy refuses to set ${this.#file.path}: ${said}${adminHint(said)}`);
  }

  /** Throws a `Fault` ("rejected") for an entry that is not ours. */
  async #entry(reference: string, agent: AgentId, signal: AbortSignal): Promise<Split | null> {
    const answer = await askRuntime(this.#socket, `show map ${reference}`, signal);
    const rows = answer.split("\n").map((row) => /^0x[0-9a-f]+ (\S+) (.*)$/.exec(row));
    const values = rows.flatMap((row) => (row?.[1] === agent ? [row[2] ?? ""] : []));
    // HAProxy answers requests with the first of several; `set map` sets them all.
    const [value] = values;
    if (value === undefined) return null;
    const split = readSplitLine(value);
    if (split === null)
      throw new Foreign(`${this.#file.path} has an entry for ${agent} in HAProxy's memory that rollout did not write`);
    return split;
  }

  /** HAProxy's own number for our map. */
  async #reference(signal: AbortSignal): Promise<string> {
    const answer = await askRuntime(this.#socket, "show map", signal);
    if (/permission denied/i.test(answer))
      throw new Fault("unreachable", `HAProxy's runtime socket refuses to show its maps${adminHint(answer)}`);
    const ours = linkless(this.#map);
    for (const row of answer.split("\n")) {
      const match = /^(-?\d+) \((.*?)\) /.exec(row);
      if (match?.[2] !== undefined && linkless(match[2]) === ours) return `#${match[1]}`;
    }
    throw new Fault(
      "unreachable",
      `HAProxy has no map of the file ${this.#file.path}: name its absolute path in HAProxy's configuration`,
    );
  }
}

interface Entry {
  readonly reference: string;
  readonly agent: AgentId;
  readonly split: Split;
}

/** An entry of somebody else under the agent's name. A shift replaces it: it holds no fence that could be newer. */
class Foreign extends Fault {
  constructor(message: string) {
    super("rejected", message);
  }
}

function replaceable(error: unknown): null {
  if (error instanceof Foreign) return null;
  throw error;
}

function adminHint(said: string): string {
  return /permission denied/i.test(said) ? " (its stats socket needs level admin)" : "";
}

function linkless(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault("unreachable", `HAProxy's map cannot be written or read: ${(error as Error).message}`, {
    cause: error,
  });
}
