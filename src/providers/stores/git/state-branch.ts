// One branch of a repository as a compare-and-swap cell: where it stands, what its commits hold, and one commit more by push.
// The user's checkout, index, HEAD and branches are never touched.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Fault } from "../../../ports/fault.js";
import { type Git, type GitEnd, gitFault, openGit } from "./git-program.js";

export interface BranchPlace {
  /** Absolute: a folder of the repository. */
  readonly root: string;
  readonly branch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Leaves no trace in the repository: what has to be fetched goes to a temporary folder. */
  readonly readOnly: boolean;
  /** The longest that one call of git may take. */
  readonly patienceMs: number;
}

export interface NewCommit {
  /** Null: the first of the branch. */
  readonly parent: string | null;
  /** Path -> text; null takes the file away. */
  readonly changes: ReadonlyMap<string, string | null>;
  readonly message: string;
  /** Leaves what came before behind: a root commit of the same files. */
  readonly isRoot: boolean;
}

/** `unknown`: no answer came, and it may be there or not. */
export type Landing =
  | { readonly kind: "landed" }
  | { readonly kind: "moved" }
  | { readonly kind: "no-rewrite" }
  | { readonly kind: "unknown"; readonly fault: Fault };

export interface StateBranch {
  /** For people: `git:rollout-state of origin`. */
  readonly place: string;
  /** The newest commit, with everything in it at hand; null where there is no such branch. Throws a `Fault`. */
  tip(): Promise<string | null>;
  /** Path -> blob. */
  list(commit: string): Promise<ReadonlyMap<string, string>>;
  /** Blob -> text. */
  read(blobs: readonly string[]): Promise<ReadonlyMap<string, string>>;
  commit(commit: NewCommit): Promise<string>;
  land(from: string | null, commit: string): Promise<Landing>;
  /** Whether the first is the second or comes before it. */
  contains(tip: string, commit: string): Promise<boolean>;
  /** How many commits it has, counted up to a limit. */
  depth(commit: string, limit: number): Promise<number>;
  close(): Promise<void>;
}

export async function openStateBranch(place: BranchPlace): Promise<StateBranch> {
  const git = openGit({ folder: place.root, env: place.env, patienceMs: place.patienceMs });
  const found = await git({ args: ["rev-parse", "--show-object-format", "--git-path", "objects"] });
  if (!found.ok) {
    throw new Fault(
      "unsupported",
      `State in git:${place.branch} needs a git repository, and ${place.root} is in none (${found.said}).`,
    );
  }
  const [format = "sha1", path = ""] = text(found).split("\n");
  const remote = await findRemote(git, place.branch);
  const scratch = await mkdtemp(join(tmpdir(), "rollout-git-"));
  const objects = resolve(place.root, path);
  await Promise.all([mkdir(join(scratch, "refs")), mkdir(join(scratch, "objects"))]);
  await writeFile(join(scratch, "HEAD"), "ref: refs/heads/none\n");
  const version = format === "sha1" ? "0" : "1\n[extensions]\nobjectFormat = sha256";
  await writeFile(join(scratch, "config"), `[core]\nbare = true\nrepositoryFormatVersion = ${version}\n`);
  const nobody = "0".repeat(format === "sha1" ? 40 : 64);
  let known: Promise<string> | null = null;
  const askOnce = () => {
    known ??= identity(git);
    return known;
  };
  return branchOf({ ...place, git, remote, scratch, objects, nobody, identity: askOnce });
}

interface Opened extends BranchPlace {
  readonly git: Git;
  readonly remote: string | null;
  /** A bare repository of our own: refs that are made on the way stay in it. */
  readonly scratch: string;
  readonly objects: string;
  readonly nobody: string;
  /** Asked once. */
  readonly identity: () => Promise<string>;
}

function branchOf(at: Opened): StateBranch {
  const ref = `refs/heads/${at.branch}`;
  const place = at.remote === null ? `git:${at.branch} of this repository` : `git:${at.branch} of ${at.remote}`;
  const must = async (args: readonly string[], action: string): Promise<string> => {
    const end = await at.git({ args, env: readingEnv(at) });
    if (!end.ok) throw gitFault(`${place}: ${action}`, end);
    return text(end);
  };
  return {
    place,
    tip: () => (at.remote === null ? localTip(at, ref) : remoteTip(at, { remote: at.remote, ref, place })),
    list: async (commit) => {
      const listing = await must(["ls-tree", "-r", "-z", "--full-tree", commit], "the branch cannot be read");
      const entries = listing.split("\0").map((entry) => entry.split("\t"));
      return new Map(entries.slice(0, -1).map(([head = "", path = ""]) => [path, head.split(" ")[2] ?? ""]));
    },
    read: (blobs) => readBlobs(at, place, blobs),
    commit: (commit) => writeCommit(at, place, commit),
    land: (from, commit) =>
      at.remote === null
        ? landHere(at, { ref, from, commit })
        : push(at, { remote: at.remote, ref, from, commit, place }),
    contains: async (tip, commit) =>
      tip === commit || (await at.git({ args: ["merge-base", "--is-ancestor", commit, tip], env: readingEnv(at) })).ok,
    depth: async (commit, limit) =>
      Number(await must(["rev-list", "--count", `--max-count=${limit}`, commit], "the branch cannot be counted")),
    close: () => rm(at.scratch, { recursive: true, force: true }),
  };
}

/** `origin`, or the only one that there is; null where the repository has none. */
async function findRemote(git: Git, branch: string): Promise<string | null> {
  const remotes = text(await git({ args: ["remote"] }))
    .split("\n")
    .filter((name) => name !== "");
  if (remotes.includes("origin")) return "origin";
  if (remotes.length < 2) return remotes[0] ?? null;
  throw new Fault(
    "unsupported",
    `State in git:${branch} is kept in the remote "origin", and this repository has ${remotes.join(", ")}: name one of them origin.`,
  );
}

async function localTip({ git }: Opened, ref: string): Promise<string | null> {
  const found = await git({ args: ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`] });
  return found.ok ? text(found).trim() : null;
}

interface Remote {
  readonly remote: string;
  readonly ref: string;
  readonly place: string;
}

async function remoteTip(at: Opened, { remote, ref, place }: Remote): Promise<string | null> {
  const tries = 5;
  for (let attempt = 1; ; attempt++) {
    const found = await at.git({ args: ["ls-remote", "--quiet", remote, ref] });
    if (!found.ok) throw gitFault(place, found);
    const tip = /^([0-9a-f]{40,})\t/.exec(text(found))?.[1] ?? null;
    if (tip === null) return refuseForgotten(at, { remote, ref, place });
    if ((await localTip(at, ours(at))) === tip) return tip;
    // By its id, so that what was seen is what is read; and without a trace among the user's own refs.
    const args = [
      ...["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-filter"],
      ...["--refmap=", ...(at.readOnly ? ["--no-auto-maintenance"] : []), remote, tip],
    ];
    const fetched = await at.git({ args, env: readingEnv(at) });
    if (fetched.ok) {
      await remember(at, tip);
      return tip;
    }
    // The branch was put on a new root in between, and nothing leads to that commit any more.
    const isGone = /not our ref|no such remote ref|unadvertised object/i.test(fetched.said);
    if (!isGone || attempt === tries) throw gitFault(place, fetched);
  }
}

/** A branch that was made before there was a remote is not begun anew beside it. */
async function refuseForgotten(at: Opened, { remote, ref, place }: Remote): Promise<null> {
  const here = await localTip(at, ref);
  if (here === null) return null;
  throw new Fault(
    "rejected",
    `${place} does not exist, and this repository has the branch itself: the state was kept here before. Push it: git push ${remote} ${at.branch}`,
  );
}

/** Where the last commit that was seen is held, so that only what is new is fetched next time. */
function ours({ branch }: Opened): string {
  return `refs/rollout/${branch}`;
}

/** Nothing depends on it: another process of this clone may be faster. */
async function remember(at: Opened, tip: string): Promise<void> {
  if (!at.readOnly && at.remote !== null) await at.git({ args: ["update-ref", ours(at), tip] });
}

function readingEnv({ readOnly, scratch, objects }: Opened): Readonly<Record<string, string>> {
  if (!readOnly) return {};
  return { GIT_OBJECT_DIRECTORY: join(scratch, "objects"), GIT_ALTERNATE_OBJECT_DIRECTORIES: objects };
}

async function readBlobs(at: Opened, place: string, blobs: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  if (blobs.length === 0) return texts;
  const end = await at.git({ args: ["cat-file", "--batch"], input: `${blobs.join("\n")}\n`, env: readingEnv(at) });
  if (!end.ok) throw gitFault(`${place} cannot be read`, end);
  let offset = 0;
  for (const blob of blobs) {
    const line = end.out.indexOf("\n", offset);
    const size = /^[0-9a-f]+ blob (\d+)$/.exec(end.out.toString("utf8", offset, line))?.[1];
    if (line < 0 || size === undefined) throw new Fault("rejected", `${place} lacks a part of itself (${blob}).`);
    texts.set(blob, end.out.toString("utf8", line + 1, line + 1 + Number(size)));
    offset = line + 1 + Number(size) + 1;
  }
  return texts;
}

/** Blobs, trees and commit in one go, into the repository's objects; the ref that git insists on lies in the scratch folder. */
async function writeCommit(at: Opened, place: string, commit: NewCommit): Promise<string> {
  const committer = `committer ${await at.identity()} ${Math.floor(Date.now() / 1000)} +0000`;
  const lines = ["feature done", "commit refs/heads/draft", "mark :1", committer, data(commit.message)];
  if (commit.parent === null || commit.isRoot) lines.push("deleteall");
  if (commit.parent !== null && !commit.isRoot) lines.push(`from ${commit.parent}`);
  if (commit.parent !== null && commit.isRoot) {
    const tree = await at.git({ args: ["rev-parse", `${commit.parent}^{tree}`] });
    if (!tree.ok) throw gitFault(`${place} cannot be read`, tree);
    lines.push(`M 040000 ${text(tree).trim()} `);
  }
  for (const [path, content] of commit.changes) {
    if (content === null) lines.push(`D ${path}`);
    else lines.push(`M 100644 inline ${path}`, data(content));
  }
  lines.push("", "get-mark :1", "done", "");
  const end = await at.git({
    args: [...durable(at), "fast-import", "--quiet", "--force", "--date-format=raw"],
    input: lines.join("\n"),
    env: { GIT_DIR: at.scratch, GIT_OBJECT_DIRECTORY: at.objects },
  });
  const made = /^[0-9a-f]{40,}/.exec(text(end))?.[0];
  if (!end.ok || made === undefined) throw gitFault(`${place}: a commit cannot be made`, end);
  return made;
}

function data(content: string): string {
  return `data ${Buffer.byteLength(content)}\n${content}`;
}

/** With a remote its disk is the one that counts. */
function durable({ remote }: Opened): readonly string[] {
  return remote === null ? ["-c", "core.fsync=all"] : [];
}

/** Git's own identity, of its settings or the environment; ours where it would have to guess. */
async function identity(git: Git): Promise<string> {
  const known = await git({ args: ["-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"] });
  const name = known.ok ? /^.*<.*>(?= )/.exec(text(known))?.[0] : undefined;
  return name ?? "rollout <rollout@localhost>";
}

interface Step {
  readonly ref: string;
  readonly from: string | null;
  readonly commit: string;
}

async function landHere(at: Opened, { ref, from, commit }: Step): Promise<Landing> {
  const args = [...durable(at), "update-ref", "-m", "rollout", ref, commit, from ?? at.nobody];
  const end = await at.git({ args });
  if (end.ok) return { kind: "landed" };
  if (/cannot lock ref|unable to (resolve|lock)|reference already exists|but expected/i.test(end.said)) {
    return { kind: "moved" };
  }
  throw gitFault(`git:${at.branch} cannot be moved`, end);
}

/** The lease is the compare: the remote moves the branch only from where we saw it. */
async function push(at: Opened, step: Step & Remote): Promise<Landing> {
  const lease = `--force-with-lease=${step.ref}:${step.from ?? ""}`;
  const flags = ["--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no"];
  const end = await at.git({ args: ["push", ...flags, lease, step.remote, `${step.commit}:${step.ref}`] });
  if (end.ok) {
    await remember(at, step.commit);
    return { kind: "landed" };
  }
  return refusal(end, step);
}

function refusal(end: GitEnd, { place }: Remote): Landing {
  const declined = /\[remote rejected\] \(([^)]*(?:\([^)]*\))?[^)]*)\)/.exec(end.said)?.[1];
  if (declined !== undefined && /non-fast-forward/.test(declined)) return { kind: "no-rewrite" };
  const moved =
    /stale info|fetch first|cannot lock ref|failed to update ref|reference already exists|but expected|incorrect old value/;
  if (moved.test(declined ?? end.said)) return { kind: "moved" };
  if (declined !== undefined) {
    throw new Fault(
      "rejected",
      `${place} does not take the state (${declined}). Let rollout push to this branch: no protection on it, and write access for the job.`,
    );
  }
  const fault = gitFault(place, end);
  if (fault.kind === "rejected") throw fault;
  return { kind: "unknown", fault };
}

function text({ out }: GitEnd): string {
  return out.toString("utf8");
}
