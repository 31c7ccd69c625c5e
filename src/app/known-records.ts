// Records are of agents and revisions that exist: one that nobody would ever read is refused at the door, not counted in silence.

import type { Checked, Diagnostic } from "../core/diagnostic/diagnostic.js";
import { nearest } from "../core/diagnostic/nearest.js";
import { judgeTask, noBudget } from "../core/metric/task-record.js";
import type { Budget } from "../core/model/spec.js";
import { type AgentId, day, later, type RevisionId } from "../core/model/units.js";
import type { RecordBatch } from "../ports/task-recorder.js";
import { type TelemetryCode, telemetryProblem } from "../telemetry/diagnostics.js";
import type { Session } from "./session.js";

interface Named {
  readonly agent: AgentId;
  readonly revision: RevisionId | null;
}

/** `r-` and 64 digits; what people see is the first seven. */
const wholeRevision = 66;

/** The batch with success decided by each agent's budget and short revisions made whole. One unknown name refuses all of it. */
export async function knownRecords(session: Session, batch: RecordBatch): Promise<Checked<RecordBatch>> {
  const problems = new Map<string, Diagnostic>();
  const agents = new Set([...Object.keys(session.legible.agents), ...(await session.store.agents())]);
  const revisions = new Map<string, RevisionId | null>();
  const horizon = later(session.world.now(), day);
  const refuse = (code: TelemetryCode, words: { readonly detail: string; readonly hint?: string | null }): void => {
    problems.set(`${code} ${words.detail}`, telemetryProblem(code, words));
  };
  const whole = async <Record extends Named & { readonly startedAt: number }>(record: Record): Promise<Record> => {
    const { agent, revision, startedAt } = record;
    if (!agents.has(agent)) refuse("telemetry/unknown-agent", unknownAgent(agent, [...agents]));
    if (startedAt > horizon) {
      refuse("telemetry/in-the-future", {
        detail: `A record of "${agent}" starts at ${new Date(startedAt).toISOString()}, more than a day from now.`,
      });
    }
    if (revision === null || revision.length >= wholeRevision) return record;
    const key = `${agent} ${revision}`;
    if (!revisions.has(key)) revisions.set(key, await resolveRevision(session, agent, revision));
    const found = revisions.get(key) ?? null;
    if (found === null)
      refuse("telemetry/unknown-revision", {
        detail: `"${revision}" is not the beginning of exactly one known revision of "${agent}".`,
      });
    return found === null ? record : { ...record, revision: found };
  };
  const tasks = await inTurn(batch.tasks, whole);
  const sessions = await inTurn(batch.sessions, whole);
  if (problems.size > 0) return { ok: false, problems: [...problems.values()] };
  const budget = (agent: string): Budget => session.legible.agents[agent]?.budget ?? noBudget;
  return {
    ok: true,
    value: { tasks: tasks.map((task) => judgeTask(task, budget(task.agent))), sessions },
    warnings: [],
  };
}

async function inTurn<T>(records: readonly T[], change: (record: T) => Promise<T>): Promise<readonly T[]> {
  const changed: T[] = [];
  for (const record of records) changed.push(await change(record));
  return changed;
}

function unknownAgent(
  agent: string,
  known: readonly string[],
): { readonly detail: string; readonly hint: string | null } {
  const near = nearest(agent, known);
  const hint = near === null ? null : `Did you mean "${near}"?`;
  return { detail: `"${agent}" is neither in the spec nor in the state.`, hint };
}

async function resolveRevision(
  { store, legible }: Session,
  agent: AgentId,
  prefix: string,
): Promise<RevisionId | null> {
  const spec = legible.agents[agent];
  const inSpec = [spec?.revision.id, spec?.base.id].filter((id): id is RevisionId => id?.startsWith(prefix) ?? false);
  const found = new Set([...inSpec, ...(await store.findRevisions(agent, prefix))]);
  const [only = null] = found;
  return found.size === 1 && prefix.length >= 9 ? only : null;
}
