// What commands refuse, by code.

import type { Diagnostic, DiagnosticKind } from "../core/diagnostic/diagnostic.js";
import { invariant } from "../core/diagnostic/invariant.js";

export const diagnostics: readonly DiagnosticKind[] = [
  {
    code: "plan/not-a-plan",
    severity: "error",
    summary: "Not a plan file",
    explanation:
      "A plan file is written by `rollout plan --out FILE` and holds the digest of its own content. A file that is torn, edited by hand or of another format is refused, because what was reviewed would not be what is applied.",
  },
  {
    code: "plan/stale",
    severity: "error",
    summary: "The plan is stale",
    explanation:
      "A plan is bound to the spec, to each agent's journal and to what the target showed when it was made; gates are judged again when it is applied. It is refused as a whole when any of them moved, when an action or a verdict came out differently, or after it expired. Make a new plan and review it.",
  },
  {
    code: "plan/used",
    severity: "error",
    summary: "The plan was already applied",
    explanation:
      "A saved plan is applied once. Its digest is already in a journal, so applying it again is refused. Make a new plan.",
  },
  {
    code: "plan/not-approved",
    severity: "error",
    summary: "Nobody approved the plan",
    explanation:
      "Without a terminal to ask at, `rollout apply` needs either a saved plan file, which was reviewed before, or `--auto-approve`, which says that no review is wanted.",
  },
  {
    code: "agent/unknown",
    severity: "error",
    summary: "Unknown agent",
    explanation: "The agent is neither in the spec nor in the state. `rollout status` lists the agents that are known.",
  },
  {
    code: "agent/nothing-in-force",
    severity: "error",
    summary: "Nothing is in force yet",
    explanation:
      "The agent's sessions are routed by what `rollout adopt` or `rollout apply` puts in force, and neither has. Until then a router sends every session to its bootstrap.",
  },
  {
    code: "agent/no-rollout",
    severity: "error",
    summary: "No rollout is under way",
    explanation:
      "The command acts on a running rollout, and this agent has none. `rollout status AGENT` shows where it stands.",
  },
  {
    code: "agent/rollout-under-way",
    severity: "error",
    summary: "A rollout is under way",
    explanation:
      "The command works between rollouts. End the running one first: `rollout abort AGENT` gives the canary no more traffic at once, and is final for that rollout.",
  },
  {
    code: "agent/no-previous",
    severity: "error",
    summary: "Nothing to go back to",
    explanation:
      "Undo leads to the revision that was stable before the last promotion. This agent has had no promotion yet, or its former revision is not kept.",
  },
  {
    code: "agent/nothing-rejected",
    severity: "error",
    summary: "Nothing was rejected",
    explanation: "Retry lifts the rejection that a rollback left behind. This agent has none.",
  },
  {
    code: "agent/already-adopted",
    severity: "error",
    summary: "The agent is already adopted",
    explanation:
      "Adoption takes an agent that the state does not know as stable. This one has a journal: `rollout plan` shows what would happen to it.",
  },
  {
    code: "agent/paused-already",
    severity: "error",
    summary: "The rollout is already paused",
    explanation: "Pause is in force until `rollout resume AGENT`.",
  },
  {
    code: "agent/not-paused",
    severity: "error",
    summary: "The rollout is not paused",
    explanation: "Resume goes on with a paused rollout. `rollout status AGENT` shows what this one waits for.",
  },
  {
    code: "agent/fallback-on",
    severity: "error",
    summary: "The fallback is on",
    explanation:
      "Users meet no revision, so there is nobody to give to the canary. `rollout fallback off AGENT` makes the route what it was.",
  },
  {
    code: "agent/no-gate",
    severity: "error",
    summary: "No gate to proceed past",
    explanation:
      "Proceed leaves a gate that has not passed by a named person's word. The rollout does not stand at a gate now.",
  },
  {
    code: "agent/turned",
    severity: "error",
    summary: "The rollout has already turned",
    explanation:
      "A rollout that was aborted, failed or withdrawn is final: it can no longer be paused, proceeded or promoted.",
  },
  {
    code: "revision/unknown",
    severity: "error",
    summary: "Unknown revision",
    explanation:
      "No stored revision starts with this text, or more than one does. Give more of its digits; `rollout history AGENT` names the revisions.",
  },
  {
    code: "reason/missing",
    severity: "error",
    summary: "A reason is needed",
    explanation:
      'What goes on without proof or goes against a gate is recorded with a person\'s reason. Say it with `--because "…"`.',
  },
  {
    code: "state/lock-held",
    severity: "error",
    summary: "Another run holds the lock",
    explanation:
      "Each agent is worked on by one run at a time. The other run's lease ends by itself when it dies; wait, or look at what it does with `rollout history`.",
  },
  {
    code: "state/name-taken",
    severity: "error",
    summary: "The name is taken",
    explanation:
      "An agent is renamed to a name that the state does not know yet. Where both are known they are two agents; `rollout state rm AGENT` forgets one.",
  },
  {
    code: "state/same-target",
    severity: "error",
    summary: "The target carries the former name",
    explanation:
      "A routing file says whose it is, and one agent never writes over another's. A renamed agent gets a file of its own: give it another target in the spec, rename it in the state, and let the service read the new file.",
  },
  {
    code: "state/not-a-state",
    severity: "error",
    summary: "Not an exported state",
    explanation:
      "`rollout state export` writes one JSON document with a format number and the chain of every journal. A file that is torn, edited by hand or of a newer format is refused, because a journal that cannot be trusted is worse than none.",
  },
  {
    code: "state/not-empty",
    severity: "error",
    summary: "The store holds a state already",
    explanation:
      "A state is put into an empty store. `rollout state import FILE --force` replaces what is there and keeps a copy of it; the state that moved away from a store can come back to it.",
  },
  {
    code: "state/bad-address",
    severity: "error",
    summary: "The state cannot move there",
    explanation:
      "`rollout state migrate --to` takes what the spec's key `state` takes, and the spec must be valid with it: `sqlite:` a file, `postgres://…`, `postgres:$VARIABLE` or `git:` a branch.",
  },
  {
    code: "state/not-confirmed",
    severity: "error",
    summary: "Nobody confirmed it",
    explanation:
      "The command takes something out of the state that no apply brings back. It asks at a terminal; without one it needs `--auto-approve`.",
  },
  {
    code: "state/not-lost",
    severity: "error",
    summary: "The state is not lost",
    explanation:
      "Recover is for a target that carries a route which this state does not know. Here the two agree; `rollout plan` shows what there is to do.",
  },
  {
    code: "runbook/unknown",
    severity: "error",
    summary: "Unknown runbook",
    explanation:
      "Runbooks are Markdown files in the folder runbooks, named by their path or by their name alone. `rollout runbook list` names those that there are.",
  },
  {
    code: "incident/unknown",
    severity: "error",
    summary: "Unknown incident",
    explanation: "`rollout incident list` names the incidents that the journals hold.",
  },
  {
    code: "eval/no-results",
    severity: "error",
    summary: "No eval results",
    explanation:
      "Results are kept by the revision that they were made for. There are none for the revision in question: run the evals on it and record them with `rollout eval record AGENT FILE`, or let `rollout eval run AGENT -- COMMAND` do both.",
  },
  {
    code: "eval/bad-number",
    severity: "error",
    summary: "Not a number from 0 to 1",
    explanation:
      "Scores, regressions and shares of errored items are fractions: 85 % is written 0.85, and five points are 0.05.",
  },
  {
    code: "eval/command-failed",
    severity: "error",
    summary: "The eval command left no new results",
    explanation:
      "`rollout eval run` runs the team's own command and stamps the results file that it writes. The command did not write that file in this run, so nothing was recorded: results of an earlier run may belong to another revision. Name the file that it writes with `--results FILE`.",
  },
  {
    code: "file/missing",
    severity: "error",
    summary: "No such file",
    explanation: "The file that the command was given does not exist or cannot be read.",
  },
  {
    code: "explain/unknown-code",
    severity: "error",
    summary: "Unknown code",
    explanation:
      "Every problem that rollout prints has a permanent code. `rollout explain` without a code lists them all.",
  },
  {
    code: "serve/bad-schedule",
    severity: "error",
    summary: "Not a schedule",
    explanation:
      "`rollout serve --schedule` takes a cron expression of five fields (or six, with seconds first), in UTC: `*/5 * * * *` is every five minutes.",
  },
  {
    code: "serve/cannot-listen",
    severity: "error",
    summary: "The address cannot be listened on",
    explanation:
      "Another program, perhaps another `rollout serve`, holds the address, or this user may not use it. Stop the other one, or choose with `--host` and `--port`; port 0 takes any free one and says which.",
  },
  {
    code: "init/exists",
    severity: "error",
    summary: "There is a spec already",
    explanation: "`rollout init` writes a first spec and never replaces one.",
  },
  {
    code: "door/fault",
    severity: "error",
    summary: "The outside did not answer as it should",
    explanation:
      "A target, a source or the state store refused, timed out or could not be reached. What was begun stays recorded as begun, and the next `rollout apply` sets the target again to what is wanted.",
  },
  {
    code: "rehearsal/which-agent",
    severity: "error",
    summary: "Which agent?",
    explanation: "A rehearsal is about one agent, and the spec has several. Name it after the command.",
  },
  {
    code: "rehearsal/no-traffic",
    severity: "error",
    summary: "The traffic is not known",
    explanation:
      "How long a gate takes depends on the traffic. It is measured where task records arrive; without any in the last 24 hours say it with `--sessions-per-hour`.",
  },
  {
    code: "rehearsal/no-base",
    severity: "error",
    summary: "The task success of stable is not known",
    explanation:
      "How much evidence a session brings depends on how often stable succeeds. It is measured where task records arrive; without any say it with `--base 90%`.",
  },
  {
    code: "rehearsal/no-records",
    severity: "error",
    summary: "No records of this agent",
    explanation:
      "A backtest replays task records of the agent, which stand in its records as `agent`. The files hold none: give other files, or name the agent with `--agent`.",
  },
  {
    code: "rehearsal/which-revision",
    severity: "error",
    summary: "Which revision?",
    explanation:
      "A backtest compares two revisions of its records. Name them with `--stable` and `--canary`, by as much of their beginning as tells them apart.",
  },
  {
    code: "rehearsal/bad-assumption",
    severity: "error",
    summary: "An assumption cannot be read",
    explanation:
      "Rates are written as `90%`, drops as points: `5pp`, several of them with commas between. Sessions an hour are a number above 0.",
  },
  {
    code: "audit/not-a-head",
    severity: "error",
    summary: "Not the head of a journal",
    explanation:
      "A head is written `AGENT@ENTRY:HASH`, as `rollout audit verify` prints it: the agent, the number of its last entry, and that entry's hash or at least the first 12 of its digits.",
  },
];

/** A problem of one of these codes, with the user's names in its detail. */
export function appProblem(
  code: string,
  words: { readonly detail: string; readonly hint?: string | null; readonly about?: string | null },
): Diagnostic {
  const kind = diagnostics.find((candidate) => candidate.code === code);
  invariant(kind !== undefined, `the diagnostic ${code} is not registered`);
  return {
    code,
    severity: kind.severity,
    summary: kind.summary,
    detail: words.detail,
    hint: words.hint ?? null,
    about: words.about ?? null,
    span: null,
  };
}
