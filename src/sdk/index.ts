// The router for agents: `import { openRouter } from "@rollout-engine/rollout/sdk"`.

export type { ModelEntry } from "../core/model/revision.js";
export type { Variant } from "../core/routing/choose.js";
export { type EventLogger, featureFlagEvents } from "./feature-flag-events.js";
export { openRouter } from "./open-router.js";
export type {
  Bootstrap,
  Origin,
  RouteEvent,
  RouteReason,
  Router,
  RouterOptions,
  RouterStatus,
  RoutingStatus,
  SessionFacts,
  SessionRoute,
} from "./router.js";
export type { TaskRecord } from "./task-record.js";
