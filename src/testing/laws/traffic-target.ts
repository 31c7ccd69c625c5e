// What holds for every traffic target.

import assert from "node:assert/strict";
import { type RevisionContent, type ServedRevision, servedRevision } from "../../core/model/revision.js";
import type { Fence, LiveState, Route, RoutingRule } from "../../core/model/route.js";
import type { AgentId, Duration, Instant, RevisionId, RolloutId, Weight } from "../../core/model/units.js";
import { Fault, type FaultKind } from "../../ports/fault.js";
import type { ShiftAction, TrafficTarget } from "../../ports/traffic-target.js";
import type { Law } from "../law.js";

/** One target that nobody has used yet. */
export interface TrafficTargetBench {
  readonly target: TrafficTarget;
  /** The clock of the target. */
  readonly now: () => Instant;
  /** What is served of a revision, read as a router would; null when it is not served. */
  served(agent: AgentId, revision: RevisionId): Promise<ServedRevision | null>;
  /** The rules by which it can draw; absent: all of them. */
  readonly draws?: readonly RoutingRule[];
}

const everyRule: readonly RoutingRule[] = ["murmur3-32", "md5-100"];
const agent = "support" as AgentId;
const timeout = 1_800_000 as Duration;
const stable = revision("a");
const canary = revision("b");
const open = new AbortController().signal;

const forwardLaws: readonly Law<TrafficTargetBench>[] = [
  {
    name: "an agent that was never set is empty",
    async check({ target }) {
      assert.equal((await target.observe(agent, open)).kind, "empty");
    },
  },
  {
    name: "what was put in force is what is observed",
    async check({ target, now, draws = everyRule }) {
      const routes = everyRoute(now()).filter(({ algo }) => draws.includes(algo));
      for (const [serial, route] of routes.entries()) {
        await target.act(shift(route), fence(1, serial + 1), open);
        const live = await serving(target);
        assert.deepEqual(live.route, route);
        assert.deepEqual(live.fence, fence(1, serial + 1));
        assert.equal(live.observedAt, now());
      }
    },
  },
  {
    name: "twice is the same as once",
    async check({ target, now }) {
      const route = ramping(now(), 500);
      await target.act(shift(route), fence(1, 4), open);
      const once = await serving(target);
      await target.act(shift(route), fence(1, 4), open);
      assert.deepEqual(await serving(target), once);
    },
  },
  {
    name: "the lineage that wrote is reported",
    async check({ target }) {
      await target.act({ ...shift(resting()), lineage: "line-b" }, fence(1, 1), open);
      assert.equal((await serving(target)).lineage, "line-b");
    },
  },
  {
    name: "the contents of every revision of the route are served as they came",
    async check({ target, now, served }) {
      await target.act(shift(ramping(now(), 500)), fence(1, 1), open);
      for (const content of contents) assert.deepEqual(await served(agent, content.id), servedRevision(content));
    },
  },
  {
    name: "a revision that left the route is served as long as it is named as the previous one",
    async check({ target, served }) {
      await target.act(shift({ ...resting(), stable: canary, previous: stable }), fence(1, 1), open);
      assert.notEqual(await served(agent, stable), null);
      await target.act({ ...shift({ ...resting(), stable: canary }), contents: [content(canary)] }, fence(1, 2), open);
      assert.equal(await served(agent, stable), null);
    },
  },
  {
    name: "weights that no live session needs any more are forgotten, and the one in force never is",
    async check({ target, now }) {
      const old = { at: (now() - 3 * timeout) as Instant, weight: 100 as Weight };
      const needed = { at: (now() - 2 * timeout) as Instant, weight: 500 as Weight };
      const last = { at: (now() - 60_000) as Instant, weight: 2_500 as Weight };
      const route = { ...ramping(now(), 2_500), history: [old, needed, last] };
      await target.act(shift(route), fence(1, 1), open);
      assert.deepEqual((await serving(target)).route.history, [needed, last]);
      await target.act(shift({ ...route, weight: old.weight, history: [old] }), fence(1, 2), open);
      assert.deepEqual((await serving(target)).route.history, [old]);
    },
  },
  {
    name: "a strange agent's look is never answered with this agent's route",
    async check({ target }) {
      await target.act(shift(resting()), fence(1, 1), open);
      const live = await target.observe("billing" as AgentId, open);
      assert.ok(live.kind === "empty" || live.kind === "foreign", `it answers ${live.kind}`);
    },
  },
];

const refusalLaws: readonly Law<TrafficTargetBench>[] = [
  {
    name: "a lower fence is refused and changes nothing",
    async check({ target, now }) {
      await target.act(shift(ramping(now(), 500)), fence(2, 5), open);
      const before = await serving(target);
      for (const older of [fence(2, 4), fence(1, 900)]) {
        await refused(target.act(shift(resting()), older, open), ["conflict"]);
        assert.deepEqual(await serving(target), before);
      }
    },
  },
  {
    name: "a higher epoch wins over any serial",
    async check({ target, now }) {
      await target.act(shift(ramping(now(), 500)), fence(1, 900), open);
      await target.act(shift(resting()), fence(2, 0), open);
      assert.deepEqual((await serving(target)).route, resting());
    },
  },
  {
    name: "another lineage replaces this one by a higher epoch alone",
    async check({ target, now }) {
      await target.act(shift(ramping(now(), 500)), fence(1, 5), open);
      const before = await serving(target);
      const stranger = { ...shift(resting()), lineage: "line-b" };
      await refused(target.act(stranger, fence(1, 6), open), ["conflict"]);
      assert.deepEqual(await serving(target), before);
      await target.act(stranger, fence(2, 1), open);
      assert.equal((await serving(target)).lineage, "line-b");
    },
  },
  {
    name: "a shift without the content of a revision that it names is refused and changes nothing",
    async check({ target, now }) {
      await target.act(shift(resting()), fence(1, 1), open);
      const lacking = { ...shift(ramping(now(), 500)), contents: [content(stable)] };
      await refused(target.act(lacking, fence(1, 2), open), ["rejected"]);
      assert.deepEqual((await serving(target)).route, resting());
    },
  },
  {
    name: "a weight that the rule cannot route is refused",
    async check({ target, now }) {
      const halfPercent = { ...ramping(now(), 50), algo: "md5-100" as const };
      await refused(target.act(shift(halfPercent), fence(1, 1), open), ["rejected"]);
      assert.equal((await target.observe(agent, open)).kind, "empty");
    },
  },
  {
    name: "a draw by a rule that it does not have is refused and changes nothing",
    async check({ target, now, draws = everyRule }) {
      await target.act(shift(resting()), fence(1, 1), open);
      for (const algo of everyRule.filter((rule) => !draws.includes(rule))) {
        await refused(target.act(shift({ ...ramping(now(), 700), algo }), fence(1, 2), open), ["rejected"]);
        assert.deepEqual((await serving(target)).route, resting());
      }
    },
  },
  {
    name: "an aborted signal is honoured and changes nothing",
    async check({ target, now }) {
      await target.act(shift(resting()), fence(1, 1), open);
      await refused(target.act(shift(ramping(now(), 500)), fence(1, 2), AbortSignal.abort()), ["timeout"]);
      assert.deepEqual((await serving(target)).route, resting());
      assert.equal((await target.observe(agent, AbortSignal.abort())).kind, "unreachable");
    },
  },
];

export const trafficTargetLaws: readonly Law<TrafficTargetBench>[] = [...forwardLaws, ...refusalLaws];

async function serving(target: TrafficTarget): Promise<LiveState & { readonly kind: "serving" }> {
  const live = await target.observe(agent, open);
  assert.ok(live.kind === "serving", `it answers ${JSON.stringify(live)}`);
  return live;
}

async function refused(work: Promise<void>, kinds: readonly FaultKind[]): Promise<void> {
  await assert.rejects(work, (error) => error instanceof Fault && kinds.includes(error.kind));
}

function everyRoute(now: Instant): readonly Route[] {
  return [
    resting(),
    ramping(now, 1),
    { ...ramping(now, 700), algo: "md5-100" },
    ramping(now, 9_999),
    ramping(now, 10_000),
    { ...ramping(now, 0), history: [] },
    { ...resting(), stable: canary, previous: stable },
    { ...resting(), fallback: true },
  ];
}

function resting(): Route {
  return {
    rollout: null,
    algo: "murmur3-32",
    salt: "support/ro-1",
    stable,
    canary: null,
    weight: 0 as Weight,
    history: [],
    previous: null,
    fallback: false,
  };
}

function ramping(now: Instant, weight: number): Route {
  const history = [{ at: (now - 60_000) as Instant, weight: weight as Weight }];
  return { ...resting(), rollout: "ro-1" as RolloutId, canary, weight: weight as Weight, history };
}

const contents = [content(stable), content(canary)];

function shift(route: Route): ShiftAction {
  const line = { lineage: "line-a", sessionTimeout: timeout, sessionHeader: "x-session-id" };
  return { kind: "shift", agent, route, contents, ...line };
}

function fence(epoch: number, serial: number): Fence {
  return { epoch, serial };
}

function revision(digit: string): RevisionId {
  return `r-${digit.repeat(64)}` as RevisionId;
}

/** Names and texts that a careless reader or writer would lose. */
function content(id: RevisionId): RevisionContent {
  const text = `You are ${id}.\r\n\t"Quote" \\ ä \u{1f512} \u2028 \u0000 ${"long ".repeat(2_000)}`;
  const prompt = (name: string) => ({ name, text, path: `prompts/support/${name}.md`, blob: "0".repeat(40) });
  return {
    id,
    agent,
    steps: {
      planning: {
        model: "claude-opus-4-5",
        version: "20251101",
        params: { temperature: 0.1, stop: ["\n\n", null], top: {} },
      },
      constructor: { model: "claude-haiku-4-5", version: "20251001", params: {} },
    },
    prompts: [prompt("system"), prompt("tools/refund"), prompt("__proto__"), prompt("")],
    tools: [],
    release: null,
    origin: { commit: null, dirty: false },
  };
}
