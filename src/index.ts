// The public door of the library: what other programs read and write, and the pure functions behind every decision.

export type { Checked, Diagnostic, Span } from "./core/diagnostic/diagnostic.js";
export { judge } from "./core/gate/judge.js";
export type { Decision, Sight } from "./core/model/decision.js";
export type { Evidence, Gate, GateClock, Stage, Verdict } from "./core/model/gate.js";
export type { Entry, Event } from "./core/model/journal.js";
export type { Plan, PlannedAction } from "./core/model/plan.js";
export type { RevisionContent } from "./core/model/revision.js";
export type { Fence, LiveState, Route } from "./core/model/route.js";
export type { AgentSpec, Spec } from "./core/model/spec.js";
export type { AgentState } from "./core/model/state.js";
export { next } from "./core/plan/next.js";
export { plan, planAgent } from "./core/plan/plan.js";
export type { Situation } from "./core/plan/situation.js";
export { decide } from "./core/rollout/decide.js";
export { fold, replay, unknownAgent } from "./core/rollout/replay.js";
export { want } from "./core/rollout/want.js";
export { Fault } from "./ports/fault.js";
