/** A retry lifts the rejection of one incident, and counts the attempt of that change alone. */
import { expect, test } from "vitest";
import type { Event } from "../../../src/core/model/journal.js";
import type { AgentState, Rejection } from "../../../src/core/model/state.js";
import { fold, unknownAgent } from "../../../src/core/rollout/replay.js";

const rejection = (incident: string, component: string): Rejection =>
  ({ incident, changes: [{ component, from: "a", to: "b" }], rollout: "", revision: "", at: 0, because: "" }) as never;
const state: AgentState = {
  ...unknownAgent("support" as never),
  rejected: [rejection("support-1", "step:planning"), rejection("support-2", "prompt:system.md")],
};
const retry = (incident?: string): Event =>
  ({
    kind: "commanded",
    command: "retry",
    why: "",
    at: 1,
    by: "ada",
    plan: null,
    ...(incident === undefined ? {} : { incident }),
  }) as never;

test.each<readonly [string, string | undefined, readonly string[], number]>([
  ["the named one is lifted, the other stays", "support-2", ["support-1"], 1],
  ["one that is not there lifts nothing", "support-9", ["support-1", "support-2"], 0],
  ["an entry that names none lifts all", undefined, [], 2],
])("%s", (_, incident, left, attempts) => {
  const after = fold(state, retry(incident));
  expect(after.rejected.map((each) => each.incident)).toEqual(left);
  expect(after.attempts.map(({ count }) => count)).toEqual(Array.from({ length: attempts }, () => 2));
});
