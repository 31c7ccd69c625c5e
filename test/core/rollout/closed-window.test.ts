/** A window that closed between its pass and the rise: the rise waits, whatever crashed in between. */
import { expect, test } from "vitest";
import type { Sight } from "../../../src/core/model/decision.js";
import type { Stage } from "../../../src/core/model/gate.js";
import type { AgentState } from "../../../src/core/model/state.js";
import { decide } from "../../../src/core/rollout/decide.js";
import { want } from "../../../src/core/rollout/want.js";

const window: Stage = { kind: "gate", gate: { kind: "window", name: "window", skip: null, windows: [], freezes: [] } };
const rollout = {
  id: "support-4",
  origin: "spec",
  canary: "r-b",
  stages: [window, { kind: "weight", weight: 500 }],
  algo: "murmur3-32",
  salt: "s",
  course: "forward",
  paused: null,
  stage: 1,
  startedAt: 0,
  weightSince: null,
  confirmed: 0,
  history: [],
  pausedFor: 0,
  exemptions: [],
};
const settled = {
  agent: "support",
  stable: "r-a",
  previous: null,
  rejected: [],
  rollout: null,
  approvals: [],
  finished: [],
  inDoubt: false,
  pending: null,
  fallback: null,
};
const inForce = want(settled as unknown as AgentState);
const state = (parts: object = {}): AgentState => ({ ...settled, inForce, rollout: { ...rollout, ...parts } }) as never;

function sight(open: boolean, doubted = false): Sight {
  const live = doubted
    ? { kind: "empty" }
    : { kind: "serving", route: inForce, lineage: "l", fence: { epoch: 0, serial: 1 }, served: {} };
  const windows = { 0: { kind: "window", open, because: "it is Saturday", changesAt: null } };
  return {
    now: 100,
    lineage: "l",
    live,
    onDrift: "correct",
    watchOnly: false,
    evals: {},
    health: null,
    ready: {},
    windows,
    floors: [],
  } as never;
}
const decided = (of: AgentState, at: Sight) =>
  decide(of, at, () => ({ result: "wait", because: "", figures: {}, earliest: null }));

test("open: the rise is made", () => {
  const decision = decided(state(), sight(true));
  expect(decision.kind === "act" ? decision.route.weight : decision).toBe(500);
});
test("closed meanwhile: it waits, and says why", () => {
  const decision = decided(state(), sight(false));
  expect([decision.kind, decision.code, decision.because]).toEqual([
    "wait",
    "gate/window-waits",
    "no rise now: it is Saturday",
  ]);
});
test("in doubt, closed: what is overtaken goes no further than what was confirmed", () => {
  const doubted = { ...state(), inDoubt: true, pending: { ...inForce, canary: "r-b", weight: 500 } } as AgentState;
  const decision = decided(doubted, sight(false));
  expect(decision.kind === "act" ? decision.route.weight : decision).toBe(0);
});
test("a person who proceeded past the window is not held by it", () => {
  const proceeded = state({ exemptions: [{ stage: 0, kind: "proceed", because: "", by: "ada" }] });
  const decision = decided(proceeded, sight(false));
  expect(decision.kind === "act" ? decision.route.weight : decision).toBe(500);
});
