// What the user has checked out, and what it is compared with: read with care, since it is theirs.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Fault } from "../ports/fault.js";
import { type Git, openGit } from "./git.js";

export interface Checkout {
  /** Runs at the top of the work tree. */
  readonly git: Git;
  /** Absolute. */
  readonly top: string;
  /** From the top to the spec's folder: empty, or `services/agents/`. */
  readonly prefix: string;
  /** The branch that is checked out; null where HEAD is detached. */
  readonly branch: string | null;
  readonly tracked: Tracked;
}

/** The branch that promotions are committed to: its name, and the remote that owns it; null where the repository has none. */
export interface Tracked {
  readonly remote: string | null;
  readonly branch: string;
}

/** Throws a `Fault` where there is no repository, or nothing committed in it. */
export async function openCheckout(root: string, env: Readonly<Record<string, string | undefined>>): Promise<Checkout> {
  const here = await openGit(root, env).ask(["rev-parse", "--show-toplevel", "--show-prefix"]);
  if (here === null) {
    throw new Fault("unsupported", `${root} is not in a git repository: commit it, or set baseline.commit to none`);
  }
  const [top = root, prefix = ""] = here.split("\n");
  const git = openGit(top, env);
  const branch = await git.ask(["symbolic-ref", "--quiet", "--short", "HEAD"]);
  return { git, top, prefix, branch, tracked: await findTracked(git, branch) };
}

/** The upstream of the current branch; else the default branch of the remote; else the current branch. */
async function findTracked(git: Git, branch: string | null): Promise<Tracked> {
  const lines = ((await git.ask(["config", "--get-regexp", "^(branch|remote)\\."])) ?? "").split("\n");
  const settings = new Map(lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]));
  const remotes = [...settings.keys()].flatMap((key) => /^remote\.(.+)\.url$/.exec(key)?.[1] ?? []);
  const upstream = settings.get(`branch.${branch}.remote`);
  const merge = settings.get(`branch.${branch}.merge`);
  if (upstream !== undefined && merge !== undefined && remotes.includes(upstream)) {
    return { remote: upstream, branch: shortName(merge) };
  }
  const remote = remotes.includes("origin") ? "origin" : remotes.length === 1 ? (remotes[0] ?? null) : null;
  if (remote === null) return { remote: null, branch: branch ?? "HEAD" };
  const head = await git.run(["ls-remote", "--symref", remote, "HEAD"]);
  const named = /^ref: (\S+)\tHEAD$/m.exec(head)?.[1];
  return { remote, branch: named === undefined ? (branch ?? "main") : shortName(named) };
}

/** The newest commit of the tracked branch, fetched where a remote owns it. */
export async function readTip({ git, tracked }: Checkout): Promise<string> {
  const { remote, branch } = tracked;
  if (remote === null) {
    const tip = await git.ask(["rev-parse", "--verify", branch === "HEAD" ? "HEAD" : `refs/heads/${branch}`]);
    if (tip === null) throw new Fault("unsupported", "the repository has no commit yet: commit the spec first");
    return tip;
  }
  const ours = `refs/remotes/${remote}/${branch}`;
  await git.run(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, `+refs/heads/${branch}:${ours}`]);
  return git.run(["rev-parse", "--verify", ours]);
}

/** Why the tracked branch cannot be committed to behind the user's back; null when it can. */
export async function whyNotDirect(checkout: Checkout, paths: readonly string[]): Promise<string | null> {
  const { git, top, branch, tracked } = checkout;
  if (branch === null) return "HEAD is detached";
  const states = ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD"].flatMap((name) => ["--git-path", name]);
  const files = (await git.run(["rev-parse", ...states])).split("\n").map((path) => resolve(top, path));
  if (files.some((path) => existsSync(path))) return "a merge is under way in the checkout";
  const status = await git.text(["status", "--porcelain", "--branch", "-z", "--untracked-files=all", "--", ...paths]);
  const dirty = status.split("\0").find((line) => line !== "" && !line.startsWith("## "));
  if (dirty !== undefined) return `${dirty.slice(3)} has changes that are not committed`;
  if (tracked.remote !== null) return null;
  const trees = (await git.run(["worktree", "list", "--porcelain"])).split("\n\n");
  const others = trees.filter((tree) => tree.split("\n").includes(`branch refs/heads/${tracked.branch}`));
  const elsewhere = others.some((tree) => !tree.startsWith(`worktree ${top}\n`));
  return elsewhere ? `${tracked.branch} is checked out in another work tree` : null;
}

/**
 * After the checked-out branch moved underneath: brings exactly the commit's files along, where the index and the work tree hold
 * what the commit started from or what it made. Doing it again does nothing. Returns the files that the user has edited since; null: another branch is checked out, or a remote
 * owns this one.
 */
export async function settleCheckout(
  { git, top, branch, tracked }: Checkout,
  commit: string,
): Promise<readonly string[] | null> {
  if (tracked.remote !== null || branch !== tracked.branch) return null;
  const named = await git.text(["diff-tree", "--no-commit-id", "--name-only", "-r", "-z", commit]);
  const paths = named.split("\0").filter((path) => path !== "");
  const blobs = (tree: string) => git.text(["ls-tree", "-r", "-z", tree, "--", ...paths]).then(readBlobs);
  const [before, made, head] = [await blobs(`${commit}^`), await blobs(commit), await blobs("HEAD")];
  const staged = readBlobs(await git.text(["ls-files", "--stage", "-z", "--", ...paths]));
  const late: string[] = [];
  const edited: string[] = [];
  for (const path of paths) {
    const worked = existsSync(join(top, path)) ? await git.run(["hash-object", "--", path]) : undefined;
    const now = [staged.get(path), worked];
    if (head.get(path) !== made.get(path) || now.every((blob) => blob === made.get(path))) continue;
    const ours = now.every((blob) => blob === made.get(path) || blob === before.get(path));
    (ours ? late : edited).push(path);
  }
  if (late.length > 0) await git.run(["checkout", "--quiet", "HEAD", "--", ...late]);
  return edited;
}

/** Path -> blob, of `ls-tree -z` and `ls-files --stage -z`. */
function readBlobs(listing: string): ReadonlyMap<string, string> {
  const entries = listing.split("\0").map((entry) => entry.split("\t"));
  return new Map(entries.map(([head = "", path = ""]) => [path, /[0-9a-f]{40,}/.exec(head)?.[0] ?? ""]));
}

function shortName(ref: string): string {
  return ref.replace(/^refs\/heads\//, "");
}
