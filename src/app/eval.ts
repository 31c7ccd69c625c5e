// `rollout eval run|record|baseline`: results bound to the revision that they were made for, and the baseline made of them.

import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { decimalText, parseDecimal, rounded } from "../core/gate/decimal.js";
import type { EvalGate } from "../core/model/gate.js";
import { modelText, type RevisionContent, servedRevision } from "../core/model/revision.js";
import type { Route } from "../core/model/route.js";
import type { AgentSpec } from "../core/model/spec.js";
import { noWeight, type RevisionId, shortRevision } from "../core/model/units.js";
import { snapshotText } from "../core/routing/snapshot-file.js";
import type { EvalFile } from "../ports/eval-format.js";
import { readResultsOf } from "../repo/eval-shelf.js";
import { baselinePath, recordBaseline, recordEval, resultsPath } from "../repo/record-eval.js";
import type { Answer } from "../views/view.js";
import { Refusal, refuse } from "./refusal.js";
import { chargeOf, type Session, stateOf, withSession } from "./session.js";
import type { World } from "./world.js";

/** How a file of results is to be read, and what it is about. */
export interface EvalReading {
  readonly agent: string;
  /** Null: the first suite of the agent's eval gate. */
  readonly suite: string | null;
  readonly score: string | null;
  readonly provider: string | null;
  readonly format: string | null;
}
export interface EvalRecordArguments extends EvalReading {
  readonly file: string;
  /** Its beginning; null: the revision that the spec asks for. */
  readonly revision: string | null;
}

export async function evalRecord(world: World, args: EvalRecordArguments): Promise<Answer> {
  return withSession(world, { readOnly: true }, async (session) => {
    const spec = await specOf(session, args.agent);
    const stable = (await stateOf(session, spec.agent)).stable;
    const candidates = [spec.revision.id, spec.base.id, ...(stable === null ? [] : [stable])];
    const revision = candidates.find((id) => id.startsWith(args.revision ?? "r-"));
    if (revision === undefined)
      return refuse("revision/unknown", { detail: `No revision of "${args.agent}" starts with "${args.revision}".` });
    const lines = [await record(session, { spec, revision, file: await readFile(world, args.file), reading: args })];
    return { view: { kind: "message", lines, data: { agent: args.agent, revision } }, exit: 0 };
  });
}

export interface EvalBaselineArguments extends EvalReading {
  /** Results of the stable revision; null: those recorded for it. */
  readonly file: string | null;
}

/** The baseline of what is stable now; before adoption, of the registry without overrides. */
export async function evalBaseline(world: World, args: EvalBaselineArguments): Promise<Answer> {
  return withSession(world, { readOnly: true }, async (session) => {
    const spec = await specOf(session, args.agent);
    const revision = (await stateOf(session, spec.agent)).stable ?? spec.base.id;
    const lines: string[] = [];
    if (args.file !== null)
      lines.push(await record(session, { spec, revision, file: await readFile(world, args.file), reading: args }));
    const place = { root: session.root, agentSpec: () => spec };
    const results = await readResultsOf(place, spec.agent, revision);
    if (!results.ok) throw new Refusal(results.problems);
    if (results.value === null) {
      const detail = `There are no eval results of the stable revision ${shortRevision(revision)} to make a baseline of.`;
      return refuse("eval/no-results", { detail, hint: `rollout eval baseline ${spec.agent} FILE` });
    }
    const path = baselinePath(spec.evals.baseline, spec.agent);
    const before = await session.world.files.read(join(session.root, path));
    const made = recordBaseline(
      before === null ? null : { name: path, text: before },
      Object.values(results.value.suites),
    );
    if (!made.ok) throw new Refusal(made.problems);
    if (made.value.text !== null) await session.world.files.write(join(session.root, path), made.value.text);
    for (const { suite, score, scoreName } of Object.values(made.value.suites))
      lines.push(`${suite}: ${scoreName} ${score}`);
    lines.push(
      made.value.text === null
        ? `${path} says so already`
        : `wrote ${path}: commit it, it is what every pull request is compared with`,
    );
    return { view: { kind: "message", lines, data: { agent: spec.agent, revision, path } }, exit: 0 };
  });
}

export interface EvalRunArguments extends EvalReading {
  /** The team's own eval command, run without a shell. */
  readonly command: readonly string[];
  /** Where that command writes its results; null: `evals.results` of the spec. */
  readonly results: string | null;
}

/** Runs the team's evals with the candidate's models and prompts in the environment, and stamps what they write. */
export async function evalRun(world: World, args: EvalRunArguments): Promise<Answer> {
  return withSession(world, { readOnly: true }, async (session) => {
    const spec = await specOf(session, args.agent);
    const results = args.results ?? spec.evals.results;
    if (results === null)
      return refuse("eval/no-results", {
        detail: "It is not known where the command writes its results.",
        hint: "name the file with --results FILE",
      });
    const path = results
      .replaceAll("{agent}", spec.agent)
      .replaceAll("{suite}", args.suite ?? firstSuite(spec))
      .replaceAll("{digest}", spec.revision.id);
    const before = await world.files.stamp(resolve(session.root, path));
    const snapshot = await writeSnapshot(session, spec);
    const exit = await world.exec(args.command, { cwd: session.root, env: environment(spec, snapshot) });
    const text = await world.files.read(resolve(session.root, path));
    const isNew = (await world.files.stamp(resolve(session.root, path))) !== before;
    if (text === null || !isNew) {
      return refuse("eval/command-failed", {
        detail: `${args.command[0] ?? "the command"} ended with ${exit} and wrote no new results to ${path}.`,
      });
    }
    const line = await record(session, { spec, revision: spec.revision.id, file: { name: path, text }, reading: args });
    const lines = [...(exit === 0 ? [] : [`the command ended with ${exit}`]), line, `Next: rollout plan ${spec.agent}`];
    return {
      view: { kind: "message", lines, data: { agent: spec.agent, revision: spec.revision.id, command_exit: exit } },
      exit: 0,
    };
  });
}

function environment(spec: AgentSpec, snapshot: string): Readonly<Record<string, string>> {
  const models = Object.entries(spec.revision.steps).map(([step, entry]) => {
    return [`ROLLOUT_MODEL_${step.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`, modelText(entry)] as const;
  });
  return {
    ROLLOUT_AGENT: spec.agent,
    ROLLOUT_REVISION: spec.revision.id,
    ROLLOUT_SNAPSHOT: snapshot,
    ...Object.fromEntries(models),
  };
}

/** A routing file in which the candidate serves everybody: the router opens it as it opens the live one. */
async function writeSnapshot(session: Session, { agent, revision }: AgentSpec): Promise<string> {
  const path = join(session.root, ".rollout", "eval", `${agent}.json`);
  const route = candidateRoute(revision);
  const text = snapshotText(
    {
      agent,
      lineage: "eval",
      fence: { epoch: 0, serial: 0 },
      route,
      revisions: { [revision.id]: servedRevision(revision) },
      writtenAt: session.world.now(),
    },
    (content) => `sha256:${createHash("sha256").update(content).digest("hex")}`,
  );
  await session.world.files.write(path, text);
  return path;
}

function candidateRoute({ id }: RevisionContent): Route {
  return {
    rollout: null,
    algo: "murmur3-32",
    salt: "",
    stable: id,
    canary: null,
    weight: noWeight,
    history: [],
    previous: null,
    fallback: false,
  };
}

async function record(
  session: Session,
  what: {
    readonly spec: AgentSpec;
    readonly revision: RevisionId;
    readonly file: EvalFile;
    readonly reading: EvalReading;
  },
): Promise<string> {
  const { spec, revision, file, reading } = what;
  const { world, root } = session;
  const path = resultsPath(spec.evals.resultsByDigest, spec.agent, revision);
  const before = await world.files.read(join(root, path));
  const recorded = recordEval({
    agent: spec.agent,
    revision,
    suite: reading.suite ?? firstSuite(spec),
    recordedAt: world.now(),
    existing: before === null ? null : { name: path, text: before },
    file,
    formats: await world.open.evalFormats(),
    format: reading.format,
    question: { score: reading.score ?? spec.evals.score, provider: reading.provider },
  });
  if (!recorded.ok) throw new Refusal(recorded.problems);
  await world.files.write(join(root, path), recorded.value.text);
  const { score, scoreName, passed, failed, errored } = recorded.value.result;
  return `recorded for ${shortRevision(revision)}: ${scoreName} ${shownScore(score)} (${passed} passed, ${failed} failed, ${errored} errored), ${path}`;
}

/** To four places, as the gate's own sentence says it. */
function shownScore(score: string | null): string {
  const parsed = score === null ? null : parseDecimal(score);
  return parsed === null ? "unknown" : decimalText(rounded(parsed, 4));
}

function firstSuite(spec: AgentSpec): string {
  const gates = spec.stages.flatMap((stage) =>
    stage.kind === "gate" && stage.gate.kind === "eval" ? [stage.gate] : [],
  );
  return (gates[0] satisfies EvalGate | undefined)?.suites[0]?.suite ?? "default";
}

async function specOf(session: Session, name: string): Promise<AgentSpec> {
  const { spec } = await chargeOf(session, name);
  return spec ?? refuse("agent/unknown", { detail: `"${name}" is not in the spec.`, about: name });
}

async function readFile(world: World, name: string): Promise<EvalFile> {
  const text = await world.files.read(resolve(world.cwd, name));
  if (text === null) refuse("file/missing", { detail: `There is no file "${name}".`, about: name });
  return { name, text };
}
