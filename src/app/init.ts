// `rollout init`: a first spec of at most 15 lines, a workflow, and what to do next. Never replaces a file.

import { basename, join } from "node:path";
import type { Answer } from "../views/view.js";
import { refuse } from "./refusal.js";
import type { World } from "./world.js";

export interface InitArguments {
  /** Name of the first agent; null: the folder's name. */
  readonly agent: string | null;
}

/** What was found in the folder that a first spec can use. */
interface Found {
  readonly promptfoo: string | null;
  readonly prompts: string | null;
  readonly github: boolean;
}

export async function init(world: World, args: InitArguments): Promise<Answer> {
  const { cwd, files } = world;
  const spec = join(cwd, "rollout.config.yaml");
  if ((await files.read(spec)) !== null) {
    refuse("init/exists", {
      detail: "rollout.config.yaml is there already, and init never replaces a file.",
      hint: "rollout validate",
    });
  }
  const agent = agentName(args.agent ?? basename(cwd));
  const found = await look(world);
  const written = ["rollout.config.yaml"];
  await files.write(spec, specText(agent, found));
  written.push(...(await ignoreState(world)));
  if (found.github) written.push(...(await writeWorkflow(world)));
  const lines = [
    ...written.map((path) => `wrote ${path}`),
    ...(found.promptfoo === null
      ? []
      : [`found ${found.promptfoo}: record its results with "rollout eval record ${agent} results.json"`]),
    "Next: put your own model in, then",
    "  rollout validate",
    "  rollout plan",
    `  rollout adopt ${agent}`,
  ];
  return { view: { kind: "message", lines, data: { agent, written } }, exit: 0 };
}

async function look({ cwd, files }: World): Promise<Found> {
  const names = await files.list(cwd);
  const promptfoo = names.find((name) => /^promptfooconfig\.(ya?ml|json)$/.test(name)) ?? null;
  const prompts = names.includes("prompts") ? "prompts/**" : null;
  return { promptfoo, prompts, github: names.includes(".github") };
}

function agentName(name: string): string {
  return (
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, "-")
      .replaceAll(/^-+|-+$/g, "") || "agent"
  );
}

function specText(agent: string, found: Found): string {
  const lines = [
    "# What should serve, and how carefully to get there. `rollout plan` shows what would happen.",
    "version: 1",
    "agents:",
    `  ${agent}:`,
    "    steps: { answer: claude-sonnet-4-5@20250929 } # step: model@version",
    ...(found.prompts === null ? [] : [`    prompts: ${found.prompts}`]),
    `    evals: { results: evals/results/${agent}.json, min_score: 0.85 }`,
    "    strategy: standard # 5 % for 24 h, 50 % for 24 h, 100 %; `low-traffic` below a few hundred sessions a day",
    `    target: live/${agent}.json`,
  ];
  return `${lines.join("\n")}\n`;
}

/** State and live routes are files of this machine; plans are for one apply. */
async function ignoreState({ cwd, files }: World): Promise<readonly string[]> {
  const path = join(cwd, ".gitignore");
  const text = (await files.read(path)) ?? "";
  const known = new Set(text.split(/\r?\n/).map((line) => line.trim().replaceAll(/^\/|\/$/g, "")));
  const missing = [".rollout/", "live/"].filter((name) => !known.has(name.slice(0, -1)));
  if (missing.length === 0) return [];
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  await files.write(path, `${text}${gap}${missing.join("\n")}\n`);
  return [".gitignore"];
}

async function writeWorkflow({ cwd, files }: World): Promise<readonly string[]> {
  const path = ".github/workflows/rollout.yml";
  if ((await files.read(join(cwd, path))) !== null) return [];
  await files.write(join(cwd, path), workflow);
  return [path];
}

const workflow = `name: rollout
on: [pull_request]
permissions: { contents: read }
jobs:
  plan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22 }
      - run: npm ci
      - run: npx rollout validate
      - run: npx rollout plan --format markdown >> "$GITHUB_STEP_SUMMARY"
`;
