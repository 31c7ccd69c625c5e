// What a long-lived server keeps open: the metric store, and the spec's budgets by which tasks are judged as they come in.

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

/** Opens the door for as long as `work` takes. A spec with errors does not close it: telemetry is what rollbacks live on. */
export async function withDoor<T>(
  world: World,
  work: (door: TelemetryDoor, session: Session) => Promise<T>,
): Promise<T> {
  return withSession(world, { readOnly: false, brokenSpec: true }, async (session) => {
    const metrics = await session.metrics();
    const take = async (body: string, kind: "task" | "session"): Promise<Taken> => {
      const read = readRecordsBody(body, kind);
      const known = read.ok ? await knownRecords(session, read.value) : read;
      if (!known.ok)
        return { ok: false, answer: { view: { kind: "problems", problems: known.problems, otherwise: "" }, exit: 1 } };
      return { ok: true, count: await metrics.record(known.value) };
    };
    return work({ take }, session);
  });
}
