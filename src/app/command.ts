// What people say to a rollout: each command is one journal entry. Those that lower traffic act at once.

import type { Command, EventBody } from "../core/model/journal.js";
import { type AgentState, currentStage, type Rollout } from "../core/model/state.js";
import { type AgentId, type RevisionId, shortRevision } from "../core/model/units.js";
import { write } from "../engine/tick.js";
import { describeEvent } from "../views/describe-event.js";
import type { Answer } from "../views/view.js";
import { passNow } from "./apply-agent.js";
import { refuse } from "./refusal.js";
import { chargeOf, runOf, type Session, stateOf, withSession } from "./session.js";
import type { World } from "./world.js";

export interface CommandArguments {
  readonly agent: string;
  readonly command: Exclude<Command, "correct">;
  readonly because: string | null;
  /** Named by the person; null: the identity of git or CI. */
  readonly by: string | null;
}

/** Commands that put in force what they say before they return. */
const actsAtOnce: readonly Command[] = ["abort", "promote"];
/** Commands that go against a gate or a rollback. */
const needsReason: readonly Command[] = ["proceed", "promote", "retry"];

export async function command(world: World, args: CommandArguments): Promise<Answer> {
  return withSession(world, { readOnly: false, brokenSpec: true }, async (session) => {
    const charge = await chargeOf(session, args.agent);
    const state = await stateOf(session, charge.agent);
    check(args, state);
    const body: EventBody = {
      kind: "commanded",
      command: args.command,
      why: args.because ?? `rollout ${args.command}`,
    };
    const lines = await record(session, { agent: charge.agent, body, by: args.by });
    if (actsAtOnce.includes(args.command)) {
      const passed = await passNow(session, charge, (_, event) => lines.push(describeEvent(event)));
      if (passed.fault !== null) {
        lines.push(
          `it is recorded, but not in force yet: ${passed.fault.message}`,
          "the next apply sets the target again",
        );
        return answer(lines, args, 15);
      }
    }
    lines.push(nextStep(args));
    return answer(lines, args, 0);
  });
}

function answer(lines: readonly string[], args: CommandArguments, exit: number): Answer {
  return {
    view: { kind: "message", lines, data: { agent: args.agent, command: args.command, in_force: exit === 0 } },
    exit,
  };
}

/** One entry, compared with the serial that was looked at. Returns what was recorded, for people. */
export async function record(
  session: Session,
  at: { readonly agent: AgentId; readonly body: EventBody; readonly by: string | null },
): Promise<string[]> {
  const lines: string[] = [];
  const run = await runOf(session, {
    person: true,
    plan: null,
    onEvent: (_, event) => lines.push(describeEvent(event)),
  });
  const journal = await session.store.load(at.agent);
  await write(
    at.by === null ? run : { ...run, by: `${at.by} (${run.by})` },
    { agent: at.agent, after: journal.serial },
    at.body,
  );
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
    const state = await stateOf(session, charge.agent);
    const candidates = [state.rollout?.canary, charge.spec?.revision.id].filter(
      (id): id is RevisionId => id !== undefined && id !== state.stable,
    );
    const revision =
      args.revision === null ? candidates[0] : candidates.find((id) => id.startsWith(args.revision ?? ""));
    if (revision === undefined) {
      const waiting = candidates.map(shortRevision).join(", ") || "none";
      return refuse("revision/unknown", {
        detail: `No revision of "${args.agent}" that could be approved starts with "${args.revision ?? ""}". Waiting: ${waiting}.`,
      });
    }
    const lines = await record(session, { agent: charge.agent, body: { kind: "approved", revision }, by: args.by });
    return { view: { kind: "message", lines, data: { agent: args.agent, revision } }, exit: 0 };
  });
}
