// The snapshot file: a routing file that the router SDK watches. The embedded default.

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { servedRevision } from "../../core/model/revision.js";
import { compareFences, type Fence, type LiveState } from "../../core/model/route.js";
import { maxSnapshotBytes, type Snapshot } from "../../core/model/snapshot.js";
import type { AgentId, Instant } from "../../core/model/units.js";
import { keepHistory } from "../../core/routing/keep-history.js";
import { readSnapshot, snapshotText } from "../../core/routing/snapshot-file.js";
import { checkShift } from "../../ports/check-shift.js";
import { Fault } from "../../ports/fault.js";
import type { Outside } from "../../ports/outside.js";
import type { KeptText } from "../../ports/owned-file.js";
import { defineTrafficTarget } from "../../ports/provider-kind.js";
import type { ShiftAction, TrafficTarget } from "../../ports/traffic-target.js";
import { systemReason } from "./snapshot/system-reason.js";

export interface SnapshotTargetConfig {
  /** The repository's root, absolute. */
  readonly root: string;
  /** The routing file, relative to the root; it holds one agent. */
  readonly path: string;
}

export default defineTrafficTarget<SnapshotTargetConfig>({
  kind: "snapshot",
  summary: "A routing file with a checksum, replaced atomically, which the router SDK watches.",
  open: (config, outside) => new SnapshotTarget(config, outside),
});

/** What stands under a name. `damaged` can be replaced: it is no whole snapshot. `taken` cannot: it belongs to somebody. */
type Found =
  | { readonly kind: "snapshot"; readonly snapshot: Snapshot; readonly text: string }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly because: string; readonly text: string }
  | { readonly kind: "taken"; readonly because: string };

class SnapshotTarget implements TrafficTarget {
  readonly #file: string;
  readonly #shown: string;
  readonly #now: () => Instant;

  constructor(config: SnapshotTargetConfig, outside: Outside) {
    this.#file = resolve(config.root, config.path);
    this.#shown = config.path;
    this.#now = outside.now;
  }

  describe(): string {
    return `snapshot ${this.#shown}`;
  }

  async observe(agent: AgentId, signal: AbortSignal): Promise<LiveState> {
    const observedAt = this.#now();
    if (signal.aborted) return { kind: "unreachable", because: `the look at ${this.#shown} was abandoned`, observedAt };
    try {
      const found = await lookAt(this.#file, agent);
      if (found.kind === "absent") return { kind: "empty", observedAt };
      if (found.kind !== "snapshot") {
        return {
          kind: "foreign",
          because: `${this.#shown} is not this agent's snapshot: ${found.because}`,
          observedAt,
        };
      }
      const { route, lineage, fence, revisions: served } = found.snapshot;
      return { kind: "serving", route, lineage, fence, served, observedAt };
    } catch (error) {
      return { kind: "unreachable", because: `${this.#shown} cannot be read: ${systemReason(error)}`, observedAt };
    }
  }

  /**
   * Keeps what it replaces beside the file: as `.previous`, or as `.damaged` when it was not a whole snapshot. Never replaces
   * another agent's snapshot or one of a newer format. Throws a `Fault` and nothing else.
   */
  async act(action: ShiftAction, fence: Fence, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new Fault("timeout", "the shift was abandoned before it was written");
    checkShift(action, fence, null);
    const text = this.#compose(action, fence);
    const look = () => this.#mayReplace(action, fence);
    try {
      // Before anything is touched; what counts is the second look, when no older writer is left.
      await look();
      const { replaceFenced } = await import("./snapshot/fenced-file.js");
      await replaceFenced({ path: this.#file, fence, text, signal, look });
      await this.#readBack(action.agent, fence);
    } catch (error) {
      if (error instanceof Fault) throw error;
      throw new Fault("unreachable", `${this.#shown} cannot be written: ${systemReason(error)}`, { cause: error });
    }
  }

  #compose({ agent, route, contents, lineage, sessionTimeout, user }: ShiftAction, fence: Fence): string {
    const writtenAt = this.#now();
    const history = keepHistory(route.history, writtenAt, sessionTimeout);
    const named = contents.filter((content) => [route.stable, route.canary, route.previous].includes(content.id));
    const revisions = Object.fromEntries(named.map((content) => [content.id, servedRevision(content)]));
    const drawn = user === undefined ? {} : { unit: "user" as const };
    const snapshot = { agent, lineage, fence, route: { ...route, history }, ...drawn, revisions, writtenAt };
    const text = snapshotText(snapshot, digestOf);
    const bytes = Buffer.byteLength(text);
    if (bytes <= maxSnapshotBytes) return text;
    throw new Fault(
      "rejected",
      `${this.#shown} would have ${bytes} bytes and may have ${maxSnapshotBytes}: shorten the prompts of ${agent}`,
    );
  }

  /** Throws a `Fault` when it may not; answers what to keep of it when it may. */
  async #mayReplace(action: ShiftAction, fence: Fence): Promise<KeptText | null> {
    const found = await lookAt(this.#file, action.agent);
    if (found.kind === "absent") return null;
    if (found.kind === "taken") throw new Fault("rejected", `${this.#shown} is not replaced: ${found.because}`);
    if (found.kind === "damaged") {
      const before = await lookAt(`${this.#file}.previous`, action.agent);
      checkShift(action, fence, before.kind === "snapshot" ? before.snapshot : null);
      return { suffix: ".damaged", text: found.text };
    }
    checkShift(action, fence, found.snapshot);
    // The same write again: what it replaced the first time is kept already.
    if (compareFences(found.snapshot.fence, fence) === 0) return null;
    return { suffix: ".previous", text: found.text };
  }

  /** Later than our own is as good: then ours was in force and has been replaced. */
  async #readBack(agent: AgentId, fence: Fence): Promise<void> {
    const found = await lookAt(this.#file, agent);
    if (found.kind === "snapshot" && compareFences(found.snapshot.fence, fence) >= 0) return;
    throw new Fault("conflict", `${this.#shown} was changed by somebody else right after it was written`);
  }
}

/** Throws what the system throws. */
async function lookAt(file: string, agent: AgentId): Promise<Found> {
  const found = statSync(file, { throwIfNoEntry: false }) ?? null;
  if (found === null) return { kind: "absent" };
  // Reading a pipe or a device could take for ever.
  if (!found.isFile()) throw new Fault("rejected", "it is not a regular file");
  if (found.size > maxSnapshotBytes) {
    return { kind: "taken", because: `it has ${found.size} bytes, more than any snapshot` };
  }
  const text = readFileSync(file, "utf8");
  const reading = readSnapshot(text, digestOf);
  if (reading.kind === "refused") {
    return reading.newer
      ? { kind: "taken", because: reading.because }
      : { kind: "damaged", because: reading.because, text };
  }
  const { snapshot } = reading;
  if (snapshot.agent !== agent) return { kind: "taken", because: `it routes the agent ${snapshot.agent}` };
  return { kind: "snapshot", snapshot, text };
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
