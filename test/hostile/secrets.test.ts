/** The real program on a machine full of secrets: nothing that it wrote, anywhere, holds one of them. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { oneAgent } from "../support/workspace.js";

/** What stands where; no two are alike, so that a leak says where it came from. */
const secrets = {
  databasePassword: "PLANTEDdatabase7f3a",
  apiKey: "sk-PLANTEDapi91bc0",
  ciToken: "ghp_PLANTEDci44e2",
  gitHeader: "PLANTEDheader02d7",
  remoteToken: "PLANTEDremote5a5a",
  dotEnv: "PLANTEDdotenv8888",
  taskToken: "PLANTEDtask3c21",
} as const;

const home = mkdtempSync(join(tmpdir(), "rollout-secrets-"));
const root = join(home, "work");
const program = resolve("dist/main.cjs");
const said: string[] = [];

const machine = {
  PATH: process.env.PATH ?? "",
  HOME: home,
  LANG: "C.UTF-8",
  ROLLOUT_DEBUG: "1",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_COUNT: "3",
  GIT_CONFIG_KEY_0: "user.name",
  GIT_CONFIG_VALUE_0: "Ada",
  GIT_CONFIG_KEY_1: "user.email",
  GIT_CONFIG_VALUE_1: "ada@example.com",
  GIT_CONFIG_KEY_2: "http.extraHeader",
  GIT_CONFIG_VALUE_2: `Authorization: Bearer ${secrets.gitHeader}`,
  DATABASE_URL: `postgres://rollout:${secrets.databasePassword}@127.0.0.1:1/rollout`,
  PGPASSWORD: secrets.databasePassword,
  ANTHROPIC_API_KEY: secrets.apiKey,
  OPENAI_API_KEY: secrets.apiKey,
  GITHUB_TOKEN: secrets.ciToken,
  GITHUB_ACTOR: "ada",
  GITHUB_RUN_ID: "4711",
};

let clock = Date.UTC(2026, 2, 2, 8);

function write(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

/** Runs the program, and keeps all that it said. */
function rollout(...args: readonly string[]): number | null {
  const env = { ...machine, ROLLOUT_NOW: new Date(clock).toISOString() };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  said.push(`$ rollout ${args.join(" ")} (${status})\n${stdout}\n${stderr}`);
  return status;
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: root, env: machine, encoding: "utf8", maxBuffer: 64_000_000 });
}

const everyForm = ["text", "json", "markdown"] as const;

function look(): void {
  for (const format of everyForm) {
    rollout("plan", "--format", format);
    for (const command of ["status", "history", "drift", "validate"]) rollout(command, "--format", format);
    rollout("incident", "list", "--format", format);
    rollout("incident", "show", "support-1", "--format", format);
    rollout("audit", "verify", "--format", format);
    rollout("audit", "replay", "--format", format);
  }
  rollout("state", "list");
  rollout("runbook", "check");
}

/** Half of the canary's tasks fail, with an error text that repeats a token. */
function traffic(revisions: readonly string[]): void {
  const lines = Array.from({ length: 900 }, (_, index) => {
    const at = clock + index * 2_000;
    const revision = revisions[index % 2] ?? "";
    const fails = index % 2 === 1 && index % 10 !== 1;
    return JSON.stringify({
      ...{ id: `t-${clock}-${index}`, session: `s-${clock}-${index}`, agent: "support", revision, success: !fails },
      ...{ started_at: new Date(at).toISOString(), ended_at: new Date(at + 1_000).toISOString() },
      ...(fails ? { error: `401 for key ${secrets.taskToken}` } : {}),
    });
  });
  write("tasks.jsonl", lines.join("\n"));
}

beforeAll(() => {
  for (const [name, text] of Object.entries(oneAgent)) write(name, text.replace("commit: none", "commit: branch"));
  write(".gitignore", ".rollout/\nlive/\n.env\ntasks.jsonl\n");
  write(".env", `API_KEY=${secrets.dotEnv}\n`);
  write(
    "results.jsonl",
    Array.from({ length: 20 }, (_, index) => JSON.stringify({ id: `i-${index}`, pass: true })).join("\n"),
  );
  write("eval.mjs", 'import { copyFileSync } from "node:fs"; copyFileSync("results.jsonl", process.argv[2]);\n');
  git("init", "--quiet", "--initial-branch=main", "--template=");
  git("add", "--all");
  git("commit", "--quiet", "--message", "Begin");
  git("remote", "add", "origin", `http://ada:${secrets.remoteToken}@127.0.0.1:1/repository.git`);
  rollout("adopt", "support");
  rollout("eval", "baseline", "support", "results.jsonl");
  rollout("bump", "planning", "opus@2");
  rollout("eval", "run", "support", "--results", "out.jsonl", "--", process.execPath, "eval.mjs", "out.jsonl");
  rollout("plan", "--out", "rollout.plan.json");
  rollout("show", "rollout.plan.json");
  rollout("apply", "rollout.plan.json");
  look();
  const { route } = JSON.parse(readFileSync(join(root, "live/support.json"), "utf8"));
  traffic([route.stable, route.canary]);
  rollout("metrics", "import", "tasks.jsonl");
  clock += 3_600_000;
  look();
  rollout("apply", "--auto-approve");
  look();
  rollout("retry", "support", "--because", "another look");
  rollout("apply", "--auto-approve");
  rollout("promote", "support", "--because", "a person says so");
  // The commit of the baseline cannot be pushed: the remote, whose address holds a token, does not answer.
  rollout("apply", "--auto-approve");
  look();
  rollout("undo", "support", "--because", "back");
  // A state whose address holds a password, and whose server does not answer.
  const spec = readFileSync(join(root, "rollout.config.yaml"), "utf8");
  write("postgres.yaml", spec.replace("version: 1\n", "version: 1\nstate: postgres:$DATABASE_URL\n"));
  write("open.yaml", spec.replace("version: 1\n", `version: 1\nstate: ${machine.DATABASE_URL}\n`));
  for (const config of ["postgres.yaml", "open.yaml"])
    for (const command of ["plan", "status", "validate", "history"])
      for (const format of everyForm) rollout(command, "--config", config, "--format", format);
}, 600_000);

afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Every file below the folder, but git's own store, whose commits are looked at as text. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !/^\.git\/objects\//.test(name));
}

function holding(secret: string): readonly string[] {
  return filesBelow(root).filter((name) => readFileSync(join(root, name)).includes(secret));
}

describe("what was played", () => {
  test("reached every part: a plan, a rollback with its incident, a promotion, a push that failed", () => {
    const last = said.findLast((one) => one.startsWith("$ rollout history --format json")) ?? "";
    const journal = JSON.parse(last.slice(last.indexOf("\n"), last.lastIndexOf("}") + 1));
    const entries = (journal.history ?? journal).agents[0].entries as readonly Record<string, unknown>[];
    const outcomes = entries.map(({ kind, outcome }) => outcome ?? kind);
    for (const one of ["rollout-started", "gate-judged", "rolled-back", "promoted", "operation-failed"])
      expect(outcomes).toContain(one);
    expect(said.some((one) => one.startsWith("$ rollout incident show support-1 --format text (0)"))).toBe(true);
    expect(said.some((one) => /postgres\.yaml[\s\S]*127\.0\.0\.1/.test(one))).toBe(true);
    const audits = said.filter((one) => one.startsWith("$ rollout audit"));
    expect(audits.filter((one) => !/^.*\(0\)\n/.test(one))).toEqual([]);
  });

  test("planted what is looked for", () => {
    expect(holding(secrets.taskToken)).toContain("tasks.jsonl");
    expect(holding(secrets.dotEnv)).toEqual([".env"]);
    expect(holding(secrets.remoteToken)).toContain(".git/config");
  });
});

/** Where people put them themselves; and raw tasks, which are kept as they were reported. */
const own = /^(?:\.env|\.git\/config|tasks\.jsonl|open\.yaml|\.rollout\/state\.metrics\.db(?:-wal|-shm)?)$/;

describe.each(Object.entries(secrets))("%s", (_, secret) => {
  const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64").slice(0, -4)];

  test("is in nothing that was said", () => {
    const leaks = said.filter((one) => forms.some((form) => one.includes(form)));
    expect(leaks.map((one) => one.split("\n", 1)[0])).toEqual([]);
  });

  test("is in no file that was written, and in no commit", () => {
    expect(forms.flatMap(holding).filter((name) => !own.test(name))).toEqual([]);
    const commits = git("log", "--all", "--patch", "--format=%B%an%ae");
    expect(forms.filter((form) => commits.includes(form))).toEqual([]);
  });
});
