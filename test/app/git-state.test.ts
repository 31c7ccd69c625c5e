/** A team whose only infrastructure is CI: every command runs in a fresh clone, and the state is a branch of the repository. */
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { adopt } from "../../src/app/adopt.js";
import { plan } from "../../src/app/plan.js";
import { stateShow } from "../../src/app/state-show.js";
import type { RevisionId } from "../../src/core/model/units.js";
import { GitRemote } from "../support/git-remote.js";
import { bumped, evaluated, scheduled, shown, support, users } from "../support/team.js";
import { type As, oneAgent, Workspace } from "../support/workspace.js";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

test("adopted, started, advanced and promoted, each by a job of its own", async () => {
  const { at, job, push } = await team();
  await evaluated(at, "support", "baseline");
  push("A baseline");
  expect((await adopt(at.world(await job({ interactive: true })), { agent: "support" })).exit).toBe(0);
  const stable = await served(at);
  await bumped(at);
  push("A bump");
  expect((await scheduled(at, await job())).exit).toBe(0);
  expect(await split(at)).toEqual({ stable, weight: 50 });
  for (let hours = 0; hours < 3; hours++) {
    await users(at, { hours: 1 });
    expect((await scheduled(at, await job())).exit).toBe(0);
  }
  for (let passes = 0; passes < 2; passes++) await scheduled(at, await job());
  const { stable: now, weight } = await split(at);
  expect(weight).toBe(0);
  expect(now).not.toBe(stable);
  const shownState = await stateShow(at.world(await job()), { agent: "support" });
  expect(shownState.view).toMatchObject({ data: { state: { stable: now, rollout: null, inDoubt: false } } });
  // Whoever edits sees nothing of it among the branches.
  expect(at.git("branch", "--list")).toBe("* main");
}, 120_000);

test("what a gate has counted is there for the next job", async () => {
  const { at, job, push } = await team();
  await evaluated(at, "support", "baseline");
  push("A baseline");
  await adopt(at.world(await job({ interactive: true })), { agent: "support" });
  await bumped(at);
  push("A bump");
  await scheduled(at, await job());
  await users(at, { hours: 0.5, perHour: 200 });
  at.pass(0.25);
  await scheduled(at, await job());
  const as = await job();
  const store = await at
    .world(as)
    .open.store(
      { kind: "git", branch: "rollout-state", workspace: "kept" },
      { root: join(at.root, as.cwd ?? ""), readOnly: true },
    );
  const { rollout } = (await store.load(support)).snapshot?.state ?? { rollout: null };
  const memory = rollout === null ? null : await store.loadMemory(support, rollout.id);
  expect(memory?.watermark).not.toBeNull();
  await store.close();
}, 60_000);

test("a look at it changes nothing, here or there", async () => {
  const { at, remote, job, push } = await team();
  await evaluated(at, "support", "baseline");
  push("A baseline");
  await adopt(at.world(await job({ interactive: true })), { agent: "support" });
  const as = await job();
  const seen = () => [
    remote.git(remote.bare, "for-each-ref"),
    remote.git(join(at.root, as.cwd ?? ""), "for-each-ref"),
    remote.git(join(at.root, as.cwd ?? ""), "count-objects", "-v"),
  ];
  const before = seen();
  await plan(at.world(as), { agents: [], out: null, detailedExitcode: false });
  expect(seen()).toEqual(before);
}, 60_000);

/** The team's repository with its remote; `job` is a fresh clone, beside the disk that holds the routing file and the records. */
async function team() {
  const spec = (oneAgent["rollout.config.yaml"] ?? "").replace(
    "version: 1\n",
    "version: 1\nstate: git:rollout-state?workspace=kept\n",
  );
  const at = new Workspace({ ...oneAgent, "rollout.config.yaml": spec, ".gitignore": ".rollout/\nlive/\njobs/\n" });
  const remote = new GitRemote();
  cleanups.push(
    () => at.remove(),
    () => remote.remove(),
  );
  at.git("remote", "add", "origin", remote.bare);
  at.git("push", "--quiet", "--force", "--set-upstream", "origin", "main");
  const { open } = at.world();
  let jobs = 0;
  const job = async (as: As = {}): Promise<As & { readonly cwd: string }> => {
    const cwd = `jobs/${++jobs}`;
    at.git("clone", "--quiet", "--depth=1", "--single-branch", remote.address, cwd);
    const shared: As["open"] = {
      target: (target) => open.target(target, at.root),
      metrics: (_, options) => open.metrics(join(at.root, ".rollout/state.metrics.db"), options),
    };
    return { ...as, cwd, holder: `job-${jobs}`, open: shared };
  };
  const push = (message: string): void => {
    at.commit(message);
    at.git("push", "--quiet", "origin", "main");
  };
  return { at, remote, job, push };
}

async function split(at: Workspace): Promise<{ readonly stable: RevisionId; readonly weight: number }> {
  const live = await shown(at);
  if (live.kind !== "serving") throw new Error(live.kind);
  return { stable: live.route.stable, weight: live.route.weight / 100 };
}

async function served(at: Workspace): Promise<RevisionId> {
  return (await split(at)).stable;
}
