/** What the spec declares of itself stands in the plan, and once. */
import { expect, test } from "vitest";
import { action, adopted, beginning, bumped, prepared } from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;
beginning((copy) => {
  at = copy;
})(() => prepared(oneAgent, adopted));

const md5 = "md5-100 puts the same sessions into every canary";

test.each([
  ["live/support.json", [md5]],
  // It draws by its own hash, and with another salt in each rollout.
  ["{ kind: haproxy, path: live/support.json, map: live/support.map, socket: live/admin.sock }", []],
])("the rule that draws the same sessions again and again, with the target %s", async (target, said) => {
  at.edit("rollout.config.yaml", "    target: live/support.json\n", `    target: ${target}\n`);
  at.edit("rollout.config.yaml", "{ timeout: 10m }", "{ timeout: 10m, algo: md5-100 }");
  await bumped(at);
  expect((await action(at)).warnings.filter((warning) => warning.includes("md5-100"))).toEqual(said);
});
