/** The loader on real folders and real git repositories: what is tracked, changed, staged, linked, and where HEAD points. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { disk, type LoadedSpec, loadSpec } from "../../src/config/load-spec.js";
import { openWorktree } from "../../src/config/open-worktree.js";
import type { AgentSpec } from "../../src/core/model/spec.js";

// Every test runs git a few times.
vi.setConfig({ testTimeout: 60_000 });

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rollout-load-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function git(...args: readonly string[]): string {
  const identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...identity, ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

const spec = `version: 1
agents:
  support:
    steps: { planning: m@1 }
    prompts: prompts/**
    tools: tools/**
    target: live/support.json
`;

/** A repository with one commit. Files are dated back, so that git's index can be trusted about them. */
function repository(): void {
  put("rollout.config.yaml", spec);
  put("prompts/system.md", "hello\n");
  put("prompts/Grüße.md", "Grüße\n");
  put("tools/a.json", "{}\n");
  put("tools/deep/b.json", "{}\n");
  for (const file of ["prompts/system.md", "prompts/Grüße.md", "tools/a.json", "tools/deep/b.json"]) {
    utimesSync(join(root, file), 1_700_000_000, 1_700_000_000.5);
  }
  git("init", "-q", "-b", "main", ".");
  git("add", "-A");
  git("commit", "-q", "-m", "first");
}

async function load(options: { cwd?: string; file?: string } = {}): Promise<LoadedSpec> {
  return loadSpec({ cwd: root, ...options });
}

async function agent(): Promise<AgentSpec> {
  const loaded = await load();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const found = loaded.value.spec.agents.support;
  if (found === undefined) throw new Error("no agent");
  return found;
}

describe("finding the spec", () => {
  test("in a folder above, up to the root of the repository", async () => {
    repository();
    const loaded = await load({ cwd: join(root, "tools/deep") });
    expect(loaded.ok && [loaded.value.root, loaded.value.file]).toEqual([root, "rollout.config.yaml"]);
  });

  test("never above the repository", async () => {
    repository();
    mkdirSync(join(root, "inner/.git"), { recursive: true });
    const loaded = await load({ cwd: join(root, "inner") });
    expect(!loaded.ok && [loaded.problems[0]?.code, loaded.root, loaded.partial]).toEqual([
      "config/not-found",
      null,
      null,
    ]);
  });

  test("where it is named; paths still start at the root of the repository", async () => {
    repository();
    put("specs/other.yaml", spec);
    const loaded = await load({ cwd: join(root, "specs"), file: "other.yaml" });
    expect(loaded.ok && [loaded.value.root, loaded.value.file]).toEqual([root, "specs/other.yaml"]);
    expect(loaded.ok && loaded.value.spec.agents.support?.revision.prompts.length).toBe(2);
  });

  test("a file that is not there, and one that is a folder", async () => {
    repository();
    for (const file of ["none.yaml", "tools"]) {
      const loaded = await load({ file });
      expect(!loaded.ok && loaded.problems.map(({ code }) => code)).toEqual(["config/unreadable"]);
    }
  });

  test("outside of git every file counts", async () => {
    put("rollout.config.yaml", spec);
    put("prompts/system.md", "hello\n");
    put("tools/a.json", "{}\n");
    put("tools/node_modules/x.json", "{}");
    const { revision } = await agent();
    expect(revision.origin).toEqual({ commit: null, dirty: false });
    expect(revision.tools.map(({ path }) => path)).toEqual(["tools/a.json"]);
  });

  test("a mark at the beginning of the text is let pass", async () => {
    repository();
    put("rollout.config.yaml", `\uFEFF${spec}`);
    expect((await load()).ok).toBe(true);
  });

  test("an error leaves root and the other agents", async () => {
    repository();
    put("rollout.config.yaml", `${spec}  broken: { steps: {}, target: live/x.json, typo: 1 }\n`);
    const loaded = await load();
    expect(!loaded.ok && [loaded.root, Object.keys(loaded.partial?.spec.agents ?? {})]).toEqual([root, ["support"]]);
  });
});

describe("what is tracked", () => {
  /** What git itself says of the tracked files. */
  function byGit(...paths: readonly string[]): readonly (readonly string[])[] {
    const lines = git("ls-files", "--stage", "-z", "--", ...paths)
      .split("\0")
      .filter((line) => line !== "");
    return lines.map((line) => [line.slice(line.indexOf("\t") + 1), line.split(" ")[1] ?? ""]);
  }
  function byUs(): readonly (readonly string[])[] {
    return openWorktree(disk, root)
      .match(["prompts/**", "tools/**"])
      .files.map(({ path, blob }) => [path, blob]);
  }

  test.each([2, 3, 4])("index version %i says what git says", (version) => {
    repository();
    git("update-index", "--index-version", String(version));
    // An entry with extended flags needs version 3.
    if (version === 3) {
      put("prompts/later.md", "later\n");
      git("add", "--intent-to-add", "prompts/later.md");
      expect(byUs().map(([path]) => path)).toContain("prompts/later.md");
      return;
    }
    expect(byUs()).toEqual(byGit("prompts", "tools"));
    expect(byUs().length).toBe(4);
  });

  test("many files with long common prefixes, in the packed form of version 4", () => {
    repository();
    for (let number = 0; number < 300; number++)
      put(`tools/a/rather/long/folder/${"x".repeat(number % 40)}${number}.json`, `${number}`);
    git("add", "-A");
    git("update-index", "--index-version", "4");
    expect(byUs()).toEqual(byGit("prompts", "tools"));
  });

  test.each([
    ["a split index", ["update-index", "--split-index"]],
    ["an index without a checksum", ["-c", "index.skipHash=true", "update-index", "--force-write-index"]],
  ])("%s is left to git where we cannot read it", (_, command) => {
    repository();
    git(...command);
    expect(byUs()).toEqual(byGit("prompts", "tools"));
  });

  test("a torn index is not believed", () => {
    repository();
    const whole = disk.read(join(root, ".git/index")) ?? new Uint8Array();
    writeFileSync(join(root, ".git/index"), whole.subarray(0, whole.length - 30));
    const { files, untracked } = openWorktree(disk, root).match(["tools/**"]);
    // Git refuses it too; then every file counts, as outside of git.
    expect([files.map(({ path }) => path), untracked]).toEqual([["tools/a.json", "tools/deep/b.json"], []]);
  });

  test("a file that git does not track is a warning, an ignored one is none, a deleted one is gone", async () => {
    repository();
    put("prompts/new.md", "new");
    put(".gitignore", "*.pyc\n");
    put("tools/cache.pyc", "x");
    rmSync(join(root, "tools/a.json"));
    const loaded = await load();
    expect(loaded.ok && loaded.warnings.map(({ code, detail }) => [code, detail])).toEqual([
      ["config/untracked-files", "Git does not track prompts/new.md: not a part of the revision until it does."],
    ]);
    expect((await agent()).revision.tools.map(({ path }) => path)).toEqual(["tools/deep/b.json"]);
  });

  test("symbolic links are refused, also in the middle of a path", async () => {
    repository();
    symlinkSync("/etc/hostname", join(root, "prompts/link.md"));
    git("add", "-A");
    rmSync(join(root, "tools/deep"), { recursive: true });
    mkdirSync(join(root, "elsewhere"));
    put("elsewhere/b.json", "{}\n");
    symlinkSync("../elsewhere", join(root, "tools/deep"));
    const loaded = await load();
    expect(!loaded.ok && loaded.problems.map(({ code, detail }) => `${code} ${detail}`)).toEqual([
      "config/symlink prompts/link.md is a symbolic link, and could lead anywhere.",
      "config/symlink tools/deep/b.json is a symbolic link, and could lead anywhere.",
    ]);
  });
});

describe("what has changed", () => {
  test("a fresh commit is clean, and knows its name", async () => {
    repository();
    expect((await agent()).revision.origin).toEqual({ commit: git("rev-parse", "HEAD").trim(), dirty: false });
  });

  test("an edit of the same length at the same second is seen", async () => {
    repository();
    const before = await agent();
    put("tools/a.json", "[]\n");
    const after = await agent();
    expect(after.revision.id).not.toBe(before.revision.id);
    expect(after.revision.origin.dirty).toBe(true);
  });

  test("an edit that was added and not committed is dirty; committed it is not", async () => {
    repository();
    put("tools/a.json", "[]\n");
    git("add", "-A");
    expect((await agent()).revision.origin.dirty).toBe(true);
    git("commit", "-q", "-m", "second");
    expect((await agent()).revision.origin.dirty).toBe(false);
  });

  test("an edit elsewhere is none of ours", async () => {
    repository();
    put("README.md", "x");
    git("add", "-A");
    expect((await agent()).revision.origin.dirty).toBe(false);
  });

  test("files whose ends of lines the checkout converted are the tracked files", async () => {
    repository();
    const before = await agent();
    put("prompts/system.md", "hello\r\n");
    const after = await agent();
    expect(after.revision.id).toBe(before.revision.id);
    expect(after.revision.prompts.find(({ name }) => name === "system")?.text).toBe("hello\n");
  });

  test("a copy of the repository elsewhere has the same revision", async () => {
    repository();
    const here = (await agent()).revision;
    const copy = mkdtempSync(join(tmpdir(), "rollout-copy-"));
    cpSync(root, copy, { recursive: true });
    const there = await loadSpec({ cwd: copy });
    rmSync(copy, { recursive: true, force: true });
    expect(there.ok && there.value.spec.agents.support?.revision).toEqual(here);
  });
});

describe("where HEAD points", () => {
  const head = (): string | null => openWorktree(disk, root).commit;

  test("a branch, a packed branch, a detached commit, another work tree, before the first commit", () => {
    git("init", "-q", "-b", "main", ".");
    expect(head()).toBe(null);
    rmSync(join(root, ".git"), { recursive: true });
    repository();
    const commit = git("rev-parse", "HEAD").trim();
    expect(head()).toBe(commit);
    git("pack-refs", "--all");
    expect(head()).toBe(commit);
    git("checkout", "-q", "--detach");
    expect(head()).toBe(commit);
    git("worktree", "add", "-q", "-b", "side", "beside");
    expect(openWorktree(disk, join(root, "beside")).commit).toBe(commit);
    expect(openWorktree(disk, join(root, "beside")).match(["tools/**"]).files.length).toBe(2);
  });
});
