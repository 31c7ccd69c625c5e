import { describe, expect, it } from "vitest";
import { courseOf } from "../../src/core/gate/health-accumulator.js";
import type { HealthMemory } from "../../src/core/gate/health-memory.js";
import type { Stage } from "../../src/core/model/gate.js";
import type { Entry, Event, EventBody, RolloutOrigin } from "../../src/core/model/journal.js";
import type { Route } from "../../src/core/model/route.js";
import {
  type AgentId,
  type Digest,
  day,
  type Instant,
  type Json,
  type RevisionId,
  type RolloutId,
  type Weight,
} from "../../src/core/model/units.js";
import { replay } from "../../src/core/rollout/replay.js";
import { incidentsOf } from "../../src/runbook/incident.js";
import { steady, wide } from "../support/health-scene.js";
import { absorbed, evidenceOf, opened, trafficOf } from "../support/health-traffic.js";

const agent = "support" as AgentId;
const [one, two, three] = ["1", "2", "3"].map((digit) => `r-${digit.repeat(64)}` as RevisionId) as [
  RevisionId,
  RevisionId,
  RevisionId,
];
const target = { kind: "snapshot", path: "live/support.json" } as const;
const health = { kind: "gate", gate: { kind: "health", name: "canary", skip: null } } as unknown as Stage;
const ramp: readonly Stage[] = [
  { kind: "weight", weight: 500 as Weight },
  health,
  { kind: "weight", weight: 10_000 as Weight },
];
const change = { component: "step:planning", from: "a@1", to: "b@2" };

/** Events a minute apart, each under a plan of its own. */
function journal(...bodies: readonly EventBody[]): readonly Entry[] {
  return bodies.map((body, index) => {
    const head = { at: (index * 60_000) as Instant, by: `someone-${index}`, plan: `sha256:${index}` as Digest };
    return { serial: index + 1, event: { ...head, ...body } as Event };
  });
}
const adopted: EventBody = { kind: "agent-adopted", stable: one, from: "registry", why: "", target };
function started(id: string, canary: RevisionId, origin: RolloutOrigin = "spec"): EventBody {
  const start = {
    id: id as RolloutId,
    origin,
    because: `because ${id}`,
    canary,
    stages: origin === "spec" ? ramp : [{ kind: "weight", weight: 10_000 as Weight }],
  };
  return {
    kind: "rollout-started",
    ...start,
    changes: [change],
    overrides: {},
    attempt: 1,
    runbook: "runbooks/canary-rollback.md",
    target,
  } as unknown as EventBody;
}
function shifted(rollout: string, weight: number): readonly EventBody[] {
  const route = { rollout, stable: one, canary: two, weight, history: [] } as unknown as Route;
  return [{ kind: "shift-begun", route }, { kind: "shift-done" }];
}
const verdict = { result: "fail", because: "success 0.13 vs 0.73", figures: { drop: 0.6 }, earliest: null } as const;
const judged = (rollout: string): EventBody => ({
  kind: "gate-judged",
  rollout: rollout as RolloutId,
  stage: 1,
  verdict,
  evidence: { kind: "missing", because: "" },
});
const finished = (rollout: string, outcome: "promoted" | "rolled-back" | "withdrawn"): EventBody => ({
  kind: "rollout-finished",
  rollout: rollout as RolloutId,
  outcome,
});
const breached = (arm: "stable" | "canary", rollout: string | null, both = false): EventBody => ({
  kind: "floor-breached",
  rollout: rollout as RolloutId | null,
  arm,
  revision: arm === "stable" ? one : two,
  metric: "task_success_rate",
  since: 0 as Instant,
  both,
  because: `${arm} is below its floor`,
  figures: { rate: 0.6 },
  runbook: "runbooks/task-success-drop.md",
});
const words = (event: Event) => event.kind;

describe("incidents", () => {
  it("tells a breach of stable, numbered among the others as replay numbers them", () => {
    const entries = journal(
      adopted,
      breached("stable", null),
      started("a", two),
      ...shifted("a", 500),
      breached("stable", "a", true),
      breached("canary", "a", true),
      judged("a"),
      finished("a", "rolled-back"),
    );
    const [alone, during, rollback, ...rest] = incidentsOf(agent, entries, words);
    expect(rest).toEqual([]);
    expect(alone).toMatchObject({
      id: "support-1",
      rollout: null,
      outcome: "breached",
      canary: one,
      from: null,
      weight: 10_000,
      because: "stable is below its floor",
      runbook: "runbooks/task-success-drop.md",
      verdict: { result: "fail", figures: { rate: 0.6 } },
    });
    expect(alone?.timeline.map(({ what }) => what)).toEqual(["floor-breached"]);
    expect(during).toMatchObject({ id: "support-2", rollout: "a", outcome: "breached" });
    expect(during?.timeline[0]?.what).toBe("rollout-started");
    expect(rollback).toMatchObject({ id: "support-3", rollout: "a", outcome: "rolled-back", gate: "canary" });
    const state = replay(agent, entries);
    expect(state.incidents).toBe(3);
    expect(state.breaches.map(({ incident }) => incident)).toEqual(["support-2", null]);
    expect(state.rejected[0]?.incident).toBe("support-3");
  });

  it("notes the fallback that answers it in its time line, until it goes off; one of long after answers something else", () => {
    const switched = (on: boolean): EventBody => ({ kind: "fallback-switched", on, because: "" });
    const late = (at: number, body: EventBody): Entry =>
      ({ serial: 9, event: { at: at as Instant, by: "", plan: null, ...body } }) as Entry;
    const breach = journal(switched(true), switched(false), adopted, breached("stable", null));
    const incident = breach.at(-1)?.event.at ?? 0;
    const noted = (...later: readonly Entry[]) =>
      incidentsOf(agent, [...breach, ...later], words)[0]?.timeline.map(({ what }) => what);
    const [soon, end, days] = [incident + 60_000, incident + 3 * day, incident + 2 * day];
    expect(noted()).toEqual(["floor-breached"]);
    expect(noted(late(soon, switched(true)), late(end, switched(false)), late(end, switched(true)))).toEqual([
      "floor-breached",
      "fallback-switched",
      "fallback-switched",
    ]);
    expect(noted(late(days, switched(true)), late(end, switched(false)))).toEqual(["floor-breached"]);
  });

  it("tells a rollback by a floor with its numbers, and no gate", () => {
    const entries = journal(
      adopted,
      started("a", two),
      ...shifted("a", 500),
      breached("canary", "a"),
      finished("a", "rolled-back"),
    );
    const [incident, ...rest] = incidentsOf(agent, entries, words);
    expect(rest).toEqual([]);
    expect(incident).toMatchObject({
      id: "support-1",
      outcome: "rolled-back",
      gate: null,
      because: "canary is below its floor",
      verdict: { result: "fail", figures: { rate: 0.6 } },
    });
  });

  it("tells a rollback by a gate with its numbers", () => {
    const entries = journal(
      adopted,
      started("a", two),
      ...shifted("a", 500),
      judged("a"),
      ...shifted("a", 0),
      finished("a", "rolled-back"),
    );
    const incidents = incidentsOf(agent, entries, words);
    expect(incidents).toEqual([
      {
        id: "support-1",
        agent,
        at: 7 * 60_000,
        rollout: "a",
        outcome: "rolled-back",
        from: one,
        canary: two,
        because: "success 0.13 vs 0.73",
        gate: "canary",
        verdict,
        weight: 500,
        changes: [change],
        runbook: "runbooks/canary-rollback.md",
        plan: "sha256:4",
        picture: null,
        by: "someone-4",
        timeline: [
          "rollout-started",
          "shift-begun",
          "shift-done",
          "gate-judged",
          "shift-begun",
          "shift-done",
          "rollout-finished",
        ].map((what, index) => ({ at: (index + 1) * 60_000, what })),
      },
    ]);
    expect(incidents[0]?.id).toBe(replay(agent, entries).rejected.at(-1)?.incident);
  });

  it("names the person who aborted, and the gate that stayed undecided", () => {
    const aborted = journal(
      adopted,
      started("a", two),
      { kind: "commanded", command: "abort", why: "tool loops" },
      finished("a", "rolled-back"),
    );
    expect(incidentsOf(agent, aborted, words)).toMatchObject([
      { because: "tool loops", by: "someone-2", gate: null, verdict: null, weight: 0 },
    ]);
    const undecided = journal(
      adopted,
      started("a", two),
      ...shifted("a", 500),
      { kind: "rollout-turned", rollout: "a" as RolloutId, cause: "undecided", because: "48 h are over" },
      finished("a", "rolled-back"),
    );
    expect(incidentsOf(agent, undecided, words)).toMatchObject([
      { because: "48 h are over", gate: "canary", weight: 500 },
    ]);
  });

  it("tells an undo, and leaves out withdrawals and promotions", () => {
    const entries = journal(
      adopted,
      started("a", two),
      finished("a", "promoted"),
      started("u", one, "undo"),
      finished("u", "promoted"),
      started("b", three),
      finished("b", "withdrawn"),
    );
    expect(incidentsOf(agent, entries, words)).toMatchObject([
      {
        id: "support-1",
        outcome: "undone",
        from: one,
        canary: two,
        because: "because u",
        weight: 10_000,
        by: "someone-4",
      },
    ]);
  });

  it("numbers them as the journal's replay does, whichever order they come in", () => {
    const failed = (id: string) => [started(id, two), judged(id), finished(id, "rolled-back")];
    const entries = journal(
      adopted,
      ...failed("a"),
      { kind: "commanded", command: "retry", why: "" },
      started("b", two),
      finished("b", "promoted"),
      started("u", one, "undo"),
      finished("u", "promoted"),
      ...failed("c"),
    );
    const ids = incidentsOf(agent, entries, words).map(({ id, rollout }) => [id, rollout]);
    expect(ids).toEqual([
      ["support-1", "a"],
      ["support-2", "u"],
      ["support-3", "c"],
    ]);
    expect(replay(agent, entries).incidents).toBe(3);
    expect(replay(agent, entries).rejected.map(({ incident, rollout }) => [incident, rollout])).toEqual(ids.slice(1));
  });
});

describe("the picture of an incident", () => {
  const stages: readonly Stage[] = [
    { kind: "weight", weight: 2000 as Weight },
    { kind: "gate", gate: wide },
    { kind: "weight", weight: 10_000 as Weight },
  ];
  const bad = trafficOf({ ...steady, canary: { failures: 0.75 }, blocks: 100 });
  const seen = absorbed(opened(wide), wide, bad);
  const took = { at: 180_000 as Instant, weight: 2000 as Weight };
  /** The journal as a store gives it back, with nothing beside it. */
  const kept = (memory: HealthMemory): readonly Entry[] => {
    const fails = { ...judged("a"), evidence: evidenceOf(memory) } as EventBody;
    const entries = journal(
      adopted,
      { ...started("a", two), stages } as EventBody,
      ...shifted("a", 2000).map((body) =>
        body.kind === "shift-begun" ? { ...body, route: { ...body.route, history: [took] } } : body,
      ),
      fails,
      finished("a", "rolled-back"),
    );
    return JSON.parse(JSON.stringify(entries)) as readonly Entry[];
  };

  it("comes from the journal alone, and ends with the verdict", () => {
    const [incident] = incidentsOf(agent, kept(seen), words);
    const picture = incident?.picture;
    expect(picture).toMatchObject({ gate: "canary", rollout: seen.rollout });
    expect(picture?.moments.map(({ kind }) => kind)).toEqual(["weight", "verdict"]);
    const success = picture?.metrics.find(({ metric }) => metric === "task_success_rate");
    expect(success).toMatchObject({ state: "worse", worse: "down" });
    expect(success?.points.at(-1)?.at).toBe(bad.at(-1)?.end);
    expect(success?.points.at(-1)?.high).toBeLessThan(0);
  });

  it("is missing, and nothing else is, where the record is older than pictures", () => {
    const { trail: _, ...bare } = courseOf(seen);
    const [incident] = incidentsOf(agent, kept({ ...seen, shared: bare as unknown as Json }), words);
    expect(incident).toMatchObject({ outcome: "rolled-back", gate: "canary", picture: null });
  });
});
