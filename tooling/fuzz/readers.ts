/** Everything that reads what others wrote, and valid texts for it to begin with. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { examineTrail } from "../../src/app/audit/examine-trail.js";
import { readPlanFile } from "../../src/app/plan-file.js";
import { Refusal } from "../../src/app/refusal.js";
import { readStateText, stateText } from "../../src/app/state-document.js";
import type { Diagnostic } from "../../src/core/diagnostic/diagnostic.js";
import { judge } from "../../src/core/gate/judge.js";
import type { Plan } from "../../src/core/model/plan.js";
import { canonicalJson } from "../../src/core/model/revision.js";
import type { Spec } from "../../src/core/model/spec.js";
import type { AgentId, Instant } from "../../src/core/model/units.js";
import { judgeAgain } from "../../src/core/rollout/judge-again.js";
import { replay } from "../../src/core/rollout/replay.js";
import { want } from "../../src/core/rollout/want.js";
import { readSnapshot } from "../../src/core/routing/snapshot-file.js";
import { firstLink, nextLink, type StoredEntry } from "../../src/ports/entry-chain.js";
import { readEntry } from "../../src/ports/entry-format.js";
import type { EvalFormat } from "../../src/ports/eval-format.js";
import { Fault } from "../../src/ports/fault.js";
import jsonl from "../../src/providers/evals/jsonl.js";
import plain from "../../src/providers/evals/plain.js";
import promptfoo from "../../src/providers/evals/promptfoo.js";
import { readBaselineFile, readResultsFile } from "../../src/repo/eval-file.js";
import { readEvalReport } from "../../src/repo/read-eval-report.js";
import { readRunbook } from "../../src/runbook/runbook.js";
import { readRecordsBody, readTaskLines } from "../../src/telemetry/read-task-lines.js";
import { describeEntries } from "../../src/views/describe-event.js";
import { renderJson } from "../../src/views/render-json.js";
import { renderMarkdown } from "../../src/views/render-markdown.js";
import { renderText } from "../../src/views/render-text.js";
import type { View } from "../../src/views/view.js";
import { exampleFiles, readExample } from "../../test/support/read-example.js";

export interface Reader {
  readonly name: string;
  readonly seeds: readonly string[];
  /** What it says is wrong; none: it took the text. Throwing is what must not happen. */
  readonly read: (text: string) => readonly string[];
}

const golden = (name: string): string => readFileSync(`test/fixtures/formats/${name}`, "utf8");
const sha256 = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const support = "support" as AgentId;
const now = 1_772_500_000_000 as Instant;
const style = { width: 100, color: false, now, unicode: true };

type Checked = { readonly ok: true } | { readonly ok: false; readonly problems: readonly Diagnostic[] };
function said(checked: Checked): readonly string[] {
  return checked.ok ? [] : checked.problems.map(({ detail }) => detail);
}

const specSeeds = ["minimal", "own-strategy"].map((name) =>
  readFileSync(`test/fixtures/config/examples/${name}.yaml`, "utf8"),
);

/** Nothing that a spec names lies outside of the repository. */
function demandInside(spec: Spec): void {
  const paths = Object.values(spec.agents).flatMap(({ target, runbook, evals, revision }) => [
    ...("path" in target ? [target.path] : []),
    ...(runbook === null ? [] : [runbook]),
    ...[evals.results ?? "", evals.resultsByDigest, evals.baseline],
    ...[...revision.prompts, ...revision.tools].map(({ path }) => path),
  ]);
  if (spec.state.kind === "sqlite") paths.push(spec.state.path);
  for (const path of paths) {
    const plainPath = posix.normalize(path.replaceAll("\\", "/"));
    if (plainPath.startsWith("../") || plainPath === ".." || posix.isAbsolute(plainPath))
      throw new Error(`${path} lies outside of the repository`);
  }
}

const [journalHead = "", ...journalLines] = golden("journal-1.jsonl").trim().split("\n");
const { lineage } = JSON.parse(journalHead) as { readonly lineage: string };

/** The entries of a journal, one a line, as a store would hand them out; then everything that reads entries. */
function readJournal(text: string): readonly string[] {
  const lines = text.split("\n").filter((one) => one !== "");
  const entries = lines.map((event, index) => ({ serial: index + 1, event, hash: "sha256:0" }));
  const report = examineTrail({ lineage, agent: support }, { entries, head: null, snapshot: null }, []);
  try {
    const read = entries.map((entry) => readEntry(support, entry));
    want(replay(support, read));
    const view: View = { kind: "history", agents: [{ agent: support, entries: describeEntries(read) }] };
    showEverywhere(view);
    return judgeAgain(support, read, judge).flatMap(({ differences }) => differences);
  } catch (error) {
    if (error instanceof Fault) return [error.message, ...report.findings.map(({ because }) => because)];
    throw error;
  }
}

function showEverywhere(view: View): void {
  renderText(view, style);
  renderMarkdown(view, style);
  JSON.stringify(renderJson(view));
}

/** The plan as it is, and with the digest made to fit: what was written by somebody who knows how. */
function readPlan(text: string): readonly string[] {
  const first = readPlanFile(text, "p.json");
  let fitted = text;
  try {
    const file = JSON.parse(text);
    fitted = JSON.stringify({ ...file, digest: sha256(canonicalJson(file.plan)) });
  } catch {
    return said(first);
  }
  const read = readPlanFile(fitted, "p.json");
  if (read.ok) {
    const plan: Plan = read.value.plan;
    showEverywhere({
      kind: "plan",
      plan,
      digest: read.value.digest,
      now,
      savedTo: null,
      pictures: {},
      drawn: [],
      warnings: [],
    } as View);
  }
  return said(read);
}

const exported = stateText({
  ...{ lineage, epoch: 1, moved: null, revisions: [], memories: [], floors: [] },
  journals: [{ agent: support, entries: journalLines.slice(0, 5).map((one) => JSON.parse(one) as StoredEntry) }],
});

/** The document as it is; and with links that fit, as from somebody who knows how. */
function readExported(text: string): readonly string[] {
  return [text, withLinks(text)].flatMap((one) => {
    try {
      readStateText(one, "state.json");
      return [];
    } catch (error) {
      if (error instanceof Refusal || error instanceof Fault) return [error.message];
      throw error;
    }
  });
}

function withLinks(text: string): string {
  try {
    const document = JSON.parse(text);
    for (const { agent, entries } of document.agents) {
      let hash = firstLink(document.lineage, agent);
      for (const entry of entries) {
        hash = nextLink(hash, entry.serial, canonicalJson(entry.event));
        entry.hash = hash;
      }
    }
    return JSON.stringify(document);
  } catch {
    return text;
  }
}

const evalSeeds = [
  ["a", "b", "c"].map((id) => JSON.stringify({ id, pass: true, score: 0.9, trial: 1 })).join("\n"),
  '{"score": 0.91}',
  '{"pass_rate": 0.9, "items": {"a": 1, "b": 0}}',
  ...readSeeds("test/fixtures/evals/promptfoo"),
];
const formats: readonly EvalFormat[] = [promptfoo, jsonl, plain];

/** What a file looks like; and where it is not as it was, whatever somebody says that it is. */
function formatsToTry(text: string): readonly (string | null)[] {
  return evalSeeds.includes(text) ? [null] : [null, ...formats.map(({ kind }) => kind)];
}

function readSeeds(folder: string): readonly string[] {
  const names = ["chart.sonnet-5.json"];
  return names.flatMap((name) => {
    try {
      return [readFileSync(`${folder}/${name}`, "utf8")];
    } catch {
      return [];
    }
  });
}

const revision = `r-${"1".repeat(64)}`;
const stamped = JSON.stringify({
  format: 1,
  agent: "support",
  revision,
  suites: {
    default: {
      recordedAt: "2026-03-02T08:00:00.000Z",
      scoreName: "pass rate",
      score: 0.95,
      passed: 19,
      failed: 1,
      errored: 0,
      byItem: { a: 1, b: 0.5 },
      unscored: ["c"],
      digest: `sha256:${"2".repeat(64)}`,
      source: { file: "r.jsonl", format: "jsonl" },
    },
  },
});
const baseline = JSON.stringify({
  format: 1,
  suites: {
    default: {
      revision,
      recordedAt: "2026-03-02T08:00:00.000Z",
      scoreName: "pass rate",
      score: 0.95,
      best: 0.97,
      byItem: { a: 1 },
    },
  },
});

const task = {
  ...{ id: "t-1", started_at: "2026-03-02T08:00:00Z", ended_at: "2026-03-02T08:01:00Z", agent: "support", revision },
  ...{ session: "s-1", user: "u", success: true, llm_calls: 3, cost_usd: 0.02, latency_sec: 9.5, checkpoint: false },
  ...{ destructive_actions: 1, rolled_back_actions: 0, error: "no", tags: { region: "eu" } },
};
const taskLines = [
  task,
  { ...task, id: "t-2" },
  { session: "s-1", agent: "support", started_at: "2026-03-02T08:00:00Z" },
]
  .map((record) => JSON.stringify(record))
  .join("\n");

const runbook = readFileSync("runbooks/task-success-drop.md", "utf8");

export const readers: readonly Reader[] = [
  {
    name: "spec",
    seeds: specSeeds,
    read: (text) => {
      const reading = readExample(text);
      if (reading.ok) demandInside(reading.value);
      return said(reading);
    },
  },
  {
    name: "registry",
    seeds: [exampleFiles["registry/models.yaml"]],
    read: (text) => said(readExample(specSeeds[1] ?? "", { files: { ...exampleFiles, "registry/models.yaml": text } })),
  },
  { name: "plan", seeds: [golden("plan-1.json")], read: readPlan },
  {
    name: "journal",
    seeds: [journalLines.map((one) => (JSON.parse(one) as { readonly event: string }).event).join("\n")],
    read: readJournal,
  },
  {
    name: "eval results of tools",
    seeds: evalSeeds,
    read: (text) =>
      formatsToTry(text).flatMap((format) =>
        said(
          readEvalReport({
            file: { name: "r.json", text },
            formats,
            format,
            question: { score: null, provider: null },
          }),
        ),
      ),
  },
  { name: "stamped eval results", seeds: [stamped], read: (text) => said(readResultsFile({ name: "r.json", text })) },
  { name: "eval baseline", seeds: [baseline], read: (text) => said(readBaselineFile({ name: "b.json", text })) },
  { name: "task lines", seeds: [taskLines], read: (text) => said(readTaskLines({ name: "t.jsonl", text })) },
  {
    name: "body of a request",
    seeds: [JSON.stringify(task), JSON.stringify([task]), JSON.stringify({ tasks: [task] })],
    read: (text) => said(readRecordsBody(text, "task")),
  },
  {
    name: "routing file",
    seeds: [golden("snapshot-1.json")],
    read: (text) => {
      const [asIs, fitted] = [text, withChecksum(text)].map((one) => readSnapshot(one, sha256));
      return [asIs, fitted].flatMap((reading) => (reading?.kind === "refused" ? [reading.because] : []));
    },
  },
  { name: "exported state", seeds: [exported], read: readExported },
  { name: "runbook", seeds: [runbook], read: (text) => said(readRunbook({ name: "runbooks/x.md", text } as never)) },
];

/** The text with the checksum made to fit, where it has the form of a routing file. */
function withChecksum(text: string): string {
  try {
    const { checksum, ...document } = JSON.parse(text) as { readonly checksum?: unknown };
    return checksum === undefined ? text : JSON.stringify({ ...document, checksum: sha256(canonicalJson(document)) });
  } catch {
    return text;
  }
}
