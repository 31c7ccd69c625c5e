// A small repository for the warm-up.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const spec = `version: 1
agents:
  support:
    steps: { planning: claude-opus-4-5@20251101, parsing: claude-haiku-4-5@20251001 }
    prompts: prompts/support/**
    evals: { min_score: 0.85 }
    budget: { cost_usd: 0.50, llm_calls: 40 }
    target: live/support.json
`;

/** Its folder; the caller takes it away. */
export function sampleRepository(env) {
  const root = mkdtempSync(join(tmpdir(), "rollout-build-"));
  mkdirSync(join(root, "prompts/support"), { recursive: true });
  writeFileSync(join(root, "rollout.config.yaml"), spec);
  writeFileSync(join(root, "prompts/support/system.md"), "Be brief.\n");
  const git = (...args) => execFileSync("git", args, { cwd: root, env });
  git("init", "--quiet");
  git("add", "--all");
  git("-c", "user.name=build", "-c", "user.email=build@localhost", "commit", "--quiet", "--message", "Sample");
  return root;
}
