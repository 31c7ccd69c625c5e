// `rollout recover`: the target carries a route that this state does not know. A person says that the state starts anew from it.

import type { RevisionContent } from "../core/model/revision.js";
import type { LiveState } from "../core/model/route.js";
import type { AgentSpec } from "../core/model/spec.js";
import type { AgentState } from "../core/model/state.js";
import { shortRevision } from "../core/model/units.js";
import { type Situation, wasSetBack } from "../core/plan/situation.js";
import { look } from "../engine/look.js";
import { write } from "../engine/tick.js";
import { describeEvent } from "../views/describe-event.js";
import type { Answer } from "../views/view.js";
import { actNow } from "./act-now.js";
import { refuse } from "./refusal.js";
import { servedContent } from "./served-content.js";
import { chargeOf, runOf, type Session, withSession } from "./session.js";
import type { World } from "./world.js";

export interface RecoverArguments {
  readonly agent: string;
  readonly because: string | null;
}

export async function recover(world: World, args: RecoverArguments): Promise<Answer> {
  return withSession(world, { readOnly: false }, async (session) => {
    const charge = await chargeOf(session, args.agent);
    const lines: string[] = [];
    const run = await runOf(session, {
      person: true,
      plan: null,
      onEvent: (_, event) => lines.push(describeEvent(event)),
    });
    const { situation } = await look(run, charge, { remember: false });
    const { live, lineage } = situation.sight;
    const { spec } = charge;
    const lost =
      wasSetBack(situation) || live.kind === "foreign" || (live.kind === "serving" && live.lineage !== lineage);
    if (spec === null)
      return refuse("agent/unknown", {
        detail: `"${args.agent}" is not in the spec, which says what recover may take as stable.`,
      });
    if (!lost)
      refuse("state/not-lost", {
        detail: `State and target of "${args.agent}" agree.`,
        hint: `rollout plan ${args.agent}`,
        about: args.agent,
      });
    const stable = await whatServes(session, spec, situation);
    await session.store.raiseEpoch(epochOf(live) + 1);
    await session.store.putRevision(stable.content);
    const why = args.because ?? stable.why;
    await write(
      run,
      { agent: charge.agent, after: situation.serial },
      {
        ...{ kind: "recovered", stable: stable.content.id, why, target: spec.target },
        ...fallbackOf(situation),
        ...heldOf(situation),
      },
    );
    const acted = await actNow(session, charge);
    const said = [...lines, ...acted.lines, ...rested({ spec, situation, stable, state: acted.state })];
    return {
      view: {
        kind: "message",
        lines: [...said, `Next: rollout plan ${args.agent}`],
        data: { agent: args.agent, stable: stable.content.id, in_force: acted.inForce },
      },
      exit: acted.exit,
    };
  });
}

/** What it starts anew from, for people. */
function rested(of: {
  readonly spec: AgentSpec;
  readonly situation: Situation;
  readonly stable: { readonly content: RevisionContent; readonly why: string };
  readonly state: AgentState;
}): readonly string[] {
  const { spec, stable, state } = of;
  const { live } = of.situation.sight;
  const { id } = stable.content;
  const asked = spec.revision.id;
  const lines = [`${spec.agent} rests on ${shortRevision(id)}: ${stable.why}.`];
  if (state.fallback !== null) lines.push(`The fallback is on, as it was, until: rollout fallback off ${spec.agent}`);
  if (of.situation.state.rollout !== null || (live.kind === "serving" && live.route.canary !== null))
    lines.push("The canary that was running is withdrawn.");
  if (asked !== id) {
    const lost = state.held
      ? `Whether it was turned back before is lost with the state, so a person starts it: rollout apply ${spec.agent}`
      : "What was rejected before may be lost with the state: where it holds any of that, take it out of the spec first.";
    lines.push(`The spec asks for ${shortRevision(asked)}. ${lost}`);
  }
  return lines;
}

function epochOf(live: LiveState): number {
  return live.kind === "serving" || live.kind === "foreign" ? (live.fence?.epoch ?? 0) : 0;
}

/** As the target has it; where that cannot be read, as the journal knows it. */
function fallbackOf({ sight: { live }, state }: Situation): { readonly fallback?: true } {
  const isOn = live.kind === "serving" ? live.route.fallback : state.fallback !== null;
  return isOn ? { fallback: true } : {};
}

/** A canary that is live was not turned back. */
function heldOf({ sight: { live } }: Situation): { readonly held?: true } {
  return live.kind === "serving" && live.route.canary !== null ? {} : { held: true };
}

/** What the target serves as stable, by whoever knows it; where it cannot be read, what the journal knows, and else the registry. */
async function whatServes(
  { store }: Session,
  spec: AgentSpec,
  { sight: { live }, state }: Situation,
): Promise<{ readonly content: RevisionContent; readonly why: string }> {
  if (live.kind !== "serving") {
    const kept = state.stable === null ? null : await store.getRevision(state.stable);
    if (kept !== null) return { content: kept, why: "the journal knows it as stable" };
    return { content: spec.base, why: "the registry without overrides, since the served content cannot be read" };
  }
  const { stable } = live.route;
  const why = "the target serves it";
  const known = [spec.base, spec.revision].find(({ id }) => id === stable) ?? (await store.getRevision(stable));
  if (known !== null) return { content: known, why };
  const served = live.served[stable];
  if (served === undefined)
    return { content: spec.base, why: "the registry without overrides, since the target does not hold its content" };
  const content = servedContent(spec, served);
  if (content.id === stable) return { content, why };
  return { content, why: `the models and prompts that the target serves as ${shortRevision(stable)}` };
}
