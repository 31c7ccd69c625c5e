/** Floors at the command line: what an apply does about a breach, how it ends, and what it leaves to read. */
import { beforeEach, describe, expect, test } from "vitest";
import { incidentList } from "../../src/app/incident.js";
import type { Incident } from "../../src/core/model/incident.js";
import {
  action,
  adopted,
  appliedOf,
  copiesOf,
  kinds,
  prepared,
  ramping,
  scheduled,
  users,
  weight,
} from "../support/team.js";
import { oneAgent, specWith, type Workspace } from "../support/workspace.js";

let at: Workspace;

/** Nothing but the floor watches. */
const floored = {
  ...oneAgent,
  "rollout.config.yaml": (oneAgent["rollout.config.yaml"] ?? "").replace(
    "      - { weight: 100% }\n",
    `      - { weight: 100% }
    gates:
      canary: { metrics: { task_success_rate: { max_drop: 5pp, floor: 80% } } }
      full: { skip: { because: a test } }
`,
  ),
};

async function incidents(): Promise<readonly Incident[]> {
  const { view } = await incidentList(at.world(), { agents: [] });
  return view.kind === "incidents" ? view.incidents : [];
}

describe("beside a canary", () => {
  const copy = copiesOf(() => prepared(floored, ramping));
  beforeEach(() => {
    at = copy();
  });

  test("the canary alone below its floor is rolled back, though its gate is skipped: exit 14, and an incident", async () => {
    await users(at, { hours: 1, success: { "opus@1": 0.9, "opus@2": 0.4 } });
    expect(await action(at)).toMatchObject({ kind: "rollback" });
    const answer = await scheduled(at);
    expect(answer.exit).toBe(14);
    expect(appliedOf(answer).agents).toMatchObject([{ rolledBack: true, incidents: ["support-1"] }]);
    expect(await weight(at)).toBe(0);
    expect(await incidents()).toMatchObject([{ id: "support-1", outcome: "rolled-back", gate: null }]);
    expect((await scheduled(at)).exit).toBe(0);
    expect(await action(at)).toMatchObject({ kind: "hold", code: "rollout/rejected-change" });
  });

  test("both arms below it: an incident of stable, and no rollback", async () => {
    await users(at, { hours: 1, success: { "opus@1": 0.4, "opus@2": 0.4 } });
    const answer = await scheduled(at);
    expect(answer.exit).toBe(0);
    expect(appliedOf(answer).agents).toMatchObject([{ rolledBack: false, incidents: ["support-1"] }]);
    const [incident] = await incidents();
    expect(incident).toMatchObject({
      outcome: "breached",
      because: expect.stringMatching(/^both arms, not the canary: /),
    });
  });

  test("stable's and that of a canary whose gate fails, in one apply, are both named", async () => {
    at = await prepared(specWith("", "    floors: { task_success_rate: 80% }\n"), ramping);
    await users(at, { hours: 1, success: { "opus@1": 0.4, "opus@2": 0.05 } });
    const [applied] = appliedOf(await scheduled(at)).agents;
    expect(applied).toMatchObject({ rolledBack: true, incidents: ["support-1", "support-2"] });
    expect((await incidents()).map(({ outcome }) => outcome).sort()).toEqual(["breached", "rolled-back"]);
    expect(appliedOf(await scheduled(at)).agents).toMatchObject([{ incidents: [] }]);
    at.remove();
  });
});

describe("without a canary", () => {
  const copy = copiesOf(() => prepared(floored, (w) => adopted(w)));
  beforeEach(() => {
    at = copy();
  });

  test("stable below it is an incident once a day, a warning in every plan, and moves nothing", async () => {
    await users(at, { hours: 1, success: { "opus@1": 0.4 } });
    const before = (await kinds(at)).length;
    const answers = [await scheduled(at), await scheduled(at)];
    expect(answers.map(({ exit }) => exit)).toEqual([0, 0]);
    expect((await kinds(at)).slice(before)).toEqual(["floor-breached"]);
    expect(await incidents()).toMatchObject([{ id: "support-1", outcome: "breached", rollout: null, weight: 10_000 }]);
    const { kind, warnings } = await action(at);
    expect(kind).toBe("none");
    expect(warnings[0]).toMatch(/^stable breached its floor: .* \(incident support-1\)$/);
  });

  test("a stable that is well breaches nothing", async () => {
    await users(at, { hours: 1, success: { "opus@1": 0.9 } });
    await scheduled(at);
    expect(await incidents()).toEqual([]);
  });
});
