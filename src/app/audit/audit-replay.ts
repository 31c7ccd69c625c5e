// `rollout audit replay`: does every verdict follow again from what was recorded?

import type { AgentId, Json } from "../../core/model/units.js";
import { shortRevision } from "../../core/model/units.js";
import { type JudgedAgain, judgeAgain } from "../../core/rollout/judge-again.js";
import { Fault } from "../../ports/fault.js";
import type { Answer } from "../../views/view.js";
import { runOf, type Session, withSession } from "../session.js";
import type { World } from "../world.js";
import { auditedAgents } from "./audit-verify.js";
import { type Recount, recounter } from "./recount.js";

interface Replayed {
  readonly agent: AgentId;
  readonly verdicts: readonly (JudgedAgain & { readonly recount: Recount | null })[];
  /** Why its journal cannot be read; null: it can. */
  readonly broken: string | null;
}

/** Exit code 1 where a verdict does not follow. Writes nothing. */
export async function auditReplay(world: World, args: { readonly agents: readonly string[] }): Promise<Answer> {
  return withSession(world, { readOnly: true, brokenSpec: true }, async (session) => {
    const replayed: Replayed[] = [];
    for (const agent of await auditedAgents(session, args.agents)) replayed.push(await replayAgent(session, agent));
    const wrong = replayed.flatMap(({ verdicts }) => verdicts).filter(isWrong).length;
    const broken = replayed.filter((one) => one.broken !== null).length;
    return {
      view: {
        kind: "message",
        lines: [...replayed.flatMap(linesOf), "", conclusion(replayed, wrong, broken)],
        data: { ok: wrong + broken === 0, agents: replayed.map(dataOf) },
      },
      exit: wrong + broken === 0 ? 0 : 1,
    };
  });
}

async function replayAgent(session: Session, agent: AgentId): Promise<Replayed> {
  try {
    const run = await runOf(session, { person: false, plan: null, reads: true });
    const recount = recounter(run);
    const verdicts: Replayed["verdicts"][number][] = [];
    for (const judged of judgeAgain(agent, await session.store.history(agent), session.doors.judge))
      verdicts.push({ ...judged, recount: judged.scene === null ? null : await recount(judged.scene) });
    return { agent, verdicts, broken: null };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { agent, verdicts: [], broken: error.message };
  }
}

function isWrong({ differences, recount }: Replayed["verdicts"][number]): boolean {
  return differences.length > 0 || recount?.kind === "differs";
}

function linesOf({ agent, verdicts, broken }: Replayed): readonly string[] {
  if (broken !== null) return [`${agent}: the journal cannot be replayed. ${broken}`];
  const count = `${verdicts.length} ${verdicts.length === 1 ? "verdict" : "verdicts"}`;
  const wrong = verdicts.filter(isWrong).length;
  return [
    `${agent}: ${count}${wrong === 0 ? "" : `, ${wrong} not as recorded`}`,
    ...verdicts.flatMap((verdict) => verdictLines(verdict)),
  ];
}

function verdictLines(verdict: Replayed["verdicts"][number]): readonly string[] {
  const { entry, subject, result, because, differences, notJudged, otherWords, recount, scene } = verdict;
  const canary = scene === null ? "" : ` of ${shortRevision(scene.rollout.canary)}`;
  const follows = differences.length === 0 ? "follows" : "does not follow";
  const found = notJudged === null ? `${follows} from the journal` : `not judged again: ${notJudged}`;
  const words = otherWords === null ? [] : [`recorded in other words: "${because}"`];
  const counted = recount?.kind === "differs" ? recount.differences.slice(0, mostDifferences) : [];
  return [
    `  #${entry}  ${subject}${canary}: ${result}, ${found}${recountWords(recount)}`,
    ...[
      ...differences.slice(0, mostDifferences),
      ...counted.map(({ place, recorded: said, found }) => `its ${place} is ${said}, and the raw tasks give ${found}`),
      ...words,
    ].map((line) => `        ${line}`),
  ];
}

/** More say nothing new. */
const mostDifferences = 5;

function recountWords(recount: Recount | null): string {
  if (recount === null) return "";
  if (recount.kind === "same") return "; counted again from the raw tasks: the same";
  if (recount.kind === "differs") return "; counted again from the raw tasks: not the same";
  return `; not counted again: ${recount.because}`;
}

function conclusion(replayed: readonly Replayed[], wrong: number, broken: number): string {
  const all = replayed.flatMap(({ verdicts }) => verdicts);
  const counted = all.filter(({ recount }) => recount?.kind === "same" || recount?.kind === "differs").length;
  const older = all.filter(({ notJudged }) => notJudged !== null).length;
  const left = older === 0 ? "" : `, ${older} not judged again`;
  const how = `${all.length - older} judged again from the journal, ${counted} of them counted again from raw tasks${left}`;
  if (wrong + broken === 0) return `${how}: every ${older === 0 ? "verdict" : "verdict that was judged"} follows.`;
  const journals = broken === 0 ? "" : `, ${broken} ${broken === 1 ? "journal" : "journals"} unreadable`;
  return `${how}: ${wrong} not as recorded${journals}. rollout audit verify says whether entries were changed.`;
}

function dataOf({ agent, verdicts, broken }: Replayed): Json {
  return {
    agent,
    unreadable: broken,
    verdicts: verdicts.map(({ entry, kind, gate, stage, result, differences, notJudged, otherWords, recount }) => ({
      entry,
      kind,
      gate,
      stage,
      result,
      follows: notJudged === null ? differences.length === 0 : null,
      not_judged: notJudged,
      differences: [...differences],
      words_now: otherWords,
      raw_tasks:
        recount === null
          ? null
          : {
              result: recount.kind,
              because: recount.kind === "unable" ? recount.because : null,
              differences: recount.kind === "differs" ? recount.differences.map((one) => ({ ...one })) : [],
            },
    })),
  };
}
