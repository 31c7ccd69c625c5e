// Cold start: whole processes of `rollout status` and `rollout plan` for one agent, beside bare node, in turn, in one run.
// Goal: at most 60 ms above bare node (median).

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const rounds = Number(process.argv[2] ?? 25);
const goalMs = 60;
const program = resolve("dist/main.js");

const spec = `version: 1
agents:
  support:
    steps: { planning: claude-opus-4-5@20251101, parsing: claude-haiku-4-5@20251001 }
    prompts: prompts/support/**
    evals: { min_score: 0.85 }
    target: live/support.json
`;

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

function milliseconds(args: readonly string[], cwd: string): number {
  const begun = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd });
  const took = Number(process.hrtime.bigint() - begun) / 1e6;
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  return took;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const root = workspace();
const commands = { "bare node": ["-e", "0"], "rollout status": [program, "status"], "rollout plan": [program, "plan"] };
const times = new Map<string, number[]>();
for (let round = -1; round < rounds; round++) {
  for (const [name, args] of Object.entries(commands)) {
    const took = milliseconds(args, root);
    if (round >= 0) times.set(name, [...(times.get(name) ?? []), took]);
  }
}
rmSync(root, { recursive: true });

const bare = median(times.get("bare node") ?? []);
console.log(`median of ${rounds} runs each, in turn, after one warm-up (node ${process.version})`);
for (const [name, values] of times) {
  const typical = median(values);
  const above = typical - bare;
  const verdict =
    name === "bare node"
      ? ""
      : `  +${above.toFixed(1)} ms, ${(typical / bare).toFixed(2)} x  ${above <= goalMs ? "reached" : "NOT reached"} (goal +${goalMs} ms)`;
  console.log(`${name.padEnd(15)} ${typical.toFixed(1).padStart(6)} ms${verdict}`);
}
