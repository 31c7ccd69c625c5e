// The scenes of the kill harness, made once for a whole run of tests: when the first test asks for them, and removed with the run.

import { once } from "node:events";
import { createServer } from "node:http";
import type { TestProject } from "vitest/node";
import { type Build, makeBuild } from "../../tooling/chaos/build.js";
import { prepareScenes, type Scene, type SceneName } from "../../tooling/chaos/scenes.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Where test files ask for the scenes: a `SharedStage` as JSON. */
    readonly stage: string;
  }
}

/** Whatever a test may be about; `npm run chaos` knows some more. */
const staged: readonly SceneName[] = ["start", "advance", "promote", "rollback", "abort", "recover", "fallback-on"];

export interface SharedStage {
  readonly build: Pick<Build, "program" | "entry">;
  readonly scenes: readonly (Omit<Scene, "place"> & { readonly root: string; readonly now: number })[];
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let making: Promise<{ readonly build: Build; readonly scenes: readonly Scene[] }> | null = null;
  const door = createServer(async (_, response) => {
    making ??= make();
    try {
      const { build, scenes } = await making;
      const stage: SharedStage = {
        build: { program: build.program, entry: build.entry },
        scenes: scenes.map(({ place, ...scene }) => ({ ...scene, root: place.root, now: place.now })),
      };
      response.end(JSON.stringify(stage));
    } catch (error) {
      response.writeHead(500).end(error instanceof Error ? error.message : String(error));
    }
  }).listen(0, "127.0.0.1");
  await once(door, "listening");
  door.unref();
  const address = door.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  project.provide("stage", `http://127.0.0.1:${address.port}`);
  return async () => {
    door.close();
    const made = await making?.catch(() => null);
    for (const { place } of made?.scenes ?? []) await place.remove();
    made?.build.remove();
  };
}

async function make(): Promise<{ readonly build: Build; readonly scenes: readonly Scene[] }> {
  const build = await makeBuild();
  return { build, scenes: await prepareScenes(build, { state: null, schemas: null }, staged) };
}
