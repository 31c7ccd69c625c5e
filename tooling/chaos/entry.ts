/** The program with a counter at its doors: what the harness starts in place of `dist/main.cjs`. Production code knows nothing of it. */
import childProcess from "node:child_process";
import { appendFileSync, promises as disk, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import type { World } from "../../src/app/world.js";
import type { Instant } from "../../src/core/model/units.js";
import type { StateStore } from "../../src/ports/state-store.js";
import type { TrafficTarget } from "../../src/ports/traffic-target.js";
import { type Spell, type Weather, weatherVariable } from "./weather.js";

type Main = typeof import("../../src/main.js").main;

/** How long a lingering touch takes. */
const lingerMs = 700;

const weather = JSON.parse(process.env[weatherVariable] ?? "{}") as Weather;
const seen = new Map<string, number>();
let touches = 0;
let statePath: string | null = null;

interface Touch {
  readonly spell: Spell | undefined;
  readonly number: number;
}

/** Counts a touch, and does what befalls it beforehand. */
async function before(door: string): Promise<Touch> {
  const touch = count(door);
  await strike(touch, "before");
  return touch;
}

function count(door: string): Touch {
  touches += 1;
  const nth = (seen.get(door) ?? 0) + 1;
  seen.set(door, nth);
  if (weather.log !== null) appendFileSync(weather.log, `${door}\n`);
  const spell = weather.spells.find((one) => one.at === touches || (one.at === door && (one.nth ?? 1) === nth));
  return { spell, number: touches };
}

async function strike({ spell }: Touch, when: "before" | "after"): Promise<void> {
  switch (spell?.trouble) {
    case "kill-before":
    case "kill-after":
      if (spell.trouble === `kill-${when}`) process.kill(process.pid, "SIGKILL");
      return;
    case "stall-before":
    case "stall-after":
      if (spell.trouble === `stall-${when}`) process.kill(process.pid, "SIGSTOP");
      return;
    case "full":
      if (when === "before")
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), {
          code: "ENOSPC",
          errno: -28,
          syscall: "write",
        });
      return;
    case "linger":
      if (when === "before") await new Promise((done) => setTimeout(done, lingerMs));
      return;
    case "silence":
      if (when === "before") await new Promise(() => setInterval(() => undefined, 1000));
      return;
    case "store-gone":
    case "store-replaced":
      if (when === "before") harmStore(spell.trouble);
      return;
    default:
      return;
  }
}

function harmStore(trouble: "store-gone" | "store-replaced"): void {
  if (statePath === null) throw new Error("no state file is known");
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${statePath}${suffix}`, { force: true });
  if (trouble === "store-replaced") writeFileSync(statePath, "");
}

/** A door whose every method is a touch. */
function counted<Door extends object>(door: Door, name: string): Door {
  return new Proxy(door, {
    get(inner, key) {
      const value: unknown = Reflect.get(inner, key, inner);
      if (typeof value !== "function" || typeof key !== "string") return value;
      return async (...args: readonly unknown[]) => {
        const kind = key === "append" ? ` ${(args[2] as { readonly kind: string }).kind}` : "";
        const touch = await before(`${name}.${key}${kind}`);
        const result: unknown = await value.apply(inner, args);
        await strike(touch, "after");
        return key === "lease" ? counted(result as object, "lease") : result;
      };
    },
  });
}

let former: Awaited<ReturnType<TrafficTarget["observe"]>> | null = null;

/** A target that can also accept a shift and then time out, and show once what it showed before. */
function countedTarget(target: TrafficTarget): TrafficTarget {
  return {
    describe: () => target.describe(),
    observe: async (agent, signal) => {
      const touch = await before("target.observe");
      const live = await target.observe(agent, signal);
      const shown = touch.spell?.trouble === "lie" && former !== null ? former : live;
      former = live;
      await strike(touch, "after");
      return shown;
    },
    act: async (action, fence, signal) => {
      const touch = await before("target.act");
      await target.act(action, fence, signal);
      // The target's own way of saying that the time was over.
      if (touch.spell?.trouble === "timeout-after") await target.act(action, fence, AbortSignal.abort());
      await strike(touch, "after");
    },
  };
}

/** Programs that are started: git. */
function countPrograms(): void {
  const real = childProcess.spawn;
  const spawn = (...args: Parameters<typeof real>): ReturnType<typeof real> => {
    const words = Array.isArray(args[1]) ? (args[1] as readonly string[]) : [];
    const verb = words.find(
      (word, index) => /^[a-z-]+$/.test(word) && !word.startsWith("-") && words[index - 1] !== "-c",
    );
    const touch = count(`${args[0]} ${verb ?? ""}`);
    void strike(touch, "before");
    const child = real(...args);
    if (touch.spell?.trouble === "kill-during") process.kill(process.pid, "SIGKILL");
    child.prependListener("exit", () => void strike(touch, "after"));
    return child;
  };
  childProcess.spawn = spawn as typeof real;
}

/** What the program does to files by itself, without a database. */
function countDisk(): void {
  const calls = disk as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  for (const name of ["open", "rename", "rm", "mkdir"]) {
    const real = calls[name];
    if (real === undefined) throw new Error(`node:fs has no ${name}`);
    calls[name] = async (...args: unknown[]) => {
      const touch = await before(`disk.${name}`);
      const result = await real.apply(disk, args);
      await strike(touch, "after");
      return result;
    };
  }
}

function jumping(now: () => Instant): () => Instant {
  return () => (now() + (weather.jumps[touches % Math.max(1, weather.jumps.length)] ?? 0)) as Instant;
}

async function tellJournals(store: StateStore, file: string): Promise<void> {
  const told: Record<string, unknown> = {};
  for (const agent of await store.agents()) told[agent] = await store.history(agent);
  writeFileSync(file, JSON.stringify({ lineage: store.lineage, journals: told }));
}

function through(world: World): World {
  const { open } = world;
  return {
    ...world,
    now: jumping(world.now),
    open: {
      ...open,
      store: async (state, options) => {
        if (state.kind === "sqlite") statePath = resolve(options.root, state.path);
        const touch = await before("open.store");
        const store = await open.store(state, options);
        if (weather.journals !== null) await tellJournals(store, weather.journals);
        await strike(touch, "after");
        return counted(store, "store");
      },
      metrics: async (path, options) => counted(await open.metrics(path, options), "metrics"),
      target: (target, root) => countedTarget(open.target(target, root)),
    },
  };
}

countPrograms();
countDisk();
const load = createRequire(resolve(dirname(weather.program), "chaos.cjs"));
const loaded = load(weather.program) as { main?: Main; program?: { load(id: string): { main: Main } } };
const main = loaded.main ?? loaded.program?.load("./main.js").main;
if (main === undefined) throw new Error(`${weather.program} is no built program`);
void main(process.argv.slice(2), through).then((code) => {
  process.exitCode = code;
});
