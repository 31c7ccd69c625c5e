// Looks for a run in which a deliberate fault is noticed.

import { type Case, scenarioOf } from "./case.js";
import { type SceneName, sceneNames } from "./scenes.js";
import { type Report, simulate } from "./simulate.js";
import type { Sabotage } from "./tampering.js";
import { isEffect } from "./weather.js";

export interface Caught {
  readonly of: Case;
  readonly report: Report;
  /** How many runs it took. */
  readonly runs: number;
}

/** Null: nobody noticed, and a checker or a scene is missing. */
export async function hunt(sabotage: Sabotage, cases: readonly Case[]): Promise<Caught | null> {
  let runs = 0;
  for (const of of cases) {
    runs += 1;
    const report = await simulate(scenarioOf(of), sabotage);
    if (report.breach !== null) return { of, report, runs };
  }
  return null;
}

/** Where deliberate faults are looked for, cheapest first: calm scenes, a crash after each effect of a few, storms and twins. */
export async function huntingGround(seeds: number): Promise<readonly Case[]> {
  const crashes: Case[] = [];
  for (const scene of crashing) {
    const { touched, stormTouches } = await simulate(scenarioOf({ kind: "calm", scene }));
    const effects = touched.slice(0, stormTouches).filter(isEffect).length;
    for (let effect = 1; effect <= effects; effect++)
      crashes.push({ kind: "effects", scene, at: [{ effect, trouble: "crash-after" }] });
  }
  const drawn = Array.from({ length: seeds }, (_, seed) => seed);
  return [
    ...sceneNames.map((scene): Case => ({ kind: "calm", scene })),
    ...crashes,
    ...drawn.flatMap((seed): Case[] => [
      { kind: "twins", seed },
      { kind: "storm", seed },
      { kind: "storm", seed, switches: true },
    ]),
  ];
}

const crashing: readonly SceneName[] = ["promotion", "abort", "pause"];
