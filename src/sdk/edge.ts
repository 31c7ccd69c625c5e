// The router for places without files: `import { routerOf } from "@rollout-engine/rollout/edge"`.

export type { ModelEntry } from "../core/model/revision.js";
export type { Variant } from "../core/routing/choose.js";
export { type EventLogger, featureFlagEvents } from "./feature-flag-events.js";
export type {
  Bootstrap,
  Origin,
  RouteEvent,
  RouteReason,
  RoutingOptions,
  RoutingStatus,
  SessionFacts,
  SessionRoute,
  SessionRouter,
} from "./router.js";
export { type EdgeOptions, type EdgeRouter, type GivenSnapshot, routerOf } from "./router-of.js";
