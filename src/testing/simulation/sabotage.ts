// Engines broken on purpose: a simulation that nobody has sabotaged is not believed. Each fault is put in from outside, around sound parts.

import type { Decision } from "../../core/model/decision.js";
import type { LiveState } from "../../core/model/route.js";
import type { Instant } from "../../core/model/units.js";
import type { Situation } from "../../core/plan/situation.js";
import type { Doors } from "../../engine/run.js";
import { Fault } from "../../ports/fault.js";
import type { TrafficTarget } from "../../ports/traffic-target.js";
import { fallbackSabotages } from "./fallback-sabotages.js";
import { act, does, judges, note, type Sabotage, sees, withRollout, withState } from "./tampering.js";

const sabotagedRules: readonly Sabotage[] = [
  ...fallbackSabotages,
  { name: "doubt is forgotten", rules: sees((at) => withState(at, { inDoubt: false, pending: null })) },
  {
    name: "a doubted shift is redone as it was",
    rules: does((decision, { state }) => (state.inDoubt && state.pending !== null ? act(state.pending) : decision)),
  },
  {
    name: "a doubted shift that shows is taken as done",
    rules: does((decision, { state, sight: { live } }) => {
      const shows = live.kind === "serving" && state.pending !== null && live.route.weight === state.pending.weight;
      return state.inDoubt && shows ? note({ kind: "shift-done" }) : decision;
    }),
  },
  {
    name: "the target is never looked at",
    rules: sees((at) => {
      const { inForce } = at.state;
      const { live, lineage } = at.sight;
      if (inForce === null) return at;
      const believed: LiveState = {
        served: {},
        fence: { epoch: 1, serial: 1 },
        ...live,
        kind: "serving",
        route: inForce,
        lineage,
      };
      return { ...at, sight: { ...at.sight, live: believed } };
    }),
  },
  {
    name: "an abort is not final",
    rules: sees((at) =>
      at.state.rollout?.course === "aborting" ? withRollout(at, { course: "forward", turned: null }) : at,
    ),
  },
  { name: "a pause has no effect", rules: sees((at) => withRollout(at, { paused: null })) },
  {
    name: "a paused canary is not watched",
    rules: sees((at) => (at.state.rollout?.paused ? { ...at, sight: { ...at.sight, health: null } } : at)),
  },
  { name: "the next stage's weight is put in force", rules: does(oneStageTooFar) },
  {
    name: "what others lowered is raised again",
    rules: does((decision, { state }) =>
      decision.kind === "note" && decision.event.kind === "drift-found" && state.inForce !== null
        ? act(state.inForce)
        : decision,
    ),
  },
  { name: "a supersede takes two entries", rules: does(supersedeInTwo) },
  { name: "a rejected change is started again", rules: sees((at) => withState(at, { rejected: [] })) },
  {
    name: "a restore does not ask what was rejected",
    rules: sees((at) => (at.spec?.revision.id === at.state.previous?.revision ? withState(at, { rejected: [] }) : at)),
  },
  {
    name: "an invalid spec raises",
    rules: (sound) => {
      let spec: Situation["spec"] = null;
      return {
        ...sound,
        next(at) {
          spec = at.spec ?? spec;
          return sound.next(at.sight.watchOnly ? { ...at, spec, sight: { ...at.sight, watchOnly: false } } : at);
        },
      };
    },
  },
  { name: "the schedule adopts and retires", rules: sees((at) => ({ ...at, person: true })) },
  {
    name: "a reverted spec does not withdraw",
    rules: (sound) => ({
      ...sound,
      next(at) {
        const { rollout } = at.state;
        if (rollout === null || at.spec === null) return sound.next(at);
        return sound.next({ ...at, spec: { ...at.spec, revision: { ...at.spec.revision, id: rollout.canary } } });
      },
    }),
  },
  {
    name: "a policy does not wait for the end of the time",
    rules: does((decision, { state: { rollout } }) =>
      decision.kind === "wait" && decision.code === "gate/canary-waits" && rollout !== null
        ? note({
            kind: "gate-exempted",
            rollout: rollout.id,
            stage: rollout.stage,
            exemption: "policy",
            because: "soon",
          })
        : decision,
    ),
  },
  {
    name: "a rollout is promoted before it serves everybody",
    rules: does((decision, { state: { rollout } }) =>
      decision.kind === "act" && decision.route.weight === 10_000 && rollout !== null
        ? note({ kind: "rollout-finished", rollout: rollout.id, outcome: "promoted" })
        : decision,
    ),
  },
  {
    name: "a rollback finishes before its shift",
    rules: does((decision, { state: { rollout } }) =>
      decision.kind === "act" && rollout?.course === "aborting"
        ? note({ kind: "rollout-finished", rollout: rollout.id, outcome: "rolled-back" })
        : decision,
    ),
  },
  {
    name: "the first gate is left out",
    rules: does((decision) =>
      decision.kind === "note" && decision.event.kind === "rollout-started"
        ? { ...decision, event: { ...decision.event, stages: decision.event.stages.slice(1) } }
        : decision,
    ),
  },
  {
    name: "a policy does not record what it went by",
    rules: does((decision) =>
      decision.kind === "note" && "judged" in decision.event
        ? { ...decision, event: (({ judged: _, ...event }) => event)(decision.event) }
        : decision,
    ),
  },
  { name: "a pass goes on after its weight change", rules: (sound) => ({ ...sound, followsMove: () => true }) },
  {
    name: "the newest entry is not read",
    rules: (sound) => ({ ...sound, replay: (agent, entries, from) => sound.replay(agent, entries.slice(0, -1), from) }),
  },
  {
    name: "a gate is passed twice",
    rules: does((decision, { state: { rollout } }) =>
      decision.kind === "note" && decision.event.kind === "gate-judged" && decision.event.verdict.result === "pass"
        ? { ...decision, event: { ...decision.event, stage: Math.max(0, (rollout?.stage ?? 0) - 1) } }
        : decision,
    ),
  },
];

/** The weight of the stage behind the one that was reached. */
function oneStageTooFar(decision: Decision, { state: { rollout } }: Situation): Decision {
  if (decision.kind !== "act" || decision.route.weight === 0 || rollout === null) return decision;
  const next = rollout.stages.slice(rollout.stage + 1).find((stage) => stage.kind === "weight");
  return next?.kind === "weight" ? { ...decision, route: { ...decision.route, weight: next.weight } } : decision;
}

function supersedeInTwo(decision: Decision, { state: { rollout } }: Situation): Decision {
  if (decision.kind !== "note" || decision.event.kind !== "rollout-started" || rollout === null) return decision;
  return note({ kind: "rollout-finished", rollout: rollout.id, outcome: "withdrawn" });
}

const sabotagedDoors: readonly Sabotage[] = [
  {
    name: "missing evidence passes",
    doors: judges((judge) => (gate, evidence, clock) => {
      const verdict = judge(gate, evidence, clock);
      const isMissing = evidence.kind === "missing" || verdict.figures.canary_sessions === 0;
      return isMissing ? { ...verdict, result: "pass" } : verdict;
    }),
  },
  {
    name: "a failing gate is ignored",
    doors: judges((judge) => (gate, evidence, clock) => {
      const verdict = judge(gate, evidence, clock);
      return verdict.result === "fail" ? { ...verdict, result: "wait" } : verdict;
    }),
  },
  {
    name: "time alone passes a gate",
    doors: judges((judge) => (gate, evidence, clock) => {
      const verdict = judge(gate, evidence, clock);
      const isOver = gate.kind === "health" && clock.now >= clock.since + gate.hold;
      return verdict.result === "wait" && isOver ? { ...verdict, result: "pass" } : verdict;
    }),
  },
  {
    name: "a hold is not waited for",
    doors: judges(
      (judge) => (gate, evidence, clock) =>
        judge(gate.kind === "health" ? { ...gate, hold: 0 as never } : gate, evidence, clock),
    ),
  },
  {
    name: "evidence of an earlier stage counts",
    doors: judges((judge) => (gate, evidence, clock) => judge(gate, evidence, { ...clock, since: 0 as Instant })),
  },
  {
    name: "an approval of anything will do",
    doors: judges((judge) => (gate, evidence, clock) => {
      const [approval] = evidence.kind === "approval" ? evidence.approvals : [];
      return judge(gate, evidence, approval === undefined ? clock : { ...clock, canary: approval.revision });
    }),
  },
  {
    name: "blocks are counted twice",
    doors: (doors) => ({
      ...doors,
      source: (spec) => {
        const source = doors.source(spec);
        return { ...source, blocks: (query, signal) => source.blocks({ ...query, after: null }, signal) };
      },
    }),
  },
  {
    name: "a shift ends without being read back",
    doors: (doors) => ({ ...doors, target: (spec) => believing(doors.target(spec)) }),
  },
  { name: "the target is touched before the intent is recorded", doors: actingFirst },
  {
    name: "the store does not compare",
    doors: (doors) => ({
      ...doors,
      store: {
        ...doors.store,
        async append(agent, after, event) {
          const { serial } = await doors.store.load(agent);
          await doors.store.append(agent, serial, event);
          return after + 1;
        },
      },
    }),
  },
  {
    name: "an operation is repeated without a look",
    doors: (doors) => ({ ...doors, publisher: { ...doors.publisher, find: async () => null } }),
  },
  {
    name: "an operation is noted and not performed",
    doors: (doors) => ({ ...doors, publisher: { find: doors.publisher.find, perform: async () => "done" } }),
  },
  {
    name: "a shift has the fence of the one before",
    doors: (doors) => ({
      ...doors,
      target(spec) {
        const target = doors.target(spec);
        const act: TrafficTarget["act"] = (action, { epoch, serial }, signal) =>
          target.act(action, { epoch, serial: serial - 1 }, signal);
        return { ...target, act };
      },
    }),
  },
  {
    name: "the target has no fence",
    target: (target) => ({
      describe: () => target.describe(),
      observe: (agent, signal) => target.observe(agent, signal),
      async act(action, fence, signal) {
        try {
          await target.act(action, fence, signal);
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
          target.usurp(action.agent, { route: action.route, lineage: action.lineage, fence });
        }
      },
    }),
  },
];

/** A target whose answer after a shift is not asked for. */
function believing(target: TrafficTarget): TrafficTarget {
  let believed: LiveState | null = null;
  return {
    describe: () => target.describe(),
    async observe(agent, signal) {
      const told = believed;
      believed = null;
      return told ?? target.observe(agent, signal);
    },
    async act(action, fence, signal) {
      await target.act(action, fence, signal);
      const { route, lineage } = action;
      believed = { kind: "serving", route, lineage, fence, served: {}, observedAt: 0 as Instant };
    },
  };
}

/** Keeps the entry of an intent back until the target was touched. */
function actingFirst(doors: Doors): Doors {
  let kept: (() => Promise<number>) | null = null;
  return {
    ...doors,
    store: {
      ...doors.store,
      async append(agent, after, event) {
        if (event.kind !== "shift-begun") return doors.store.append(agent, after, event);
        kept = () => doors.store.append(agent, after, event);
        return after + 1;
      },
    },
    target(spec) {
      const target = doors.target(spec);
      return {
        ...target,
        async act(action, fence, signal) {
          await target.act(action, fence, signal);
          await kept?.();
          kept = null;
        },
      };
    },
  };
}

/** Every deliberate fault. Each has to be caught by a checker. */
export const sabotages: readonly Sabotage[] = [...sabotagedRules, ...sabotagedDoors];
