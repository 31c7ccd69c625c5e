// flagd: a flag definition file that flagd's file sync watches, so that an agent in any language asks a flag which revision serves a
// session. Beside it stands the routing file, from which the router SDK and the contents come.

import { createHash } from "node:crypto";
import { type ServedRevision, servedRevision } from "../../core/model/revision.js";
import { compareFences, type Fence, type LiveState, type Route } from "../../core/model/route.js";
import { type AgentId, fullWeight, type RevisionId } from "../../core/model/units.js";
import { liveBeside } from "../../core/routing/live-beside.js";
import type { Split } from "../../core/routing/split-line.js";
import { checkShift } from "../../ports/check-shift.js";
import { Fault } from "../../ports/fault.js";
import type { Outside } from "../../ports/outside.js";
import { checkOwner, checkSize, type OwnedFile, type OwnedText, strangerIn } from "../../ports/owned-file.js";
import { defineTrafficTarget } from "../../ports/provider-kind.js";
import type { ShiftAction, TrafficTarget } from "../../ports/traffic-target.js";
import { flagsText, readFlags, usualKeys } from "./flagd/flags-text.js";

export interface FlagdTargetConfig {
  /** The routing file, which serves the contents; it holds the same agent. */
  readonly contents: TrafficTarget;
  /** The flag definition file; it holds one agent. */
  readonly flags: OwnedFile;
  /** The attribute of the evaluation context by whose value is drawn; null: the usual one of the routing unit. */
  readonly key: string | null;
}

export default defineTrafficTarget<FlagdTargetConfig>({
  kind: "flagd",
  summary: "A flag definition file that flagd watches, and that draws as the router does.",
  open: (config, outside) => new FlagdTarget(config, outside),
});

class FlagdTarget implements TrafficTarget {
  readonly #contents: TrafficTarget;
  readonly #flags: OwnedFile;
  readonly #key: string | null;
  readonly #now: Outside["now"];

  constructor({ contents, flags, key }: FlagdTargetConfig, outside: Outside) {
    this.#contents = contents;
    this.#flags = flags;
    this.#key = key;
    this.#now = outside.now;
  }

  describe(): string {
    return `flagd ${this.#flags.path}`;
  }

  /** What is written: flagd takes a changed file up by itself. */
  async observe(agent: AgentId, signal: AbortSignal): Promise<LiveState> {
    const observedAt = this.#now();
    const { path } = this.#flags;
    if (signal.aborted) return { kind: "unreachable", because: `the look at ${path} was abandoned`, observedAt };
    try {
      const found = this.#read();
      const because = strangerIn(found, this.#flags, agent);
      if (because !== null) return { kind: "foreign", because, observedAt };
      if (found.kind !== "ours") return { kind: "empty", observedAt };
      return liveBeside(found.content, await this.#contents.observe(agent, signal));
    } catch (error) {
      return { kind: "unreachable", because: (error as Error).message, observedAt };
    }
  }

  /** Contents first, so that no flag names a revision that nobody can serve. Throws a `Fault` and nothing else. */
  async act(action: ShiftAction, fence: Fence, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new Fault("timeout", "the shift was abandoned before it was written");
    checkShift(action, fence, null);
    checkDrawn(action.route);
    const look = () => checkOwner(this.#read(), this.#flags, { action, fence });
    look();
    const text = this.#compose(action, fence);
    checkSize(text, this.#flags);
    await this.#contents.act(action, fence, signal);
    await this.#flags.replace(text, fence, signal, look);
    const found = this.#read();
    // Later than our own is as good: then ours was in force and has been replaced.
    if (found.kind === "ours" && found.agent === action.agent && compareFences(found.rival.fence, fence) >= 0) return;
    throw new Fault("conflict", `${this.#flags.path} was changed by somebody else right after it was written`);
  }

  #compose({ agent, route, contents, lineage, user }: ShiftAction, fence: Fence): string {
    const served = (id: RevisionId): ServedRevision | null => {
      const content = contents.find((each) => each.id === id);
      return content === undefined ? null : servedRevision(content);
    };
    const stable = served(route.stable) ?? { steps: {}, prompts: {} };
    const canary = route.canary === null ? null : served(route.canary);
    const key = this.#key ?? usualKeys[user === undefined ? "session" : "user"];
    return flagsText({ agent, split: { route, lineage, fence }, key, stable, canary }, digestOf);
  }

  #read(): OwnedText<Split> {
    return readFlags(this.#flags.read(), digestOf);
  }
}

/** Throws a `Fault` ("rejected") for a draw that no rule of flagd's can make. */
function checkDrawn({ algo, canary, weight, fallback }: Route): void {
  if (algo !== "md5-100" || canary === null || fallback || weight === 0 || weight === fullWeight) return;
  throw new Fault("rejected", "flagd cannot draw by md5-100: its rules know no such hash");
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
