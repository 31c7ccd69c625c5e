// Hand-written stories: each shows one thing that the engine must be able to do, in as few touches as it takes.

import { minute } from "../../core/model/units.js";
import type { Happening, Nap, Scenario } from "./scenario.js";
import type { Declared, Strategy } from "./strategy.js";
import { calm, type Weather } from "./weather.js";
import { truths, type Wish } from "./wish.js";

interface Scene extends Partial<Strategy> {
  readonly passes: number;
  readonly between: Readonly<Record<number, readonly Happening[]>>;
  readonly upon?: Readonly<Record<string, readonly Happening[]>>;
  /** Minutes between two passes; 65 unless said. */
  readonly every?: number;
  /** Twins: who sleeps where. */
  readonly naps?: readonly Nap[];
  /** Of the die that says whose turn it is; 0 unless said. */
  readonly seed?: number;
}

const careful: Strategy = { ramp: "short", undecided: "hold", onDrift: "correct", onNewRevision: "queue" };
const today: Declared = { wish: "a1", registry: "a" };

/** The canary as an override of the planning model that the registry has. */
function declare(wish: Wish, registry = "a"): Happening {
  return { kind: "declare", declared: { wish, registry } };
}

function say(command: Extract<Happening, { kind: "command" }>["command"]): Happening {
  return { kind: "command", command };
}

function fallback(on: boolean): Happening {
  return { kind: "fallback", on };
}

const unattended: Happening = { kind: "attend", attended: false };
const bump: readonly Happening[] = [unattended, declare("b1")];

/** Pass 0 adopts, pass 1 puts stable in force where adoption did not; from pass 1 on nobody watches. */
const scenes = {
  promotion: { passes: 4, between: { 1: bump } },
  rollback: { passes: 3, between: { 1: [unattended, declare("c1")] } },
  abort: { passes: 3, between: { 1: bump, 2: [say("abort")] } },
  withdraw: { passes: 3, between: { 1: bump, 2: [declare("a1")] } },
  supersede: { passes: 4, onNewRevision: "supersede", between: { 1: bump, 2: [declare("b2")] } },
  queue: { passes: 6, between: { 1: bump, 2: [declare("b2")] } },
  "supersede by a rejected change": {
    passes: 5,
    onNewRevision: "supersede",
    between: { 1: [unattended, declare("c1")], 3: [declare("b1")], 4: [declare("c1")] },
  },
  "two stages": { passes: 5, ramp: "steps", between: { 1: bump } },
  "every gate": {
    passes: 9,
    ramp: "careful",
    between: { 1: bump, 2: [{ kind: "approve" }], 7: [{ kind: "approve" }] },
  },
  "closed window": {
    passes: 10,
    ramp: "careful",
    between: {
      1: [...bump, { kind: "approve" }, { kind: "window", open: false }],
      5: [{ kind: "window", open: true }],
      9: [{ kind: "approve" }],
    },
  },
  "stable falls below its floor": { passes: 5, floor: 0.95, between: { 1: bump } },
  "skipped gates": { passes: 5, ramp: "skipping", between: { 1: bump } },
  pause: { passes: 5, ramp: "steps", between: { 1: bump, 2: [say("pause")], 4: [say("resume")] } },
  fallback: { passes: 6, ramp: "steps", between: { 1: bump, 2: [fallback(true)], 4: [fallback(false)] } },
  "the fallback for less than a hold": {
    passes: 12,
    ramp: "steps",
    every: 25,
    between: { 1: bump, 2: [fallback(true)], 4: [fallback(false)] },
  },
  "the fallback is on when a change comes": {
    passes: 6,
    between: { 1: [fallback(true)], 2: bump, 4: [fallback(false)] },
  },
  "a canary fails and the fallback goes on": {
    passes: 5,
    ramp: "steps",
    between: { 1: [unattended, declare("c1")], 2: [fallback(true)] },
  },
  "the fallback and a pause": {
    passes: 7,
    ramp: "steps",
    between: { 1: bump, 2: [say("pause"), fallback(true)], 3: [say("resume")], 5: [fallback(false)] },
  },
  "undone under the fallback": {
    passes: 8,
    between: { 1: bump, 4: [declare("b1", "b"), fallback(true)], 5: [{ kind: "undo" }], 6: [fallback(false)] },
  },
  "the fallback between an intent and its effect": {
    passes: 5,
    ramp: "steps",
    between: { 1: bump, 4: [fallback(false)] },
    upon: { "target.act 3": [fallback(true)] },
  },
  "the fallback by somebody's hand": {
    passes: 5,
    ramp: "steps",
    between: { 1: bump, 2: [{ kind: "drift", drift: "fallback" }], 4: [fallback(false)] },
  },
  "the fallback by breaking the glass": {
    passes: 4,
    between: { 1: [unattended], 2: [{ kind: "drift", drift: "glass fallback" }], 3: [fallback(false)] },
  },
  "the fallback of a stranger": {
    passes: 3,
    between: { 1: [unattended], 2: [{ kind: "drift", drift: "fallback" }] },
  },
  "pause of a failing canary": {
    passes: 4,
    ramp: "steps",
    between: { 1: [unattended, declare("c1")], 2: [say("pause")] },
  },
  "a person pulls the canary": {
    passes: 5,
    between: { 1: bump, 2: [{ kind: "drift", drift: "less" }], 4: [say("resume")] },
  },
  "the canary is gone": { passes: 4, between: { 1: bump, 2: [{ kind: "drift", drift: "gone" }] } },
  "a person breaks the glass": {
    passes: 5,
    between: { 1: bump, 2: [{ kind: "drift", drift: "glass" }], 4: [say("resume")] },
  },
  "the glass is broken between an intent and its effect": {
    passes: 4,
    between: { 1: bump },
    upon: { "target.observe 8": [{ kind: "drift", drift: "glass" }] },
  },
  "the target is deleted": { passes: 4, between: { 1: bump, 2: [{ kind: "drift", drift: "deleted" }] } },
  "others raise the canary": { passes: 3, ramp: "steps", between: { 1: bump, 2: [{ kind: "drift", drift: "more" }] } },
  "a stranger's canary": { passes: 3, between: { 1: [unattended], 2: [{ kind: "drift", drift: "stranger" }] } },
  "reported drift": {
    passes: 4,
    onDrift: "report",
    between: { 1: bump, 2: [{ kind: "drift", drift: "more" }], 3: [say("correct")] },
  },
  "foreign content": { passes: 4, between: { 1: bump, 2: [{ kind: "drift", drift: "foreign" }] } },
  proceed: { passes: 5, ramp: "steps", between: { 1: [unattended, declare("d1")], 3: [say("proceed")] } },
  promote: { passes: 3, ramp: "steps", between: { 1: bump, 2: [say("promote")] } },
  "undecided rolls back": { passes: 7, undecided: "rollback", between: { 1: [unattended, declare("d1")] } },
  "a policy proceeds": { passes: 7, undecided: "proceed", between: { 1: [unattended, declare("a4")] } },
  "no metrics at the end of the time": {
    passes: 8,
    undecided: "rollback",
    between: { 1: bump, 2: [{ kind: "metrics", metrics: "unreadable" }], 7: [{ kind: "metrics", metrics: "fine" }] },
  },
  "undecided holds": { passes: 7, undecided: "hold", between: { 1: [unattended, declare("d1")] } },
  "metrics stop": {
    passes: 7,
    undecided: "proceed",
    between: { 1: bump, 2: [{ kind: "metrics", metrics: "unreadable" }], 6: [{ kind: "metrics", metrics: "late" }] },
  },
  "fold and restore": {
    passes: 7,
    between: { 1: bump, 4: [declare("b1", "b")], 5: [declare("a1", "a")] },
  },
  "override removed": { passes: 5, between: { 1: bump, 4: [declare("a1")] } },
  undo: { passes: 6, between: { 1: bump, 4: [declare("b1", "b"), { kind: "undo" }] } },
  "a restore is aborted": {
    passes: 7,
    between: { 1: bump, 4: [declare("b1", "b")], 5: [declare("a1"), { kind: "deafen" }], 6: [say("abort")] },
  },
  retry: { passes: 7, between: { 1: [unattended, declare("c1")], 4: [say("retry")] } },
  "part of a rejected set": { passes: 6, between: { 1: [unattended, declare("c3")], 4: [declare("a3")] } },
  "a failing eval": { passes: 3, between: { 1: [unattended, declare("e1")] } },
  "no eval": { passes: 3, between: { 1: [unattended, declare("f1")] } },
  "the spec breaks": {
    passes: 5,
    ramp: "steps",
    between: { 1: bump, 2: [{ kind: "break", broken: true }], 4: [{ kind: "break", broken: false }] },
  },
  "a failing canary under a broken spec": {
    passes: 3,
    between: { 1: [unattended, declare("c1")], 2: [{ kind: "break", broken: true }] },
  },
  "the agent leaves": {
    passes: 6,
    between: { 1: bump, 2: [{ kind: "declare", declared: null }], 3: [{ kind: "attend", attended: true }] },
  },
  "gone and back": {
    passes: 8,
    between: {
      1: [unattended, declare("c1")],
      3: [
        { kind: "declare", declared: null },
        { kind: "attend", attended: true },
      ],
      5: [declare("a1")],
      6: [unattended, declare("c1")],
    },
  },
  "a deaf target": { passes: 4, between: { 1: [...bump, { kind: "deafen" }] } },
  "nobody adopts": { passes: 2, between: { 0: [unattended] } },
  "passes come often": { passes: 14, ramp: "steps", every: 15, between: { 1: bump } },
  "an approval of another revision": {
    passes: 5,
    ramp: "careful",
    onNewRevision: "supersede",
    between: { 1: [...bump, { kind: "approve" }], 2: [declare("b2")] },
  },
  "an abort between an intent and its effect": {
    passes: 3,
    between: { 1: bump },
    upon: { "target.act 2": [say("abort")] },
  },
  "an abort between an effect and its end": {
    passes: 3,
    between: { 1: bump },
    upon: { "target.observe 8": [say("abort")] },
  },
  "a pause between an intent and its effect": {
    passes: 5,
    ramp: "steps",
    between: { 1: bump, 4: [say("resume")] },
    upon: { "target.act 3": [say("pause")] },
  },
  "the canary is pulled between an intent and its effect": {
    passes: 4,
    ramp: "steps",
    between: { 1: bump },
    upon: { "target.act 3": [{ kind: "drift", drift: "gone" }] },
  },
  "a twin wakes after an abort": {
    passes: 5,
    between: { 1: bump },
    upon: { "target.act 2": [say("abort")] },
    naps: [{ door: "target.act", nth: 1, touches: 80 }],
    seed: 1,
  },
  "a twin wakes after a promotion": {
    passes: 6,
    between: { 1: bump },
    naps: [{ door: "target.act", nth: 2, touches: 90 }],
  },
} as const satisfies Readonly<Record<string, Scene>>;

export type SceneName = keyof typeof scenes;
export const sceneNames = Object.keys(scenes) as readonly SceneName[];

/** A scene in some weather, an hour and five minutes between its passes. */
export function sceneIn(name: SceneName, weather: Weather = calm): Scenario {
  const { passes, between, upon = {}, every = 65, naps, seed = 0, ...strategy }: Scene = scenes[name];
  return {
    title: name,
    seed,
    weather,
    strategy: { ...careful, ...strategy },
    declared: today,
    truth: truths,
    passes,
    every: every * minute,
    between: new Map(Object.entries(between).map(([pass, happenings]) => [Number(pass), happenings])),
    during: new Map(),
    upon: new Map(Object.entries(upon)),
    twins: naps !== undefined,
    naps: naps ?? null,
  };
}
