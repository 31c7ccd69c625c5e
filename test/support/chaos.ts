// Scenes of the kill harness for tests: the real program as a process, on copies that are gone after each test.

import { chownSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, inject } from "vitest";
import { type Build, makeBuild } from "../../tooling/chaos/build.js";
import { lookAt, type Seen } from "../../tooling/chaos/outside.js";
import { type Ended, Place, type Running } from "../../tooling/chaos/place.js";
import type { Sabotage } from "../../tooling/chaos/sabotage.js";
import type { Scene, SceneName } from "../../tooling/chaos/scenes.js";
import type { Schemas } from "../../tooling/chaos/schemas.js";
import type { Weather } from "../../tooling/chaos/weather.js";
import { postgresUrl } from "./postgres.js";
import type { SharedStage } from "./shared-stage.js";

export const applyArgv = ["apply", "--auto-approve"] as const;

/** A dead run's lease is over then. */
export const leaseMs = 31_000;

export interface Stage {
  scene(name: SceneName): Scene;
  /** A copy of the scene's place. */
  at(name: SceneName): Promise<Place>;
  /** A copy whose state was carried to a schema of PostgreSQL. */
  inPostgres(name: SceneName): Promise<Place>;
  /** The scene under a build of broken sources. */
  broken(name: SceneName, sabotage: Sabotage): Promise<Scene>;
  /** Takes care that the place is removed. */
  keep(place: Place): Place;
}

/** The scenes are made once for a run of tests. */
export function useStage(): Stage {
  let scenes: readonly Scene[] = [];
  let schemas: Schemas | null = null;
  const places: Place[] = [];
  const builds: Build[] = [];
  beforeAll(async () => {
    scenes = await sharedScenes();
  });
  afterEach(async () => {
    for (const place of places.splice(0)) {
      for (const { child } of place.started) child.kill("SIGKILL");
      await place.remove();
    }
  });
  afterAll(async () => {
    await schemas?.close();
    for (const one of builds) one.remove();
  });
  const keep = (place: Place): Place => {
    places.push(place);
    return place;
  };
  const scene = (name: SceneName): Scene => {
    const found = scenes.find((one) => one.name === name);
    if (found === undefined) throw new Error(`the scene ${name} is not among those that are shared`);
    return found;
  };
  return {
    scene,
    keep,
    at: async (name) => keep(await scene(name).place.copy()),
    inPostgres: async (name) => {
      // Loaded here, so that files without a database do not pay for it.
      const { Schemas, stateVariable } = await import("../../tooling/chaos/schemas.js");
      schemas ??= new Schemas(await postgresUrl());
      const { build, now } = scene(name).place;
      const { root } = await scene(name).place.copy();
      const place = keep(new Place(build, { now, root, database: { schemas, schema: schemas.fresh() } }));
      await place.must("state", "migrate", "--to", `postgres:$${stateVariable}`);
      return place;
    },
    broken: async (name, sabotage) => {
      const broken = await makeBuild(sabotage);
      builds.push(broken);
      const sound = scene(name);
      return { ...sound, place: keep(await sound.place.copy(broken)) };
    },
  };
}

async function sharedScenes(): Promise<readonly Scene[]> {
  const response = await fetch(inject("stage"));
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const { build, scenes } = JSON.parse(text) as SharedStage;
  // Who made it removes it.
  const shared: Build = { ...build, remove: () => undefined };
  return scenes.map(({ root, now, ...scene }) => ({ ...scene, place: new Place(shared, { root, now }) }));
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
export async function later(place: Place): Promise<Ended> {
  await place.wait(leaseMs);
  return place.run(applyArgv);
}
