// `rollout audit verify`: is every journal what was written?

import type { AgentId, Json } from "../../core/model/units.js";
import type { Answer } from "../../views/view.js";
import { type Session, unknownAgentName, withSession } from "../session.js";
import type { World } from "../world.js";
import { examineTrail, type TrailReport } from "./examine-trail.js";
import { headText, readExpectedHead } from "./expected-head.js";

export interface AuditVerifyArguments {
  readonly agents: readonly string[];
  /** `AGENT@ENTRY:HASH`, from the log of an earlier run: that entry must still be there. */
  readonly expect: readonly string[];
}

/** Exit code 1 where anything is found. Reads the store alone: neither the spec's agents nor targets are asked. */
export async function auditVerify(world: World, args: AuditVerifyArguments): Promise<Answer> {
  const expected = args.expect.map(readExpectedHead);
  return withSession(world, { readOnly: true, brokenSpec: true }, async (session) => {
    const { lineage } = session.store;
    const chosen = await auditedAgents(session, args.agents);
    // An agent that is expected and gone altogether is a finding too.
    const agents = [...new Set([...chosen, ...expected.map(({ agent }) => agent as AgentId)])].sort();
    const reports: TrailReport[] = [];
    for (const agent of agents) {
      const heads = expected.filter((head) => head.agent === agent);
      reports.push(examineTrail({ lineage, agent }, await session.store.trail(agent), heads));
    }
    const findings = reports.flatMap((report) => report.findings);
    return {
      view: {
        kind: "message",
        lines: [...reports.flatMap(reportLines), "", conclusion(reports, lineage)],
        data: { lineage, ok: findings.length === 0, agents: reports.map(reportData) },
      },
      exit: findings.length === 0 ? 0 : 1,
    };
  });
}

/** All of which anything is kept, or those named. An unknown name is refused. */
export async function auditedAgents(
  { store, legible }: Session,
  names: readonly string[],
): Promise<readonly AgentId[]> {
  const kept = await store.trailed();
  if (names.length === 0) return kept;
  const known = [...new Set<string>([...kept, ...Object.keys(legible.agents)])].sort();
  for (const name of names) if (!known.includes(name)) unknownAgentName(name, known);
  return [...new Set(names)].sort() as AgentId[];
}

function reportLines({ agent, entries, last, findings }: TrailReport): readonly string[] {
  const count = `${entries} ${entries === 1 ? "entry" : "entries"}`;
  if (findings.length === 0)
    return last === null
      ? [`${agent}: no entries`]
      : [`${agent}: ${count}, whole`, `  ${headText({ agent, ...last })}`];
  const lastGood = findings[0]?.lastGood ?? 0;
  const good = lastGood === 0 ? "No entry of it can be trusted." : `The last entry that can be trusted is ${lastGood}.`;
  return [
    `${agent}: ${count}, not as written. ${good}`,
    ...findings.map(({ entry, problem, because }) => `  #${entry}  ${problem}: ${because}`),
  ];
}

function conclusion(reports: readonly TrailReport[], lineage: string): string {
  const found = reports.reduce((sum, { findings }) => sum + findings.length, 0);
  const journals = `${reports.length} ${reports.length === 1 ? "journal" : "journals"} of lineage ${lineage || "(none yet)"}`;
  if (found === 0) return `${journals}: nothing was changed, removed or reordered.`;
  return `${journals}: ${found} ${found === 1 ? "finding" : "findings"}. Restore the state from a copy; traffic stays as it is.`;
}

function reportData({ agent, entries, last, findings }: TrailReport): Json {
  return {
    agent,
    entries,
    head: last === null ? null : { entry: last.serial, hash: last.hash, expect: headText({ agent, ...last }) },
    last_good: findings[0]?.lastGood ?? last?.serial ?? 0,
    findings: findings.map(({ entry, problem, because }) => ({ entry, problem, because })),
  };
}
