// `rollout recover`: the target carries a route that this state does not know. A person says that the state starts anew from it.

import type { RevisionContent } from "../core/model/revision.js";
import { shortRevision } from "../core/model/units.js";
import { look } from "../engine/look.js";
import { write } from "../engine/tick.js";
import { describeEvent } from "../views/describe-event.js";
import type { Answer } from "../views/view.js";
import { passNow } from "./apply-agent.js";
import { refuse } from "./refusal.js";
import { chargeOf, runOf, withSession } from "./session.js";
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
    const lost = live.kind === "foreign" || (live.kind === "serving" && live.lineage !== lineage);
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
    const served = live.kind === "serving" ? live.route.stable : null;
    const stable: RevisionContent =
      [spec.base, spec.revision].find((content) => content.id === served) ??
      (served === null ? null : await session.store.getRevision(served)) ??
      spec.base;
    await session.store.raiseEpoch((live.kind === "serving" ? live.fence.epoch : 0) + 1);
    await session.store.putRevision(stable);
    const why =
      args.because ??
      (stable.id === served
        ? "the target serves it"
        : "the registry without overrides, since the served content is not kept");
    const journal = await session.store.load(charge.agent);
    await write(
      run,
      { agent: charge.agent, after: journal.serial },
      { kind: "recovered", stable: stable.id, why, target: spec.target },
    );
    const passed = await passNow(session, charge, run.onEvent);
    if (passed.fault !== null) lines.push(`it is recorded, but not in force yet: ${passed.fault.message}`);
    lines.push(`${args.agent} rests on ${shortRevision(stable.id)}. A canary that was running is withdrawn.`);
    return {
      view: { kind: "message", lines, data: { agent: args.agent, stable: stable.id } },
      exit: passed.fault === null ? 0 : 15,
    };
  });
}
