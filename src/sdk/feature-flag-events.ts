// Routes as OpenTelemetry events: `openRouter(path, { onRoute: featureFlagEvents(logger) })`. The names are those of the semantic
// conventions for feature flags (https://opentelemetry.io/docs/specs/semconv/feature-flags/feature-flags-events/).

import type { RouteEvent } from "./router.js";

/** What is asked of the `Logger` of @opentelemetry/api-logs. */
export interface EventLogger {
  emit(record: {
    readonly eventName: string;
    /** Milliseconds since the epoch. */
    readonly timestamp: number;
    readonly attributes: Record<string, string | number>;
  }): void;
}

/** A hook for `onRoute` that emits a `feature_flag.evaluation` event for each route. */
export function featureFlagEvents(logger: EventLogger): (event: RouteEvent) => void {
  return (event) =>
    logger.emit({ eventName: "feature_flag.evaluation", timestamp: event.at, attributes: attributesOf(event) });
}

function attributesOf(event: RouteEvent): Record<string, string | number> {
  const known = {
    "feature_flag.key": event.agent,
    "feature_flag.provider.name": "rollout",
    "feature_flag.result.variant": event.variant,
    "feature_flag.result.reason": event.reason,
    "feature_flag.context.id": event.session,
    "feature_flag.version": event.version,
    "rollout.id": event.rollout,
    "rollout.revision": event.revision,
    "rollout.weight": event.weight,
  };
  return Object.fromEntries(
    Object.entries(known).filter((entry): entry is [string, string | number] => entry[1] !== null && entry[1] !== ""),
  );
}
