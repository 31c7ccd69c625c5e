/** Two people undo at once, or one in a hurry twice: the second time does not bring the bad revision back. */
import { expect, test } from "vitest";
import { answering } from "../../src/app/refusal.js";
import { undo } from "../../src/app/undo.js";
import type { Answer } from "../../src/views/view.js";
import { codes, copiesOf, prepared, promoted, stateIn, support } from "../support/team.js";
import { oneAgent } from "../support/workspace.js";

const at = copiesOf(() => prepared(oneAgent, promoted));
const undoing = (): Promise<Answer> =>
  answering(() => undo(at().world(), { agent: support, because: "wrong refunds" }));

test("undo twice is undo once", async () => {
  const before = (await stateIn(at())).previous?.revision;
  expect((await undoing()).exit).toBe(0);
  expect((await stateIn(at())).stable).toBe(before);
  const again = await undoing();
  expect(codes(again)).toEqual(["agent/no-previous"]);
  expect(again.exit).toBe(1);
  expect((await stateIn(at())).stable).toBe(before);
});
