// `rollout init`: a first spec of at most 15 lines, a workflow, and what to do next. Never replaces a file.

import { basename, dirname, join, relative } from "node:path";
import type { Answer } from "../views/view.js";
import { refuse } from "./refusal.js";
import type { World } from "./world.js";

export interface InitArguments {
  /** Name of the first agent; null: the folder's name. */
  readonly agent: string | null;
}

/** What was found in the folder that a first spec can use. */
interface Found {
  /** Absolute: of the repository, where the paths of a spec begin; the folder itself outside of git. */
  readonly root: string;
  /** From the root to the folder: empty, or `services/bot/`. */
  readonly prefix: string;
  readonly promptfoo: string | null;
  readonly prompts: boolean;
  readonly git: boolean;
  readonly github: boolean;
}

export async function init(world: World, args: InitArguments): Promise<Answer> {
  const { cwd, files } = world;
  const spec = join(cwd, "rollout.config.yaml");
  if ((await files.stamp(spec)) !== null) {
    refuse("init/exists", {
      detail: "rollout.config.yaml is there already, and init never replaces a file.",
      hint: "rollout validate",
    });
  }
  const agent = agentName(args.agent ?? basename(cwd));
  const found = await look(world);
  const written = [`${found.prefix}rollout.config.yaml`];
  await files.write(spec, specText(agent, found));
  written.push(...(await ignoreState(world, found)));
  if (found.github) written.push(...(await writeWorkflow(world, found)));
  const lines = [
    ...written.map((path) => `wrote ${path}`),
    ...(found.promptfoo === null
      ? []
      : [`found ${found.promptfoo}: record its results with "rollout eval record ${agent} results.json"`]),
    "Next: put your own model in, then",
    ...(found.git && found.prompts ? ["  git add prompts (only tracked files are a part of a revision)"] : []),
    "  rollout validate",
    "  rollout plan",
    `  rollout adopt ${agent}`,
  ];
  return { view: { kind: "message", lines, data: { agent, written } }, exit: 0 };
}

async function look(world: World): Promise<Found> {
  const { cwd, files } = world;
  const names = await files.list(cwd);
  const promptfoo = names.find((name) => /^promptfooconfig\.(ya?ml|json)$/.test(name)) ?? null;
  const repository = await repositoryOf(world);
  const root = repository ?? cwd;
  const below = relative(root, cwd).replaceAll("\\", "/");
  return {
    root,
    git: repository !== null,
    prefix: below === "" ? "" : `${below}/`,
    promptfoo,
    prompts: await holdsFile(world, join(cwd, "prompts"), 4),
    github: (await files.list(root)).includes(".github"),
  };
}

/** Null outside of git. */
async function repositoryOf({ cwd, files }: World): Promise<string | null> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if ((await files.stamp(join(folder, ".git"))) !== null) return folder;
    if (dirname(folder) === folder) return null;
  }
}

/** A pattern that matches nothing would be a mistake in the spec. */
async function holdsFile(world: World, folder: string, depth: number): Promise<boolean> {
  for (const name of await world.files.list(folder)) {
    if (name.startsWith(".")) continue;
    const path = join(folder, name);
    if ((await world.files.read(path)) !== null) return true;
    if (depth > 1 && (await holdsFile(world, path, depth - 1))) return true;
  }
  return false;
}

/** A name that the spec takes, and that YAML reads as a text: numbers, `true` and `null` are none. */
function agentName(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-");
  const cut = plain.replace(/^-+/, "").slice(0, 56).replace(/-+$/, "");
  if (cut === "") return "agent";
  return /^[a-z]/.test(cut) && !/^(?:true|false|null)$/.test(cut) ? cut : `agent-${cut}`;
}

function specText(agent: string, { prefix, prompts }: Found): string {
  const lines = [
    "# What should serve, and how carefully to get there. `rollout plan` shows what would happen.",
    "version: 1",
    "agents:",
    `  ${agent}:`,
    "    steps: { answer: claude-sonnet-4-5@20250929 } # step: model@version",
    ...(prompts ? [`    prompts: ${quoted(`${prefix}prompts/**`)}`] : []),
    `    evals: { results: ${quoted(`${prefix}evals/results/${agent}.json`)}, min_score: 0.85 }`,
    "    strategy: standard # 5 % for 24 h, 50 % for 24 h, 100 %; `low-traffic` below a few hundred sessions a day",
    `    target: ${quoted(`${prefix}live/${agent}.json`)}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** A path as YAML reads it back: most need no quotes. */
function quoted(path: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9/._*-]*$/.test(path) ? path : JSON.stringify(path);
}

/** The state and the routing file are of this machine; plans are for one apply. */
async function ignoreState({ files }: World, { root, prefix }: Found): Promise<readonly string[]> {
  const path = join(root, ".gitignore");
  const text = (await files.read(path)) ?? "";
  const ignored = new Set(text.split(/\r?\n/).map(bare));
  const missing = [".rollout/", `/${prefix}live/`].filter((line) => !ignored.has(bare(line)));
  if (missing.length === 0) return [];
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  await files.write(path, `${text}${gap}${missing.join("\n")}\n`);
  return [".gitignore"];
}

function bare(line: string): string {
  return line.trim().replace(/^\//, "").replace(/\/$/, "");
}

async function writeWorkflow({ files }: World, { root, prefix }: Found): Promise<readonly string[]> {
  const path = ".github/workflows/rollout.yml";
  if ((await files.stamp(join(root, path))) !== null) return [];
  const place = prefix === "" ? "" : ` -C ${prefix.slice(0, -1)}`;
  await files.write(join(root, path), workflow.replaceAll("npx rollout", `npx rollout${place}`));
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
