import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readBaselineFile } from "../../src/repo/eval-file.js";
import { baselineFile, canary, config, env, GitWorld, operation, publisherOf, registry, stable } from "./git-world.js";

const folded = {
  config: config.replace("    planning: opus@2   # the candidate\n", ""),
  registry: registry.replace("opus@1", "opus@2"),
};
const before = JSON.stringify({
  format: 1,
  suites: { default: { scoreName: "pass rate", score: 0.9, best: 0.95, revision: stable, recordedAt: null } },
});

// Dozens of git processes each: on a busy machine they take their time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let world: GitWorld;
beforeEach(() => {
  world = new GitWorld();
});
afterEach(() => world.remove());

/** The files and the message of a commit. */
function shown(commit: string, folder = world.root) {
  return {
    files: world.at(folder, "diff-tree", "--no-commit-id", "--name-only", "-r", commit).split("\n"),
    message: world.at(folder, "log", "-1", "--format=%B", commit),
    author: world.at(folder, "log", "-1", "--format=%an <%ae>", commit),
    baseline: readBaselineFile({ name: "b", text: world.at(folder, "show", `${commit}:${baselineFile}`) }),
    config: `${world.at(folder, "show", `${commit}:rollout.config.yaml`)}\n`,
    registry: `${world.at(folder, "show", `${commit}:registry/models.yaml`)}\n`,
  };
}

const promotedBaseline = {
  default: { score: "0.91", scoreName: "pass rate", revision: canary, byItem: { a: 1, b: 0 } },
};

describe("a promotion on the checked-out branch, without a remote", () => {
  it("makes one commit of baseline and fold, and keeps the checkout in step", async () => {
    const tip = world.git("rev-parse", "main");
    const publisher = await publisherOf(world);
    expect(await publisher.find(operation)).toBeNull();
    const done = await publisher.perform(operation);
    expect(done).toMatch(
      /^committed [0-9a-f]{7} on main: evals\/baselines\/support\.json, rollout\.config\.yaml, registry\/models\.yaml; the checkout has them too$/,
    );
    expect(world.git("rev-list", "--count", "main")).toBe("2");
    expect(world.git("rev-parse", "main^")).toBe(tip);
    const commit = shown("main");
    expect(commit.files).toEqual([baselineFile, "registry/models.yaml", "rollout.config.yaml"]);
    expect(commit.baseline).toMatchObject({ ok: true, value: promotedBaseline });
    expect(commit).toMatchObject({ ...folded, author: "Ada <ada@example.org>" });
    expect(commit.message).toMatch(
      /^Promote r-2222222 of support\n\nEval baseline of default: pass rate 0\.91\.\n[\s\S]*\n\nRollout-Operation: [^/\n]+\/support-r1-baseline$/,
    );
    expect(world.git("status", "--porcelain")).toBe("");
    expect(world.read("registry/models.yaml")).toBe(folded.registry);
    expect(await publisher.find(operation)).toMatch(/^committed [0-9a-f]{7} on main$/);
    expect(await publisher.find({ ...operation, id: "support-r1" })).toBeNull();
    expect(await publisher.perform(operation)).toBe("nothing to write: the repository says it already");
  });

  it("takes the commit of a journal that was forgotten and begun anew for another's, though it counts the same", async () => {
    await (await publisherOf(world)).perform(operation);
    const anew = await publisherOf(world, { by: "somebody later" });
    expect(await anew.find(operation)).toBeNull();
    expect(await (await publisherOf(world)).find(operation)).toMatch(/^committed/);
  });

  it("leaves everything else of the checkout alone", async () => {
    world.write("notes.txt", "mine");
    world.write("staged.txt", "also mine");
    world.git("add", "staged.txt");
    await (await publisherOf(world)).perform(operation);
    expect(
      world
        .git("status", "--porcelain")
        .split("\n")
        .map((line) => line.trim()),
    ).toEqual(["A  staged.txt", "?? notes.txt"]);
    expect(shown("main").files).not.toContain("staged.txt");
  });

  it("finishes the checkout when it died between the ref and the files", async () => {
    const publisher = await publisherOf(world);
    await publisher.perform(operation);
    world.git("read-tree", "main^");
    world.write("registry/models.yaml", registry);
    world.git("checkout", "--quiet", "main^", "--", "rollout.config.yaml");
    execFileSync("rm", [join(world.root, baselineFile)]);
    await publisher.find(operation);
    expect(world.git("status", "--porcelain")).toBe("");
    expect(world.read("registry/models.yaml")).toBe(folded.registry);
  });

  it("goes to a branch when a file that it writes has changes, and does not touch them", async () => {
    const mine = `${config}# mine\n`;
    world.write("rollout.config.yaml", mine);
    const tip = world.git("rev-parse", "main");
    const done = await (await publisherOf(world)).perform(operation);
    expect(done).toMatch(
      /on rollout\/baseline-support-2222222: .*; merge it into main \(rollout\.config\.yaml has changes that are not committed\)$/,
    );
    expect(world.git("rev-parse", "main")).toBe(tip);
    expect(shown("rollout/baseline-support-2222222")).toMatchObject(folded);
    expect(world.read("rollout.config.yaml")).toBe(mine);
    expect(world.git("status", "--porcelain")).toBe("M rollout.config.yaml");
  });

  it("goes to a branch when HEAD is detached, or the branch is checked out elsewhere", async () => {
    world.git("checkout", "--quiet", "--detach");
    expect(await (await publisherOf(world)).perform(operation)).toMatch(
      /on rollout\/baseline-support-2222222: .*\(HEAD is detached\)$/,
    );
    expect(world.git("rev-list", "--count", "main")).toBe("1");
    world.git("branch", "--quiet", "-D", "rollout/baseline-support-2222222");
    world.git("worktree", "add", "--quiet", join(world.folder, "other"), "main");
    world.git("checkout", "--quiet", "--ignore-other-worktrees", "main");
    expect(await (await publisherOf(world)).perform(operation)).toMatch(
      /\(main is checked out in another work tree\)$/,
    );
  });

  it("works from a folder below the top, and keeps the file's line ends and mode", async () => {
    world.remove();
    world = new GitWorld({
      "agents/rollout.config.yaml": config,
      "agents/registry/models.yaml": registry.replaceAll("\n", "\r\n"),
      "README.md": "hi",
    });
    chmodSync(join(world.root, "agents/registry/models.yaml"), 0o755);
    world.git("commit", "--quiet", "--all", "-m", "Mode");
    await (await publisherOf(world, { folder: join(world.root, "agents") })).perform(operation);
    expect(world.git("diff-tree", "--no-commit-id", "--name-only", "-r", "main").split("\n")).toEqual([
      `agents/${baselineFile}`,
      "agents/registry/models.yaml",
      "agents/rollout.config.yaml",
    ]);
    expect(world.read("agents/registry/models.yaml")).toBe(folded.registry.replaceAll("\n", "\r\n"));
    expect(world.git("ls-tree", "main", "agents/registry/models.yaml")).toMatch(/^100755/);
    expect(world.git("status", "--porcelain")).toBe("");
  });

  it("keeps the best baseline, and other suites", async () => {
    world.write(baselineFile, before.replace('"suites":{', '"suites":{"gaia":{"scoreName":"pass rate","score":0.7},'));
    world.git("add", ".");
    world.git("commit", "--quiet", "-m", "Baseline");
    await (await publisherOf(world)).perform(operation);
    expect(shown("main").baseline).toMatchObject({
      ok: true,
      value: { gaia: { score: "0.7" }, default: { score: "0.91", best: "0.95" } },
    });
  });

  it("signs as itself where git knows nobody", async () => {
    world.git("config", "--unset", "user.name");
    world.git("config", "--unset", "user.email");
    await (await publisherOf(world)).perform(operation);
    expect(shown("main").author).toBe("rollout <rollout@localhost>");
    world.git("reset", "--quiet", "--hard", "HEAD^");
    const ci = { ...env, GIT_AUTHOR_NAME: "CI", GIT_AUTHOR_EMAIL: "ci@example.org" };
    await (await publisherOf(world, { env: ci })).perform(operation);
    expect(shown("main").author).toBe("CI <ci@example.org>");
  });

  it("is not misled by git's variables of a hook that it may run in", async () => {
    const misled = {
      ...env,
      GIT_DIR: "/nowhere",
      GIT_INDEX_FILE: "/nowhere/index",
      GIT_SSH_COMMAND: "false",
      EDITOR: "vi",
    };
    expect(await (await publisherOf(world, { env: misled })).perform(operation)).toMatch(/^committed/);
  });
});

describe("a promotion with a remote", () => {
  it("pushes to the tracked branch and leaves the local one alone", async () => {
    const remote = world.publish();
    const tip = world.git("rev-parse", "main");
    expect(await (await publisherOf(world)).perform(operation)).toMatch(/^committed [0-9a-f]{7} on origin\/main: /);
    expect(shown("main", remote)).toMatchObject(folded);
    expect(world.at(remote, "rev-parse", "main^")).toBe(tip);
    expect(world.git("rev-parse", "main")).toBe(tip);
    expect(world.git("status", "--porcelain")).toBe("");
    expect(world.read("registry/models.yaml")).toBe(registry);
  });

  it("goes on from a tip that moved since, and again when it moves while pushing", async () => {
    const remote = world.publish();
    const other = join(world.folder, "other");
    world.at(world.folder, "clone", "--quiet", remote, other);
    world.at(other, "config", "user.email", "eve@example.org");
    world.at(other, "config", "user.name", "Eve");
    const moved = (name: string) => {
      writeFileSync(join(other, name), name);
      world.at(other, "add", ".");
      world.at(other, "commit", "--quiet", "-m", `Add ${name}`);
      world.at(other, "push", "--quiet", "origin", "main");
    };
    moved("before.txt");
    // The first push finds that somebody was faster: the hook moves the branch once, then steps aside.
    writeFileSync(join(other, "during.txt"), "during");
    world.at(other, "add", ".");
    world.at(other, "commit", "--quiet", "-m", "Add during.txt");
    world.at(other, "push", "--quiet", "origin", "main:refs/heads/parked");
    const hook = join(remote, "hooks", "pre-receive");
    mkdirSync(join(remote, "hooks"), { recursive: true });
    writeFileSync(
      hook,
      `#!/bin/sh\nif [ ! -e moved ]; then touch moved; env -u GIT_QUARANTINE_PATH git update-ref refs/heads/main refs/heads/parked; fi\n`,
    );
    chmodSync(hook, 0o755);
    expect(await (await publisherOf(world)).perform(operation)).toMatch(/^committed [0-9a-f]{7} on origin\/main: /);
    const subjects = world.at(remote, "log", "--format=%s", "main").split("\n");
    expect(subjects).toEqual(["Promote r-2222222 of support", "Add during.txt", "Add before.txt", "Begin"]);
    expect(shown("main", remote)).toMatchObject(folded);
  });

  it("goes to a branch where the remote protects the tracked one", async () => {
    const remote = world.publish();
    const hook = join(remote, "hooks", "update");
    mkdirSync(join(remote, "hooks"), { recursive: true });
    writeFileSync(hook, `#!/bin/sh\n[ "$1" = refs/heads/main ] && { echo "protected branch"; exit 1; }\nexit 0\n`);
    chmodSync(hook, 0o755);
    const publisher = await publisherOf(world);
    const done = await publisher.perform(operation);
    expect(done).toMatch(/on origin\/rollout\/baseline-support-2222222: .*; merge it into main \(hook declined\)$/);
    expect(world.at(remote, "rev-list", "--count", "main")).toBe("1");
    expect(shown("rollout/baseline-support-2222222", remote)).toMatchObject(folded);
    expect(await publisher.find(operation)).toMatch(/on origin\/rollout\/baseline-support-2222222$/);
  });

  it("writes to a branch when it is asked to, and builds upon what stands there", async () => {
    const remote = world.publish();
    const publisher = await publisherOf(world, { commit: "branch" });
    await publisher.perform(operation);
    expect(world.at(remote, "rev-list", "--count", "main")).toBe("1");
    expect(shown("rollout/baseline-support-2222222", remote)).toMatchObject({
      ...folded,
      baseline: { value: promotedBaseline },
    });
    expect(await publisher.perform(operation)).toBe("nothing to write: the repository says it already");
    expect(world.git("branch", "--list", "rollout/*")).toBe("");
  });

  it("says that the remote cannot be reached, as a fault", async () => {
    world.publish();
    world.git("remote", "set-url", "origin", join(world.folder, "gone.git"));
    const publisher = await publisherOf(world);
    await expect(publisher.find(operation)).rejects.toMatchObject({ kind: "unreachable" });
    await expect(publisher.perform(operation)).rejects.toMatchObject({ kind: "unreachable" });
  });
});

describe("a promotion that writes less, or nothing", () => {
  it("writes nothing where that is what the spec says", async () => {
    const publisher = await publisherOf(world, { commit: "none" });
    expect(await publisher.find(operation)).toBeNull();
    expect(await publisher.perform(operation)).toBe("nothing written: baseline.commit is none");
    expect(world.git("rev-list", "--count", "--all")).toBe("1");
  });

  it("commits the baseline and says so when the override cannot be folded", async () => {
    const done = await (await publisherOf(world, { overrides: { gone: "opus@2" } })).perform(operation);
    expect(done).toMatch(
      /on main: evals\/baselines\/support\.json; the override is not folded \(support has no step "gone".*rollout fold support; the checkout has them too$/,
    );
    expect(shown("main").registry).toBe(registry);
  });

  it("folds nothing where the change came without an override", async () => {
    await (await publisherOf(world, { overrides: {} })).perform(operation);
    expect(shown("main").files).toEqual([baselineFile]);
  });

  it("writes nothing for a revision that no longer serves", async () => {
    const publisher = await publisherOf(world);
    expect(await publisher.perform({ ...operation, revision: stable })).toBe(
      "nothing written: support no longer serves r-1111111",
    );
  });

  it("refuses to guess at a baseline that is broken, and to work outside a repository", async () => {
    world.write(baselineFile, "{");
    world.git("add", ".");
    world.git("commit", "--quiet", "-m", "Break");
    await expect((await publisherOf(world)).perform(operation)).rejects.toMatchObject({
      kind: "rejected",
      message: /is not JSON/,
    });
    await expect((await publisherOf(world, { folder: world.folder })).perform(operation)).rejects.toMatchObject({
      kind: "unsupported",
    });
  });
});
