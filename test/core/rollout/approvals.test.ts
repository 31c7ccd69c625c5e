/** Each rise asks for a word of its own. */
import { expect, test } from "vitest";
import type { AgentState, Rollout } from "../../../src/core/model/state.js";
import { approvalsFor } from "../../../src/core/rollout/decide.js";

const given = (at: number): AgentState["approvals"][number] => ({ revision: "r-b", by: "ada", at }) as never;
const state = (parts: object): AgentState => ({ finished: [], approvals: [given(10), given(30)], ...parts }) as never;
const rollout = (weightSince: number | null): Rollout => ({ canary: "r-b", weightSince }) as never;
const times = (of: AgentState, at: Rollout): readonly number[] => approvalsFor(of, at).map((approval) => approval.at);

test.each<readonly [string, object, number | null, readonly number[]]>([
  ["before the first weight every word of this revision counts", {}, null, [10, 30]],
  ["a rise asks anew", {}, 20, [30]],
  ["nothing was said since the weight took force", {}, 40, []],
  ["what was said of the former attempt is over", { finished: [{ canary: "r-b", at: 20 }] }, null, [30]],
  ["another canary's end changes nothing", { finished: [{ canary: "r-c", at: 20 }] }, null, [10, 30]],
])("%s", (_, parts, weightSince, expected) => {
  expect(times(state(parts), rollout(weightSince))).toEqual(expected);
});
