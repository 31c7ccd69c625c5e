// A whole course of an agent whose users' requests go through something else than the router alone.

import { expect } from "vitest";
import { fallback } from "../../src/app/fallback.js";
import type { RevisionId } from "../../src/core/model/units.js";
import { adopted, bumped, scheduled, stateIn, support, users } from "./team.js";
import type { Workspace } from "./workspace.js";

/** Each session's own answer: the revision that its request met, null in the fallback, and the model of the step `planning`. */
export type Met = ReadonlyMap<string, { readonly revision: string | null; readonly model: string }>;

/** Two rises before the promotion, so that the first of them is seen to take nobody out of the canary. */
const ramp = `      - { weight: 20%, hold: 1h, until: 16h }
      - { weight: 50%, hold: 1h, until: 8h }
`;

/**
 * Adopted, started, advanced to promotion, started again and rolled back: after each step each request meets what the course says.
 * `at` holds `oneAgent` with the target in question; `ask` sends a request of each of the same sessions, at least 200.
 */
export async function wholeCourse(at: Workspace, ask: () => Promise<Met>): Promise<void> {
  at.edit("rollout.config.yaml", "      - { weight: 50%, hold: 1h, until: 8h }\n", ramp);
  at.commit("Rise twice");
  await adopted(at);
  await scheduled(at);
  const first = await stableIn(at);
  await meets(ask, { [first]: { model: "opus@1", share: 1 } });

  await bumped(at);
  await scheduled(at);
  const second = await canaryIn(at);
  const before = await meets(ask, {
    [first]: { model: "opus@1", share: 0.8 },
    [second]: { model: "opus@2", share: 0.2 },
  });
  await switched(at, ask, before);
  await users(at, { hours: 8 });
  await scheduled(at);
  const after = await meets(ask, {
    [first]: { model: "opus@1", share: 0.5 },
    [second]: { model: "opus@2", share: 0.5 },
  });
  expect(sessionsOn(first, after).filter((session) => before.get(session)?.revision === second)).toEqual([]);
  await users(at, { hours: 3 });
  await scheduled(at);
  await scheduled(at);
  expect(await stableIn(at)).toBe(second);
  await meets(ask, { [second]: { model: "opus@2", share: 1 } });

  await bumped(at, "opus@3");
  await scheduled(at);
  const third = await canaryIn(at);
  await meets(ask, { [second]: { model: "opus@2", share: 0.8 }, [third]: { model: "opus@3", share: 0.2 } });
  await users(at, { hours: 0.6, perHour: 2_000, success: { "opus@3": 0.2 } });
  await scheduled(at);
  expect((await stateIn(at)).rollout).toBeNull();
  expect(await stableIn(at)).toBe(second);
  await meets(ask, { [second]: { model: "opus@2", share: 1 } });
}

/** Everybody goes to the fallback, where no revision is, through a scheduled apply too; and back to what each met before. */
async function switched(at: Workspace, ask: () => Promise<Met>, before: Met): Promise<void> {
  const said = { agent: support, because: "a test says so", by: null };
  expect((await fallback(at.world(), { ...said, on: true })).exit).toBe(0);
  await scheduled(at);
  expect((await ask()).size).toBe(before.size);
  for (const { revision } of (await ask()).values()) expect(revision || null).toBeNull();
  expect((await fallback(at.world(), { ...said, on: false })).exit).toBe(0);
  expect(await ask()).toEqual(before);
}

async function stableIn(at: Workspace): Promise<RevisionId> {
  return (await stateIn(at)).stable ?? expect.fail("nothing is stable");
}

async function canaryIn(at: Workspace): Promise<RevisionId> {
  return (await stateIn(at)).rollout?.canary ?? expect.fail("no rollout is under way");
}

type Shares = Readonly<Record<string, { readonly model: string; readonly share: number }>>;

/** Everybody meets one of these revisions with its own model, and each has its share of them. */
async function meets(ask: () => Promise<Met>, expected: Shares): Promise<Met> {
  const met = await ask();
  expect(met.size).toBeGreaterThanOrEqual(200);
  for (const { revision, model } of met.values())
    expect({ revision, model: expected[revision ?? ""]?.model }).toEqual({ revision, model });
  for (const [revision, { share }] of Object.entries(expected)) {
    // Five standard deviations of a fair draw.
    const slack = 5 * Math.sqrt((share * (1 - share)) / met.size);
    expect(Math.abs(sessionsOn(revision, met).length / met.size - share)).toBeLessThanOrEqual(slack);
  }
  return met;
}

function sessionsOn(revision: string, met: Met): readonly string[] {
  return [...met].flatMap(([session, one]) => (one.revision === revision ? [session] : []));
}
