// The permanent codes of this room, and what `rollout explain` says of each.

import type { DiagnosticKind } from "../core/diagnostic/diagnostic.js";

type Entry = readonly [severity: "error" | "warning", summary: string, explanation: string];

const kinds = {
  "config/not-found": [
    "error",
    "No spec found",
    "A command looks for rollout.config.yaml in the folder where it is run and in every folder above it, up to the root of the git repository. Run it inside the repository, or begin one with `rollout init`.",
  ],
  "config/unreadable": [
    "error",
    "File cannot be read",
    "The file is named by the spec, or is the spec itself, and it is missing, is a folder, or may not be read. Nothing is assumed in its place.",
  ],
  "config/yaml-syntax": [
    "error",
    "Not valid YAML",
    "The file cannot be read as YAML, so nothing further was checked in it. The place shown is where reading stopped; the cause is often an indentation or a quote a little before it.",
  ],
  "config/too-large": [
    "error",
    "File beyond its limits",
    "A spec has at most 4 MB of text, 40 levels and 400 000 values, of which aliases may bring in 5 000: room for ten thousand agents. The limits keep a hostile pull request from exhausting the machine that plans it.",
  ],
  "config/several-documents": [
    "error",
    "Several YAML documents",
    "A line of three dashes begins another document in the same file. Only one could be in force, so the file is refused. Take the line out.",
  ],
  "config/key-not-text": [
    "error",
    "Key is not a text",
    "YAML allows numbers, lists and nothing at all as keys. Names of agents and steps are texts: write such a key in quotes.",
  ],
  "config/merge-key": [
    "error",
    "Merge keys are refused",
    "`<<` merges one map into another, and which of two values is in force is then not visible in a review. Anchors and aliases of whole values are fine.",
  ],
  "config/refused-key": [
    "error",
    "Reserved key",
    "Names such as `__proto__` and `constructor` have a meaning of their own in JavaScript. They are refused everywhere, so that no spec can reach behind the values that it writes.",
  ],
  "config/duplicate-key": [
    "error",
    "Duplicate key",
    "The same key stands twice in one map. Most readers silently take the last one; here it is an error, since the first one would be ignored.",
  ],
  "config/unknown-key": [
    "error",
    "Unknown key",
    "The key is not a part of the format at this place. It is refused because a misspelt key would otherwise leave a default in force where somebody meant to set a limit.",
  ],
  "config/missing-key": [
    "error",
    "Key is missing",
    "The map lacks a key that has no default. The reference of the format names the keys that are needed.",
  ],
  "config/wrong-type": [
    "error",
    "Wrong type of value",
    "The value is, for example, a list where a text is meant. YAML decides the type by how the value is written: quotes make a text of anything.",
  ],
  "config/unknown-value": ["error", "Unknown value", "The key takes one of a few words, and this is none of them."],
  "config/bad-value": [
    "error",
    "Value has the wrong form",
    "The value is of the right type, but not of the form that the key asks for. An example stands beside the problem.",
  ],
  "config/bad-name": [
    "error",
    "Name cannot be used",
    "Names of agents, steps, strategies and suites begin with a letter or a digit and go on with letters, digits, dots, dashes and underscores, at most 63 in all: they become parts of file names and keys.",
  ],
  "config/out-of-range": [
    "error",
    "Value out of range",
    "The number is smaller or larger than what can make sense here.",
  ],
  "config/bad-duration": [
    "error",
    "Not a duration",
    "A duration is written with its units, the largest first: `30m`, `24h`, `1h30m`, `14d`. A bare number is refused, since it does not say of what.",
  ],
  "config/bad-weight": [
    "error",
    "Not a weight",
    "A weight is a share of sessions in percent, from 0 to 100, in steps of 0.01: `5`, `5%`, `0.25%`. A bare `0.05` is 0.05 %.",
  ],
  "config/bad-margin": [
    "error",
    "Not a margin",
    "The margins of rates are differences in points (`5pp`); those of calls, cost and latency are shares of the stable revision's value (`20%`). The unit is always written, because 5 % of a rate of 80 % is 4 points.",
  ],
  "config/bad-score": [
    "error",
    "Not a score",
    "Scores and `max_regression` are fractions from 0 to 1, compared as decimals: 0.90 - 0.85 is 0.05, exactly.",
  ],
  "config/bad-model": [
    "error",
    "Model without a version",
    "A model is written `model@version`: what stands behind the last `@` is the version. Without it the same revision could serve a different model tomorrow.",
  ],
  "config/bad-time": [
    "error",
    "Not a time",
    "Days are written `mon-thu`, hours `09:00-16:00`, zones `Europe/Berlin`, days of the calendar `2026-12-24`.",
  ],
  "config/bad-path": [
    "error",
    "Path cannot be used",
    "Paths use forward slashes, start at the root of the repository and stay inside it: what lies outside would be another file on every machine, and is in nobody's review.",
  ],
  "config/bad-state": [
    "error",
    "Not a place for the state",
    "The state is kept in `sqlite:` a file of the repository, in PostgreSQL (`postgres://user@host/database` without a password, or `postgres:$VARIABLE`), or in `git:` an orphan branch of the repository (`git:BRANCH?workspace=kept` where all runs share one folder).",
  ],
  "config/out-of-reach": [
    "error",
    "Out of the runner's reach",
    "With `git:` state every run of a CI job works in a checkout of its own. A metrics file or a routing file in it is gone with the job: the next run would measure nothing, and the agents would never see the route. Use a source and a target that a runner can ask; or, where all runs share one folder, say so: `git:BRANCH?workspace=kept`.",
  ],
  "config/symlink": [
    "error",
    "Path leads through a symbolic link",
    "A symbolic link can lead anywhere, also out of the repository, and its target can change without a commit. Use the file itself.",
  ],
  "config/password": [
    "error",
    "Password in the spec",
    "An address of the form scheme://user:password@host stands in the spec. The spec is committed, and what it says is frozen into journals and shown in plans, so a password in it is known to everybody who reads any of them. Name a variable of the environment where one is taken, or let the service be asked without a password; and change the password, since it is in git's history.",
  ],
  "config/not-yet": [
    "error",
    "Not built yet",
    "The key belongs to the format, and the part of rollout that would obey it does not exist yet. It is refused rather than ignored, so that nobody relies on it. Take it out for now.",
  ],
  "config/unknown-strategy": [
    "error",
    "Unknown strategy",
    "An agent names a strategy that is neither built in (`standard`, `low-traffic`) nor defined under `strategies`.",
  ],
  "config/unknown-step": [
    "error",
    "Unknown step",
    "An agent lists a step by name, and neither `agent/step` nor the step alone stands in the registry, so that the model is not known.",
  ],
  "config/duplicate-step": [
    "error",
    "Step listed twice",
    "A step is one named place in an agent; listing it twice has no meaning.",
  ],
  "config/unused-override": [
    "error",
    "Override without a step",
    "An override names a step that no agent has, so that it would try nothing. Most often the step is misspelt.",
  ],
  "config/two-overrides": [
    "error",
    "Two overrides of one step",
    "An agent's step has one candidate. Here `agents.<name>.overrides` and the `agent/step` line of `canary.overrides` both name one.",
  ],
  "config/override-drops-params": [
    "warning",
    "Override drops parameters",
    "An override is a whole entry. This one has no parameters, while the entry that it replaces has some: the candidate would be called without them. Write them out in the override, or `params: {}` where that is meant.",
  ],
  "config/moving-version": [
    "warning",
    "Version that moves",
    "A version such as `latest` names whatever is newest. The revision's digest would stay the same while the model changes underneath, and no canary would see it.",
  ],
  "config/weights-do-not-rise": [
    "error",
    "Weights do not rise",
    "Each weight of a ramp is larger than the one before, and the first is larger than 0: a ramp only ever gives the canary more. Rollback is not a part of the ramp.",
  ],
  "config/ramp-end": [
    "error",
    "Ramp does not end at 100 %",
    "The last weight of a ramp is 100 %: there the canary becomes the stable revision. A ramp that ended earlier would serve two revisions for ever.",
  ],
  "config/ramp-without-canary": [
    "error",
    "Ramp without a canary",
    "A ramp whose only weight is 100 % would give everybody the new revision at once, with nothing to compare it to.",
  ],
  "config/hold-at-the-end": [
    "error",
    "Hold at 100 %",
    "At 100 % the rollout is over and nothing is compared any more, so that `hold` and `until` would have no effect there.",
  ],
  "config/until-before-hold": [
    "error",
    "Until is shorter than hold",
    "`hold` is the least time at a weight and `until` the most that its gate may stay undecided. A pass counts only after `hold`, so a shorter `until` could never be met.",
  ],
  "config/no-hold": [
    "error",
    "No time at a weight",
    "Without any time at a weight, and none to decide in, its gate would be asked before a single session has ended.",
  ],
  "config/tolerance-above-margin": [
    "error",
    "Tolerance is larger than the margin",
    "A canary fails when it is proven worse than the tolerance, and passes when it is proven not worse than the margin. A tolerance above the margin would pass what is bad enough to fail.",
  ],
  "config/no-margin": [
    "error",
    "Margin of zero",
    "To pass, a canary must be proven not worse than its margin. Nothing can be proven to be not worse at all: a margin is larger than 0.",
  ],
  "config/stale-too-early": [
    "error",
    "Evidence would always be stale",
    "A block of sessions is read when its last session could have ended: five minutes and the session timeout after its start. A shorter `stale_after` would call every block stale before it is read.",
  ],
  "config/floor-out-of-reach": [
    "error",
    "A floor that nothing can breach",
    "A session that is still open at its timeout counts as lasting so long. A limit of the latency at or above `session.timeout` would watch nothing: write less, or give sessions more time.",
  ],
  "config/several-suites": [
    "error",
    "Suites cannot be told apart",
    "Several eval suites are several tests: each needs a name of its own, and the results path must contain `{suite}`.",
  ],
  "config/alpha-of-full": [
    "error",
    "Alpha stands at the wrong gate",
    "The chance of a false rollback is one budget for the whole rollout; it is set at the `canary` gate, and `full` shares it.",
  ],
  "config/windows-twice": [
    "error",
    "Windows in two places",
    "Windows stand under `gates`, or at the strategy itself; in both places at once one of them would be ignored.",
  ],
  "config/freeze-ends-early": [
    "error",
    "Freeze ends before it begins",
    "The end of a freeze lies at or before its beginning, so that nothing would be frozen.",
  ],
  "config/whole-percents": [
    "error",
    "Weight is not a whole percent",
    "The routing rule `md5-100` has a hundred buckets, so that its weights are whole percents. Use `murmur3-32` for finer ones.",
  ],
  "config/cannot-draw": [
    "error",
    "The target cannot draw by this rule",
    "flagd draws by murmur3, as the router does by `murmur3-32`, and its rules know no md5. Another rule would send sessions elsewhere than the router and `rollout route` say.",
  ],
  "config/no-provider": [
    "error",
    "LiteLLM would not know the model",
    "The first entry of `target.providers` whose `models` takes a model says how LiteLLM calls it. A model that none takes could not be called, and sessions would fail once they are sent to it.",
  ],
  "config/secret": [
    "error",
    "Secret in the spec",
    "The spec is committed, and what it says is written into files, frozen into journals and shown in plans. LiteLLM takes `os.environ/NAME` in the place of any value, and reads the variable from its own environment. Change the secret too, since it is in git's history.",
  ],
  "config/shared-target": [
    "error",
    "Two agents share a target",
    "A target carries the route of one agent. Two agents that write one file, or are read back at one place, would take each other's traffic for their own.",
  ],
  "config/no-files": [
    "error",
    "Pattern matches no file",
    "Prompts, tools and release paths are part of what a revision is. A pattern that matches no file that git tracks is most often misspelt, or its files were never added.",
  ],
  "config/untracked-files": [
    "warning",
    "Files that git does not track",
    "Files match the pattern, but git does not track them, so that they are not a part of the revision and another machine would not see them. Add them, or ignore them.",
  ],
  "config/prompt-collision": [
    "error",
    "Two prompts of one name",
    "A prompt is asked for by its file name without the extension, relative to the fixed part of the pattern. Here two files have the same name.",
  ],
  "config/prompt-too-large": [
    "error",
    "Prompt larger than 1 MB",
    "Prompts travel in the routing snapshot, which every agent process keeps in memory: at most 1 048 576 bytes each.",
  ],
  "config/prompt-not-text": [
    "error",
    "Prompt is not a text",
    "Prompts are UTF-8 texts. This file holds bytes that are none.",
  ],
  "config/release-is-a-commit": [
    "error",
    "Release is the commit itself",
    "Every commit would be a new release and start a canary, also the commit in which rollout folds a promoted override. Name the deployed artefact, or use `paths` for the content of the code.",
  ],
} as const satisfies Readonly<Record<string, Entry>>;

export type ConfigCode = keyof typeof kinds;

export const diagnostics: readonly DiagnosticKind[] = Object.entries(kinds).map(
  ([code, [severity, summary, explanation]]) => ({ code, severity, summary, explanation }),
);

export function summaryOf(code: ConfigCode): { readonly severity: "error" | "warning"; readonly summary: string } {
  const [severity, summary] = kinds[code];
  return { severity, summary };
}
