// The saved plan: readable JSON, content-addressed, single-use, expiring, bound to spec, serial and live state.

import { createHash } from "node:crypto";
import type { Checked, Diagnostic } from "../core/diagnostic/diagnostic.js";
import type { Plan, PlannedAction } from "../core/model/plan.js";
import { canonicalJson } from "../core/model/revision.js";
import type { Digest, Instant } from "../core/model/units.js";
import { planShape } from "../core/shape/plan-shape.js";
import { appProblem } from "./diagnostics.js";

/** `sha256:` of the plan's canonical JSON. */
export function planDigest(plan: Plan): Digest {
  return `sha256:${createHash("sha256").update(canonicalJson(plan)).digest("hex")}` as Digest;
}

export function planFileText(plan: Plan): string {
  return `${JSON.stringify({ format: 1, kind: "rollout-plan", digest: planDigest(plan), plan }, null, 2)}\n`;
}

/** Room for ten thousand agents. */
const largest = 256_000_000;

/** Never throws: a file that is torn, edited, of another format or no plan is refused with the reason. */
export function readPlanFile(text: string, name: string): Checked<{ readonly plan: Plan; readonly digest: Digest }> {
  const refuse = (detail: string): Checked<never> => ({
    ok: false,
    problems: [appProblem("plan/not-a-plan", { detail, about: name })],
  });
  if (text.length > largest) return refuse(`${name} has ${text.length} characters, more than any plan.`);
  let file: { readonly format?: unknown; readonly kind?: unknown; readonly digest?: unknown; readonly plan?: unknown };
  try {
    file = JSON.parse(text);
  } catch {
    return refuse(`${name} is not JSON, or only the beginning of it.`);
  }
  if (file?.kind !== "rollout-plan" || typeof file.plan !== "object" || file.plan === null)
    return refuse(`${name} was not written by "rollout plan --out".`);
  if (typeof file.format === "number" && file.format > 1)
    return refuse(
      `${name} has the plan format ${file.format}, and this version of rollout reads format 1: a newer version wrote it. Upgrade rollout, or plan again.`,
    );
  if (file.format !== 1) return refuse(`${name} has no number of a plan format that ever was.`);
  const wrong = planShape(file.plan, "plan");
  if (wrong !== null) return refuse(`${name} is not a plan: ${wrong}.`);
  const plan = file.plan as Plan;
  const digest = planDigest(plan);
  if (digest !== file.digest)
    return refuse(`${name} was changed after it was saved: its content is not what its digest says.`);
  return { ok: true, value: { plan, digest }, warnings: [] };
}

const again = "rollout plan --out FILE";

/** A saved plan whose time is over; null while it lasts. */
export function expired(saved: Plan, at: Instant): Diagnostic | null {
  if (at <= saved.validUntil) return null;
  const detail = `The plan expired at ${new Date(saved.validUntil).toISOString()}.`;
  return appProblem("plan/stale", { detail, hint: again });
}

/** Why a saved plan can no longer be applied as a whole; null when it can. */
export function staleness(saved: Plan, now: Plan): Diagnostic | null {
  if (saved.spec !== now.spec)
    return appProblem("plan/stale", { detail: "The spec is not the one that was planned.", hint: again });
  for (const action of saved.actions) {
    const { agent } = action;
    const fresh = now.actions.find((candidate) => candidate.agent === agent);
    const why = fresh === undefined ? "it is no longer planned" : moved(action, fresh);
    if (why === null) continue;
    const detail = `The agent "${agent}" has moved since the plan was made: ${why}.`;
    return appProblem("plan/stale", { detail, hint: again, about: agent });
  }
  return null;
}

/** What differs between two plans of one agent, by situation, action and verdict; sentences and numbers may differ. */
export function moved(planned: PlannedAction, fresh: PlannedAction): string | null {
  const a = planned.basis;
  const b = fresh.basis;
  // A plan may be made before there is any state: what is born later and knows nothing of the agent is the same situation.
  const unborn = a.lineage === "" && a.serial === 0 && b.serial === 0;
  const sameState = a.lineage === b.lineage && a.epoch === b.epoch;
  if (!unborn && !sameState) return "its state is another one (lineage or epoch)";
  if (a.serial !== b.serial) return `its journal is at entry ${b.serial}, not ${a.serial}`;
  if (a.live !== b.live) return "the target shows another route";
  if (planned.kind !== fresh.kind) return `the action would be "${fresh.kind}", not "${planned.kind}"`;
  if (planned.to !== fresh.to || planned.weightTo !== fresh.weightTo)
    return "it would go to another revision or weight";
  const results = (action: PlannedAction): string =>
    action.opinions.map(({ stage, verdict }) => `${stage}:${verdict.result}`).join(" ");
  return results(planned) === results(fresh) ? null : "a gate judges differently now";
}
