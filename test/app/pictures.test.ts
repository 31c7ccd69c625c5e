/** Verdict pictures of a real rollout: what status, a plan and an incident show of its gate, and the files that --svg asks for. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { incidentShow } from "../../src/app/incident.js";
import { plan } from "../../src/app/plan.js";
import { status } from "../../src/app/status.js";
import type { GatePicture } from "../../src/core/model/gate-picture.js";
import { badly, copiesOf, prepared, ramping, scheduled } from "../support/team.js";
import { oneAgent } from "../support/workspace.js";

const copy = copiesOf(() => prepared(oneAgent, ramping, badly));
const options = { agents: [], out: null, detailedExitcode: false };

function successOf(picture: GatePicture | null | undefined) {
  return picture?.metrics.find(({ metric }) => metric === "task_success_rate");
}

test("status and a plan show what the gate has seen up to now, and an incident the same after the rollback", async () => {
  const at = copy();
  const { view: shown } = await status(at.world(), { agents: [] });
  const { view: planned } = await plan(at.world(), options);
  if (shown.kind !== "status" || planned.kind !== "plan") throw new Error("both are looked at");
  const picture = shown.agents[0]?.picture;
  expect(successOf(picture)).toMatchObject({ state: "worse", worse: "down", margin: expect.any(Number) });
  expect(planned.pictures.support).toEqual(picture);
  expect(picture?.moments.at(-1)).toMatchObject({ kind: "verdict", gate: "full", result: "fail" });
  await scheduled(at);
  const { view } = await incidentShow(at.world(), { id: "support-1" });
  if (view.kind !== "incident") throw new Error("there is an incident");
  expect(successOf(view.incident.picture)?.points).toEqual(successOf(picture)?.points);
  const { view: after } = await status(at.world(), { agents: [] });
  expect(after.kind === "status" && after.agents[0]?.picture).toBeNull();
});

test("files are written where --svg says, one for each metric, and nowhere else", async () => {
  const at = copy();
  const before = readdirSync(at.root);
  const { view } = await status(at.world(), { agents: [], pictures: true, svg: "pictures" });
  if (view.kind !== "status") throw new Error("status answers");
  expect(view.charts).toBe(true);
  expect(readdirSync(join(at.root, "pictures")).map((name) => `pictures/${name}`)).toEqual(
    view.drawn.map(({ path }) => path).sort(),
  );
  expect(view.drawn.map(({ path }) => path)).toContain("pictures/support-task_success_rate.svg");
  expect(readFileSync(join(at.root, "pictures/support-task_success_rate.svg"), "utf8")).toMatch(
    /^<svg .+proven worse/s,
  );
  expect(readdirSync(at.root).filter((name) => name !== "pictures")).toEqual(before);
  const { view: planned } = await plan(at.world(), { ...options, svg: "of-plan" });
  expect(planned.kind === "plan" && planned.drawn.length).toBe(view.drawn.length);
  await scheduled(at);
  await incidentShow(at.world(), { id: "support-1", svg: "of-incident" });
  expect(existsSync(join(at.root, "of-incident/support-1-task_success_rate.svg"))).toBe(true);
  const told: string[] = [];
  await status(at.world({ onSay: (line) => told.push(line) }), { agents: [], svg: "none" });
  expect(told).toEqual([expect.stringContaining("Nothing was written to none")]);
  expect(existsSync(join(at.root, "none"))).toBe(false);
});
