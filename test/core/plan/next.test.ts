/** Where the journal's word and the spec's word meet: the steps that no plan table shows. */
import { describe, expect, test } from "vitest";
import type { Decision } from "../../../src/core/model/decision.js";
import { next } from "../../../src/core/plan/next.js";
import type { Situation } from "../../../src/core/plan/situation.js";
import { rolloutStart, straight } from "../../../src/core/plan/start.js";
import { revisionId } from "../../../src/testing/simulation/wish.js";
import { type Around, situationOf } from "../../support/situation.js";
import { type Teller, tell, wishOf } from "../../support/told.js";

const adopted = (): Teller => tell().adopted("a1");
const promoted = (): Teller => adopted().promoted("b1", { override: true });

function eventOf(decision: Decision): Extract<Decision, { kind: "note" }>["event"] | null {
  return decision.kind === "note" ? decision.event : null;
}

describe("adoption", () => {
  const fresh = (around: Around): Situation => situationOf(tell(), "b1", { person: true, ...around });
  const live = (wish: "a1" | "b1" | "c1", weight: number): Around => {
    const told = tell().adopted(wish);
    // Forgotten by a person, who raised the epoch: what the target shows is of the one before.
    return { seen: { live: (weight === 0 ? told : told.started("b2")).route(weight), shownEpoch: 0 } };
  };
  test.each<readonly [string, Around, string]>([
    ["takes the registry where the target is empty", {}, "a1 registry"],
    ["takes what the target serves", live("b1", 0), "b1 live"],
    ["takes the registry where a canary runs already", live("a1", 500), "a1 registry"],
  ])("%s", (_, around, expected) => {
    const event = eventOf(next(fresh(around)));
    expect(event?.kind === "agent-adopted" ? `${wishOf(event.stable)} ${event.from}` : event?.kind).toBe(expected);
  });

  test("waits for recover where the journal was set back to before it", () => {
    const { seen } = live("b1", 0);
    expect(next(fresh({ seen: { ...seen, shownEpoch: 1 } }))).toMatchObject({ kind: "wait", code: "state/lost" });
  });

  test("takes the registry where the target serves a revision that nobody knows", () => {
    const situation = fresh(live("c1", 0));
    const { [revisionId("c1")]: _gone, ...known } = situation.revisions;
    const event = eventOf(next({ ...situation, revisions: known }));
    expect(event?.kind === "agent-adopted" ? wishOf(event.stable) : null).toBe("a1");
  });
});

describe("a promotion's baseline", () => {
  const failed = (times: number): Teller => {
    const told = promoted();
    for (let time = 0; time < times; time++)
      told.event({ kind: "operation-failed", id: "support-4-baseline", because: "the branch is protected" });
    return told;
  };
  test("comes before the next start", () => {
    expect(next(situationOf(promoted(), "b2")).kind).toBe("operate");
    expect(next(situationOf(failed(2), "b2")).kind).toBe("operate");
  });
  test("that failed is in nobody's way, and is tried again later", () => {
    const situation = situationOf(failed(3), "b2");
    const failedAt = situation.state.operations[0]?.failedAt ?? Number.NaN;
    const minutesLater = (minutes: number) =>
      next({ ...situation, sight: { ...situation.sight, now: (failedAt + minutes * 60_000) as never } });
    expect(minutesLater(3).kind).not.toBe("operate");
    expect(minutesLater(4).kind).toBe("operate");
  });
  test("waits for a spec that can be read: it says where the baseline is", () => {
    expect(next(situationOf(promoted(), null, { seen: { watchOnly: true } })).kind).toBe("wait");
  });
});

describe("what a start freezes", () => {
  const startOf = (situation: Situation) => {
    const event = eventOf(next(situation));
    if (event?.kind !== "rollout-started") throw new Error(`it is ${event?.kind}`);
    return event;
  };

  test("the id is the serial of its entry, and the salt has no version in it", () => {
    const event = startOf(situationOf(adopted(), "b1"));
    expect([event.id, event.salt]).toEqual(["support-4", "support/support-4/"]);
  });

  test("overrides are what promotion has to fold, and only those that change something", () => {
    expect(startOf(situationOf(adopted(), "b1")).overrides).toEqual({ planning: "planner@b" });
    expect(startOf(situationOf(adopted(), { wish: "b1", registry: "b" })).overrides).toEqual({});
    const settled = promoted().event({ kind: "operation-done", id: "support-4-baseline", result: "" });
    expect(startOf(situationOf(settled, "b2")).overrides).toEqual({});
  });

  test("a retry is another attempt, a fresh change is the first", () => {
    const retried = adopted().rolledBack("c1").said("retry");
    expect(startOf(situationOf(retried, "c1")).attempt).toBe(2);
    expect(startOf(situationOf(retried, "c2")).attempt).toBe(2);
    expect(startOf(situationOf(retried, "b1")).attempt).toBe(1);
    const again = retried.rolledBack("c1").said("retry");
    expect(startOf(situationOf(again, "c1")).attempt).toBe(3);
  });

  test("a way back has one stage and nothing to fold", () => {
    const { state, serial, revisions } = situationOf(promoted(), "a1");
    const { spec } = situationOf(adopted(), "b1");
    if (spec === null) throw new Error("there is a spec");
    const to = {
      origin: "undo",
      because: "",
      target: revisionId("a1"),
      stages: straight,
      overrides: {},
      spec,
    } as const;
    const event = rolloutStart({ agent: state.agent, state, serial, revisions }, to);
    expect(event.stages).toEqual([{ kind: "weight", weight: 10_000 }]);
    expect(event.changes).toEqual([{ component: "step:planning", from: "planner@b", to: "planner@a" }]);
  });
});

describe("an override that hides an edit of the registry", () => {
  const edited = { wish: "b1", registry: "c" } as const;
  const ramping = (): Teller => adopted().started("b1", { override: true }).judged(0, "pass").shifted(500);
  test("holds its rollout", () => {
    expect(next(situationOf(ramping(), edited))).toMatchObject({ kind: "wait", code: "rollout/override-masks-edit" });
  });
  test("does not leave a shift in doubt", () => {
    const decision = next(situationOf(ramping().judged(2, "pass").begun(5_000), edited));
    expect(decision.kind === "act" ? decision.route.weight : decision).toBe(500);
  });
});

test("an agent that is neither known nor declared is left alone", () => {
  expect(next(situationOf(tell(), null, { person: true })).kind).toBe("rest");
  const retired = adopted().event({ kind: "agent-retired" });
  expect(next(situationOf(retired, null, { person: true })).kind).toBe("rest");
  expect(next(situationOf(retired, "b1")).kind).toBe("wait");
  expect(eventOf(next(situationOf(retired, "b1", { person: true })))?.kind).toBe("agent-adopted");
});
