/** An agent whose target becomes another one: what is read and written is named, and what stays behind is told. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { drift } from "../../src/app/drift.js";
import { routeSessions } from "../../src/app/route.js";
import { status } from "../../src/app/status.js";
import type { DriftView, StatusView } from "../../src/views/view.js";
import { action, adopted, beginning, byHand, lineOf, prepared, scheduled } from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;
beginning((copy) => {
  at = copy;
})(() => prepared(oneAgent, adopted));

const drifted = async () =>
  (await drift(at.world(), { agents: [], correct: false })) as { view: DriftView; exit: number };

test("the plan warns of what stays behind, and every look names the target that is read", async () => {
  at.edit("rollout.config.yaml", "target: live/support.json", "target: live/moved.json");
  const planned = await action(at);
  expect(planned.kind).toBe("repair");
  expect(planned.warnings).toContainEqual(expect.stringContaining("snapshot live/support.json stays as it is"));
  await byHand(at);
  await scheduled(at);
  rmSync(join(at.root, "live/support.json"));
  expect((await drifted()).view.agents).toMatchObject([{ target: "snapshot live/moved.json", drifted: false }]);
  const { view } = (await status(at.world(), { agents: [] })) as { view: StatusView };
  expect(view.agents).toMatchObject([{ target: { name: "snapshot live/moved.json", asWanted: true } }]);
  expect((await action(at)).warnings.join()).not.toContain("stays as it is");
});

test("a target that cannot be read is neither as wanted nor another route, and the look ends with 1", async () => {
  at.edit(
    "rollout.config.yaml",
    "target: live/support.json",
    "target: { kind: haproxy, path: live/s.json, map: live/s.map, socket: live/none.sock }",
  );
  const { view, exit } = await drifted();
  expect(view.agents[0]?.because).toContain("cannot be read");
  expect(exit).toBe(1);
  const answer = await routeSessions(at.world(), {
    agent: "support",
    session: "s",
    from: null,
    startedAt: null,
    user: null,
  });
  expect(lineOf(answer)).toContain("Read from the journal: the target cannot be read");
});
