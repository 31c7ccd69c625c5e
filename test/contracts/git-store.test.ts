// What only the state branch promises: it is pushed, others push too, and nothing of the user's own repository is touched.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Event } from "../../src/core/model/journal.js";
import type { AgentId, Duration, Instant } from "../../src/core/model/units.js";
import type { StateStore } from "../../src/ports/state-store.js";
import { type GitStoreOptions, openGitStore } from "../../src/providers/stores/git.js";
import { GitRemote, gitEnv } from "../support/git-remote.js";
import { killWhileAppending, startAppending } from "./start-appending.js";

const support = "support" as AgentId;
const now = () => 1_700_000_000_000 as Instant;
const branch = "rollout-state";
let remote: GitRemote;
beforeEach(() => {
  remote = new GitRemote();
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  await remote.remove();
});

const opened: StateStore[] = [];
const openAt = async (root: string, options: Partial<GitStoreOptions> = {}): Promise<StateStore> => {
  const store = await openGitStore({ root, branch, env: gitEnv, now, freshForMs: 0, ...options });
  opened.push(store);
  return store;
};
const open = async (options: Partial<GitStoreOptions> = {}) => openAt(await remote.clone(), options);
/** Commits on the branch, as the remote has it. */
const length = () => Number(remote.git(remote.bare, "rev-list", "--count", branch));

test("a fresh, shallow, detached checkout goes on where the last one ended, and is left as it was", async () => {
  const first = await remote.clone();
  const before = seen(first);
  const store = await openAt(first);
  await store.append(support, 0, paused("first"));
  await store.close();
  expect(seen(first)).toEqual(before);
  const second = await remote.clone();
  const next = await openAt(second);
  expect(next.lineage).toBe(store.lineage);
  expect(await next.append(support, 1, paused("second"))).toBe(2);
  await next.close();
  expect(seen(second)).toEqual(before);
  expect(remote.git(remote.bare, "show", "--no-patch", "--format=%s", branch)).toBe(
    "rollout: support entry 2, commanded",
  );
});

test("a full clone is not made shallow, and a blobless one reads", async () => {
  const store = await open();
  await store.append(support, 0, paused("first"));
  const full = await remote.clone("--no-single-branch");
  const reader = await openAt(full);
  expect((await reader.load(support)).serial).toBe(1);
  expect(remote.git(full, "rev-parse", "--is-shallow-repository")).toBe("false");
  remote.git(remote.bare, "config", "uploadpack.allowFilter", "true");
  const partial = await openAt(await remote.clone("--filter=blob:none"));
  expect((await partial.load(support)).serial).toBe(1);
});

test("reading alone leaves no trace, neither here nor there", async () => {
  const absent = await remote.clone();
  const nothing = await openAt(absent, { readOnly: true });
  expect(nothing.lineage).toBe("");
  await expect(nothing.append(support, 0, paused("no"))).rejects.toThrow("opened for reading alone");
  expect(remote.git(remote.bare, "branch", "--list", branch)).toBe("");
  const store = await open();
  await store.append(support, 0, paused("first"));
  const clone = await remote.clone();
  const before = [seen(clone), remote.git(clone, "count-objects"), length()];
  const reader = await openAt(clone, { readOnly: true });
  expect((await reader.history(support)).length).toBe(1);
  await reader.saveSnapshot(support, 1, {} as never);
  await expect(reader.append(support, 1, paused("no"))).rejects.toMatchObject({ kind: "unsupported" });
  await reader.close();
  expect([seen(clone), remote.git(clone, "count-objects"), length()]).toEqual(before);
});

test("several processes in clones of their own count exactly", async () => {
  const each = 6;
  const processes = await Promise.all(
    ["a", "b", "c"].map(async (why) =>
      startAppending({ path: `git:${await remote.clone()}`, agent: support, event: paused(why), count: each }),
    ),
  );
  expect(await Promise.all(processes.map(({ ended }) => ended))).toEqual([0, 0, 0]);
  const history = await (await open()).history(support);
  expect(history.length).toBe(3 * each);
  const told = processes.flatMap(({ acknowledged }) => acknowledged).sort((a, b) => a - b);
  expect(told).toEqual(history.map(({ serial }) => serial));
}, 120_000);

test("writers of different agents wait for each other, and neither is refused", async () => {
  const [one, two] = [await open(), await open()];
  for (let serial = 0; serial < 3; serial++) {
    const both = [one.append(support, serial, paused("one")), two.append("sales" as AgentId, serial, paused("two"))];
    expect(await Promise.all(both)).toEqual([serial + 1, serial + 1]);
  }
});

test("a journal survives being killed in the middle of a push, round after round", async () => {
  const clone = await remote.clone();
  for (const acknowledgements of [1, 2, 4]) {
    const told = await killWhileAppending({
      ...{ path: `git:${clone}`, agent: support, acknowledgements },
      event: paused("x".repeat(20_000)),
    });
    const history = await (await open()).history(support);
    expect(history.length - told).toBeGreaterThanOrEqual(0);
    expect(history.length - told).toBeLessThanOrEqual(1);
  }
}, 120_000);

test("what a pass remembers travels with what it writes: two pushes for a pass that moved nothing", async () => {
  const store = await open();
  await store.append(support, 0, paused("first"));
  const before = length();
  const lease = await store.lease(support, { holder: "ci", for: 30_000 as Duration });
  const floors = { configuration: "80%", watermark: 1 as Instant, watches: {} };
  await store.saveFloors(support, floors);
  await store.saveSnapshot(support, 1, { agent: support } as never);
  expect(await store.loadFloors(support)).toEqual(floors);
  await lease.renew();
  expect(length()).toBe(before + 1);
  await lease.release();
  expect(length()).toBe(before + 2);
  const other = await open();
  expect(await other.loadFloors(support)).toEqual(floors);
  expect((await other.load(support)).snapshot?.serial).toBe(1);
});

test("what waited under a lease that was lost is dropped", async () => {
  const store = await open();
  const lease = await store.lease(support, { holder: "ci", for: 30_000 as Duration });
  await store.saveFloors(support, { configuration: "80%", watermark: 1 as Instant, watches: {} });
  const other = await open();
  await other.unlock(support);
  await lease.release();
  expect(await other.loadFloors(support)).toBeNull();
});

test("the branch is put on a new root before it grows long, and nobody loses anything", async () => {
  const [store, other] = [await open({ longest: 5 }), await open({ longest: 5 })];
  for (let serial = 0; serial < 12; serial++) {
    await (serial % 2 === 0 ? store : other).append(support, serial, paused("on"));
    expect(length()).toBeLessThanOrEqual(5);
  }
  expect((await (await open()).history(support)).length).toBe(12);
});

test("a remote that takes no new roots has a branch that grows on", async () => {
  remote.git(remote.bare, "config", "receive.denyNonFastForwards", "true");
  const store = await open({ longest: 3 });
  for (let serial = 0; serial < 6; serial++) await store.append(support, serial, paused("on"));
  expect(length()).toBe(7);
});

test("an answer that was lost is looked for before anything is repeated", async () => {
  await remote.serveHttp();
  const store = await open();
  remote.losesAnswers = 1;
  expect(await store.append(support, 0, paused("once"))).toBe(1);
  expect(remote.losesAnswers).toBe(0);
  expect(length()).toBe(2);
  expect((await (await open()).history(support)).length).toBe(1);
});

test("a server that is gone is unreachable, with what to do", async () => {
  const stop = await remote.serveGit();
  const store = await open();
  await store.append(support, 0, paused("first"));
  await stop();
  const attempt = store.append(support, 1, paused("second"));
  await expect(attempt).rejects.toMatchObject({ name: "Fault", kind: "unreachable" });
  await expect(attempt).rejects.toThrow(/cannot be reached.*break-glass.*not known whether the last entry arrived/);
  await expect(store.load(support)).rejects.toMatchObject({ kind: "unreachable" });
});

test("a job without the right to push is told which right it needs", async () => {
  await remote.serveHttp((request) => (request.url?.includes("receive-pack") ? 403 : null));
  await expect(open()).rejects.toThrow(/does not let this user in.*contents: write/s);
});

test("a branch that the remote protects is told as one", async () => {
  const hook = join(remote.bare, "hooks/pre-receive");
  execFileSync("mkdir", ["-p", join(remote.bare, "hooks")]);
  writeFileSync(hook, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  await expect(open()).rejects.toMatchObject({ kind: "rejected", message: expect.stringMatching(/pre-receive hook/) });
});

describe("what is on the branch", () => {
  /** Puts a file on the branch behind the store's back. */
  function tamper(path: string, edit: (text: string) => string): void {
    const folder = join(remote.folder, `tamper-${Math.random()}`);
    remote.git(remote.folder, "clone", "--quiet", "--branch", branch, remote.bare, folder);
    const text = remote.git(folder, "show", `HEAD:${path}`);
    writeFileSync(join(folder, path), `${edit(text)}\n`);
    const who = ["-c", "user.name=Eve", "-c", "user.email=eve@example.org"];
    remote.git(folder, ...who, "commit", "--quiet", "--all", "--message", "by hand");
    remote.git(folder, "push", "--quiet", "origin", branch);
  }

  const journal = "agents/support/journal/000000001.jsonl";
  test.each([
    ["a changed entry", journal, (text: string) => text.replace("entry 2", "nothing"), /entry 2 does not follow/],
    ["a torn line", journal, (text: string) => text.slice(0, -9), /does not follow from entry 2/],
    ["a missing entry", journal, (text: string) => text.replace(/\n.*entry 2.*/, ""), /entry 3 does not follow/],
    ["a lost end", journal, (text: string) => text.replace(/\n.*entry 3.*/, ""), /ends at entry 2/],
    ["a state file that is no JSON", "state.json", () => "what?", /state\.json on .* cannot be read/],
    ["a state file of nothing", "state.json", () => "{}", /state\.json on .* cannot be read/],
    ["a newer format", "state.json", (text: string) => text.replace('"format":1', '"format":2'), /of format 2/],
  ])("%s is refused, and not written over", async (_, path, edit, message) => {
    const store = await open();
    for (const serial of [0, 1, 2]) await store.append(support, serial, paused(`entry ${serial + 1}`));
    tamper(path, edit);
    const tip = remote.git(remote.bare, "rev-parse", branch);
    await expect(store.load(support)).rejects.toThrow(message);
    await expect(open().then((store) => store.load(support))).rejects.toThrow(message);
    await expect(store.dump()).rejects.toThrow(message);
    expect(remote.git(remote.bare, "rev-parse", branch)).toBe(tip);
  });

  test("a branch of something else is left alone", async () => {
    remote.git(remote.bare, "branch", branch, "main");
    await expect(open()).rejects.toMatchObject({ kind: "rejected", message: expect.stringMatching(/not a state/) });
    expect(length()).toBe(2);
  });

  test("another state that took the branch's place is not mixed with ours", async () => {
    const store = await open();
    await store.append(support, 0, paused("first"));
    remote.git(remote.bare, "branch", "--delete", "--force", branch);
    await expect(store.append(support, 1, paused("second"))).rejects.toThrow(/is gone/);
    await (await open()).append(support, 0, paused("another"));
    await expect(store.append(support, 1, paused("second"))).rejects.toMatchObject({ kind: "conflict" });
  });
});

test("a state that was kept here before there was a remote is not begun anew beside it", async () => {
  const clone = await remote.clone();
  remote.git(clone, "remote", "rename", "origin", "later");
  remote.git(clone, "remote", "remove", "later");
  await (await openAt(clone)).append(support, 0, paused("alone"));
  remote.git(clone, "remote", "add", "origin", remote.address);
  await expect(openAt(clone)).rejects.toThrow(/git push origin rollout-state/);
  remote.git(clone, "push", "--quiet", "origin", branch);
  expect((await (await openAt(clone)).load(support)).serial).toBe(1);
});

test("outside of a repository, and among several remotes without an origin, it says what is missing", async () => {
  await expect(openAt(remote.folder)).rejects.toMatchObject({ kind: "unsupported" });
  const clone = await remote.clone();
  remote.git(clone, "remote", "rename", "origin", "one");
  remote.git(clone, "remote", "add", "two", remote.address);
  await expect(openAt(clone)).rejects.toThrow(/has one, two: name one of them origin/);
});

/** What is the user's: HEAD, index, work tree, branches and tags. */
function seen(clone: string): readonly string[] {
  const refs = remote.git(clone, "for-each-ref", "refs/heads", "refs/tags", "refs/remotes");
  return [remote.git(clone, "rev-parse", "HEAD"), remote.git(clone, "status", "--porcelain"), refs];
}

function paused(why: string): Event {
  return { kind: "commanded", command: "pause", why, at: 1_700_000_000_000 as Instant, by: "a person", plan: null };
}
