// One commit on top of another, made and put in place without touching anybody's checkout or index.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fault } from "../ports/fault.js";
import type { Git } from "./git.js";

export interface NewCommit {
  readonly parent: string;
  /** Paths from the top of the repository, and what they are to hold. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly message: string;
}

/** How putting a commit in place went. `moved`: somebody was faster; `protected`: the remote does not take it on this branch. */
export type Landing =
  | { readonly kind: "landed" }
  | { readonly kind: "moved" }
  | { readonly kind: "protected"; readonly because: string };

const nobody = "0000000000000000000000000000000000000000";

/** Writes blobs, tree and commit through an index of its own; returns the commit. No ref points to it yet. */
export async function writeCommit(git: Git, { parent, files, message }: NewCommit): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), "rollout-index-"));
  try {
    const env = { GIT_INDEX_FILE: join(scratch, "index") };
    await git.run(["read-tree", parent], { env });
    const entries: string[] = [];
    for (const { path, text } of files) {
      const blob = await git.run(["hash-object", "-w", "--stdin"], { input: text });
      entries.push(`${(await modeAt(git, parent, path)) ?? "100644"} ${blob}\t${path}\0`);
    }
    await git.run(["update-index", "-z", "--index-info"], { env, input: entries.join("") });
    const tree = await git.run(["write-tree"], { env });
    return await git.run(["commit-tree", tree, "-p", parent, "-F", "-"], { env: await identity(git), input: message });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The text of a file in a commit; null where it has none. Throws a `Fault` for what is not a file. */
export async function readAt(git: Git, commit: string, path: string): Promise<string | null> {
  const mode = await modeAt(git, commit, path);
  if (mode === null) return null;
  if (!mode.startsWith("100")) throw new Fault("rejected", `${path} is not a plain file in the repository`);
  return git.text(["cat-file", "blob", `${commit}:${path}`]);
}

/** Moves the branch from `from` (null: it must not exist) to the commit, or says that it could not. */
export async function land(
  git: Git,
  place: { readonly remote: string | null; readonly branch: string },
  from: string | null,
  commit: string,
): Promise<Landing> {
  const ref = `refs/heads/${place.branch}`;
  if (place.remote === null) {
    const moved = await git.ask(["update-ref", "-m", "rollout: promotion", ref, commit, from ?? nobody]);
    return { kind: moved === null ? "moved" : "landed" };
  }
  try {
    const lease = `--force-with-lease=${ref}:${from ?? ""}`;
    await git.run(["push", "--porcelain", "--no-verify", lease, place.remote, `${commit}:${ref}`]);
    return { kind: "landed" };
  } catch (error) {
    return refusal(error);
  }
}

/** A remote that reaches us and says no either saw a newer commit, or does not want ours. */
function refusal(error: unknown): Landing {
  const said = error instanceof Error ? error.message : "";
  if (
    /stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref|reference already exists/.test(said)
  )
    return { kind: "moved" };
  const declined = /\[remote rejected\] \(([^)]*)\)|(protected branch[^;]*)/i.exec(said);
  if (declined === null) throw error;
  return { kind: "protected", because: declined[1] ?? declined[2] ?? "the remote declined" };
}

async function modeAt(git: Git, commit: string, path: string): Promise<string | null> {
  const entry = await git.run(["ls-tree", "-z", commit, "--", path]);
  return entry === "" ? null : (entry.split(" ")[0] ?? null);
}

/** Git's own identity, of its settings or the environment; ours where it would have to guess. */
async function identity(git: Git): Promise<Readonly<Record<string, string>>> {
  const own: Record<string, string> = {};
  for (const role of ["AUTHOR", "COMMITTER"]) {
    const known = await git.ask(["-c", "user.useConfigOnly=true", "var", `GIT_${role}_IDENT`]);
    if (known !== null) continue;
    own[`GIT_${role}_NAME`] = "rollout";
    own[`GIT_${role}_EMAIL`] = "rollout@localhost";
  }
  return own;
}
