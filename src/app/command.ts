// What people say to a rollout: each command is one journal entry. Those that lower traffic act at once.

import type { Command, EventBody } from "../core/model/journal.js";
import { components, holdsChanges } from "../core/model/revision.js";
import { type AgentState, currentStage, type Rollout } from "../core/model/state.js";
import { type AgentId, type RevisionId, shortRevision } from "../core/model/units.js";
import { write } from "../engine/tick.js";
import { Fault } from "../ports/fault.js";
import { describeEvent } from "../views/describe-event.js";
import type { Answer } from "../views/view.js";
import { actNow } from "./act-now.js";
import { faultProblem, Refusal, refuse } from "./refusal.js";
import { chargeOf, runOf, type Session, standingOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface CommandArguments {
  readonly agent: string;
  readonly command: Exclude<Command, "correct">;
  readonly because: string | null;
  /** Named by the person; null: the identity of git or CI. */
  readonly by: string | null;
  /** `retry`: which rejection is lifted; the one that holds back what the spec asks for where it is left out. */
  readonly incident?: string | null;
}

/** Commands that put in force what they say before they return. */
const actsAtOnce: readonly Command[] = ["abort", "promote"];
/** Commands that go against a gate or a rollback. */
const needsReason: readonly Command[] = ["proceed", "promote", "retry"];

export async function command(world: World, args: CommandArguments): Promise<Answer> {
  try {
    return await recorded(world, args);
  } catch (error) {
    if (args.command !== "abort" || !(error instanceof Fault) || error.kind === "conflict") throw error;
    const { problem, exit } = faultProblem(error, args.agent);
    throw new Refusal([{ ...problem, hint: `rollout abort ${args.agent} --break-glass` }], exit);
  }
}

async function recorded(world: World, args: CommandArguments): Promise<Answer> {
  return withSession(world, { readOnly: false, brokenSpec: true }, async (session) => {
    const charge = await chargeOf(session, args.agent);
    const said = await recordCommand(session, charge.agent, args);
    if (!actsAtOnce.includes(args.command)) return answer([...said, nextStep(args)], args, 0);
    const acted = await actNow(session, charge);
    const next = acted.exit === 15 ? [] : [nextStep(args)];
    return answer([...said, ...acted.lines, ...next], { ...args, in_force: acted.inForce }, acted.exit);
  });
}

function answer(
  lines: readonly string[],
  said: Pick<CommandArguments, "agent" | "command"> & { readonly in_force?: boolean },
  exit: number,
): Answer {
  const { agent, command: word, in_force = true } = said;
  return { view: { kind: "message", lines, data: { agent, command: word, in_force } }, exit };
}

/** An abort is wanted whatever was written meanwhile; everything else was said of what the person saw. */
const mostAttempts = 5;

async function recordCommand(session: Session, agent: AgentId, args: CommandArguments): Promise<readonly string[]> {
  const said: EventBody = { kind: "commanded", command: args.command, why: args.because ?? `rollout ${args.command}` };
  for (let attempt = 1; ; attempt++) {
    const { state, serial } = await standingOf(session, agent);
    check(args, state);
    const body = args.command === "retry" ? { ...said, incident: liftedBy(session, agent, { args, state }) } : said;
    try {
      return await record(session, { agent, after: serial, body, by: args.by });
    } catch (error) {
      const overtaken = error instanceof Fault && error.kind === "conflict";
      if (!overtaken || args.command !== "abort" || attempt === mostAttempts) throw error;
    }
  }
}

/** One entry, compared with the serial that was looked at. Returns what was recorded, for people. */
export async function record(
  session: Session,
  at: { readonly agent: AgentId; readonly after: number; readonly body: EventBody; readonly by: string | null },
): Promise<readonly string[]> {
  const lines: string[] = [];
  const run = await runOf(session, {
    person: true,
    plan: null,
    onEvent: (_, event) => lines.push(describeEvent(event)),
  });
  const { agent, after, body } = at;
  await write(at.by === null ? run : { ...run, by: `${at.by} (${run.by})` }, { agent, after }, body);
  return lines;
}

function nextStep({ command: said, agent }: CommandArguments): string {
  switch (said) {
    case "pause":
      return `Nothing is raised until: rollout resume ${agent}. A failing gate still rolls back.`;
    case "resume":
    case "proceed":
      return "The next apply goes on from here.";
    case "retry":
      return "The next apply may start it again, from the first stage.";
    default:
      return `rollout status ${agent} shows where it stands.`;
  }
}

/** The rejection that holds back what the spec asks for; the only one; or the one that was named. */
function liftedBy(
  session: Session,
  agent: AgentId,
  { args, state }: { readonly args: CommandArguments; readonly state: AgentState },
): string {
  const known = state.rejected.map(({ incident }) => incident);
  const revision = session.spec?.agents[agent]?.revision;
  const holding =
    revision === undefined ? [] : state.rejected.filter(({ changes }) => holdsChanges(components(revision), changes));
  const named = args.incident ?? null;
  const chosen = named ?? holding[0]?.incident ?? (known.length === 1 ? known[0] : undefined);
  if (chosen !== undefined && known.includes(chosen)) return chosen;
  return refuse("agent/nothing-rejected", {
    detail:
      named === null
        ? `"${agent}" has several rejections, and the spec asks for none of them: ${known.join(", ")}.`
        : `"${named}" rejected nothing of "${agent}" that is still rejected.`,
    hint: `rollout retry ${agent} --incident ${known[0] ?? "INCIDENT"} --because "…"`,
    about: agent,
  });
}

function check(args: CommandArguments, state: AgentState): void {
  const { agent, command: said, because } = args;
  if (needsReason.includes(said) && (because ?? "").trim() === "") {
    refuse("reason/missing", {
      detail: `"${said}" is recorded with a person's reason.`,
      hint: `rollout ${said} ${agent} --because "…"`,
    });
  }
  if (said === "retry") {
    if (state.rejected.length === 0)
      refuse("agent/nothing-rejected", { detail: `Nothing of "${agent}" was rejected.`, about: agent });
    return;
  }
  const rollout = state.rollout;
  if (rollout === null) {
    refuse("agent/no-rollout", {
      detail: `No rollout of "${agent}" is under way.`,
      hint: `rollout status ${agent}`,
      about: agent,
    });
  }
  if (rollout.course === "aborting") {
    refuse("agent/turned", {
      detail: `The rollout of "${agent}" has turned: ${rollout.turned?.because ?? "it is ending"}.`,
      about: agent,
    });
  }
  if (said === "promote" && state.fallback !== null) {
    refuse("agent/fallback-on", {
      detail: `The fallback of "${agent}" is on: ${state.fallback.because}.`,
      hint: `rollout fallback off ${agent}`,
      about: agent,
    });
  }
  checkRunning(args, rollout);
}

function checkRunning({ agent, command: said }: CommandArguments, rollout: Rollout): void {
  if (said === "pause" && rollout.paused !== null) {
    refuse("agent/paused-already", {
      detail: `The rollout of "${agent}" is paused: ${rollout.paused.because}.`,
      about: agent,
    });
  }
  if (said === "resume" && rollout.paused === null)
    refuse("agent/not-paused", { detail: `The rollout of "${agent}" is not paused.`, about: agent });
  if (said === "proceed" && currentStage(rollout)?.kind !== "gate") {
    refuse("agent/no-gate", { detail: `The rollout of "${agent}" does not stand at a gate.`, about: agent });
  }
}

export interface ApproveArguments {
  readonly agent: string;
  /** The beginning of the revision; null: the one that waits. */
  readonly revision: string | null;
  readonly by: string | null;
}

/** `rollout approve`: a named person's word for exactly one revision. */
export async function approve(world: World, args: ApproveArguments): Promise<Answer> {
  return withSession(world, { readOnly: false }, async (session) => {
    const charge = await chargeOf(session, args.agent);
    const { state, serial } = await standingOf(session, charge.agent);
    const revision = waitingRevision(args, [state.rollout?.canary, charge.spec?.revision.id], state);
    const body: EventBody = { kind: "approved", revision };
    const lines = await record(session, { agent: charge.agent, after: serial, body, by: args.by });
    return { view: { kind: "message", lines, data: { agent: args.agent, revision } }, exit: 0 };
  });
}

/** The one that the beginning names, of those that could be approved; where nothing is named the one that waits now. */
function waitingRevision(
  { agent, revision }: ApproveArguments,
  known: readonly (RevisionId | undefined)[],
  { stable }: AgentState,
): RevisionId {
  const candidates = [...new Set(known)].filter((id): id is RevisionId => id !== undefined && id !== stable);
  const [first] = candidates;
  if (first === undefined)
    return refuse("revision/unknown", { detail: `No revision of "${agent}" waits for a word.`, about: agent });
  if (revision === null) return first;
  const [named, ...others] = candidates.filter((id) => revision.length > 2 && id.startsWith(revision));
  if (named !== undefined && others.length === 0) return named;
  const waiting = candidates.map(shortRevision).join(", ");
  const which = named === undefined ? "No revision" : "More than one revision";
  return refuse("revision/unknown", {
    detail: `${which} of "${agent}" that could be approved starts with "${revision}". Waiting: ${waiting}.`,
    about: agent,
  });
}
