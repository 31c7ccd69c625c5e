// `rollout state export`, `import` and `migrate`: the whole state as a file, from a file, and in another store.

import { join, resolve } from "node:path";
import { loadSpec } from "../config/load-spec.js";
import { parseStateAddress } from "../config/units/state-address.js";
import { canonicalJson } from "../core/model/revision.js";
import type { StateSpec } from "../core/model/spec.js";
import { nextLink } from "../ports/entry-chain.js";
import { Fault } from "../ports/fault.js";
import type { StateDump } from "../ports/state-dump.js";
import type { StateStore } from "../ports/state-store.js";
import { editYaml } from "../repo/yaml-edit.js";
import type { Answer } from "../views/view.js";
import { Refusal, refuse } from "./refusal.js";
import { recordsFile, type Session, withSession } from "./session.js";
import { readStateText, stateDocument, stateText } from "./state-document.js";
import { type Ask, demandConsent, demandNobody, demandReason, editEntry, keepCopy } from "./state-edit.js";
import type { World } from "./world.js";

/** Without a file the document itself is the answer. */
export async function stateExport(world: World, args: { readonly file: string | null }): Promise<Answer> {
  return withSession(world, { readOnly: true, brokenSpec: true }, async ({ store }) => {
    const dump = await store.dump();
    if (args.file === null) {
      const lines = stateText(dump).trimEnd().split("\n");
      return { view: { kind: "message", lines, data: stateDocument(dump) }, exit: 0 };
    }
    await world.files.write(resolve(world.cwd, args.file), stateText(dump));
    const lines = [`Wrote ${args.file}: ${amountOf(dump)}.`];
    return { view: { kind: "message", lines, data: { file: args.file, ...countsOf(dump) } }, exit: 0 };
  });
}

export interface ImportArguments {
  readonly file: string;
  readonly force: boolean;
  readonly because: string | null;
  readonly autoApprove: boolean;
  readonly ask: Ask;
}

export async function stateImport(world: World, args: ImportArguments): Promise<Answer> {
  return withSession(world, { readOnly: false, brokenSpec: true }, async (session) => {
    const text = await world.files.read(resolve(world.cwd, args.file));
    if (text === null) refuse("file/missing", { detail: `${args.file} cannot be read.`, about: args.file });
    const brought = readStateText(text, args.file);
    const before = await session.store.dump();
    const copy = await makeRoom(session, before, args);
    const because = args.because ?? `rollout state import ${args.file}`;
    const entry = await editEntry(world, { kind: "state-edited", edit: "imported", from: null, because });
    // Both states may have set targets: what comes from here on is newer than either.
    const epoch = Math.max(before.epoch, brought.epoch) + 1;
    const journals = brought.journals.map((journal) => withEntry(journal, entry));
    await session.store.replace(before, { ...brought, epoch, journals });
    const lines = [
      `Read ${args.file}: ${amountOf(brought)}. The epoch is ${epoch}: whoever works with a copy of this state is fenced.`,
      ...(copy === null ? [] : [`The state as it was: ${copy}`]),
      "Next: rollout plan",
    ];
    return { view: { kind: "message", lines, data: { file: args.file, epoch, copy, ...countsOf(brought) } }, exit: 0 };
  });
}

/** The path of the copy; null where there was nothing to copy. */
async function makeRoom(session: Session, before: StateDump, args: ImportArguments): Promise<string | null> {
  if (before.journals.length === 0 && before.moved === null) return null;
  // Two stores in use would each set the same targets.
  const moved =
    before.moved === null ? "" : ` It has moved to ${before.moved}, and that one must not be used any more.`;
  if (!args.force) {
    refuse("state/not-empty", {
      detail: `The store holds ${amountOf(before)} (lineage ${before.lineage}).${moved}`,
      hint: `rollout state import ${args.file} --force --because "…"`,
    });
  }
  demandReason(`import ${args.file} --force`, args.because);
  for (const { agent } of before.journals) await demandNobody(session, agent);
  const question = `Replace ${amountOf(before)}?${moved} Only "yes" is accepted: `;
  await demandConsent(session.world, {
    ...args,
    question,
    command: `import ${args.file} --force`,
  });
  return keepCopy(session, before, "import");
}

function withEntry({ agent, entries }: StateDump["journals"][number], event: string): StateDump["journals"][number] {
  const last = entries.at(-1);
  if (last === undefined) return { agent, entries };
  const serial = last.serial + 1;
  return { agent, entries: [...entries, { serial, event, hash: nextLink(last.hash, serial, event) }] };
}

export async function stateMigrate(world: World, args: { readonly to: string }): Promise<Answer> {
  const address = parseStateAddress(args.to);
  if (!address.ok) return refuse("state/bad-address", { detail: address.because, hint: address.hint });
  return withSession(world, { readOnly: false }, async (session) => {
    const isHere = canonicalJson(session.legible.state) === canonicalJson(address.value);
    if (isHere) refuse("state/bad-address", { detail: `The state is in ${args.to} already.` });
    const { file, edited } = await editedSpec(world, session.root, args.to);
    const before = await session.store.dump();
    if (before.moved !== null && before.moved !== args.to) {
      refuse("state/bad-address", { detail: `This state has moved to ${before.moved}: only what is there goes on.` });
    }
    for (const { agent } of before.journals) await demandNobody(session, agent);
    const there = await openThere(session, address.value, before);
    try {
      const arrived = () => hasArrived(session, address.value, before);
      await carry(session.store, there, { before, to: args.to, arrived });
    } finally {
      await there.close();
    }
    await world.files.write(join(session.root, file), edited);
    const lines = [
      `Moved ${amountOf(before)} to ${args.to}, and compared every entry.`,
      "The former store is kept, marked as moved: whoever still comes to it is refused.",
      `wrote ${file}`,
      ...recordsLine(session.legible.state, address.value),
      `Next: commit ${file}, and let every scheduler have it`,
    ];
    return { view: { kind: "message", lines, data: { to: args.to, spec: file, ...countsOf(before) } }, exit: 0 };
  });
}

/** Task records stay where they are, and are looked for beside the state. */
function recordsLine(from: StateSpec, to: StateSpec): readonly string[] {
  const [here, there] = [recordsFile(from), recordsFile(to)];
  return here === there ? [] : [`Task records are looked for in ${there} now: move ${here} there, or they start anew.`];
}

/** The spec with the new address. Refused before anything moves where it would not be valid. */
async function editedSpec(
  world: World,
  root: string,
  to: string,
): Promise<{ readonly file: string; readonly edited: string }> {
  const loaded = await loadSpec({ cwd: world.cwd, file: world.config });
  if (!loaded.ok) throw new Refusal(loaded.problems);
  const { file } = loaded.value;
  const text = (await world.files.read(join(root, file))) ?? "";
  const done = editYaml({ name: file, text }, [{ kind: "set", path: ["state"], value: to, after: "version" }]);
  if (!done.ok) throw new Refusal(done.problems);
  const after = await loadSpec({ cwd: world.cwd, file: world.config, text: done.value });
  if (!after.ok) throw new Refusal(after.problems);
  return { file, edited: done.value };
}

/** Empty, left by this very state, or filled by a move that was cut short: nothing else is written over. */
async function openThere({ world, root, store }: Session, state: StateSpec, before: StateDump): Promise<StateStore> {
  const there = await world.open.store(state, { root, readOnly: false });
  const found = await there.dump();
  const isLeft = found.lineage === store.lineage && found.moved !== null;
  if (found.journals.length === 0 || isLeft || isArrived(found, before)) return there;
  await there.close();
  return refuse("state/not-empty", {
    detail: `There is a state already: ${amountOf(found)} (lineage ${found.lineage}).`,
  });
}

/** Nothing stands there that is not here as well. */
function isArrived(found: StateDump, before: StateDump): boolean {
  return canonicalJson(found) === canonicalJson({ ...before, moved: null });
}

/**
 * First nobody may write here any more, then all of it is there: whatever stops it in between, saying it again goes on. What is there counts,
 * not what was answered: of two stores in use each would know half.
 */
async function carry(
  here: StateStore,
  there: StateStore,
  {
    before,
    to,
    arrived,
  }: { readonly before: StateDump; readonly to: string; readonly arrived: () => Promise<boolean> },
): Promise<void> {
  const left = { ...before, moved: to };
  await here.replace(before, left);
  const put = async (): Promise<void> => there.replace(await there.dump(), { ...before, moved: null });
  const failure = await put().then(
    () => null,
    (error: unknown) => ({ error }),
  );
  const found = await arrived().catch(faultOf);
  if (found === true) return;
  if (found !== false) {
    const words = `It is not known whether the state arrived in ${to}, and nobody works on it until it has: say it again.`;
    throw new Fault(found.kind, `${found.message.replace(/\.?$/, ".")} ${words}`, { cause: failure?.error ?? found });
  }
  await here.replace(left, { ...before, moved: null });
  if (failure !== null) throw failure.error;
  refuse("state/bad-address", {
    detail: "What arrived is not what was sent. The former store has everything, and the spec was not changed.",
  });
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  throw error;
}

/** Opened anew: whoever put it there has opened another state. */
async function hasArrived({ world, root }: Session, state: StateSpec, before: StateDump): Promise<boolean> {
  const there = await world.open.store(state, { root, readOnly: true });
  try {
    return isArrived(await there.dump(), before);
  } finally {
    await there.close();
  }
}

function countsOf({ lineage, journals, revisions }: StateDump) {
  const entries = journals.reduce((sum, journal) => sum + journal.entries.length, 0);
  return { lineage, agents: journals.length, entries, revisions: revisions.length };
}

function amountOf(dump: StateDump): string {
  const { agents, entries } = countsOf(dump);
  return `${agents} ${agents === 1 ? "agent" : "agents"}, ${entries} ${entries === 1 ? "entry" : "entries"}`;
}
