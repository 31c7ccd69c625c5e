// Cold start: whole processes of `rollout status` and `rollout plan` for one agent, beside bare node, in turn, in one run.
// Goal: at most 60 ms above bare node (median). The time of the processors is shown too, since a busy machine stretches the other.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const rounds = Number(process.argv[2] ?? 25);
const goalMs = 60;
const program = resolve("dist/main.cjs");

const spec = `version: 1
agents:
  support:
    steps: { planning: claude-opus-4-5@20251101, parsing: claude-haiku-4-5@20251001 }
    prompts: prompts/support/**
    evals: { min_score: 0.85 }
    target: live/support.json
`;

/** Milliseconds; `cpu` is user and system time together. */
interface Took {
  readonly wall: number;
  readonly cpu: number;
}

/** A repository with one adopted agent. */
function workspace(): string {
  const root = mkdtempSync(join(tmpdir(), "rollout-start-"));
  mkdirSync(join(root, "prompts/support"), { recursive: true });
  writeFileSync(join(root, "rollout.config.yaml"), spec);
  writeFileSync(join(root, "prompts/support/system.md"), "Be brief.\n");
  const git = (...args: string[]): void => {
    execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.com", ...args], { cwd: root });
  };
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "bench");
  execFileSync(process.execPath, [program, "adopt", "support"], { cwd: root });
  return root;
}

/** Measured by the shell: Node does not tell what a child used. */
function measure(args: readonly string[], cwd: string): Took {
  const script = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null';
  const { LC_ALL: _, ...env } = process.env;
  const { status, stderr } = spawnSync("bash", ["-c", script, "bash", process.execPath, ...args], {
    cwd,
    env: { ...env, LC_NUMERIC: "C" },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = (stderr.trimEnd().split("\n").at(-1) ?? "")
    .split(" ")
    .map((seconds) => Number(seconds) * 1000);
  return { wall, cpu: user + system };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function typical(runs: readonly Took[]): Took {
  return { wall: median(runs.map(({ wall }) => wall)), cpu: median(runs.map(({ cpu }) => cpu)) };
}

const root = workspace();
const commands = { "bare node": ["-e", "0"], "rollout status": [program, "status"], "rollout plan": [program, "plan"] };
const runs = new Map<string, Took[]>();
for (let round = -1; round < rounds; round++) {
  for (const [name, args] of Object.entries(commands)) {
    const took = measure(args, root);
    if (round >= 0) runs.set(name, [...(runs.get(name) ?? []), took]);
  }
}
rmSync(root, { recursive: true });

const bare = typical(runs.get("bare node") ?? []);
console.log(`median of ${rounds} runs each, in turn, after one warm-up (node ${process.version})`);
console.log(`${"".padEnd(15)} ${"elapsed".padStart(9)}   ${"processor".padStart(9)}`);
for (const [name, each] of runs) {
  const { wall, cpu } = typical(each);
  const above = wall - bare.wall;
  const verdict =
    name === "bare node"
      ? ""
      : `   +${above.toFixed(0)} ms elapsed, +${(cpu - bare.cpu).toFixed(0)} ms processor, ${(wall / bare.wall).toFixed(2)} x: ${above <= goalMs ? "reached" : "NOT reached"} (goal +${goalMs} ms elapsed)`;
  console.log(`${name.padEnd(15)} ${wall.toFixed(0).padStart(6)} ms   ${cpu.toFixed(0).padStart(6)} ms${verdict}`);
}
