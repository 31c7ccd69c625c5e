// Eval results and baselines in files of the repository, kept by revision.

import { join } from "node:path";
import type { Checked, Diagnostic } from "../core/diagnostic/diagnostic.js";
import type { AgentSpec } from "../core/model/spec.js";
import { type AgentId, type RevisionId, shortRevision } from "../core/model/units.js";
import type { EvalFile } from "../ports/eval-format.js";
import type { EvalShelf } from "../ports/eval-shelf.js";
import { repoProblem } from "./diagnostics.js";
import { type BaselineFile, type ResultsFile, readBaselineFile, readResultsFile } from "./eval-file.js";
import { readBounded } from "./read-bounded.js";
import { baselinePath, resultsPath } from "./record-eval.js";

export interface ShelfPlace {
  /** Absolute. */
  readonly root: string;
  readonly agentSpec: (agent: AgentId) => AgentSpec | null;
}

/** Never throws: what cannot be read is missing, and says why. */
export function openEvalShelf(place: ShelfPlace): EvalShelf {
  return {
    result: async (agent, suite, revision) => {
      const file = await readResultsOf(place, agent, revision);
      if (!file.ok) return { missing: firstProblem(file.problems) };
      if (file.value === null) return { missing: await whyNoResults(place, agent, revision) };
      const found = file.value.suites[suite];
      if (found !== undefined) return found;
      const there = Object.keys(file.value.suites).join(", ");
      return {
        missing: `the results of ${shortRevision(revision)} have no suite ${suite} (they have ${there}): record it with rollout eval record ${agent} FILE --suite ${suite}`,
      };
    },
    baseline: async (agent, suite) => {
      const file = await readBaselineOf(place, agent);
      if (!file.ok) return { missing: firstProblem(file.problems) };
      const found = file.value?.[suite];
      if (found !== undefined) return found;
      const which = file.value === null ? "no eval baseline" : `no eval baseline of the suite ${suite}`;
      return {
        missing: `there is ${which} to measure a regression against: write one with rollout eval baseline ${agent}`,
      };
    },
  };
}

/** The stamped results of a revision; null where there are none. */
export async function readResultsOf(
  { root, agentSpec }: ShelfPlace,
  agent: AgentId,
  revision: RevisionId,
): Promise<Checked<ResultsFile | null>> {
  const spec = agentSpec(agent);
  if (spec === null) return { ok: true, value: null, warnings: [] };
  const file = await readIfThere(root, resultsPath(spec.evals.resultsByDigest, agent, revision));
  if (!file.ok || file.value === null) return file.ok ? { ok: true, value: null, warnings: [] } : file;
  const results = readResultsFile(file.value);
  if (!results.ok || results.value.revision === revision) return results;
  const detail = `${file.value.name} holds the results of ${shortRevision(results.value.revision)}, not of ${shortRevision(revision)}.`;
  return {
    ok: false,
    problems: [repoProblem({ code: "repo/bad-eval-file", detail, at: { file: file.value, offset: 0 } })],
  };
}

/** The baseline of an agent; null where there is none. */
export async function readBaselineOf(
  { root, agentSpec }: ShelfPlace,
  agent: AgentId,
): Promise<Checked<BaselineFile | null>> {
  const spec = agentSpec(agent);
  if (spec === null) return { ok: true, value: null, warnings: [] };
  const file = await readIfThere(root, baselinePath(spec.evals.baseline, agent));
  if (!file.ok || file.value === null) return file.ok ? { ok: true, value: null, warnings: [] } : file;
  return readBaselineFile(file.value);
}

/** A file that the team wrote is bound to no revision until somebody says which one it was made for. */
async function whyNoResults({ root, agentSpec }: ShelfPlace, agent: AgentId, revision: RevisionId): Promise<string> {
  const spec = agentSpec(agent);
  const name = shortRevision(revision);
  if (spec === null) return `the spec has no agent ${agent}, so it is not known where its eval results are`;
  const own = spec.evals.results?.replaceAll("{agent}", agent).replaceAll("{digest}", revision) ?? null;
  const file = own === null ? null : await readIfThere(root, own);
  if (own !== null && file?.ok === true && file.value !== null) {
    return `${own} is not bound to a revision: if it was made with ${name}, say so with rollout eval record ${agent} ${own}`;
  }
  return `there are no eval results of ${name}: run its evals and record them with rollout eval record ${agent} FILE`;
}

async function readIfThere(root: string, name: string): Promise<Checked<EvalFile | null>> {
  try {
    return { ok: true, value: { name, text: await readBounded(join(root, name)) }, warnings: [] };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return { ok: true, value: null, warnings: [] };
    return {
      ok: false,
      problems: [repoProblem({ code: "repo/no-file", detail: `${name} cannot be read (${code}).`, at: null })],
    };
  }
}

function firstProblem(problems: readonly Diagnostic[]): string {
  const [first] = problems;
  const place = first?.span ? `${first.span.file}:${first.span.line}:${first.span.column}: ` : "";
  return `${place}${first?.detail ?? "the file cannot be read"}`;
}
