// A ConfigMap that holds a copy of the routing file, for the pods that mount it. The file comes first; what is told is what pods get.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Fence, LiveState } from "../../../core/model/route.js";
import type { AgentId, Instant } from "../../../core/model/units.js";
import { readSnapshot } from "../../../core/routing/snapshot-file.js";
import { checkShift } from "../../../ports/check-shift.js";
import { Fault } from "../../../ports/fault.js";
import type { ShiftAction, TrafficTarget } from "../../../ports/traffic-target.js";
import { type ClusterObject, changeObject, getObject, replacementBy } from "./cluster-object.js";
import type { Kubectl } from "./kubectl.js";

interface ConfigMap extends ClusterObject {
  readonly data?: Readonly<Record<string, string>>;
}

export interface CopyConfig {
  readonly kubectl: Kubectl;
  readonly name: string;
  /** The routing file, and its absolute path: its own name is the key. */
  readonly file: TrafficTarget;
  readonly path: string;
  readonly now: () => Instant;
}

/** The routing file and its copy as one. `act` throws a `Fault`; `observe` too, where the cluster cannot be asked. */
export function openCopy({ kubectl, name, file, path, now }: CopyConfig): TrafficTarget {
  const key = basename(path);
  const object = `configmaps/${name}`;
  const held = (found: ConfigMap, agent: AgentId) => {
    const written = found.data?.[key];
    const reading = written === undefined || written.trim() === "" ? null : readSnapshot(written, digestOf);
    if (reading === null) return null;
    if (reading.kind === "refused") return reading;
    if (reading.snapshot.agent === agent) return reading;
    return { kind: "refused", newer: true, because: `it routes the agent ${reading.snapshot.agent}` } as const;
  };
  return {
    describe: () => `${file.describe()} and config map ${name}`,
    async observe(agent: AgentId, signal: AbortSignal): Promise<LiveState> {
      const observedAt = now();
      const found = held(await getObject<ConfigMap>(kubectl, object, signal), agent);
      if (found === null) return { kind: "empty", observedAt };
      if (found.kind === "refused")
        return {
          kind: "foreign",
          because: `${key} of the config map ${name} is not this agent's snapshot: ${found.because}`,
          observedAt,
        };
      const { route, lineage, fence, revisions: served } = found.snapshot;
      return { kind: "serving", route, lineage, fence, served, observedAt };
    },
    async act(action: ShiftAction, fence: Fence, signal: AbortSignal): Promise<void> {
      await file.act(action, fence, signal);
      const copy = readFileSync(path, "utf8");
      await changeObject<ConfigMap>({
        kubectl,
        name: object,
        signal,
        decide: (found) => {
          const before = held(found, action.agent);
          if (before?.kind === "refused" && before.newer)
            throw new Fault("rejected", `${key} of the config map ${name} is not replaced: ${before.because}`);
          checkShift(action, fence, before?.kind === "snapshot" ? before.snapshot : null);
          const replaced: ConfigMap = { ...found, data: { ...found.data, [key]: copy } };
          return replacementBy(replaced);
        },
      });
    },
  };
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
