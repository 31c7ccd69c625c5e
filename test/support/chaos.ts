// Scenes of the kill harness for tests: the real program as a process, on copies that are gone after each test.

import { chownSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll } from "vitest";
import { type Build, makeBuild } from "../../tooling/chaos/build.js";
import { lookAt, type Seen } from "../../tooling/chaos/outside.js";
import { type Ended, Place, type Running } from "../../tooling/chaos/place.js";
import type { Sabotage } from "../../tooling/chaos/sabotage.js";
import { prepareScenes, type Scene, type SceneName } from "../../tooling/chaos/scenes.js";
import type { Weather } from "../../tooling/chaos/weather.js";

export const applyArgv = ["apply", "--auto-approve"] as const;

/** A dead run's lease is over then. */
export const leaseMs = 31_000;

export interface Stage {
  scene(name: SceneName): Scene;
  /** A copy of the scene's place. */
  at(name: SceneName): Place;
  /** The scene under a build of broken sources. */
  broken(name: SceneName, sabotage: Sabotage): Promise<Scene>;
  /** Takes care that the place is removed. */
  keep(place: Place): Place;
}

/** The scenes are made once for a file of tests. */
export function stageOf(...names: readonly SceneName[]): Stage {
  let build: Build | null = null;
  let scenes: readonly Scene[] = [];
  const places: Place[] = [];
  const builds: Build[] = [];
  beforeAll(async () => {
    build = await makeBuild();
    scenes = await prepareScenes(build, null, names);
  });
  afterEach(() => {
    for (const place of places.splice(0)) {
      for (const { child } of place.started) child.kill("SIGKILL");
      place.remove();
    }
  });
  afterAll(() => {
    for (const { place } of scenes) place.remove();
    for (const one of [build, ...builds]) one?.remove();
  });
  const keep = (place: Place): Place => {
    places.push(place);
    return place;
  };
  const scene = (name: SceneName): Scene => {
    const found = scenes.find((one) => one.name === name);
    if (found === undefined) throw new Error(`the scene ${name} was not asked for`);
    return found;
  };
  return {
    scene,
    keep,
    at: (name) => {
      const { place } = scene(name);
      return keep(new Place(place.build, place));
    },
    broken: async (name, sabotage) => {
      const broken = await makeBuild(sabotage);
      builds.push(broken);
      const sound = scene(name);
      return { ...sound, place: keep(new Place(broken, sound.place)) };
    },
  };
}

const nobody = 65_534;
const isRoot = process.geteuid?.() === 0;

/** Words in front of a run that takes root's rights away: root may write everywhere. */
export const asNobody = {
  before: isRoot ? ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"] : [],
};

/** Everything below belongs to the user that such a run has. */
export function handOver(path: string): void {
  if (isRoot) chownSync(path, nobody, nobody);
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) handOver(join(path, name));
}

/** Starts a run under this weather and waits until it has come to the touch. */
export async function startedUntil(
  place: Place,
  argv: readonly string[],
  { touch, ...weather }: Partial<Weather> & { readonly touch: string },
): Promise<Running> {
  const log = `${place.root}/touches.log`;
  const running = place.start(argv, { ...weather, log });
  await until(() => (place.read("touches.log") ?? "").split("\n").includes(touch), running);
  return running;
}

/** Waits until the run has put itself to sleep. */
export async function asleep(running: Running): Promise<Running> {
  await until(() => / T /.test(readFileSync(`/proc/${running.child.pid}/stat`, "utf8").replace(/\(.*\)/, "")), running);
  return running;
}

/** Looks again and again, for there is nothing that tells; a run that ended meanwhile will not come to it. */
async function until(isSo: () => boolean, { child, ended }: Running): Promise<void> {
  while (!isSo()) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error((await ended).output);
    await pause(5);
  }
}

export async function kindsIn(place: Place): Promise<readonly string[]> {
  return (await lookAt(place)).entries.map(({ event }) => event.kind);
}

/** The canary's share that the target shows, in percent; null: it has none. */
export function weightOf({ live }: Seen): number | null {
  return live === null ? null : live.weight / 100;
}

/** One more apply, when every lease is over. */
export function later(place: Place): Promise<Ended> {
  place.now += leaseMs;
  return place.run(applyArgv);
}
