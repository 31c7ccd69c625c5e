// A whole course of an agent whose users' requests go through something else than the router.

import { expect } from "vitest";
import type { RevisionId } from "../../src/core/model/units.js";
import { adopted, bumped, scheduled, stateIn, users } from "./team.js";
import type { Workspace } from "./workspace.js";

/** Each session's own answer: the revision that its request met, and the model of the step `planning`. */
export type Met = ReadonlyMap<string, { readonly revision: string; readonly model: string }>;

/** Started, advanced to promotion, started again and rolled back: after each step each request meets what the course says. */
export async function wholeCourse(at: Workspace, ask: () => Promise<Met>): Promise<void> {
  await adopted(at);
  await scheduled(at);
  const first = await stableIn(at);
  await meets(ask, { [first]: "opus@1" });
  await bumped(at);
  await scheduled(at);
  const second = (await stateIn(at)).rollout?.canary ?? "";
  await meets(ask, { [first]: "opus@1", [second]: "opus@2" });
  await users(at, { hours: 3 });
  await scheduled(at);
  await scheduled(at);
  expect(await stableIn(at)).toBe(second);
  await meets(ask, { [second]: "opus@2" });
  await bumped(at, "opus@3");
  await scheduled(at);
  const third = (await stateIn(at)).rollout?.canary ?? "";
  await meets(ask, { [second]: "opus@2", [third]: "opus@3" });
  await users(at, { hours: 0.6, perHour: 800, success: { "opus@3": 0.2 } });
  await scheduled(at);
  expect((await stateIn(at)).rollout).toBeNull();
  await meets(ask, { [second]: "opus@2" });
}

async function stableIn(at: Workspace): Promise<RevisionId> {
  return (await stateIn(at)).stable ?? expect.fail();
}

/** Everybody meets one of these revisions with its own model, and of two revisions each has its share. */
async function meets(ask: () => Promise<Met>, models: Readonly<Record<string, string>>): Promise<void> {
  const met = [...(await ask()).values()];
  expect(new Set(met.map(({ revision }) => revision))).toEqual(new Set(Object.keys(models)));
  for (const { revision, model } of met) expect(model).toBe(models[revision]);
  for (const revision of Object.keys(models)) {
    const share = met.filter((one) => one.revision === revision).length / met.length;
    expect(share).toBeGreaterThan(Object.keys(models).length === 1 ? 0.99 : 0.3);
  }
}
