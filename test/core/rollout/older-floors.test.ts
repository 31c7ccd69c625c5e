/** Journals from before every metric had a floor are read as they were written. */
import { expect, test } from "vitest";
import { absorbFloors, openFloors, provenBreaches } from "../../../src/core/gate/floor-memory.js";
import type { Entry, EventBody } from "../../../src/core/model/journal.js";
import type { Block } from "../../../src/core/model/metric.js";
import { minute, type RevisionId } from "../../../src/core/model/units.js";
import { readEntry } from "../../../src/ports/entry-format.js";
import { revisionId } from "../../../src/testing/simulation/wish.js";
import { start, Teller } from "../../support/told.js";

/** A rollout's floors, a stable's and a canary's breach, as their entries were stored. */
const floors = JSON.parse(`[{"metric":"task_success_rate","least":0.8}]`);
const breach = (arm: string, revision: RevisionId): EventBody =>
  JSON.parse(`{"kind":"floor-breached","rollout":"support-4","arm":"${arm}","revision":"${revision}",
    "metric":"task_success_rate","since":${start},"both":false,
    "because":"task_success_rate 0.600 in 45 ${arm} sessions since 2026-01-05T00:00Z, proven below the floor of 0.8 (evidence 7.1 of 6.9)",
    "figures":{"metric":"task_success_rate","floor":0.8,"rate":0.6,"sessions":45,"bad":18,"log_e":7.1,"log_threshold":6.9,"since":${start}},
    "runbook":"runbooks/drop.md"}`);

function told(...events: readonly EventBody[]): Teller {
  const teller = new Teller().adopted("a1").started("b1");
  const [entry] = teller.entries.splice(-1);
  if (entry?.event.kind !== "rollout-started") throw new Error("it was not started");
  teller.entries.push({ ...entry, event: { ...entry.event, floors } });
  return events.reduce<Teller>((told, event) => told.event(event), teller);
}

test("the floors of a rollout are watched on, and a breach turns it", () => {
  const { state } = told(breach("stable", revisionId("a1")), breach("canary", revisionId("b1")));
  expect(state.rollout?.floors).toEqual([{ metric: "task_success_rate", least: 0.8 }]);
  expect(state.rollout?.turned).toMatchObject({ cause: "floor" });
  expect(state.breaches.map(({ arm, incident }) => [arm, incident])).toEqual([
    ["stable", "support-1"],
    ["canary", null],
  ]);
});

test.each([
  ["as it was", { metric: "task_success_rate", least: 0.8 }, null],
  ["as it is", { metric: "mean_cost_usd", most: 0.8 }, null],
  ["without a limit", { metric: "mean_cost_usd" }, /floors\[0\]\.most/],
  ["with a limit that is no number", { metric: "task_success_rate", least: "80%" }, /floors\[0\]\.least is "80%"/],
] as const)("a floor %s is read, or refused with its place", (_, floor, refused) => {
  const { event } = told().entries.at(-1) as Entry;
  const read = (): Entry => readEntry("support", { serial: 4, event: JSON.stringify({ ...event, floors: [floor] }) });
  if (refused === null) expect(read().event).toMatchObject({ floors: [floor] });
  else expect(read).toThrow(refused);
});

test("they prove what they always did", () => {
  const watched = told().state.rollout?.floors ?? [];
  const arms = { stable: revisionId("a1"), canary: null, canarySince: null };
  let memory = openFloors(watched);
  for (let index = 0; index < 30; index += 1) {
    const at = start + index * 5 * minute;
    const samples = { task_success_rate: { kind: "rate", sessions: 5, bad: 3 } };
    const arm = { sessions: 5, silent: 0, samples };
    const block = { start: at, end: at + 5 * minute, weight: 0, stable: arm, canary: arm } as unknown as Block;
    memory = absorbFloors(memory, block, { floors: watched, arms });
  }
  expect(provenBreaches(memory, { floors: watched, arms, runbook: null })).toMatchObject([
    { arm: "stable", metric: "task_success_rate", figures: { floor: 0.8, bound: "least" } },
  ]);
});
