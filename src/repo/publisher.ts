// The publisher over git: one commit for each promotion, on the tracked branch or on a branch to be merged.

import type { Operation } from "../core/model/journal.js";
import type { AgentSpec } from "../core/model/spec.js";
import { type AgentId, shortRevision } from "../core/model/units.js";
import { baselineBranch } from "../core/rollout/baseline-branch.js";
import type { EvalShelf } from "../ports/eval-shelf.js";
import { Fault } from "../ports/fault.js";
import type { Publisher } from "../ports/publisher.js";
import type { StateStore } from "../ports/state-store.js";
import { type Checkout, openCheckout, readTip, settleCheckout, whyNotDirect } from "./checkout.js";
import { land, readAt, writeCommit } from "./commit-on-tip.js";
import { type Promotion, type Publication, publicationOn, readPromotion } from "./publication.js";

export interface PublisherPlace {
  /** Absolute: the folder of the spec. */
  readonly root: string;
  /** The spec's file, relative to `root`. */
  readonly config?: string;
  readonly agentSpec: (agent: AgentId) => AgentSpec | null;
  readonly evals: EvalShelf;
  readonly store: StateStore;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How often somebody else may be faster before the operation is left for the next run. */
const mostAttempts = 5;

export function openPublisher(place: PublisherPlace): Publisher {
  return {
    find: async (operation) => {
      if (modeOf(place, operation) === "none") return null;
      return find(await openCheckout(place.root, place.env), await ofJournal(place, operation));
    },
    perform: async (operation) => perform(place, await ofJournal(place, operation)),
  };
}

/**
 * A journal that was forgotten, lost or brought back from a copy counts the same numbers again, and the commits of the former one are not
 * its own: the rollout is told by the link of the entry that started it.
 */
async function ofJournal({ store }: PublisherPlace, operation: Operation): Promise<Operation> {
  const { entries } = await store.trail(operation.agent);
  const started = entries.findLast(({ event }) => {
    const { kind, id } = event.includes(operation.rollout) ? (JSON.parse(event) as { kind?: string; id?: string }) : {};
    return kind === "rollout-started" && id === operation.rollout;
  });
  return { ...operation, id: `${started?.hash.replace("sha256:", "").slice(0, 16) ?? store.lineage}/${operation.id}` };
}

interface Task {
  readonly checkout: Checkout;
  readonly promotion: Promotion;
  readonly spec: AgentSpec;
  readonly config: string;
}

async function perform(place: PublisherPlace, operation: Operation): Promise<string> {
  const spec = place.agentSpec(operation.agent);
  if (spec === null)
    throw new Fault("rejected", `the spec has no agent ${operation.agent}, so it is not known where its baseline is`);
  const mode = modeOf(place, operation);
  if (mode === "none") return "nothing written: baseline.commit is none";
  const promotion = await readPromotion(place, operation);
  if (!promotion.current)
    return `nothing written: ${operation.agent} no longer serves ${shortRevision(operation.revision)}`;
  const checkout = await openCheckout(place.root, place.env);
  const task = { checkout, promotion, spec, config: place.config ?? "rollout.config.yaml" };
  return mode === "direct" ? onTracked(task) : onBranch(task, null);
}

async function onTracked(task: Task): Promise<string> {
  const { checkout, promotion } = task;
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const tip = await readTip(checkout);
    const publication = await publish(task, tip);
    if (publication.files.length === 0) return nothingLeft(publication);
    const paths = publication.files.map(({ path }) => `${checkout.prefix}${path}`);
    const why = await whyNotDirect(checkout, paths);
    if (why !== null) return onBranch(task, why);
    const commit = await commitOf(task, tip, publication);
    const landing = await land(checkout.git, checkout.tracked, tip, commit);
    if (landing.kind === "protected") return onBranch(task, landing.because);
    if (landing.kind === "landed") {
      const edited = await settleCheckout(checkout, commit);
      return describe({ commit, publication, where: nameOf(checkout.tracked), edited });
    }
    const found = await find(checkout, promotion.operation);
    if (found !== null) return found;
  }
  throw new Fault("conflict", `${nameOf(checkout.tracked)} moved ${mostAttempts} times while the commit was made`);
}

/** On a branch of its own, for people to merge: upon what the branch has already, else upon the tracked branch. */
async function onBranch(task: Task, why: string | null): Promise<string> {
  const { checkout, promotion } = task;
  const target = { remote: checkout.tracked.remote, branch: baselineBranch(promotion.operation) };
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const old = await branchTip(checkout, target);
    const tip = old ?? (await readTip(checkout));
    const publication = await publish(task, tip);
    if (publication.files.length === 0) return nothingLeft(publication);
    const commit = await commitOf(task, tip, publication);
    const landing = await land(checkout.git, target, old, commit);
    if (landing.kind === "protected") throw new Fault("rejected", `${nameOf(target)} was declined: ${landing.because}`);
    if (landing.kind === "landed") {
      const because = why === null ? "" : ` (${why})`;
      return `${describe({ commit, publication, where: nameOf(target), edited: null })}; merge it into ${checkout.tracked.branch}${because}`;
    }
  }
  throw new Fault("conflict", `${nameOf(target)} moved ${mostAttempts} times while the commit was made`);
}

/** The operation's commit, on whichever branch it is; also finishes what a crash left undone in the checkout. */
async function find(checkout: Checkout, operation: Operation): Promise<string | null> {
  const { git, tracked } = checkout;
  if (tracked.remote !== null) await fetchOurs(checkout, tracked.remote);
  const format = "--format=%H%x09%(trailers:key=Rollout-Operation,valueonly,separator=%x2C)";
  const search = ["log", "--all", "--fixed-strings", `--grep=Rollout-Operation: ${operation.id}`, format];
  const lines = (await git.run(search)).split("\n").map((line) => line.split("\t"));
  const commit = lines.find(([, trailers]) => trailers?.split(",").includes(operation.id))?.[0];
  if (commit === undefined) return null;
  await settleCheckout(checkout, commit);
  const refs = await git.run([
    "for-each-ref",
    "--format=%(refname:short)",
    "--contains",
    commit,
    "refs/heads",
    "refs/remotes",
  ]);
  return `committed ${commit.slice(0, 7)} on ${refs.split("\n")[0]}`;
}

async function fetchOurs({ git, tracked }: Checkout, remote: string): Promise<void> {
  const specs = [tracked.branch, "rollout/*"].map((branch) => `+refs/heads/${branch}:refs/remotes/${remote}/${branch}`);
  await git.run(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, ...specs]);
}

async function branchTip(
  { git }: Checkout,
  { remote, branch }: { readonly remote: string | null; readonly branch: string },
): Promise<string | null> {
  const ref = `refs/heads/${branch}`;
  if (remote === null) return git.ask(["rev-parse", "--verify", "--quiet", ref]);
  const listed = await git.run(["ls-remote", remote, ref]);
  if (listed === "") return null;
  const ours = `refs/remotes/${remote}/${branch}`;
  await git.run(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, `+${ref}:${ours}`]);
  return git.run(["rev-parse", "--verify", ours]);
}

function publish({ checkout, promotion, spec, config }: Task, tip: string): Promise<Publication> {
  return publicationOn(promotion, spec, {
    config,
    read: (path) => readAt(checkout.git, tip, `${checkout.prefix}${path}`),
  });
}

function commitOf({ checkout }: Task, parent: string, { files, message }: Publication): Promise<string> {
  const placed = files.map(({ path, text }) => ({ path: `${checkout.prefix}${path}`, text }));
  return writeCommit(checkout.git, { parent, files: placed, message });
}

function modeOf({ agentSpec }: PublisherPlace, { agent }: Operation): "direct" | "branch" | "none" {
  return agentSpec(agent)?.evals.commit ?? "branch";
}

function nameOf({ remote, branch }: { readonly remote: string | null; readonly branch: string }): string {
  return remote === null ? branch : `${remote}/${branch}`;
}

function nothingLeft({ notes }: Publication): string {
  return ["nothing to write: the repository says it already", ...notes].join("; ");
}

function describe(done: {
  readonly commit: string;
  readonly publication: Publication;
  readonly where: string;
  /** Files of the checkout that could not be brought along; null: the checkout was not concerned. */
  readonly edited: readonly string[] | null;
}): string {
  const { commit, publication, where, edited } = done;
  const paths = publication.files.map(({ path }) => path).join(", ");
  const left =
    edited === null
      ? []
      : edited.length === 0
        ? ["the checkout has them too"]
        : edited.map((path) => `${path} was edited in the checkout and left as it is`);
  return [`committed ${commit.slice(0, 7)} on ${where}: ${paths}`, ...publication.notes, ...left].join("; ");
}
