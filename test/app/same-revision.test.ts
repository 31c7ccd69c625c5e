import { afterEach, expect, test } from "vitest";
import type { AgentId } from "../../src/core/model/units.js";
import { action, adopted, bumped, prepared, scheduled, stateIn, weight } from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;
afterEach(() => at.remove());

const spec = oneAgent["rollout.config.yaml"] ?? "";
const twin = spec.slice(spec.indexOf("  support:")).replace("support:", "sales:").replace("live/support", "live/sales");

test("two agents of the same content have the same revision, and each has its own rollout", async () => {
  at = await prepared({ ...oneAgent, "rollout.config.yaml": spec + twin }, (w) => adopted(w, ["support", "sales"]));
  const { stable } = await stateIn(at);
  expect(stable).not.toBeNull();
  expect((await stateIn(at, "sales" as AgentId)).stable).toBe(stable);
  await bumped(at);
  expect((await action(at, "sales")).to).toBe((await action(at, "support")).to);
  expect((await scheduled(at)).exit).toBe(0);
  expect(await weight(at)).toBe(50);
});
