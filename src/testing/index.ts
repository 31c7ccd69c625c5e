// The public door for authors of providers and gate kinds: the laws as data, the in-memory providers that pass them, the simulator.

export type { Law } from "./law.js";
export { type EvalFormatBench, evalFormatLaws } from "./laws/eval-format.js";
export { type GateKindBench, gateKindLaws } from "./laws/gate-kind.js";
export { metricSourceLaws } from "./laws/metric-source.js";
export type { MetricSourceBench } from "./laws/recorded-source.js";
export { type StateStoreBench, stateStoreLaws } from "./laws/state-store.js";
export { type TrafficTargetBench, trafficTargetLaws } from "./laws/traffic-target.js";
export { createMemorySource } from "./memory-source.js";
export { createMemoryStore } from "./memory-store.js";
export { MemoryTarget } from "./memory-target.js";
export { type Case, describeFailure, scenarioOf } from "./simulation/case.js";
export { hunt, huntingGround } from "./simulation/hunt.js";
export { sabotages } from "./simulation/sabotage.js";
export type { Scenario } from "./simulation/scenario.js";
export { sceneIn, sceneNames } from "./simulation/scenes.js";
export { type Report, simulate } from "./simulation/simulate.js";
export { drawStorm } from "./simulation/storm.js";
export type { Sabotage } from "./simulation/tampering.js";
