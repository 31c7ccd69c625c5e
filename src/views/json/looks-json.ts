// Answers to a look, as JSON for programs.

import type { EvalResult } from "../../core/model/gate.js";
import { components } from "../../core/model/revision.js";
import type { DriftView, MetricsView, RevisionView, RunbooksView, VerdictView } from "../view.js";
import { changeJson, instantJson, type JsonObject, verdictJson } from "./plain-values.js";
import { armJson } from "./status-json.js";

export function driftJson(view: DriftView): JsonObject {
  return {
    at: instantJson(view.now),
    drifted: view.agents.some(({ drifted }) => drifted),
    agents: view.agents.map(({ agent, target, drifted, wanted, live, because }) => ({
      agent,
      target,
      drifted,
      wanted,
      live,
      because,
    })),
  };
}

export function verdictViewJson(view: VerdictView): JsonObject {
  const rows = view.rows.map(({ subject, verdict, result }) => ({
    subject,
    ...verdictJson(verdict),
    eval: result === null ? null : evalJson(result),
  }));
  return { gate: view.gate, rows };
}

function evalJson(result: EvalResult): JsonObject {
  return {
    suite: result.suite,
    revision: result.revision,
    recorded_at: instantJson(result.recordedAt),
    score_name: result.scoreName,
    score: result.score,
    passed: result.passed,
    failed: result.failed,
    errored: result.errored,
    digest: result.digest,
  };
}

export function metricsJson(view: MetricsView): JsonObject {
  return {
    agent: view.agent,
    from: instantJson(view.from),
    to: instantJson(view.to),
    arms: view.arms.map(armJson),
    failed: view.failed.map(({ id, at, revision, why }) => ({ id, at: instantJson(at), revision, why })),
    shared: view.shared.map(({ trait, tasks }) => ({ trait, tasks })),
  };
}

export function revisionJson({ content, changes, against }: RevisionView): JsonObject {
  return {
    revision: content.id,
    agent: content.agent,
    commit: content.origin.commit,
    dirty: content.origin.dirty,
    components: { ...components(content) },
    against,
    changes: changes.map(changeJson),
  };
}

export function runbooksJson(view: RunbooksView): JsonObject {
  return {
    runbooks: view.runbooks.map(({ path, title, on, owner, reviewed, problems }) => ({
      path,
      title,
      on,
      owner,
      reviewed,
      problems,
    })),
  };
}
