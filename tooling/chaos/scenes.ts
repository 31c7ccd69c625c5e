/** The scenes: what a run is killed in. All are made from one another by the real program, each step a process. */
import { join } from "node:path";
import { openRouter } from "../../src/sdk/open-router.js";
import type { Build } from "./build.js";
import { Place } from "./place.js";
import type { Schemas } from "./schemas.js";

export const sceneNames = [
  "adopt",
  "start",
  "advance",
  "promote",
  "rollback",
  "abort",
  "fallback-on",
  "fallback-off",
  "undo",
  "recover",
  "withdraw",
] as const;
export type SceneName = (typeof sceneNames)[number];

export interface Scene {
  readonly name: SceneName;
  /** What is run, and killed. */
  readonly argv: readonly string[];
  /** The entry that says the word was recorded: from then on any apply goes on with it. Null: an apply itself. */
  readonly word: string | null;
  /** Brought to where the scene begins; it is copied, and never run in. */
  readonly place: Place;
}

/** The shares of the ramp in `spec`, in basis points. */
export const ramp: readonly number[] = [2500, 5000, 10_000];

const hourMs = 3_600_000;
const begin = Date.UTC(2026, 2, 2, 8);

const spec = (state: string | null): string => `version: 1
${state === null ? "" : `state: ${state}\n`}registry: registry/models.yaml

strategies:
  quick:
    ramp:
      - { weight: 25%, hold: 1h, until: 8h }
      - { weight: 50%, hold: 1h, until: 8h }
      - { weight: 100% }
    gates:
      canary: { metrics: { task_success_rate: { max_drop: 10pp } } }

agents:
  support:
    steps: [planning, parsing]
    prompts: prompts/support/**
    strategy: quick
    session: { timeout: 10m }
    evals: { baseline: { commit: direct } }
    target: live/support.json
`;

const apply = ["apply", "--auto-approve"] as const;

/** Where the scenes' state is kept. */
export interface Keeping {
  /** The spec's `state`; null: the default. */
  readonly state: string | null;
  /** Null: it lies in the repository's folder, and is copied with it. */
  readonly schemas: Schemas | null;
}

export async function prepareScenes(
  build: Build,
  keeping: Keeping,
  wanted: readonly SceneName[],
): Promise<readonly Scene[]> {
  const made = new Map<SceneName, Place>();
  const keep = async (at: Place, ...names: readonly SceneName[]): Promise<void> => {
    for (const name of names) if (wanted.includes(name)) made.set(name, await at.copy());
  };
  const lacks = (...names: readonly SceneName[]): boolean => names.some((name) => wanted.includes(name));
  const at = founded(build, keeping);
  await keep(at, "adopt");
  await at.must("adopt", "support");
  await proposed(at);
  await keep(at, "start");
  await at.must(...apply);
  await keep(at, "abort", "withdraw", "recover", "fallback-on", "fallback-off");
  await made.get("fallback-off")?.must(...commands["fallback-on"].argv);
  if (lacks("rollback")) {
    await keep(at, "rollback");
    await users(made.get("rollback") ?? at, 1.2, 0.2);
  }
  if (lacks("advance", "promote", "undo")) await users(at, 2);
  await keep(at, "advance");
  if (lacks("promote", "undo")) {
    await at.must(...apply);
    await users(at, 3);
    await keep(at, "promote");
  }
  if (lacks("undo")) await at.must(...apply);
  await keep(at, "undo");
  await at.remove();
  await loseState(made.get("recover"), keeping);
  const withdrawn = made.get("withdraw");
  withdrawn?.write("rollout.config.yaml", spec(keeping.state));
  return [...made].map(([name, place]) => ({ name, place, ...commands[name] }));
}

/** A bump, with evals for both sides. */
async function proposed(at: Place): Promise<void> {
  const items = Array.from({ length: 20 }, (_, index) => JSON.stringify({ id: `item-${index}`, pass: true }));
  at.write("evals/results.jsonl", `${items.join("\n")}\n`);
  await at.must("eval", "baseline", "support", "evals/results.jsonl");
  await at.must("bump", "planning", "opus@2");
  await at.must("eval", "record", "support", "evals/results.jsonl");
  at.git("add", "--all");
  at.git("commit", "--quiet", "--message", "Try opus@2");
}

const commands: Readonly<Record<SceneName, Pick<Scene, "argv" | "word">>> = {
  adopt: { argv: ["adopt", "support"], word: "agent-adopted" },
  start: { argv: apply, word: null },
  advance: { argv: apply, word: null },
  promote: { argv: apply, word: null },
  rollback: { argv: apply, word: null },
  abort: { argv: ["abort", "support", "--because", "it loops"], word: "commanded" },
  "fallback-on": {
    argv: ["fallback", "on", "support", "--because", "the provider is down"],
    word: "fallback-switched",
  },
  "fallback-off": { argv: ["fallback", "off", "support"], word: "fallback-switched" },
  undo: { argv: ["undo", "support", "--because", "wrong refunds"], word: "rollout-started" },
  recover: { argv: ["recover", "support", "--because", "the disk was lost"], word: "recovered" },
  withdraw: { argv: apply, word: null },
};

async function loseState(at: Place | undefined, { state }: Keeping): Promise<void> {
  if (at === undefined) return;
  if (at.database !== null) return at.database.schemas.drop(at.database.schema);
  const [kind = "sqlite", name = ".rollout/state.db"] = state?.split(/[:?]/) ?? [];
  if (kind === "git") at.git("branch", "--delete", "--force", name);
  else at.write(name, "");
}

function founded(build: Build, keeping: Keeping): Place {
  const { schemas } = keeping;
  const at = new Place(build, { now: begin, database: schemas && { schemas, schema: schemas.fresh() } });
  at.write("rollout.config.yaml", spec(keeping.state));
  at.write("registry/models.yaml", "planning: opus@1\nparsing: haiku@1\n");
  at.write("prompts/support/system.md", "You help customers.\n");
  at.write(".gitignore", ".rollout/\nlive/\n/tasks.jsonl\n/evals/results.jsonl\n/touches.log\n");
  at.git("init", "--quiet", "--initial-branch=main", "--template=");
  at.git("config", "user.name", "Ada");
  at.git("config", "user.email", "ada@example.org");
  at.git("config", "gc.auto", "0");
  at.git("add", "--all");
  at.git("commit", "--quiet", "--message", "Begin");
  return at;
}

/** Sessions routed by what the target shows, and the clock behind them. `well`: how often the canary's end well. */
async function users(at: Place, hours: number, well = 0.95, perHour = 120): Promise<void> {
  const router = await openRouter(join(at.root, "live/support.json"), { log: () => undefined });
  const lines: string[] = [];
  for (let index = 0; index < hours * perHour; index++) {
    const startedAt = at.now + Math.floor((index / perHour) * hourMs);
    const session = `s-${at.now}-${index}`;
    const { revision, variant } = router.route(session, { startedAt });
    const rate = variant === "canary" ? well : 0.95;
    const times = { started_at: iso(startedAt), ended_at: iso(startedAt + 60_000) };
    const head = { ...times, agent: "support", revision, session };
    lines.push(JSON.stringify(head));
    const failed = (index * 0.618_033_988_75) % 1 >= rate;
    lines.push(JSON.stringify({ ...head, id: `t-${session}`, ...(failed ? { error: "wrong answer" } : {}) }));
  }
  await router.close();
  at.write("tasks.jsonl", `${lines.join("\n")}\n`);
  await at.must("metrics", "import", "tasks.jsonl");
  at.now += hours * hourMs;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
