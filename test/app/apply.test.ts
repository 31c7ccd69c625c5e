/** The applier: what it does unattended and by hand, what it answers with, and how it ends. */
import Database from "libsql";
import { describe, expect, test } from "vitest";
import { apply } from "../../src/app/apply.js";
import { incidentShow } from "../../src/app/incident.js";
import { plan as planCommand } from "../../src/app/plan.js";
import { answering } from "../../src/app/refusal.js";
import { Bug } from "../../src/core/diagnostic/invariant.js";
import type { AgentId } from "../../src/core/model/units.js";
import { Fault } from "../../src/ports/fault.js";
import type { PlanView } from "../../src/views/view.js";
import {
  action,
  adopted,
  appliedOf,
  applyFile,
  badly,
  beginning,
  bumped,
  codes,
  evaluated,
  faultyTarget,
  kinds,
  planned,
  prepared,
  ramping,
  say,
  scheduled,
  shown,
  stateIn,
  support,
  users,
  weight,
} from "../support/team.js";
import { oneAgent, type Workspace } from "../support/workspace.js";

let at: Workspace;

const beginWith = beginning((copy) => {
  at = copy;
});

/** Every step of a ramp with three weights, and gates that somebody left out. */
const ungated = {
  ...oneAgent,
  "rollout.config.yaml": (oneAgent["rollout.config.yaml"] ?? "").replace(
    "      - { weight: 50%, hold: 1h, until: 8h }\n      - { weight: 100% }\n",
    `      - { weight: 5%, hold: 1m, until: 8h }
      - { weight: 50%, hold: 1m, until: 8h }
      - { weight: 100% }
    gates:
      eval: { skip: { because: a test } }
      canary: { skip: { because: a test } }
      full: { skip: { because: a test } }
`,
  ),
};

const sales = "sales" as AgentId;
const twoAgents = {
  ...oneAgent,
  "rollout.config.yaml": `${oneAgent["rollout.config.yaml"]}  sales:
    steps: [planning]
    strategy: quick
    session: { timeout: 10m }
    evals: { baseline: { commit: none } }
    target: live/sales.json
`,
};

describe("an agent that the state does not know", () => {
  beginWith(() => prepared(oneAgent));

  test("unattended: it holds, and nothing is written", async () => {
    for (const as of [{}, { interactive: true }]) {
      const answer = await scheduled(at, as);
      expect(answer.exit).toBe(0);
      expect(
        appliedOf(answer).agents.map(({ planned: { kind, code, hint }, done }) => [kind, code, hint, done]),
      ).toEqual([["hold", "state/unknown-agent", "rollout adopt support", []]]);
    }
    expect(await kinds(at)).toEqual([]);
    expect((await shown(at)).kind).toBe("empty");
  });

  test("a person is shown the plan and asked, and adopts", async () => {
    const asked: PlanView[] = [];
    const confirm = async (view: PlanView) => asked.push(view) > 0;
    const world = at.world({ interactive: true });
    const { exit } = await apply(world, { agents: [], file: null, autoApprove: false, confirm });
    expect(exit).toBe(0);
    expect(asked.map(({ plan }) => plan.actions.map(({ kind }) => kind))).toEqual([["adopt"]]);
    expect(await kinds(at)).toEqual(["agent-adopted", "shift-begun", "shift-done"]);
    expect((await shown(at)).kind).toBe("serving");
  });

  test("a person who says no leaves everything as it is", async () => {
    const world = at.world({ interactive: true });
    const { exit } = await apply(world, { agents: [], file: null, autoApprove: false, confirm: async () => false });
    expect(exit).toBe(1);
    expect(await kinds(at)).toEqual([]);
  });

  test("a saved plan says adopt; unattended it holds all the same, by hand it adopts", async () => {
    const plan = await planned(at, { out: "rollout.plan.json" });
    expect(plan.actions.map(({ kind }) => kind)).toEqual(["adopt"]);
    const answer = await applyFile(at, "rollout.plan.json");
    expect(answer.exit).toBe(0);
    expect(appliedOf(answer).agents.map(({ after, done }) => [after.kind, after.hint, done])).toEqual([
      ["hold", "rollout adopt support", []],
    ]);
    expect((await applyFile(at, "rollout.plan.json", { interactive: true })).exit).toBe(0);
    expect(await kinds(at)).toContain("agent-adopted");
  });
});

describe("nobody at the terminal", () => {
  beginWith(() => prepared(oneAgent, adopted));

  const unasked = () => apply(at.world(), { agents: [], file: null, autoApprove: false, confirm: async () => true });

  test("changes are refused without --auto-approve", async () => {
    await bumped(at);
    const answer = await answering(unasked);
    expect(codes(answer)).toEqual(["plan/not-approved"]);
    expect(answer.exit).toBe(1);
    expect(await weight(at)).toBe(0);
  });

  test("where there is nothing to do nobody has to be asked", async () => {
    expect((await unasked()).exit).toBe(0);
  });
});

describe("a ramp of three weights whose gates are skipped", () => {
  beginWith(() => prepared(ungated, adopted, bumped));

  test("one weight change a pass, however late it is", async () => {
    const weights: (number | null)[] = [];
    for (let count = 0; count < 4; count++) {
      await scheduled(at);
      weights.push(await weight(at));
      at.pass(240);
    }
    expect(weights).toEqual([5, 50, 0, 0]);
    expect((await stateIn(at)).finished.map(({ outcome }) => outcome)).toEqual(["promoted"]);
  });
});

describe("a canary that fails", () => {
  beginWith(() => prepared(oneAgent, ramping, badly));

  test("it is rolled back: exit 14, an incident, and nothing for the canary", async () => {
    const answer = await scheduled(at);
    expect(answer.exit).toBe(14);
    expect(appliedOf(answer).agents).toMatchObject([
      { planned: { kind: "rollback" }, rolledBack: true, incidents: ["support-1"] },
    ]);
    expect(await weight(at)).toBe(0);
    expect((await scheduled(at)).exit).toBe(0);
    expect(await action(at)).toMatchObject({ kind: "hold", code: "rollout/rejected-change" });
  });

  test.each([
    ["a spec with errors", () => at.edit("rollout.config.yaml", "strategy: quick", "strategy: quik")],
    ["a spec that is no YAML", () => at.write("rollout.config.yaml", "version: [")],
  ])("%s: it is rolled back all the same, and the exit code says that the spec is broken", async (_, breakSpec) => {
    breakSpec();
    const answer = await scheduled(at);
    expect(answer.exit).toBe(1);
    expect(appliedOf(answer).agents).toMatchObject([{ rolledBack: true, incidents: ["support-1"] }]);
    expect(appliedOf(answer).warnings.length).toBeGreaterThan(0);
    expect(await weight(at)).toBe(0);
  });

  test("its state lies elsewhere: a broken spec still finds it", async () => {
    at.edit("rollout.config.yaml", "version: 1\n", "version: 1\nstate: sqlite:var/rollout.db\n");
    at.remove("live");
    await ramping(at);
    await badly(at);
    at.edit("rollout.config.yaml", "strategy: quick", "strategy: quik");
    expect(appliedOf(await scheduled(at)).agents).toMatchObject([{ agent: support, rolledBack: true }]);
  });

  test("a pause does not keep it", async () => {
    await say(at, "pause");
    expect((await scheduled(at)).exit).toBe(14);
    expect(await weight(at)).toBe(0);
  });
});

describe("a spec with errors", () => {
  beginWith(() => prepared(oneAgent, ramping));

  test("nothing is raised, nothing is started", async () => {
    await users(at, { hours: 1.25 });
    at.edit("rollout.config.yaml", "strategy: quick", "strategy: quik");
    const answer = await scheduled(at);
    expect(answer.exit).toBe(1);
    expect(appliedOf(answer).agents).toMatchObject([
      { planned: { kind: "hold", code: "rollout/watch-only" }, done: [] },
    ]);
    expect(await weight(at)).toBe(50);
  });

  test("no state is made where there was none", async () => {
    for (const path of [".rollout", "live"]) at.remove(path);
    at.write("rollout.config.yaml", "version: [");
    expect((await scheduled(at)).exit).toBe(1);
    expect(at.git("status", "--short", "--ignored")).not.toMatch(/\.rollout/);
  });
});

describe("two agents", () => {
  beginWith(() =>
    prepared(
      twoAgents,
      (w) => adopted(w, ["sales", "support"]),
      bumped,
      (w) => evaluated(w, "sales"),
    ),
  );

  test("another run holds the lock of one: exit 11, and the other goes on", async () => {
    const store = await at
      .world()
      .open.store({ kind: "sqlite", path: ".rollout/state.db" }, { root: at.root, readOnly: false });
    const lease = await store.lease(sales, { holder: "two", for: 60_000 as never });
    const answer = await scheduled(at);
    expect(answer.exit).toBe(11);
    expect(appliedOf(answer).agents.map(({ agent, after }) => [agent, after.kind])).toEqual([
      ["sales", "fault"],
      ["support", "hold"],
    ]);
    expect([await weight(at, sales), await weight(at)]).toEqual([0, 50]);
    await lease.release();
    await store.close();
    expect((await scheduled(at)).exit).toBe(0);
    expect(await weight(at, sales)).toBe(50);
  });

  test("two applies at once do what one would have done", async () => {
    const answers = await Promise.all([scheduled(at, { holder: "one" }), scheduled(at, { holder: "two" })]);
    expect([await weight(at, sales), await weight(at)]).toEqual([50, 50]);
    for (const { exit } of answers) expect([0, 10, 11]).toContain(exit);
    for (const agent of [sales, support])
      expect((await kinds(at, agent)).filter((kind) => kind === "rollout-started")).toHaveLength(1);
  });

  test("asked to stop between two agents: what is under way is finished, the rest is left", async () => {
    const stop = new AbortController();
    const onSay = (line: string): void => (line.startsWith("sales: the target shows") ? stop.abort() : undefined);
    const answer = await scheduled(at, { stop: stop.signal, onSay });
    expect(answer.exit).toBe(130);
    expect(appliedOf(answer)).toMatchObject({
      interrupted: true,
      agents: [{ agent: "sales", after: { kind: "hold" } }],
    });
    expect([await weight(at, sales), await weight(at)]).toEqual([50, 0]);
    expect((await stateIn(at, sales)).inDoubt).toBe(false);
    expect((await scheduled(at)).exit).toBe(0);
    expect(await weight(at)).toBe(50);
  });

  test("asked to stop within an agent's pass: nothing new is begun, and the answer says so", async () => {
    const stop = new AbortController();
    const onSay = (line: string): void => (line.startsWith("sales: started") ? stop.abort() : undefined);
    const answer = await scheduled(at, { stop: stop.signal, onSay });
    expect(answer.exit).toBe(130);
    const because = expect.stringMatching(/^interrupted; the next apply goes on: /);
    expect(appliedOf(answer).agents).toMatchObject([{ agent: "sales", after: { kind: "hold", because } }]);
    expect(await kinds(at, sales)).toHaveLength(4);
    expect((await scheduled(at)).exit).toBe(0);
    expect([await weight(at, sales), await weight(at)]).toEqual([50, 50]);
  });

  test("one agent's target refuses: the other goes on, and the intent stays open", async () => {
    const open = faultyTarget(at, sales, new Fault("unreachable", "the disk is full"));
    const answer = await scheduled(at, { open });
    expect(answer.exit).toBe(15);
    expect(appliedOf(answer).agents.map(({ agent, after }) => [agent, after.kind])).toEqual([
      ["sales", "fault"],
      ["support", "hold"],
    ]);
    expect([(await stateIn(at, sales)).inDoubt, await weight(at)]).toEqual([true, 50]);
    expect((await scheduled(at)).exit).toBe(0);
    expect([(await stateIn(at, sales)).inDoubt, await weight(at, sales)]).toEqual([false, 50]);
  });

  test.each([
    ["a bug of ours", new Bug("two and two are five")],
    ["an error that nobody foresaw", new TypeError("x is not a function")],
  ])("%s stops that agent alone", async (_, error) => {
    const open = faultyTarget(at, sales, error);
    const answer = await scheduled(at, { open });
    expect(answer.exit).toBe(15);
    expect(appliedOf(answer).agents).toMatchObject([
      { agent: "sales", after: { kind: "fault", because: expect.stringMatching(/bug in rollout/) } },
      { agent: "support", after: { kind: "hold" } },
    ]);
  });

  test("a journal that cannot be read keeps no other agent from its rollback", async () => {
    await scheduled(at);
    await badly(at);
    damageJournal(at, sales);
    const plan = await answering(() => planCommand(at.world(), { agents: [], out: null, detailedExitcode: false }));
    expect(plan.exit).toBe(1);
    expect(
      plan.view.kind === "plan" && plan.view.plan.actions.map(({ agent, kind, code }) => [agent, kind, code]),
    ).toEqual([
      ["support", "rollback", null],
      ["sales", "hold", "door/fault"],
    ]);
    const answer = await scheduled(at);
    expect(answer.exit).toBe(1);
    expect(appliedOf(answer).agents).toMatchObject([
      { agent: "support", rolledBack: true },
      { agent: "sales", after: { kind: "fault" } },
    ]);
    expect(await weight(at)).toBe(0);
  });

  test("nor under a spec with errors", async () => {
    await scheduled(at);
    await badly(at);
    damageJournal(at, sales);
    at.edit("rollout.config.yaml", "version: 1\n", "version: 1\nnonsense: 1\n");
    expect((await scheduled(at)).exit).toBe(1);
    expect(await weight(at)).toBe(0);
    expect((await incidentShow(at.world(), { id: "support-1" })).exit).toBe(0);
  });
});

/** Somebody edited the state file: an entry no longer follows from the one before. */
function damageJournal({ root }: Workspace, agent: AgentId): void {
  const database = new Database(`${root}/.rollout/state.db`);
  database.prepare("UPDATE entries SET event = replace(event, 'ada', 'eve') WHERE agent = ?").run([agent]);
  database.prepare("DELETE FROM snapshots WHERE agent = ?").run([agent]);
  database.close();
}
