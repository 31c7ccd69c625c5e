// `rollout state show` and `rollout state unlock`: everything that the state says of one agent, and its lease freed.

import { canonicalJson } from "../core/model/revision.js";
import type { Route } from "../core/model/route.js";
import type { AgentState } from "../core/model/state.js";
import { type AgentId, type Json, shortRevision } from "../core/model/units.js";
import { write } from "../engine/tick.js";
import { weightText } from "../views/amount-text.js";
import { describeEvent } from "../views/describe-event.js";
import type { Answer } from "../views/view.js";
import { runOf, standingOf, withSession } from "./session.js";
import { demandKnown, demandReason } from "./state-edit.js";
import type { World } from "./world.js";

export async function stateShow(world: World, args: { readonly agent: string }): Promise<Answer> {
  return withSession(world, { readOnly: true, brokenSpec: true }, async (session) => {
    const agent = await demandKnown(session, args.agent);
    const { state, serial } = await standingOf(session, agent);
    const { lineage, epoch } = await session.store.load(agent);
    const lease = await session.store.leaseOf(agent);
    const lines = [
      `${agent}  entry ${serial}  lineage ${lineage}  epoch ${epoch}`,
      ...stateLines(state),
      `  lease      ${lease === null ? "free" : `${lease.holder}, until ${new Date(lease.until).toISOString()}`}`,
    ];
    const data = JSON.parse(canonicalJson({ lineage, epoch, serial, lease, state })) as {
      readonly [key: string]: Json;
    };
    return { view: { kind: "message", lines, data }, exit: 0 };
  });
}

function stateLines(state: AgentState): readonly string[] {
  const { stable, previous, rollout, inForce, pending, rejected, unfolded, approvals, operations, fallback } = state;
  const rows: readonly (readonly [name: string, text: string | null])[] = [
    ["stable", stable === null ? "none" : shortRevision(stable)],
    ["previous", previous === null ? null : `${shortRevision(previous.revision)}, left ${time(previous.leftAt)}`],
    ["target", state.target === null ? null : state.target.path],
    ["in force", inForce === null ? "not known" : routeText(inForce)],
    ["pending", pending === null ? null : routeText(pending)],
    ["fallback", fallback === null ? null : `on since ${time(fallback.since)} by ${fallback.by}: ${fallback.because}`],
    ["in doubt", state.inDoubt ? "the target is set again by the next apply" : null],
    ["rollout", rollout === null ? "none" : `${rollout.id} to ${shortRevision(rollout.canary)}`],
    [
      "stage",
      rollout === null ? null : `${rollout.stage + 1} of ${rollout.stages.length}, since ${time(rollout.since)}`,
    ],
    [
      "course",
      rollout === null ? null : rollout.paused === null ? rollout.course : `paused: ${rollout.paused.because}`,
    ],
    ...rejected.map(({ incident, because }) => ["rejected", `${incident}: ${because}`] as const),
    ...Object.entries(unfolded).map(([step, value]) => ["unfolded", `${step}: ${value}`] as const),
    ...approvals.map(({ revision, by }) => ["approved", `${shortRevision(revision)} by ${by}`] as const),
    ...operations.map(
      ({ operation, because }) => ["owed", `${operation.id}${because === null ? "" : `: ${because}`}`] as const,
    ),
    ["incidents", String(state.incidents)],
    ["retired", state.retired ? "the agent left the spec" : null],
  ];
  return rows.filter(([, text]) => text !== null).map(([name, text]) => `  ${name.padEnd(9)}  ${text}`);
}

function routeText({ fallback, ...route }: Route): string {
  if (fallback) return `the fallback for all (behind it: ${revisionsText(route)})`;
  return revisionsText(route);
}

function revisionsText({ stable, canary, weight }: Pick<Route, "stable" | "canary" | "weight">): string {
  return canary === null
    ? `${shortRevision(stable)} for all`
    : `${shortRevision(stable)}, ${weightText(weight)} on ${shortRevision(canary)}`;
}

function time(at: number): string {
  return new Date(at).toISOString();
}

export interface UnlockArguments {
  readonly agent: string;
  readonly because: string | null;
}

export async function stateUnlock(world: World, args: UnlockArguments): Promise<Answer> {
  return withSession(world, { readOnly: false, brokenSpec: true }, async (session) => {
    const { store } = session;
    const agent = args.agent as AgentId;
    const because = demandReason(`unlock ${agent}`, args.because);
    const lease = await store.leaseOf(agent);
    if (lease === null) {
      const lines = [`Nobody holds the lease of ${agent}: there is nothing to free.`];
      return { view: { kind: "message", lines, data: { agent, holder: null } }, exit: 0 };
    }
    await store.unlock(agent);
    // Whatever its holder is about to set at the target comes too late from here on.
    await store.raiseEpoch(0);
    const told: string[] = [];
    const { serial } = await store.load(agent);
    if (serial > 0) {
      const run = await runOf(session, {
        person: true,
        plan: null,
        onEvent: (_, event) => told.push(describeEvent(event)),
      });
      await write(run, { agent, after: serial }, { kind: "state-edited", edit: "unlocked", from: null, because });
    }
    const lines = [`${lease.holder} no longer holds ${agent}.`, ...told, `Next: rollout plan ${agent}`];
    return { view: { kind: "message", lines, data: { agent, holder: lease.holder } }, exit: 0 };
  });
}
