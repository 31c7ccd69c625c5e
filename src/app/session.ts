// One command's hold on the project: its spec, its state, its doors. Parts are opened when they are first used.

import { basename, dirname, resolve } from "node:path";
import { loadSpec } from "../config/load-spec.js";
import type { Diagnostic } from "../core/diagnostic/diagnostic.js";
import { nearest } from "../core/diagnostic/nearest.js";
import { judge } from "../core/gate/judge.js";
import type { AgentSpec, SourceSpec, Spec, StateSpec } from "../core/model/spec.js";
import type { AgentState } from "../core/model/state.js";
import { type AgentId, type Digest, type Duration, minute } from "../core/model/units.js";
import { replay } from "../core/rollout/replay.js";
import type { Charge, Doors, Run } from "../engine/run.js";
import type { Calendar } from "../ports/calendar.js";
import type { EvalShelf } from "../ports/eval-shelf.js";
import { Fault } from "../ports/fault.js";
import { guardedStore } from "../ports/guarded-store.js";
import type { MetricSource } from "../ports/metric-source.js";
import type { Publisher } from "../ports/publisher.js";
import type { StateStore } from "../ports/state-store.js";
import { Refusal, refuse } from "./refusal.js";
import type { MetricStore, World } from "./world.js";

export interface Session {
  readonly world: World;
  /** Absolute. */
  readonly root: string;
  /** Null: it has errors, and `problems` says which. */
  readonly spec: Spec | null;
  /** The same; or of a spec with errors what can be read of it, which nobody may act on. */
  readonly legible: Spec;
  readonly problems: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
  readonly store: StateStore;
  readonly doors: Doors;
  readonly metrics: () => Promise<MetricStore>;
}

export interface SessionOptions {
  readonly readOnly: boolean;
  /** Go on without a valid spec: watch and roll back, raise nothing. */
  readonly brokenSpec?: boolean;
}

/** Opens, works, closes. Throws a `Refusal` with every problem of the spec, unless `brokenSpec` allows one. */
export async function withSession<T>(
  world: World,
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const loaded = await loadSpec({ cwd: world.cwd, file: world.config });
  const found = loaded.ok ? loaded.value : options.brokenSpec ? loaded.partial : null;
  if (found === null) throw new Refusal(loaded.ok ? [] : loaded.problems);
  const { root, spec: legible } = found;
  const spec = loaded.ok ? legible : null;
  const { state } = legible;
  const statePath = resolve(root, stateFile(state));
  // A spec with errors may not say where the state is: then there is nothing to watch, and nothing is made in its place.
  const isMade = spec !== null || state.kind !== "sqlite" || (await isThere(world, statePath));
  const store = guardedStore(await world.open.store(state, { root, readOnly: options.readOnly || !isMade }));
  const metricsPath = resolve(root, recordsFile(state));
  const metrics = once(() => world.open.metrics(metricsPath, { readOnly: options.readOnly }));
  const doors = doorsOf(world, { root, config: loaded.ok ? found.file : null, spec, store, metrics: metrics.get });
  const problems = loaded.ok ? [] : loaded.problems;
  const warnings = loaded.ok ? loaded.warnings : [];
  try {
    return await work({ world, root, spec, legible, problems, warnings, store, doors, metrics: metrics.get });
  } finally {
    await (await metrics.opened())?.close();
    await store.close();
  }
}

function stateFile(state: StateSpec): string {
  return state.kind === "sqlite" ? state.path : ".rollout/state.db";
}

/** Records are kept on this machine, wherever the state is. Relative to the root. */
export function recordsFile(state: StateSpec): string {
  return stateFile(state).replace(/(\.db)?$/, ".metrics.db");
}

/** Where no task was ever recorded on this machine, there is no file of them, and none is made. */
export function hasRecords({ world, root, legible }: Session): Promise<boolean> {
  return isThere(world, resolve(root, recordsFile(legible.state)));
}

async function isThere(world: World, path: string): Promise<boolean> {
  return (await world.files.list(dirname(path))).includes(basename(path));
}

function doorsOf(
  world: World,
  from: {
    readonly root: string;
    readonly config: string | null;
    readonly spec: Spec | null;
    readonly store: StateStore;
    readonly metrics: () => Promise<MetricStore>;
  },
): Doors {
  const { root, config, spec, store, metrics } = from;
  const source = (from: SourceSpec): MetricSource => {
    const opened = once(
      (): Promise<MetricSource> => (from.kind === "embedded" ? metrics() : world.open.source(from, root)),
    );
    return {
      blocks: async (query, signal) => (await opened.get()).blocks(query, signal),
      figures: async (query, signal) => (await opened.get()).figures(query, signal),
      history: async (query, signal) => (await opened.get()).history(query, signal),
    };
  };
  const agentSpec = (agent: AgentId): AgentSpec | null => spec?.agents[agent] ?? null;
  const shelf = once(async () => (await import("../repo/eval-shelf.js")).openEvalShelf({ root, agentSpec }));
  const evals: EvalShelf = {
    result: async (agent, suite, revision) => (await shelf.get()).result(agent, suite, revision),
    baseline: async (agent, suite) => (await shelf.get()).baseline(agent, suite),
  };
  const publishing = once(async () =>
    (await import("../repo/publisher.js")).openPublisher({
      root,
      ...(config === null ? {} : { config }),
      agentSpec,
      evals,
      store,
      env: world.env,
    }),
  );
  const publisher: Publisher = {
    find: async (operation) => (await publishing.get()).find(operation),
    perform: async (operation) => (await publishing.get()).perform(operation),
  };
  return {
    store,
    target: (target) => world.open.target(target, root),
    source,
    evals,
    readiness: world.open.readiness(),
    calendar: { look: async (gate, now) => (await world.open.calendar()).look(gate, now) } satisfies Calendar,
    publisher,
    now: world.now,
    judge,
  };
}

function once<T>(open: () => Promise<T>): { readonly get: () => Promise<T>; readonly opened: () => Promise<T | null> } {
  let opening: Promise<T> | null = null;
  return {
    get: () => {
      opening ??= open();
      return opening;
    },
    opened: async () => (opening === null ? null : opening.catch(() => null)),
  };
}

/** The longest that one request to a door may take. */
const patience = 30_000 as Duration satisfies Duration;

export async function runOf(
  session: Session,
  as: {
    readonly person: boolean;
    readonly plan: Digest | null;
    readonly onEvent?: Run["onEvent"];
    readonly reads?: true;
  },
): Promise<Run> {
  const { world, doors, spec } = session;
  return {
    doors,
    holder: world.holder,
    // Asking git for a name costs a process: who only looks is not recorded.
    by: as.reads ? "reader" : await world.by(),
    plan: as.plan,
    person: as.person,
    watchOnly: spec === null,
    stop: world.stop,
    patience,
    onEvent: as.onEvent ?? (() => undefined),
  };
}

/** The agents that a command is about: all of spec and state but the retired ones, or those named. */
export async function chargesOf(session: Session, names: readonly string[]): Promise<readonly Charge[]> {
  const charges = await everyCharge(session, names);
  if (names.length > 0) return charges;
  const kept: Charge[] = [];
  for (const charge of charges) {
    if (charge.spec !== null || !(await isRetired(session, charge))) kept.push(charge);
  }
  return kept;
}

/** A journal that cannot be read says so when its agent is looked at, and is in no other's way. */
async function isRetired(session: Session, { agent }: Charge): Promise<boolean> {
  try {
    return (await stateOf(session, agent)).retired;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

/** The same with those that were retired, whose history is kept. An unknown name is refused with what is near. */
export async function everyCharge(session: Session, names: readonly string[]): Promise<readonly Charge[]> {
  const inSpec = Object.keys(session.spec?.agents ?? {});
  const inState = await session.store.agents();
  const known = [...new Set([...inSpec, ...inState])].sort();
  for (const name of names) if (!known.includes(name)) unknownAgentName(name, known);
  const chosen = names.length === 0 ? known : known.filter((agent) => names.includes(agent));
  return chosen.map((agent): Charge => ({ agent: agent as AgentId, spec: session.spec?.agents[agent] ?? null }));
}

export function unknownAgentName(name: string, known: readonly string[]): never {
  const near = nearest(name, known);
  const hint =
    near === null ? (known.length > 0 ? `The agents are: ${known.join(", ")}` : null) : `Did you mean "${near}"?`;
  return refuse("agent/unknown", { detail: `"${name}" is neither in the spec nor in the state.`, hint, about: name });
}

/** One agent by its name. */
export async function chargeOf(session: Session, name: string): Promise<Charge> {
  const [charge] = await chargesOf(session, [name]);
  return (
    charge ?? refuse("agent/unknown", { detail: `"${name}" is neither in the spec nor in the state.`, about: name })
  );
}

export async function stateOf(session: Pick<Session, "store">, agent: AgentId): Promise<AgentState> {
  return (await standingOf(session, agent)).state;
}

/** The state, and the serial of the entry that it ends with: what is written upon this look must follow it. */
export async function standingOf(
  { store }: Pick<Session, "store">,
  agent: AgentId,
): Promise<{ readonly state: AgentState; readonly serial: number }> {
  const { snapshot, entries, serial } = await store.load(agent);
  return { state: snapshot === null ? replay(agent, entries) : replay(agent, entries, snapshot.state), serial };
}

/** How long a saved plan is valid. */
export const planLife = (120 * minute) as Duration;
