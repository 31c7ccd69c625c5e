// What a promotion writes into the repository: the files of one commit on a given tip, and the message that goes with them.

import { posix } from "node:path";
import type { Diagnostic } from "../core/diagnostic/diagnostic.js";
import type { EvalResult } from "../core/model/gate.js";
import type { Entry, Operation } from "../core/model/journal.js";
import type { AgentSpec } from "../core/model/spec.js";
import { type AgentId, shortRevision } from "../core/model/units.js";
import { notFolded } from "../core/rollout/baseline-branch.js";
import type { EvalShelf } from "../ports/eval-shelf.js";
import { Fault } from "../ports/fault.js";
import type { StateStore } from "../ports/state-store.js";
import { foldPromoted } from "./fold.js";
import { baselinePath, recordBaseline } from "./record-eval.js";
import type { SpecFiles } from "./spec-models.js";
import { readAgentState, readStableModels, type StableModels } from "./stable-models.js";
import { isFields, readYamlValue } from "./yaml-edit.js";

/** What was promoted, by the journal: its eval results and the overrides that have to be folded. */
export interface Promotion {
  readonly operation: Operation;
  readonly results: readonly EvalResult[];
  readonly overrides: Readonly<Record<string, string>>;
  readonly stable: StableModels;
  /** The agent still serves the revision; else there is nothing left to write down. */
  readonly current: boolean;
}

export interface PromotionSources {
  readonly agentSpec: (agent: AgentId) => AgentSpec | null;
  readonly evals: EvalShelf;
  readonly store: StateStore;
}

export async function readPromotion(
  { agentSpec, evals, store }: PromotionSources,
  operation: Operation,
): Promise<Promotion> {
  const { agent, revision } = operation;
  const state = await readAgentState(store, agent);
  const current = state.stable === revision;
  const results = current ? await promotedResults({ agentSpec, evals, store }, operation) : [];
  const unfolded = Object.keys(state.unfolded).length > 0;
  const stable = current && unfolded ? await readStableModels(store) : {};
  return { operation, results, overrides: current ? state.unfolded : {}, stable, current };
}

/** The results that the eval gate judged; where it was left out, those on the shelf. */
async function promotedResults(
  { agentSpec, evals, store }: PromotionSources,
  operation: Operation,
): Promise<readonly EvalResult[]> {
  const { agent, revision, rollout } = operation;
  const judged = judgedResults(await store.history(agent), rollout);
  if (judged.length > 0) return judged;
  const gates =
    agentSpec(agent)?.stages.flatMap((stage) =>
      stage.kind === "gate" && stage.gate.kind === "eval" ? [stage.gate] : [],
    ) ?? [];
  const suites = [...new Set(gates.flatMap((gate) => gate.suites.map(({ suite }) => suite)))];
  const found = await Promise.all(suites.map((suite) => evals.result(agent, suite, revision)));
  return found.filter((result): result is EvalResult => !("missing" in result));
}

function judgedResults(history: readonly Entry[], rollout: string): readonly EvalResult[] {
  const judged = history.flatMap(({ event }) =>
    event.kind === "gate-judged" && event.rollout === rollout && event.evidence.kind === "eval" ? [event.evidence] : [],
  );
  const suites = Object.values(judged.at(-1)?.suites ?? {});
  return suites.flatMap(({ result }) => ("missing" in result ? [] : [result]));
}

export interface Publication {
  /** Paths from the spec's folder; only files whose text changes. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly message: string;
  /** What could not be written, for people. */
  readonly notes: readonly string[];
}

/** The files that `read` gives, after the promotion. Throws a `Fault` for a baseline that cannot be read. */
export async function publicationOn(
  promotion: Promotion,
  spec: AgentSpec,
  place: { readonly config: string; readonly read: (path: string) => Promise<string | null> },
): Promise<Publication> {
  const { operation, results } = promotion;
  const path = baselinePath(spec.evals.baseline, operation.agent);
  const before = await place.read(path);
  const baseline = recordBaseline(before === null ? null : { name: path, text: before }, results);
  if (!baseline.ok) throw new Fault("rejected", said(baseline.problems));
  const folded = await foldOn(promotion, place);
  const scores = results.map(({ suite, scoreName, score }) => `${suite}: ${scoreName} ${score ?? "not scored"}`);
  const lines = [
    ...(baseline.value.text === null ? [] : [`Eval baseline of ${scores.join(", ")}.`]),
    ...folded.changes.map((change) => `${change}.`),
  ];
  const title = `Promote ${shortRevision(operation.revision)} of ${operation.agent}`;
  const notes =
    results.length === 0
      ? ["no eval results of this revision, so the baseline stays as it was", ...folded.notes]
      : folded.notes;
  return {
    files: [...(baseline.value.text === null ? [] : [{ path, text: baseline.value.text }]), ...folded.files],
    message: `${title}\n\n${lines.map((line) => `${line}\n`).join("")}\nRollout-Operation: ${operation.id}\n`,
    notes,
  };
}

interface FoldedOnTip {
  readonly files: Publication["files"];
  readonly changes: readonly string[];
  readonly notes: readonly string[];
}

/** A fold that cannot be written keeps no baseline from being committed: plans go on asking for it. */
async function foldOn(
  { operation, overrides, stable }: Promotion,
  { config, read }: { readonly config: string; readonly read: (path: string) => Promise<string | null> },
): Promise<FoldedOnTip> {
  if (Object.keys(overrides).length === 0) return { files: [], changes: [], notes: [] };
  const files = await specFilesOn(config, read);
  const folded = files === null ? null : foldPromoted({ files, agent: operation.agent, promoted: overrides, stable });
  if (folded?.ok !== true) {
    const why = folded === null ? `${config} is not committed` : said(folded.problems);
    return {
      files: [],
      changes: [],
      notes: [`${notFolded} (${why}): run rollout fold ${operation.agent}`],
    };
  }
  const changed = folded.value.files.map(({ name, text }) => ({ path: name, text }));
  return { files: changed, changes: folded.value.changes, notes: [] };
}

async function specFilesOn(config: string, read: (path: string) => Promise<string | null>): Promise<SpecFiles | null> {
  const text = await read(config);
  if (text === null) return null;
  const value = readYamlValue({ name: config, text });
  const named = value.ok && isFields(value.value) ? value.value.registry : null;
  const registry = typeof named === "string" ? posix.normalize(named) : null;
  const models = registry === null ? null : await read(registry);
  return {
    config: { name: config, text },
    registry: registry === null || models === null ? null : { name: registry, text: models },
  };
}

function said(problems: readonly Diagnostic[]): string {
  return problems.map(({ detail }) => detail).join(" ");
}
