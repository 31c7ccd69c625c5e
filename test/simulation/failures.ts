/** Runs cases of the simulator one after the other, and counts what they did. */
import { type Case, describeFailure, scenarioOf } from "../../src/testing/simulation/case.js";
import type { Gates } from "../../src/testing/simulation/gates.js";
import { type SceneName, sceneIn } from "../../src/testing/simulation/scenes.js";
import { simulate } from "../../src/testing/simulation/simulate.js";
import { isEffect, troublesAt } from "../../src/testing/simulation/weather.js";

/** Milliseconds that a test of many runs may take on a machine that is busy with others. */
export const patience = 120_000;

/** What each failing case prints; empty where everything held. */
export async function failuresOf(cases: readonly Case[], gates?: Gates): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const of of cases) {
    const failure = describeFailure(of, await simulate(scenarioOf(of), undefined, gates));
    if (failure !== null) failures.push(failure);
  }
  return failures;
}

/** One case for each touch of the calm scene and each trouble that differs there. */
export async function singlesOf(scene: SceneName): Promise<readonly Case[]> {
  const { touched, stormTouches } = await simulate(sceneIn(scene));
  return touched
    .slice(0, stormTouches)
    .flatMap((door, index) =>
      troublesAt(door).map((trouble): Case => ({ kind: "single", scene, touch: index + 1, trouble })),
    );
}

/** Where the journal and the world come apart: the effect happened, and nobody heard of it. */
const nasty = ["lost-reply", "crash-after"] as const;

/** Every pair of the nastiest troubles at the effects of a scene. After the first trouble there are more effects than in calm weather. */
export async function pairsOf(scene: SceneName): Promise<readonly Case[]> {
  const { touched, stormTouches } = await simulate(sceneIn(scene));
  const effects = touched.slice(0, stormTouches).filter(isEffect).length;
  const cases: Case[] = [];
  for (let first = 1; first <= effects; first++) {
    for (let second = first + 1; second <= effects + 4; second++) {
      for (const one of nasty) {
        for (const two of nasty) {
          const at = [
            { effect: first, trouble: one },
            { effect: second, trouble: two },
          ];
          cases.push({ kind: "effects", scene, at });
        }
      }
    }
  }
  return cases;
}

export function drawn(kind: "storm" | "twins", seeds: number): readonly Case[] {
  return Array.from({ length: seeds }, (_, seed): Case => ({ kind, seed }));
}
