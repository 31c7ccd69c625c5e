// Why an agent holds or is left as it is, by the code that its plan shows.

import type { DiagnosticKind } from "../diagnostic/diagnostic.js";

type Words = Omit<DiagnosticKind, "severity">;

const words: readonly Words[] = [
  {
    code: "rollout/watch-only",
    summary: "Nothing is raised while the spec has errors",
    explanation:
      "Canaries under way are still judged and rolled back, by the gates that were frozen when they started. Nothing is adopted, started or raised until `rollout validate` finds no problem.",
  },
  {
    code: "rollout/paused",
    summary: "The rollout is paused",
    explanation:
      "A person paused it, or traffic was taken from its canary outside of rollout. The canary is still judged for a fail. `rollout resume AGENT` goes on, `rollout abort AGENT` ends it.",
  },
  {
    code: "rollout/fallback-on",
    summary: "The fallback is on",
    explanation:
      "A person sent everybody to the fallback: users meet neither stable nor the canary. Nothing is started, raised or promoted, and no gate's time runs; a canary that fails, or that the spec no longer asks for, is still taken back. `rollout fallback off AGENT` makes the route what it was.",
  },
  {
    code: "rollout/rejected-change",
    summary: "It still holds a rejected change",
    explanation:
      "What a rollback, an abort or an undo rejected does not come back by itself: neither in the same revision nor beside other changes. Take the change out of the spec, or lift the rejection with `rollout retry AGENT --because …`. The incident says what happened.",
  },
  {
    code: "rollout/override-not-folded",
    summary: "An override is promoted and not folded yet",
    explanation:
      "The override's model serves everybody, and the registry still says the old one. Merge the branch that the promotion made, or run `rollout fold AGENT`, so that the registry says what serves and the override can go.",
  },
  {
    code: "rollout/override-removed",
    summary: "A promoted override was taken out before it was folded",
    explanation:
      "The spec now asks for what served before the promotion, which may not be what was meant. `rollout fold AGENT` keeps what was promoted by writing it into the registry; `rollout undo AGENT` goes back. Neither is done unattended.",
  },
  {
    code: "rollout/override-masks-edit",
    summary: "An override hides a later edit of the registry",
    explanation:
      "While an override was on its way, or promoted and not folded yet, the registry was edited for the same step. The override wins, so nobody would ever try the edit. Put the edit into the override with `rollout bump STEP MODEL@VERSION --agent AGENT`, keep the promoted override with `rollout fold AGENT`, or take the edit back.",
  },
  {
    code: "gate/skipped",
    summary: "A skipped gate lasts its hold",
    explanation:
      "The spec leaves the gate out with a reason, which every plan shows. The weight stays for the hold of its stage all the same.",
  },
  {
    code: "gate/eval-fails",
    summary: "The eval gate fails",
    explanation:
      "The candidate's results are below the minimum, or further below the baseline than the spec allows. Nothing starts. The plan shows the numbers, and the items that changed where the results name them.",
  },
  {
    code: "gate/eval-waits",
    summary: "The eval gate waits for results",
    explanation:
      "There are no results of this very revision, they are too old, too many of their items errored, or there is no baseline. Run the evals with `rollout eval run AGENT -- COMMAND`, or stamp results made elsewhere with `rollout eval record AGENT FILE`; `rollout eval baseline AGENT` writes a baseline.",
  },
  {
    code: "gate/ready-waits",
    summary: "The canary's deployment does not serve yet",
    explanation:
      "Before the first weight the address under `ready` has to answer that it serves the canary's revision. Deploy it; the next apply asks again.",
  },
  {
    code: "gate/approval-waits",
    summary: "A person's approval is missing",
    explanation:
      "The strategy asks for a named person's word for exactly this revision: `rollout approve AGENT --revision r-…`. An approval that is older than its life does not count any more.",
  },
  {
    code: "gate/window-waits",
    summary: "Outside of the windows",
    explanation:
      "The strategy raises weights only in its windows and outside of its freezes. The plan says when the next window opens. A rollback is never kept waiting.",
  },
  ...(["canary", "full"] as const).flatMap((gate): readonly Words[] => [
    {
      code: `gate/${gate}-waits`,
      summary: `The ${gate} gate waits for evidence`,
      explanation:
        "The metrics are within their limits so far, and it is not proven yet that the canary is no worse, or the hold of the stage is not over, or telemetry is missing. The plan says how many more sessions are needed and the earliest time.",
    },
    {
      code: `gate/${gate}-undecided`,
      summary: `The ${gate} gate was not decided in its time`,
      explanation:
        "`until` is over without proof in either direction, and the strategy says to hold. Give it more traffic or time, end it with `rollout abort AGENT`, or go on by a named person's word with `rollout proceed AGENT --because …`, which every view shows as unproven.",
    },
  ]),
  {
    code: "state/unknown-agent",
    summary: "Only a person adopts an agent",
    explanation:
      "The state does not know the agent. Adoption takes what serves, or the registry without overrides, as stable without comparing anything; so a person does it, with `rollout adopt AGENT` or an interactive `rollout apply`.",
  },
  {
    code: "state/recovered",
    summary: "A person starts what comes after a recovery",
    explanation:
      "The state was lost and recovered while no canary was live. Whether what the spec asks for was turned back before stood in that state alone, so that unattended applies do not start it again. A person does, with `rollout apply AGENT` at a terminal; or take it out of the spec.",
  },
  {
    code: "state/left-spec",
    summary: "Only a person retires an agent",
    explanation:
      "The agent is not in the spec any more. An interactive `rollout apply AGENT` withdraws its canary first, then retires it: stable goes on serving, and the history is kept.",
  },
  {
    code: "state/lost",
    summary: "The target carries a route that this state does not know",
    explanation:
      "Somebody else's state wrote the target, or this state was lost or set back, as by restoring an older copy. Nothing is touched. If the newest state can be brought back, do that; otherwise `rollout recover AGENT` starts it anew from what is served.",
  },
  {
    code: "drift/lowered",
    summary: "Traffic was taken from the canary outside of rollout",
    explanation:
      "Somebody lowered the canary at the target, or broke the glass. The rollout pauses and is never raised again without `rollout resume AGENT`.",
  },
  {
    code: "drift/fallback",
    summary: "The fallback was switched on outside of rollout",
    explanation:
      "Somebody switched it on at the target, or broke the glass, and the journal says so now. It stays on until `rollout fallback off AGENT`.",
  },
  {
    code: "drift/reported",
    summary: "The target shows another route",
    explanation:
      "It is not what was last put in force, and the agent only reports drift (`on_drift: report`). `rollout drift AGENT --correct` sets it again.",
  },
  {
    code: "drift/corrected",
    summary: "The target is set again",
    explanation:
      "It showed another route than the one last put in force, and the agent corrects drift (`on_drift: correct`).",
  },
  {
    code: "target/unreachable",
    summary: "The target cannot be read",
    explanation:
      "What cannot be read back is not raised. Lowering is tried all the same, and the next apply looks again.",
  },
];

/** What a plan shows is no mistake: it waits. */
export const diagnostics: readonly DiagnosticKind[] = words.map((kind) => ({ ...kind, severity: "warning" }));
