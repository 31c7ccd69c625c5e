// `rollout runbook list|show|check`: what a person does when a rollout stops, and whether it can still be followed.

import { loadSpec } from "../config/load-spec.js";
import { nearest } from "../core/diagnostic/nearest.js";
import { checkRunbooks, type KnownCommand } from "../runbook/check-runbooks.js";
import { isThere, loadRunbooks } from "../runbook/load-runbooks.js";
import { type RunbookFile, readRunbook } from "../runbook/runbook.js";
import type { Answer, RunbooksView } from "../views/view.js";
import { refuse } from "./refusal.js";
import type { World } from "./world.js";

/** What the program can be asked to do: a runbook that says something else helps nobody. */
export interface RunbookArguments {
  readonly commands: readonly KnownCommand[];
  /** Options that every command takes. */
  readonly options: readonly string[];
}

/** A spec with errors, or none at all, keeps nobody from the runbooks. */
interface Shelf {
  readonly root: string;
  readonly files: readonly RunbookFile[];
  readonly agents: readonly string[] | null;
}

export async function runbookList(world: World, args: RunbookArguments): Promise<Answer> {
  const shelf = await shelfOf(world);
  const runbooks: RunbooksView["runbooks"][number][] = [];
  for (const file of shelf.files) {
    const read = readRunbook(file);
    const { length: problems } = await problemsOf(world, { ...shelf, files: [file] }, args);
    const { title, on, owner, reviewed } = read.ok
      ? read.value
      : { title: "", on: [], owner: "nobody", reviewed: "never" };
    runbooks.push({ path: file.name, title, on, owner, reviewed, problems });
  }
  return { view: { kind: "runbooks", runbooks }, exit: 0 };
}

/** By path, or by its name alone: `task-success-drop`. */
export async function runbookShow(world: World, args: { readonly name: string }): Promise<Answer> {
  const { files } = await shelfOf(world);
  const wanted = args.name.replace(/^\.\//, "");
  const file = files.find(({ name }) => name === wanted || shortName(name) === wanted);
  if (file === undefined) {
    const names = files.map(({ name }) => shortName(name));
    const near = nearest(shortName(wanted), names);
    const there = names.length === 0 ? "There are no runbooks here." : `There are: ${names.join(", ")}.`;
    const detail = `There is no runbook "${args.name}". ${there}`;
    return refuse("runbook/unknown", { detail, hint: near === null ? null : `Did you mean "${near}"?` });
  }
  const read = readRunbook(file);
  const [title, markdown] = read.ok ? [read.value.title, read.value.body.trimStart()] : [file.name, file.text];
  return { view: { kind: "document", title, markdown }, exit: 0 };
}

/** Exit 1 where a runbook has a problem: for continuous integration. */
export async function runbookCheck(world: World, args: RunbookArguments): Promise<Answer> {
  const shelf = await shelfOf(world);
  const problems = await problemsOf(world, shelf, args);
  const count = shelf.files.length;
  const otherwise = `${count} ${count === 1 ? "runbook" : "runbooks"} can be followed: every command, path, metric and review.`;
  return { view: { kind: "problems", problems, otherwise }, exit: problems.length === 0 ? 0 : 1 };
}

async function shelfOf(world: World): Promise<Shelf> {
  const loaded = await loadSpec({ cwd: world.cwd, file: world.config });
  const root = loaded.ok ? loaded.value.root : (loaded.root ?? world.cwd);
  const agents = loaded.ok ? Object.keys(loaded.value.spec.agents) : null;
  return { root, agents, files: await loadRunbooks(root) };
}

function problemsOf(world: World, shelf: Shelf, args: RunbookArguments): ReturnType<typeof checkRunbooks> {
  const { root, files, agents } = shelf;
  const exists = (path: string): Promise<boolean> => isThere(root, path);
  return checkRunbooks({ files, commands: args.commands, options: args.options, agents, exists, now: world.now() });
}

function shortName(name: string): string {
  return name.replace(/^.*\//, "").replace(/\.md$/, "");
}
