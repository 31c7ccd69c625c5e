// What a long-lived server keeps open: the stores, and the spec by which records are known and judged as they come in.

import { loadSpec } from "../config/load-spec.js";
import type { Spec } from "../core/model/spec.js";
import type { Instant } from "../core/model/units.js";
import type { RecordCount } from "../ports/task-recorder.js";
import { readRecordsBody } from "../telemetry/read-task-lines.js";
import type { Answer } from "../views/view.js";
import { knownRecords } from "./known-records.js";
import { type Session, withSession } from "./session.js";
import type { World } from "./world.js";

export interface TelemetryDoor {
  /** One record, a list of them, or `{ "tasks": […] }`: all are taken or none. */
  readonly take: (body: string, kind: "task" | "session") => Promise<Taken>;
}
export type Taken =
  | { readonly ok: true; readonly count: RecordCount }
  | { readonly ok: false; readonly answer: Answer };

/** How old the spec may be by which records are judged. */
const specAgeMs = 5_000;

/** Opens the door for as long as `work` takes. A spec with errors does not close it: telemetry is what rollbacks live on. */
export async function withDoor<T>(world: World, work: (door: TelemetryDoor) => Promise<T>): Promise<T> {
  return withSession(world, { readOnly: false, brokenSpec: true }, async (session) => {
    const metrics = await session.metrics();
    const newest = openNewestSpec(session);
    const take: TelemetryDoor["take"] = async (body, kind) => {
      const read = readRecordsBody(body, kind);
      if (!read.ok) return refused(read.problems);
      const look = async () => knownRecords({ ...session, legible: newest.spec() }, read.value);
      await newest.refresh(specAgeMs);
      let known = await look();
      // Whoever is not known may stand in the spec since a moment ago.
      if (!known.ok && (await newest.refresh(0))) known = await look();
      return known.ok ? { ok: true, count: await metrics.record(known.value) } : refused(known.problems);
    };
    return work({ take });
  });
}

function refused(problems: Extract<Answer["view"], { kind: "problems" }>["problems"]): Taken {
  return { ok: false, answer: { view: { kind: "problems", problems, otherwise: "" }, exit: 1 } };
}

/** The spec as it was last read. While it has errors, agents that cannot be read are judged as they last could. */
function openNewestSpec({ world, legible }: Session): {
  readonly spec: () => Spec;
  /** Reads it again where it is older; answers whether it did. */
  readonly refresh: (ageMs: number) => Promise<boolean>;
} {
  let spec = legible;
  let readAt: Instant = world.now();
  return {
    spec: () => spec,
    refresh: async (ageMs) => {
      const now = world.now();
      if (now - readAt < ageMs) return false;
      readAt = now;
      const loaded = await loadSpec({ cwd: world.cwd, file: world.config });
      if (loaded.ok) spec = loaded.value.spec;
      else if (loaded.partial !== null) spec = { ...spec, agents: { ...spec.agents, ...loaded.partial.spec.agents } };
      return true;
    },
  };
}
