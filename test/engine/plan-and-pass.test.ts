/** A plan and an apply cannot differ: what a look foresees is what the pass behind it does. */
import { expect, test } from "vitest";
import type { Entry } from "../../src/core/model/journal.js";
import { type Foreseen, foresee } from "../../src/core/plan/foresee.js";
import { look } from "../../src/engine/look.js";
import { type SceneName, sceneNames } from "../../src/testing/simulation/scenes.js";
import { openWorkshop } from "./workshop.js";

/** Scenes whose passes are alone: no twins, no deaf target, and nothing happens in the middle of a pass. */
const alone = sceneNames.filter((scene) => !/ twin | between an | deaf |a restore is aborted/.test(scene));

function foreseenText({ events, shifts, operations }: Foreseen): string {
  const notes = events.map(({ kind }) => kind);
  const weights = shifts.map(({ weight }) => weight);
  return [notes.join(" "), weights.join(" "), operations.map(({ id }) => id).join(" ")].join(" | ");
}

function doneText(entries: readonly Entry[]): string {
  const notes: string[] = [];
  const weights: number[] = [];
  const operations: string[] = [];
  for (const { event } of entries) {
    if (event.kind === "shift-begun") weights.push(event.route.weight);
    else if (event.kind === "operation-begun") operations.push(event.operation.id);
    else if (event.kind !== "shift-done" && event.kind !== "operation-done") notes.push(event.kind);
  }
  return [notes.join(" "), weights.join(" "), operations.join(" ")].join(" | ");
}

test.each(alone)("%s", async (scene: SceneName) => {
  const workshop = openWorkshop(scene);
  for (let pass = 0; pass < workshop.scenario.passes; pass++) {
    await workshop.arrive();
    const before = workshop.entries.length;
    const { situation } = await look(workshop.run(), workshop.charge(), { remember: false });
    const foreseen = foreseenText(foresee(situation));
    expect(workshop.entries.length).toBe(before);
    await workshop.pass();
    expect(`pass ${pass}: ${doneText(workshop.entries.slice(before))}`).toBe(`pass ${pass}: ${foreseen}`);
  }
});
