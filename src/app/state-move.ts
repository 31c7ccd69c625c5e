// `rollout state mv` and `rollout state rm`: an agent under another name, and an agent forgotten. Both leave every target as it is.

import { canonicalJson } from "../core/model/revision.js";
import type { AgentSpec, Spec } from "../core/model/spec.js";
import { type AgentId, shortRevision } from "../core/model/units.js";
import { linkedAs, type StateDump } from "../ports/state-dump.js";
import type { Answer } from "../views/view.js";
import { actNow } from "./act-now.js";
import { refuse } from "./refusal.js";
import { hasRecords, type Session, stateOf, withSession } from "./session.js";
import { type Ask, demandConsent, demandKnown, demandReason, demandRest, editEntry, keepCopy } from "./state-edit.js";
import type { World } from "./world.js";

export interface MoveArguments {
  readonly from: string;
  readonly to: string;
  readonly because: string | null;
}

export async function stateMove(world: World, args: MoveArguments): Promise<Answer> {
  return withSession(world, { readOnly: false }, async (session) => {
    const { store, spec } = session;
    const from = await demandKnown(session, args.from);
    const to = args.to as AgentId;
    await checkName(session, args);
    await demandRest(session, from);
    const { stable } = await stateOf(session, from);
    const charge = { agent: to, spec: specOf(spec, to) };
    const before = await store.dump();
    const because = args.because ?? `rollout state mv ${from} ${to}`;
    const entry = await editEntry(world, { kind: "state-edited", edit: "renamed", from, because });
    const copy = await keepCopy(session, before, `mv-${from}`);
    // First: whoever is stopped in between says it again, and finds the state under the former name.
    if (await hasRecords(session)) await (await session.metrics()).rename(from, to);
    await store.replace(before, renamed(before, { from, to, entry }));
    const lines = [`${from} is ${to} now, with all that is known of it.`, `The state as it was: ${copy}`];
    const data = { from, to, stable, copy };
    if (charge.spec === null) {
      const next = `Next: write ${to} in the place of ${from} in the spec, with a target of its own`;
      return { view: { kind: "message", lines: [...lines, next], data: { ...data, in_force: false } }, exit: 0 };
    }
    const acted = await actNow(session, charge);
    const next = `Next: let the service read ${charge.spec.target.path}, and take ${from}'s former file away`;
    return {
      view: {
        kind: "message",
        lines: [...lines, ...acted.lines, next],
        data: { ...data, in_force: acted.inForce },
      },
      exit: acted.exit,
    };
  });
}

/** A name that every object has is not one of the spec's. */
function specOf(spec: Spec | null, agent: string): AgentSpec | null {
  return spec !== null && Object.hasOwn(spec.agents, agent) ? (spec.agents[agent] ?? null) : null;
}

async function checkName(session: Session, { from, to }: MoveArguments): Promise<void> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(to)) {
    refuse("agent/unknown", { detail: `"${to}" cannot be the name of an agent.`, about: to });
  }
  if ((await session.store.trailed()).includes(to as AgentId)) {
    refuse("state/name-taken", { detail: `The state knows "${to}" already.`, about: to });
  }
  const { target } = await stateOf(session, from as AgentId);
  const wanted = specOf(session.spec, to)?.target ?? null;
  if (target !== null && wanted !== null && wanted.path === target.path) {
    refuse("state/same-target", {
      detail: `${target.path} is ${from}'s, and says so to whoever reads it.`,
      hint: `Give ${to} a target of its own in the spec, as live/${to}.json`,
      about: to,
    });
  }
}

/** The epoch rises, so that whoever still works under the former name is fenced. */
function renamed(
  before: StateDump,
  { from, to, entry }: { readonly from: AgentId; readonly to: AgentId; readonly entry: string },
): StateDump {
  const named = <Kept extends { readonly agent: AgentId }>(kept: Kept): Kept =>
    kept.agent === from ? { ...kept, agent: to } : kept;
  return {
    ...before,
    epoch: before.epoch + 1,
    journals: before.journals.map((journal) =>
      journal.agent === from
        ? linkedAs(before.lineage, to, [...journal.entries.map(({ event }) => renamedIn(event, from, to)), entry])
        : journal,
    ),
    revisions: before.revisions.map(named),
    memories: before.memories.map(named),
    floors: before.floors.map(named),
  };
}

/** Entries name the agent in two places: whose operation it is, and the incident that a retry lifts. */
function renamedIn(text: string, from: AgentId, to: AgentId): string {
  const event = JSON.parse(text) as {
    readonly incident?: string;
    readonly operation?: { readonly agent: string; readonly [key: string]: unknown };
  };
  const { incident, operation } = event;
  const number = incident?.startsWith(`${from}-`) ? incident.slice(from.length) : null;
  const isOurs = operation?.agent === from;
  if (number === null && !isOurs) return text;
  return canonicalJson({
    ...event,
    ...(number === null ? {} : { incident: `${to}${number}` }),
    ...(isOurs ? { operation: { ...operation, agent: to } } : {}),
  });
}

export interface RemoveArguments {
  readonly agent: string;
  readonly because: string | null;
  readonly autoApprove: boolean;
  readonly ask: Ask;
}

export async function stateRemove(world: World, args: RemoveArguments): Promise<Answer> {
  return withSession(world, { readOnly: false, brokenSpec: true }, async (session) => {
    const agent = await demandKnown(session, args.agent);
    demandReason(`rm ${agent}`, args.because);
    await demandRest(session, agent);
    const { stable } = await stateOf(session, agent);
    const before = await session.store.dump();
    const rests = stable === null ? "It was never adopted." : `Its target goes on serving ${shortRevision(stable)}.`;
    const question = `Forget ${agent} and its history? ${rests} Only "yes" is accepted: `;
    await demandConsent(world, { ...args, question, command: `rm ${agent}` });
    const copy = await keepCopy(session, before, `rm-${agent}`);
    const others = <Kept extends { readonly agent: AgentId }>(kept: readonly Kept[]): readonly Kept[] =>
      kept.filter((one) => one.agent !== agent);
    await session.store.replace(before, {
      ...before,
      // What it wrote last at its target must be overtaken by whoever adopts it again.
      epoch: before.epoch + 1,
      journals: others(before.journals),
      revisions: others(before.revisions),
      memories: others(before.memories),
      floors: others(before.floors),
    });
    const lines = [
      `${agent} is forgotten: ${args.because}.`,
      rests,
      `The state as it was, with its history: ${copy}`,
      ...(specOf(session.legible, agent) === null
        ? []
        : [`Next: take ${agent} out of the spec, or rollout adopt ${agent}`]),
    ];
    return { view: { kind: "message", lines, data: { agent, stable, copy, because: args.because } }, exit: 0 };
  });
}
